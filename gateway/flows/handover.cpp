#include "flows/handover.hpp"

#include "core/base64.hpp"
#include "core/log.hpp"
#include "flows/message_json.hpp"
#include "flows/metrics.hpp"
#include "net/hashing.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace postern::flows {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<Duration, 9> schedule = {seconds(5), minutes(5), minutes(30),
                                              hours(2),   hours(5),   hours(10),
                                              hours(14),  hours(20),  hours(24)};
constexpr Duration retry_after_max = hours(24);
constexpr Duration look_again_max = minutes(5);
constexpr Duration store_trouble = seconds(5);
constexpr std::string_view secret_prefix = "whsec_";

/// Retry-After as seconds; the date form is left to the schedule. RFC 9110 §10.2.3.
Duration retry_after(const net::HttpResponse& response) {
  const auto* value = response.header("retry-after");
  if (!value) return Duration(0);
  std::int64_t count = 0;
  const auto parsed = std::from_chars(value->data(), value->data() + value->size(), count);
  if (parsed.ec != std::errc() || parsed.ptr != value->data() + value->size() || count < 0) {
    return Duration(0);
  }
  return std::min<Duration>(seconds(std::min<std::int64_t>(count, 86400)), retry_after_max);
}

}  // namespace

std::optional<Duration> handover_delay(int attempts, std::uint64_t random) {
  POSTERN_ASSERT(attempts >= 1);
  if (attempts > static_cast<int>(schedule.size())) return std::nullopt;
  const auto base = schedule[static_cast<std::size_t>(attempts - 1)].count();
  const auto spread = base * 2 / 5;  // 40 % in all, half of it below
  return Duration(base - spread / 2 +
                  static_cast<std::int64_t>(random % static_cast<std::uint64_t>(spread + 1)));
}

std::optional<std::string> webhook_signature(const Secret& secret, std::string_view id,
                                             std::int64_t timestamp_s, std::string_view body) {
  auto text = secret.reveal();
  if (!text.starts_with(secret_prefix)) return std::nullopt;
  const auto key = from_base64(text.substr(secret_prefix.size()));
  if (!key) return std::nullopt;
  const auto content = fmt::format("{}.{}.{}", id, timestamp_s, body);
  return "v1," + to_base64(net::hmac_sha256(*key, content));
}

Result<net::HttpRequest> signed_request(const Target& target, const storage::TargetSecrets& secrets,
                                        const std::string& id, Instant now, std::string body) {
  net::HttpRequest request;
  request.url = target.url;
  request.body = std::move(body);
  const auto timestamp = to_milliseconds(now) / 1000;
  auto signature = webhook_signature(secrets.current, id, timestamp, request.body);
  if (!signature) return Error{net::errc::io, "the target's secret is not whsec_ and base64"};
  if (!secrets.former.empty()) {
    const auto former = webhook_signature(secrets.former, id, timestamp, request.body);
    if (former) *signature += " " + *former;
  }
  request.headers = target.headers;
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("User-Agent", "Postern");
  request.headers.emplace_back("webhook-id", id);
  request.headers.emplace_back("webhook-timestamp", std::to_string(timestamp));
  request.headers.emplace_back("webhook-signature", std::move(*signature));
  return request;
}

HandoverPump::HandoverPump(Context& context, storage::StoredTarget target,
                           storage::TargetSecrets secrets, boost::asio::any_io_executor executor)
    : context_(context),
      target_(std::move(target.value)),
      secrets_(std::move(secrets)),
      wake_(context.env, executor),
      http_(context.env),
      scope_(std::move(executor)) {}

net::Task<void> HandoverPump::stop() {
  scope_.stop();
  co_await scope_.join();
}

net::Task<void> HandoverPump::run() {
  while (!gone_) {
    const Duration pause = co_await start_due();
    co_await wake_.wait(pause);
  }
}

net::Task<Duration> HandoverPump::start_due() {
  const int free = target_.parallel - static_cast<int>(in_flight_.size());
  if (free <= 0) co_return look_again_max;  // the end of an attempt wakes us
  const int limit = target_.parallel + static_cast<int>(in_flight_.size());
  ended_.clear();
  auto due = co_await context_.store.handovers().due(target_.id, context_.env.now(), limit);
  if (!due) {
    log::error("{}: hand-overs wait: {}", target_.name, describe(due.error()));
    co_return store_trouble;
  }
  int started = 0;
  for (auto& handover : due.value()) {
    if (started == free) co_return look_again_max;
    if (in_flight_.contains(handover.id) || ended_.contains(handover.id)) continue;
    in_flight_.insert(handover.id);
    ++started;
    scope_.spawn(attempt(std::move(handover)));
  }
  const auto next = co_await context_.store.handovers().next_due(target_.id);
  if (!next) co_return store_trouble;
  // What is due already is in flight.
  if (!next.value() || *next.value() <= context_.env.now()) co_return look_again_max;
  co_return std::clamp<Duration>(*next.value() - context_.env.now(), Duration(10), look_again_max);
}

net::Task<void> HandoverPump::attempt(Handover handover) {
  IntegrationId owner;
  auto attempted = co_await call(handover, owner);
  storage::HandoverAttempt attempt =
      attempted ? std::move(attempted).value()
                : put_off(handover, describe(attempted.error()), 0, Duration(0));
  auto events = events_of(handover, attempt);
  const auto result = attempt.state == HandoverState::acknowledged ? "acknowledged"
                      : attempt.state == HandoverState::parked     ? "parked"
                                                                   : "retried";
  context_.metrics.handover(target_.name, result);
  const bool acknowledged = attempt.state == HandoverState::acknowledged;
  co_await keep(handover.id, std::move(attempt), std::move(events));
  if (acknowledged) context_.mail_settled(owner);
  in_flight_.erase(handover.id);
  ended_.insert(handover.id);
  wake_.notify();
}

/// Until it is kept: what is not would be handed over again at once, as often as the target can
/// take it while the disk is full.
net::Task<void> HandoverPump::keep(HandoverId id, storage::HandoverAttempt attempt,
                                   std::vector<NewEvent> events) {
  for (;;) {
    const auto kept = co_await context_.store.handovers().record_attempt(id, attempt, events);
    if (kept) co_return;
    log::error("{}: an attempt was not kept: {}", target_.name, describe(kept.error()));
    const auto& code = kept.error().code;
    if (code == storage::errc::not_found || code == storage::errc::wrong_state) co_return;
    co_await net::sleep_for(context_.env, store_trouble);
  }
}

net::Task<Result<storage::HandoverAttempt>> HandoverPump::call(const Handover& handover,
                                                               IntegrationId& owner) {
  POSTERN_CO_TRY(auto detail, co_await context_.store.messages().get(handover.message));
  owner = detail.integration;
  boost::json::object data = message_json(detail, context_.options.public_url);
  if (target_.raw) {
    POSTERN_CO_TRY(const auto raw, co_await context_.store.messages().raw(handover.message));
    data["raw_base64"] = to_base64(raw);
  }
  boost::json::object body;
  body["type"] = "message.received";
  body["timestamp"] = to_rfc3339(detail.stored_at);  // the same at every try
  body["data"] = std::move(data);

  POSTERN_CO_TRY(auto request, signed_request(target_, secrets_, handover.id.str(),
                                              context_.env.now(), boost::json::serialize(body)));
  TlsPolicy tls;
  tls.ca_pem = target_.ca_pem;
  net::HttpLimits limits;
  limits.whole = target_.timeout;
  limits.connect = std::min<Duration>(limits.connect, target_.timeout);
  POSTERN_CO_TRY(const auto response,
                 co_await http_.call(std::move(request), std::move(tls), limits));
  if (response.status == 410) co_await disable_target();
  co_return weigh(handover, response);
}

storage::HandoverAttempt HandoverPump::weigh(const Handover& handover,
                                             const net::HttpResponse& response) const {
  if (response.status >= 200 && response.status < 300) {
    storage::HandoverAttempt attempt;
    attempt.state = HandoverState::acknowledged;
    attempt.at = context_.env.now();
    attempt.due = attempt.at;
    attempt.status = response.status;
    return attempt;
  }
  const bool asks_for_patience = response.status == 429 || response.status == 503;
  const auto words = response.body.substr(0, 200);
  return put_off(handover, fmt::format("HTTP {} {}", response.status, words), response.status,
                 asks_for_patience ? retry_after(response) : Duration(0));
}

storage::HandoverAttempt HandoverPump::put_off(const Handover& handover, std::string error,
                                               int status, Duration at_least) const {
  storage::HandoverAttempt attempt;
  attempt.at = context_.env.now();
  attempt.status = status;
  attempt.error = std::move(error);
  const auto delay = handover_delay(handover.attempts + 1, context_.env.random());
  attempt.state = delay ? HandoverState::waiting : HandoverState::parked;
  attempt.due = attempt.at + std::max(delay.value_or(Duration(0)), at_least);
  return attempt;
}

std::vector<NewEvent> HandoverPump::events_of(const Handover& handover,
                                              const storage::HandoverAttempt& attempt) const {
  std::vector<NewEvent> events;
  const bool first_failure = attempt.state == HandoverState::waiting && handover.attempts == 0;
  if (!first_failure && attempt.state != HandoverState::parked) return events;
  NewEvent event;
  event.kind = first_failure ? "handover.failed" : "handover.parked";
  event.at = attempt.at;
  event.message = attempt.error;
  event.hint = first_failure ? "The target did not take a mail; it is tried again."
                             : "The target did not take a mail for three days; retry it by hand.";
  event.data["target"] = target_.name;
  event.data["handover"] = handover.id.str();
  event.data["message"] = handover.message.str();
  events.push_back(std::move(event));
  return events;
}

net::Task<void> HandoverPump::disable_target() {
  if (gone_) co_return;
  gone_ = true;
  TargetDraft draft;
  draft.value = target_;
  draft.value.enabled = false;
  auto replaced = co_await context_.store.targets().replace(target_.id, std::move(draft),
                                                            std::nullopt, by_, context_.env.now());
  if (!replaced) log::error("{}: not disabled: {}", target_.name, describe(replaced.error()));
  NewEvent event;
  event.kind = "target.disabled";
  event.at = context_.env.now();
  event.message = "the target answered 410 Gone";
  event.hint = "Enable the target again when it is there; its hand-overs wait.";
  event.data["target"] = target_.name;
  std::vector<NewEvent> events;
  events.push_back(std::move(event));
  auto kept = co_await context_.store.events().append(std::move(events));
  if (!kept) log::error("{}: an event was not kept: {}", target_.name, describe(kept.error()));
}

}  // namespace postern::flows
