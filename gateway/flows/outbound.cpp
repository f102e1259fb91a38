#include "flows/outbound.hpp"

#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

constexpr int ready_max = 256;
constexpr Duration look_again_max = std::chrono::minutes(5);
constexpr Duration store_trouble = std::chrono::seconds(5);

}  // namespace

Outbound::Outbound(Context& context, const Integration& integration,
                   const IntegrationSecrets& secrets, StatusBoard& board, net::Scope& scope)
    : context_(context),
      integration_(integration),
      secrets_(secrets),
      board_(board),
      scope_(scope),
      wake_(context.env, scope.executor()) {}

void Outbound::act_now() {
  suspended_until_ = Duration(0);
  in_haste_ = true;
  wake_.notify();
}

net::Task<void> Outbound::run() {
  while (!board_.disabled(Direction::outgoing)) {
    const Duration suspended = suspended_until_ - context_.env.steady();
    if (suspended > Duration(0)) {
      co_await wake_.wait(suspended);
      continue;
    }
    const Duration pause = co_await fill();
    std::size_t called = 0;
    for (; called < ready_.size() && !idle_timers_.empty(); ++called) {
      idle_timers_.front()->cancel();
      idle_timers_.pop_front();
    }
    for (; called < ready_.size() && lanes_ < integration_.outgoing.connections_max; ++called) {
      ++lanes_;
      scope_.spawn(lane());
    }
    co_await wake_.wait(pause);
  }
}

net::Task<Duration> Outbound::fill() {
  if (!ready_.empty()) co_return look_again_max;
  const Instant now = context_.env.now();
  const int limit = ready_max + static_cast<int>(taken_.size());
  auto due = co_await context_.store.deliveries().due(integration_.id, now, limit);
  if (!due) {
    log::error("{}: deliveries wait: {}", integration_.name, describe(due.error()));
    co_return store_trouble;
  }
  for (const auto& delivery : due.value()) {
    if (taken_.insert(delivery.id).second) ready_.push_back(delivery.id);
  }
  if (!ready_.empty()) co_return look_again_max;
  const auto next = co_await context_.store.deliveries().next_due(integration_.id);
  if (!next) co_return store_trouble;
  if (!next.value() || *next.value() <= now) co_return look_again_max;
  co_return std::clamp<Duration>(*next.value() - now, Duration(10), look_again_max);
}

net::Task<void> Outbound::lane() {
  std::unique_ptr<SmtpLink> link;
  const auto timer = context_.env.make_timer(scope_.executor());
  for (;;) {
    while (const auto id = take_ready()) co_await attempts(link, *id);
    if (!link) break;
    idle_timers_.push_back(timer.get());
    co_await timer->wait(limits::smtp_idle);
    // Still in the list: nobody called, the connection has been idle for long enough.
    if (std::erase(idle_timers_, timer.get()) > 0) break;
  }
  if (link) {
    board_.journal().note("connection.closed", "nothing more to send");
    co_await link->quit();
  }
  --lanes_;
  if (suspended_until_ > context_.env.steady()) {
    for (const DeliveryId id : ready_) taken_.erase(id);
    ready_.clear();
  }
  wake_.notify();
}

std::optional<DeliveryId> Outbound::take_ready() {
  if (ready_.empty() || suspended_until_ > context_.env.steady()) return std::nullopt;
  if (board_.disabled(Direction::outgoing)) return std::nullopt;
  const DeliveryId id = ready_.front();
  ready_.pop_front();
  return id;
}

/// Sends `id` and, as long as nothing is at fault, what is ready behind it.
net::Task<void> Outbound::attempts(std::unique_ptr<SmtpLink>& link, DeliveryId id) {
  auto begun = co_await context_.store.deliveries().begin_attempt(id, context_.env.now());
  std::optional<Delivery> delivery;
  if (begun) {
    delivery = std::move(begun).value();
  } else {
    // Cancelled, held or retried by a person meanwhile; or the store is in trouble.
    log::info("{} is not sent now: {}", id.str(), describe(begun.error()));
    const auto& code = begun.error().code;
    if (code != storage::errc::wrong_state && code != storage::errc::not_found) {
      suspended_until_ = context_.env.steady() + store_trouble;  // it is due again at once
    }
    taken_.erase(id);
    if (ready_.empty()) wake_.notify();
  }
  while (delivery) {
    SendResult result = co_await send(link, *delivery, std::nullopt);
    if (!result.connection_usable) link.reset();
    std::optional<DeliveryId> next;
    if (!result.fault) next = take_ready();
    auto kept = co_await record(*delivery, std::move(result), next);
    if (kept.error) {
      log::error("{}: its result was not kept: {}", delivery->id.str(), describe(*kept.error));
    }
    taken_.erase(delivery->id);
    if (next && !kept.begun) taken_.erase(*next);
    delivery = std::move(kept.begun);
    if (ready_.empty()) wake_.notify();
  }
}

net::Task<SendResult> Outbound::send(std::unique_ptr<SmtpLink>& link, const Delivery& delivery,
                                     std::optional<Duration> deadline) {
  const auto bytes = co_await context_.store.deliveries().bytes(delivery.id);
  if (!link) link = make_link();
  if (!bytes) co_return failed(*link, delivery, bytes.error(), false);
  for (bool reused = link->line().open();; reused = false) {
    if (deadline) link->line().set_deadline(*deadline);
    Result<void> opened = success();
    if (!reused) opened = co_await link->connect();
    if (opened) opened = co_await link->ready();
    if (!opened && reused) {
      // The server closed an idle connection: nothing of this mail was said yet.
      link = make_link();
      continue;
    }
    const bool late = link->line().past_deadline();
    if (!opened) co_return failed(*link, delivery, std::move(opened).error(), late);
    if (!reused) board_.journal().note("connection.opened", integration_.outgoing.server.host);
    auto sent = co_await link->send(delivery.envelope, bytes.value());
    if (sent) {
      SendResult result;
      result.outcome = judge_transaction(sent.value(), retry_at(delivery), time_is_up(delivery));
      result.connection_usable = link->session().ready() || sent.value().reply.code != 421;
      if (is_integration_fault(sent.value())) {
        result.fault = Error{smtp::errc::unexpected_reply, sent.value().reply.words()};
        result.step = "mail_from";
        result.verdict = judge_account_refusal(sent.value().reply.words());
        board_.keep_transcript(Direction::outgoing, link->line(), *result.fault);
      }
      co_return result;
    }
    const bool nothing_said = reused && link->session().transaction().reply.code == 0 &&
                              sent.error().code == smtp::errc::closed && !link->outcome_unknown();
    if (!nothing_said) {
      const bool out_of_time = link->line().past_deadline();
      co_return failed(*link, delivery, std::move(sent).error(), out_of_time);
    }
    link = make_link();
  }
}

std::unique_ptr<SmtpLink> Outbound::make_link() {
  auto link = std::make_unique<SmtpLink>(context_, integration_.outgoing, secrets_);
  link->line().record_to(board_.journal().recording(Direction::outgoing));
  LineUser user;  // never checked: a mail that waits goes before the checks
  user.integration = integration_.id;
  user.login = integration_.outgoing.auth.username;
  user.in_haste = std::exchange(in_haste_, false);
  link->line().set_user(std::move(user));
  return link;
}

Instant Outbound::retry_at(const Delivery& delivery) const {
  const auto& delays = context_.options.outgoing_retry;
  POSTERN_ASSERT(!delays.empty());
  const auto index = static_cast<std::size_t>(std::max(delivery.attempts - 1, 0));
  const Duration delay = delays[std::min(index, delays.size() - 1)];
  const auto spread = static_cast<std::uint64_t>(delay.count() / 5 + 1);
  const auto jitter = Duration(static_cast<std::int64_t>(context_.env.random() % spread));
  return context_.env.now() + delay + jitter;
}

bool Outbound::time_is_up(const Delivery& delivery) const {
  if (delivery.sync) return true;
  return retry_at(delivery) > delivery.created_at + context_.options.outgoing_for;
}

}  // namespace postern::flows
