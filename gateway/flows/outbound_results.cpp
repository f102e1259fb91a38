// How an attempt's end becomes the delivery's outcome, its events, and the integration's status.
#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "flows/notice_post.hpp"
#include "flows/outbound.hpp"
#include "flows/recipients.hpp"
#include "flows/sent_copies.hpp"
#include "flows/store_trouble.hpp"
#include "flows/verdict_advice.hpp"
#include "flows/verdict_sender.hpp"
#include "message/mime_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace postern::flows {
namespace {

/// Whether the store may take tomorrow what it did not take now.
bool is_trouble(const Error& error) {
  return error.code != storage::errc::not_found && error.code != storage::errc::wrong_state;
}

/// A mail that Postern writes by itself.
bool is_notice(const Delivery& delivery) {
  const auto& tags = delivery.tags;
  return std::find(tags.begin(), tags.end(), notice_tag) != tags.end();
}

}  // namespace

/// Makes the mail's bytes such as the server takes, where it has no 8BITMIME. RFC 6152 §3.
net::Task<std::optional<Error>> Outbound::fit(SmtpLink& link, Mail& mail) {
  // What was lined up was looked at then.
  if (link.session().lined_up() || link.takes(*mail.bytes)) co_return std::nullopt;
  net::WorkerFrame frame;
  frame.kind = message::mime_seven_bit_kind;
  frame.payload = message::encode_seven_bit_request(*mail.bytes);
  const auto reply = co_await context_.workers.ask(std::move(frame), limits::compose);
  if (!reply) co_return reply.error();
  auto bytes = message::decode_seven_bit_reply(reply.value().payload);
  if (!bytes) {
    Error refused{smtp::errc::eight_bit_not_offered, describe(bytes.error())};
    co_return refused;
  }
  mail.bytes = std::move(bytes).value();
  mail.recoded = true;
  co_return std::nullopt;
}

/// What the sender may not expect of a mail that was taken.
std::vector<std::string> Outbound::notes_of(SmtpLink& link, const Mail& mail) {
  std::vector<std::string> notes;
  if (mail.recoded) {
    notes.push_back("8-bit text went as quoted-printable or base64: the server has no 8BITMIME");
  }
  if (mail.delivery.wishes.dsn.asks() && !link.session().extensions().dsn) {
    notes.push_back("no delivery status notifications were asked for: the server has no DSN");
  }
  return notes;
}

SendResult Outbound::judged(SmtpLink& link, const Mail& mail, const smtp::TransactionDone& done) {
  const Delivery& delivery = mail.delivery;
  SendResult result;
  result.outcome = judge_transaction(done, retry_at(delivery), time_is_up(delivery));
  result.taken = done.accepted;
  result.connection_usable = link.session().ready() || done.reply.code != 421;
  if (result.taken) result.notes = notes_of(link, mail);
  if (result.outcome.result_code != static_cast<int>(ResultCode::sent)) {
    result.transcript =
        board_.transcript(Direction::outgoing, link.line(), result.outcome.result_message);
  }
  if (auto trouble = judge_sender(done)) {
    result.fault = Error{smtp::errc::unexpected_reply, done.reply.words()};
    result.step = step_of(done.decided_at);
    result.verdict = std::move(*trouble);
    board_.keep_transcript(Direction::outgoing, link.line(), *result.fault);
    keep_waiting(delivery, result);
  }
  return result;
}

/// The mail may be the server's for those of this transaction that it had not refused. The others
/// were never sent, or are decided.
SendResult Outbound::unknown(SmtpLink& link, const Delivery& delivery, const Error& error,
                             const smtp::TransactionDone& done) {
  SendResult result;
  result.step = link.line().step();
  result.fault = error;
  result.verdict = for_method(judge(error, Direction::outgoing, result.step),
                              integration_.outgoing.auth.method, Direction::outgoing);
  auto& outcome = result.outcome;
  outcome.state = DeliveryState::unknown;
  outcome.result_code = static_cast<int>(ResultCode::outcome_unknown);
  outcome.result_message =
      fmt::format("The line was lost after the final dot ({}); the server may have taken the mail.",
                  describe(error));
  const auto said = link.unsaid(link.session().transaction());
  for (const auto& status : said.recipients) {
    if (status.code != 0 && !status.accepted) continue;
    RecipientResult recipient;
    recipient.address = status.address;
    recipient.result_code = outcome.result_code;
    recipient.message = outcome.result_message;
    outcome.recipients.push_back(std::move(recipient));
  }
  const bool resend = !delivery.sync && integration_.outgoing.on_unknown == OnUnknown::resend &&
                      delivery.unknown_attempts + 1 < limits::unknown_attempts_max;
  if (resend) outcome.next_attempt_at = context_.env.now() + limits::unknown_resend;
  auto decided = judge_transaction(done, Instant(), time_is_up(delivery)).recipients;
  auto refused = judge_transaction(said, Instant(), time_is_up(delivery)).recipients;
  std::move(refused.begin(), refused.end(), std::back_inserter(decided));
  wait_for_others(delivery, decided, result);
  return result;
}

/// Who was not in the transaction whose end is unknown, or was refused in it; `decided`: so far.
void Outbound::wait_for_others(const Delivery& delivery,
                               const std::vector<RecipientResult>& decided,
                               SendResult& result) const {
  auto& outcome = result.outcome;
  const bool ended = time_is_up(delivery);
  bool waits = false;
  for (const auto& address : open_envelope(delivery).recipients) {
    const auto is_of = [&](const auto& known) { return known.address == address; };
    if (std::any_of(outcome.recipients.begin(), outcome.recipients.end(), is_of)) continue;
    const auto answer = std::find_if(decided.begin(), decided.end(), is_of);
    RecipientResult recipient;
    if (answer != decided.end()) {
      recipient = *answer;
    } else {
      recipient.address = address;
      recipient.message = describe(*result.fault);
      const auto code = ended ? result.verdict.result_code : ResultCode::queued;
      recipient.result_code = static_cast<int>(code);
    }
    waits = waits || recipient.result_code == static_cast<int>(ResultCode::queued);
    outcome.recipients.push_back(std::move(recipient));
  }
  // Under "report" the mail waits for these alone: who may have got it does not get it again.
  if (!waits || outcome.next_attempt_at) return;
  outcome.state = DeliveryState::queued;
  outcome.result_code = static_cast<int>(ResultCode::queued);
  outcome.next_attempt_at = retry_at(delivery);
}

SendResult Outbound::failed(SmtpLink& link, const Delivery& delivery, Error error, bool out_of_time,
                            const smtp::TransactionDone& done) {
  board_.keep_transcript(Direction::outgoing, link.line(), error);
  auto transcript = board_.transcript(Direction::outgoing, link.line(), describe(error));
  SendResult result = link.outcome_unknown()
                          ? unknown(link, delivery, error, done)
                          : not_sent(link, delivery, std::move(error), out_of_time, done);
  if (!transcript.lines.empty()) result.transcript = std::move(transcript);
  if (!done.recipients.empty()) result.taken = done.accepted;
  return result;
}

SendResult Outbound::not_sent(SmtpLink& link, const Delivery& delivery, Error error,
                              bool out_of_time, const smtp::TransactionDone& done) {
  SendResult result;
  result.step = link.line().step();
  result.verdict = for_method(judge(error, Direction::outgoing, result.step),
                              integration_.outgoing.auth.method, Direction::outgoing);
  if (result.verdict.too_many_connections) link.line().limited();
  auto& outcome = result.outcome;
  const bool mails_own = result.verdict.outcome == Outcome::rejected;
  ResultCode code = result.verdict.result_code;
  if (out_of_time && delivery.sync) code = ResultCode::time_budget;
  outcome.result_message = describe(error);
  // Without consent nothing is tried, however long: the mail waits for it.
  const bool unauthorised = result.verdict.outcome == Outcome::needs_consent;
  const bool final = mails_own || delivery.sync || (time_is_up(delivery) && !unauthorised);
  outcome.state = final ? DeliveryState::failed : DeliveryState::queued;
  outcome.result_code = static_cast<int>(code);
  outcome.retryable = retryable(code);
  if (!final) outcome.next_attempt_at = unauthorised ? context_.env.now() : retry_at(delivery);
  // What former transactions of the same mail decided stays.
  outcome.recipients = judge_transaction(done, Instant(), time_is_up(delivery)).recipients;
  const auto decided = done.recipients.size();
  const auto open = open_envelope(delivery).recipients;
  for (std::size_t i = decided; i < open.size(); ++i) {
    RecipientResult recipient;
    recipient.address = open[i];
    recipient.result_code = outcome.result_code;
    recipient.message = outcome.result_message;
    outcome.recipients.push_back(std::move(recipient));
  }
  if (!mails_own) result.fault = std::move(error);
  result.connection_usable = mails_own && link.session().ready();  // nothing was said of it
  return result;
}

/// One more transaction of a mail. Whether there are recipients left, and a line to go on with.
bool Outbound::add(smtp::TransactionDone& done, smtp::TransactionDone group, Envelope& rest) {
  const auto count = static_cast<std::ptrdiff_t>(group.recipients.size());
  rest.recipients.erase(rest.recipients.begin(), rest.recipients.begin() + count);
  const bool line_is_there = group.reply.code != 421 && group.decided_at != smtp::Stage::body;
  if (group.accepted || !done.accepted) {  // a 250 tells more than another's refusal
    done.reply = std::move(group.reply);
    done.decided_at = group.decided_at;
    done.accepted = group.accepted;
  }
  std::move(group.recipients.begin(), group.recipients.end(), std::back_inserter(done.recipients));
  return line_is_there && !rest.recipients.empty();
}

/// The account was refused and not the mail: nobody's result is final, unless its time is up.
void Outbound::keep_waiting(const Delivery& delivery, SendResult& result) const {
  auto& outcome = result.outcome;
  const auto code = result.verdict.result_code;
  const bool ended = time_is_up(delivery);
  outcome.state = ended ? DeliveryState::failed : DeliveryState::queued;
  outcome.result_code = static_cast<int>(ended ? code : ResultCode::queued);
  outcome.retryable = retryable(code);
  outcome.next_attempt_at.reset();
  if (!ended) {
    outcome.next_attempt_at = retry_at(delivery);
    const auto& asked = result.verdict.wait_at_least;
    if (asked) outcome.next_attempt_at = context_.env.now() + *asked;
  }
  for (auto& recipient : outcome.recipients) recipient.result_code = outcome.result_code;
}

std::vector<NewEvent> Outbound::events_of(const Delivery& delivery, const SendResult& result) {
  std::vector<NewEvent> events;
  const auto& outcome = result.outcome;
  const char* kind = nullptr;
  switch (outcome.state) {
    case DeliveryState::sent:
      kind = "message.sent";
      break;
    case DeliveryState::failed:
      kind = "smtp.final_delivery_failed";
      break;
    case DeliveryState::queued:
    case DeliveryState::unknown:
      kind = delivery.attempts == 1 || outcome.state == DeliveryState::unknown
                 ? "smtp.delivery_failed"
                 : nullptr;
      break;
    case DeliveryState::sending:
    case DeliveryState::held:
    case DeliveryState::cancelled:
      break;
  }
  if (kind == nullptr) return events;
  auto event = board_.event(kind, Direction::outgoing, outcome.result_message, result.verdict.hint);
  event.data["delivery"] = delivery.id.str();
  event.data["result_code"] = outcome.result_code;
  event.data["from"] = delivery.envelope.sender;
  const auto& recipients = delivery.envelope.recipients;
  event.data["recipients"] = boost::json::array(recipients.begin(), recipients.end());
  if (is_notice(delivery)) event.data["notice"] = true;
  events.push_back(std::move(event));
  return events;
}

net::Task<Outbound::Recorded> Outbound::keep(storage::AttemptEnd end,
                                             std::optional<DeliveryId> next) {
  auto& deliveries = context_.store.deliveries();
  const Instant now = context_.env.now();
  Recorded recorded;
  if (!next) {
    const auto kept = co_await deliveries.finish_attempt(std::move(end), now);
    if (!kept) recorded.error = kept.error();
    co_return recorded;
  }
  auto turn = co_await deliveries.next_attempt(std::move(end), *next, now);
  if (!turn) {
    recorded.error = turn.error();
    co_return recorded;
  }
  recorded.error = std::move(turn.value().not_ended);
  recorded.begun = std::move(turn.value().begun);
  if (const auto& refused = turn.value().not_begun) {
    // Cancelled, held or retried by a person meanwhile.
    log::info("{} is not sent now: {}", next->str(), describe(*refused));
  }
  co_return recorded;
}

net::Task<Outbound::Recorded> Outbound::record(const Delivery& delivery, SendResult result,
                                               std::optional<DeliveryId> next) {
  storage::AttemptEnd end;
  end.id = delivery.id;
  result.outcome = together(delivery, std::move(result.outcome));
  end.events = events_of(delivery, result);
  end.outcome = result.outcome;
  end.possibly_duplicated = delivery.unknown_attempts > 0 || delivery.possibly_duplicated;
  end.copy_wanted = wants_copies(integration_.outgoing);
  end.notes = std::move(result.notes);
  end.transcript = std::move(result.transcript);
  const auto& outcome = result.outcome;
  if (outcome.state != DeliveryState::queued) context_.metrics.delivery(outcome.result_code);
  auto kept = co_await keep(end, next);
  // Until it is kept: a result that is lost is a mail sent twice.
  while (kept.error && is_trouble(*kept.error)) {
    log::error("{}: its result is not kept yet: {}", end.id.str(), describe(*kept.error));
    co_await net::sleep_for(context_.env, store_trouble);
    const auto again = co_await keep(end, std::nullopt);
    kept.error = again.error;
  }
  let_go(delivery.id);
  if (next && !kept.begun) let_go(*next);
  if (kept.error) {
    log::error("{}: its result was not kept: {}", delivery.id.str(), describe(*kept.error));
  }
  if (end.copy_wanted && outcome.state == DeliveryState::sent) copy_due_();
  if (result.taken) co_await board_.mail_sent();
  if (result.fault && is_notice(delivery)) {
    co_await board_.notice_failed(std::move(*result.fault), std::move(result.step),
                                  std::move(result.verdict));
  } else if (result.fault) {
    const auto failures = board_.failures(Direction::outgoing) + 1;
    const auto pause = pause_after(result.verdict, failures, context_.env.random());
    const auto asked = result.verdict.wait_at_least.value_or(pause);
    suspended_until_ = context_.env.steady() + std::max(pause, asked);
    co_await board_.send_failed(std::move(*result.fault), std::move(result.step),
                                std::move(result.verdict));
  }
  co_return kept;
}

}  // namespace postern::flows
