// Mail that somebody waits for (mode sync): one attempt within his time, on a connection of the
// integration's and at its pace, beside its queue.
#include "core/result_codes.hpp"
#include "flows/metrics.hpp"
#include "flows/outbound.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

/// In the list for as long as it waits.
class Waiting {
 public:
  Waiting(std::list<net::Timer*>& all, net::Timer& timer)
      : all_(all), place_(all.insert(all.end(), &timer)) {}
  ~Waiting() { all_.erase(place_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  std::list<net::Timer*>& all_;
  std::list<net::Timer*>::iterator place_;
};

/// Nothing was said: the turn did not come in time.
SendResult no_turn(const Delivery& delivery) {
  SendResult result;
  auto& outcome = result.outcome;
  outcome.state = DeliveryState::failed;
  outcome.result_code = static_cast<int>(ResultCode::time_budget);
  outcome.result_message =
      "The time was over before its turn came: connections_max or messages_per_minute of the "
      "integration are used up.";
  for (const auto& address : delivery.envelope.recipients) {
    RecipientResult recipient;
    recipient.address = address;
    recipient.result_code = outcome.result_code;
    recipient.message = outcome.result_message;
    outcome.recipients.push_back(std::move(recipient));
  }
  return result;
}

}  // namespace

/// A call's place among the connections, which turn_comes() has counted.
class Outbound::Seat {
 public:
  explicit Seat(Outbound& outbound) : outbound_(outbound) {}
  ~Seat() {
    --outbound_.calls_;
    outbound_.call_those_who_wait();
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

 private:
  Outbound& outbound_;
};

/// Of several connections the queue keeps one while it has mail.
int Outbound::calls_max() const {
  const int all = integration_.outgoing.connections_max;
  const bool queue_is_busy =
      !ready_.empty() || static_cast<std::size_t>(lanes_) > idle_timers_.size();
  return queue_is_busy ? std::max(all - 1, 1) : all;
}

/// Whether a lane has to end for a call that waits.
bool Outbound::gives_way() const {
  return !waiting_.empty() && calls_ < calls_max() && !room_for_one();
}

bool Outbound::room_for_one() const {
  return lanes_ + calls_ < integration_.outgoing.connections_max;
}

void Outbound::call_those_who_wait() {
  for (auto* timer : waiting_) timer->cancel();
  errand_.notify();
}

/// Waits for a connection to spare and for the pace, and takes it; false when `deadline` comes
/// first.
net::Task<bool> Outbound::turn_comes(Duration deadline) {
  const auto timer = context_.env.make_timer(scope_.executor());
  for (;;) {
    const Duration now = context_.env.steady();
    if (now >= deadline) co_return false;
    const Duration paced = pace_.wait(now);
    const bool seated = calls_ < calls_max() && room_for_one();
    if (seated && paced <= Duration(0)) break;
    const Waiting waiting(waiting_, *timer);
    // Nobody called it, so it closes its connection.
    if (gives_way() && !idle_timers_.empty()) idle_timers_.front()->cancel();
    const Duration left = deadline - now;
    co_await timer->wait(seated ? std::min(paced, left) : left);
  }
  pace_.go(context_.env.steady());
  ++calls_;
  co_return true;
}

net::Task<Result<Delivery>> Outbound::send_now(DeliveryId id, Duration limit) {
  const Duration deadline = context_.env.steady() + limit;
  auto& deliveries = context_.store.deliveries();
  const bool comes = co_await turn_comes(deadline);
  if (!comes) {
    POSTERN_CO_TRY(const auto waiting, co_await deliveries.get(id));
    auto kept = co_await record(waiting, no_turn(waiting), std::nullopt);
    if (kept.error) co_return std::move(*kept.error);
    co_return co_await deliveries.get(id);
  }
  const Seat seat(*this);
  POSTERN_CO_TRY(const auto delivery, co_await deliveries.begin_attempt(id, context_.env.now()));
  std::unique_ptr<SmtpLink> link;
  Mail mail;
  mail.delivery = delivery;
  const Duration sending_since = context_.env.steady();
  SendResult result = co_await send(link, mail, deadline, nullptr);
  context_.metrics.send_took(context_.env.steady() - sending_since);
  const bool usable = result.connection_usable;
  auto kept = co_await record(delivery, std::move(result), std::nullopt);
  if (kept.error) co_return std::move(*kept.error);
  auto fresh = co_await deliveries.get(id);
  if (usable) co_await link->quit();
  co_return fresh;
}

}  // namespace postern::flows
