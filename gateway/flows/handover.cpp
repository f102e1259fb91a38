#include "flows/handover.hpp"

#include "core/base64.hpp"
#include "core/log.hpp"
#include "flows/metrics.hpp"
#include "flows/store_trouble.hpp"
#include "net/hashing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::flows {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<Duration, 9> schedule = {seconds(5), minutes(5), minutes(30),
                                              hours(2),   hours(5),   hours(10),
                                              hours(14),  hours(20),  hours(24)};
constexpr Duration look_again_max = minutes(5);
constexpr std::size_t ahead_max = 16;              // chosen at once
constexpr Duration ahead_for = milliseconds(500);  // then they are chosen anew
constexpr std::size_t not_kept_max = 64;           // ended calls; more are waited for
constexpr std::string_view secret_prefix = "whsec_";

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
                                        const std::string& id, Instant now, std::string body,
                                        std::string_view content_type) {
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
  request.headers.emplace_back("Content-Type", content_type);
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
      scope_(std::move(executor)),
      keeping_(context.env, scope_, [this] { return keep_ended(); }),
      lines_(context, target_, secrets_, scope_) {}

net::Task<void> HandoverPump::stop() {
  scope_.stop();
  co_await scope_.join();
  // What was answered is kept, or it would be handed over twice.
  if (results_.empty()) co_return;
  const auto kept = co_await record(results_);
  if (!kept) log::error("{}: attempts were not kept: {}", target_.name, describe(kept.error()));
}

net::Task<void> HandoverPump::run() {
  while (!gone_) {
    const Duration pause = co_await start_due();
    co_await wake_.wait(pause);
  }
}

net::Task<Duration> HandoverPump::start_due() {
  while (calling_ < target_.parallel) {
    // The end of a call, or of keeping what ended, wakes us.
    if (in_flight_.size() >= static_cast<std::size_t>(calling_) + not_kept_max) break;
    if (chosen_.empty() || context_.env.steady() - chosen_at_ > ahead_for) {
      const auto found = co_await choose();
      if (!found) {
        log::error("{}: hand-overs wait: {}", target_.name, describe(found.error()));
        co_return store_trouble;
      }
      if (!found.value()) co_return co_await until_next();
    }
    auto due = std::move(chosen_.front());
    chosen_.pop_front();
    if (in_flight_.contains(due.handover.id)) continue;
    in_flight_.insert(due.handover.id);
    if (due.handover.attempts == 0) ++fresh_in_flight_;
    ++calling_;
    scope_.spawn(attempt(std::move(due)));
  }
  // A broken target's are chosen one look at a time.
  if (pause_.broken()) chosen_.clear();
  co_return look_again_max;
}

/// Gives whether there is any.
net::Task<Result<bool>> HandoverPump::choose() {
  chosen_.clear();
  ended_.clear();
  chosen_at_ = context_.env.steady();
  const auto limit = std::min(ahead_max, static_cast<std::size_t>(target_.parallel) * 2);
  POSTERN_CO_TRY(auto due, co_await choose_due(static_cast<int>(limit + in_flight_.size())));
  std::erase_if(due, [this](const auto& each) {
    return in_flight_.contains(each.id) || ended_.contains(each.id);
  });
  if (due.size() > limit) due.resize(limit);
  std::vector<MessageId> ids;
  for (const auto& each : due) ids.push_back(each.message);
  POSTERN_CO_TRY(auto mails, co_await context_.store.messages().find(std::move(ids)));
  for (auto& each : due) {
    auto mail = mails.extract(each.message);
    if (mail.empty()) continue;  // removed meanwhile with its hand-overs; or it is there twice
    auto& chosen = chosen_.emplace_back();
    chosen.handover = std::move(each);
    chosen.detail = std::move(mail.mapped());
  }
  co_return !chosen_.empty();
}

/// While the target is broken: those that were tried before, by their own schedule, and of the
/// others one at a time once the pause is over.
net::Task<Result<std::vector<Handover>>> HandoverPump::choose_due(int limit) {
  auto& handovers = context_.store.handovers();
  const auto now = context_.env.now();
  if (!pause_.broken()) co_return co_await handovers.due(target_.id, now, limit);
  POSTERN_CO_TRY(auto due, co_await handovers.due(target_.id, now, limit,
                                                  storage::HandoverChoice::tried_before));
  if (pause_.left(context_.env.steady()) > Duration(0) || fresh_in_flight_ > 0) co_return due;
  POSTERN_CO_TRY(auto all, co_await handovers.due(target_.id, now, limit));
  const auto fresh = std::ranges::find(all, 0, &Handover::attempts);
  if (fresh != all.end()) due.push_back(std::move(*fresh));
  co_return due;
}

net::Task<Duration> HandoverPump::until_next() {
  const auto now = context_.env.now();
  const auto pause = pause_.left(context_.env.steady());
  const bool waits = pause > Duration(0);
  const auto choice = waits ? storage::HandoverChoice::tried_before : storage::HandoverChoice::all;
  // What is due already is in flight, or waits for the end of one that is.
  const auto next = co_await context_.store.handovers().next_due(target_.id, now, choice);
  if (!next) co_return store_trouble;
  Duration wait = look_again_max;
  if (next.value()) wait = *next.value() - now;
  if (waits) wait = std::min(wait, pause);
  co_return std::clamp<Duration>(wait, Duration(10), look_again_max);
}

net::Task<void> HandoverPump::attempt(DueMail due) {
  const auto handover = due.handover;
  Kept result;
  result.owner = due.detail.integration;
  result.fresh = handover.attempts == 0;
  auto answered = co_await give_mail(context_, http_, lines_, target_, secrets_, std::move(due));
  TargetAnswer answer;
  const bool its_own = answered.has_value();
  if (answered) {
    answer = std::move(answered).value();
    note_health(answer.fate, answer.wait_at_least);
  } else {
    answer.words = describe(answered.error());  // ours: it says nothing of the target
  }
  if (answer.fate == TargetFate::gone) co_await disable_target();
  const bool fell_short = answer.fate != TargetFate::taken && answer.fate != TargetFate::refused;
  auto ended = weigh(handover, std::move(answer));
  ended.attempt.target_failed = its_own && fell_short;
  ended.attempt.hint = ended.hint;
  result.ended.events = events_of(handover, ended);
  context_.metrics.handover(target_.name, ended.result);
  result.ended.id = handover.id;
  result.ended.attempt = std::move(ended.attempt);
  results_.push_back(std::move(result));
  --calling_;
  keeping_.notify();
  wake_.notify();
}

/// Everything that has ended, together.
net::Task<Duration> HandoverPump::keep_ended() {
  while (!results_.empty()) co_await keep();
  co_return net::Errand::nothing_due;
}

void HandoverPump::note_health(TargetFate fate, Duration asked) {
  switch (fate) {
    case TargetFate::taken:
    case TargetFate::refused:
      pause_.well();
      return;
    case TargetFate::put_off:
    case TargetFate::gone:
      chosen_.clear();
      pause_.failed(context_.env.steady(), false, asked, context_.env.random());
      return;
    case TargetFate::paused:
      chosen_.clear();
      pause_.failed(context_.env.steady(), true, asked, context_.env.random());
      return;
  }
}

/// Until they are kept: what is not would be handed over again at once, as often as the target can
/// take it while the disk is full.
net::Task<void> HandoverPump::keep() {
  const auto results = std::exchange(results_, {});
  for (;;) {
    const auto kept = co_await record(results);
    if (kept) break;
    log::error("{}: attempts were not kept: {}", target_.name, describe(kept.error()));
    co_await net::sleep_for(context_.env, store_trouble);
  }
  std::set<IntegrationId> settled;
  for (const auto& each : results) {
    const bool taken = each.ended.attempt.state == HandoverState::acknowledged;
    if (taken) settled.insert(each.owner);
    in_flight_.erase(each.ended.id);
    if (each.fresh) --fresh_in_flight_;
    ended_.insert(each.ended.id);
  }
  for (const auto owner : settled) context_.mail_settled(owner);
  wake_.notify();
}

net::Task<Result<void>> HandoverPump::record(const std::list<Kept>& results) {
  std::vector<storage::EndedAttempt> ended;
  for (const auto& each : results) ended.push_back(each.ended);
  POSTERN_CO_TRY(const auto refusals,
                 co_await context_.store.handovers().record_attempts(std::move(ended)));
  for (const auto& refusal : refusals) {
    if (!refusal) continue;
    log::error("{}: an attempt was not kept: {}", target_.name, describe(*refusal));
  }
  co_return success();
}

HandoverPump::Ended HandoverPump::weigh(const Handover& handover, TargetAnswer answer) const {
  Ended ended;
  auto& attempt = ended.attempt;
  attempt.at = context_.env.now();
  attempt.due = attempt.at;
  attempt.status = answer.status;
  attempt.error = std::move(answer.words);
  attempt.progress = std::move(answer.progress);
  attempt.ticket = std::move(answer.ticket);
  ended.hint = std::move(answer.hint);
  if (answer.fate == TargetFate::taken) {
    attempt.state = HandoverState::acknowledged;
    attempt.error = std::move(answer.complaint);
    ended.result = "acknowledged";
    return ended;
  }
  if (answer.fate == TargetFate::refused) {
    attempt.state = HandoverState::parked;
    attempt.error = "refused for good: " + attempt.error;
    ended.result = "refused";
    return ended;
  }
  const auto delay = handover_delay(handover.attempts + 1, context_.env.random());
  attempt.state = delay ? HandoverState::waiting : HandoverState::parked;
  attempt.due = attempt.at + std::max(delay.value_or(Duration(0)), answer.wait_at_least);
  ended.result = delay ? "retried" : "parked";
  return ended;
}

std::vector<NewEvent> HandoverPump::events_of(const Handover& handover, const Ended& ended) const {
  const auto& attempt = ended.attempt;
  std::vector<NewEvent> events;
  const bool first_failure = attempt.state == HandoverState::waiting && handover.attempts == 0;
  if (!first_failure && attempt.state != HandoverState::parked) return events;
  NewEvent event;
  event.kind = first_failure ? "handover.failed" : "handover.parked";
  event.at = attempt.at;
  event.message = attempt.error;
  event.hint = first_failure ? "The target did not take a mail; it is tried again."
                             : "The target did not take a mail for three days; retry it by hand.";
  if (ended.result == "refused") {
    event.hint = "It is not tried again by itself; POST /handovers/{id}/retry does.";
  }
  if (!ended.hint.empty()) event.hint = ended.hint + " " + event.hint;
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
