// The next mail behind the end of the one under way: which is taken, and what becomes of it.
#include "flows/limits.hpp"
#include "flows/outbound.hpp"
#include "flows/recipients.hpp"

namespace postern::flows {

/// Whether a mail that waits could go at once, on another connection.
bool Outbound::lane_to_spare() const {
  return !idle_timers_.empty() || room_for_one();
}

/// Only mails whose bytes are here already: with a large one the way to the server and back counts
/// for little.
std::string Outbound::line_up(SmtpLink& link) {
  auto& session = link.session();
  if (line_ups_lost_ >= limits::line_ups_lost_max || lane_to_spare()) return {};
  if (!session.extensions().pipelining || session.used_up()) return {};
  if (ready_.empty() || !ready_.front().bytes) return {};
  const auto envelope = open_envelope(ready_.front().delivery);
  if (fitting(envelope, session.extensions().limits) < envelope.recipients.size()) return {};
  if (!link.takes(*ready_.front().bytes)) return {};  // it is made to fit in its turn
  auto mail = take_ready();
  if (!mail) return {};
  auto said = session.line_up(
      SmtpLink::transaction_of(open_envelope(mail->delivery), *mail->bytes, mail->delivery.wishes));
  if (!said || said.value().empty()) {  // it is refused in its turn
    put_back(std::move(*mail));
    return {};
  }
  lined_up_.push_back(LinedUp{std::move(*mail), &link, context_.env.steady()});
  return std::move(said).value();
}

std::optional<Outbound::Mail> Outbound::take_lined_up(const SmtpLink* link) {
  for (auto at = lined_up_.begin(); at != lined_up_.end(); ++at) {
    if (at->link != link) continue;
    std::optional<Mail> mail = std::move(at->mail);
    lined_up_.erase(at);
    return mail;
  }
  return std::nullopt;
}

void Outbound::put_back(Mail mail) {
  pace_.stay();
  ready_.push_front(std::move(mail));
}

/// A server that takes its time with one mail does not hold up the next, where another connection
/// has nothing to do.
void Outbound::take_back_waiting() {
  const Duration now = context_.env.steady();
  for (auto at = lined_up_.begin(); at != lined_up_.end() && lane_to_spare();) {
    if (now - at->since < limits::lined_up) {
      ++at;
      continue;
    }
    put_back(std::move(at->mail));
    at = lined_up_.erase(at);
  }
}

/// A server that loses what was said ahead, or answers out of order, gets no more of it.
void Outbound::learn_of_line_up(const Result<smtp::TransactionDone>& sent) {
  if (sent) {
    line_ups_lost_ = 0;
  } else if (sent.error().code == smtp::errc::closed) {
    ++line_ups_lost_;  // it may take so many mails on one connection, and no more
  } else {
    line_ups_lost_ = limits::line_ups_lost_max;
  }
}

}  // namespace postern::flows
