#include "flows/event_actions.hpp"

#include "core/event_kinds.hpp"
#include "core/log.hpp"
#include "core/profile.hpp"
#include "flows/channels.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "flows/store_trouble.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::flows {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<Duration, 5> schedule = {seconds(5), seconds(30), minutes(2), minutes(10),
                                              minutes(30)};
constexpr Duration look_again_max = minutes(5);
constexpr std::size_t under_way_max = 32;
constexpr int due_max = 200;
constexpr int problems_looked_at_max = 50;  // an integration has one a direction and class
/// Events that set off nothing: their place is kept once for so many, not each a commit.
constexpr std::size_t pass_over_max = 1000;
constexpr const char* consumer = "event_rules";

/// A notice of ours that was sent is no news: a rule about sent mail would tell of itself for ever.
bool tells_of_notice(const Event& event) {
  const auto* notice = event.data.if_contains("notice");
  return notice != nullptr && notice->is_bool() && notice->get_bool();
}

bool is_alert_trouble(const Event& event) {
  return event.kind == action_failed_kind || event.kind == action_recovered_kind;
}

storage::RunAttempt dropped(Instant now, std::string why) {
  storage::RunAttempt attempt;
  attempt.state = storage::RunState::dropped;
  attempt.at = now;
  attempt.error = std::move(why);
  return attempt;
}

/// A run that follows `run`, about the same event.
storage::EventRun after_run(const storage::EventRun& run, Instant now, Instant due) {
  storage::EventRun next = run;
  next.id = {};
  next.at = now;
  next.due = due;
  next.attempts = 0;
  return next;
}

}  // namespace

std::optional<Duration> action_delay(int attempts) {
  POSTERN_ASSERT(attempts >= 1);
  if (attempts > static_cast<int>(schedule.size())) return std::nullopt;
  return schedule[static_cast<std::size_t>(attempts - 1)];
}

EventActions::EventActions(Context& context, boost::asio::any_io_executor executor)
    : context_(context),
      feed_(context.env, context.store.events(), executor, consumer),
      wake_(context.env, executor),
      scope_(std::move(executor)) {}

void EventActions::start() {
  scope_.spawn(follow());
  scope_.spawn(work());
}

net::Task<void> EventActions::stop() {
  scope_.stop();
  co_await scope_.join();
}

net::Task<void> EventActions::follow() {
  for (;;) {
    auto events = co_await feed_.next(look_again_max);
    Result<void> taken = success();
    if (events.has_error()) {
      taken = std::move(events).error();
    } else if (!events.value().empty()) {
      taken = co_await take(std::move(events).value());
    }
    if (taken) continue;
    log::error("event rules wait: {}", describe(taken.error()));
    co_await net::sleep_for(context_.env, store_trouble);
  }
}

net::Task<Result<void>> EventActions::refresh_rules() {
  const auto as_of = context_.store.event_rules().changes();
  if (rules_as_of_ == as_of) co_return success();
  POSTERN_CO_TRY(rules_, co_await context_.store.event_rules().list());
  rules_as_of_ = as_of;
  co_return success();
}

std::vector<storage::Firing> EventActions::firings_of(const std::vector<Event>& events) const {
  std::vector<storage::Firing> firings;
  for (const auto& event : events) {
    if (tells_of_notice(event)) continue;
    for (const auto& rule : rules_) {
      // Ids grow with time: what was before the rule is none of its business.
      if (event.id.value < rule.value.id.value || !match(rule.value, event).matched) continue;
      for (std::size_t i = 0; i < rule.value.then.size(); ++i) {
        auto& firing = firings.emplace_back();
        firing.rule = rule.value.id;
        firing.action = static_cast<int>(i);
        firing.max_frequency = rule.value.max_frequency.value_or(context_.options.max_frequency);
        firing.event = event;
      }
    }
  }
  return firings;
}

net::Task<Result<void>> EventActions::take(std::vector<Event> events) {
  POSTERN_CO_TRY(co_await refresh_rules());
  for (const auto& event : events) context_.metrics.event(event.kind);
  auto firings = firings_of(events);
  const auto last = events.back().id;
  passed_over_ += events.size();
  if (firings.empty() && passed_over_ < pass_over_max) {
    feed_.passed(last);
    co_return success();
  }
  POSTERN_CO_TRY(co_await context_.store.event_rules().fire(std::move(firings), feed_.consumer(),
                                                            last, context_.env.now()));
  passed_over_ = 0;
  feed_.passed(last);
  wake_.notify();
  co_return success();
}

net::Task<void> EventActions::work() {
  for (;;) {
    const auto pause = co_await start_due();
    if (!pause) log::error("actions of event rules wait: {}", describe(pause.error()));
    co_await wake_.wait(pause ? pause.value() : store_trouble);
  }
}

/// Starts what is due and gives how long nothing else is.
net::Task<Result<Duration>> EventActions::start_due() {
  auto& rules = context_.store.event_rules();
  const auto now = context_.env.now();
  POSTERN_CO_TRY(const auto released, co_await rules.release(now));
  POSTERN_CO_TRY(auto due, co_await rules.due(now, due_max));
  for (auto& run : due) {
    const Lane lane{run.rule, run.action, run.channel};
    if (under_way_.size() >= under_way_max || under_way_.contains(lane)) continue;
    under_way_.insert(lane);
    scope_.spawn(attempt(std::move(run)));
  }
  POSTERN_CO_TRY(const auto next, co_await rules.next_due());
  Duration pause = look_again_max;
  if (released) pause = std::min<Duration>(pause, *released - now);
  // What is due already is under way or waits for its lane: the end of an attempt wakes us.
  if (next && *next > now) pause = std::min<Duration>(pause, *next - now);
  co_return std::max<Duration>(pause, Duration(10));
}

net::Task<void> EventActions::attempt(storage::EventRun run) {
  const Lane lane{run.rule, run.action, run.channel};
  std::vector<NewEvent> events;
  auto carried = co_await carry_out(run, events);
  // Until it is kept: what is not would be done again at once.
  while (carried) {
    const auto kept =
        co_await context_.store.event_rules().record_attempt(run.id, carried.value(), events);
    if (kept) break;
    const auto& code = kept.error().code;
    if (code == storage::errc::not_found || code == storage::errc::wrong_state) break;
    log::error("{}: its end is not kept yet: {}", run.id.str(), describe(kept.error()));
    co_await net::sleep_for(context_.env, store_trouble);
  }
  if (!carried) {
    log::error("{} waits: {}", run.id.str(), describe(carried.error()));
    co_await net::sleep_for(context_.env, store_trouble);
  }
  under_way_.erase(lane);
  wake_.notify();
}

net::Task<Result<storage::RunAttempt>> EventActions::carry_out(const storage::EventRun& run,
                                                               std::vector<NewEvent>& events) {
  const auto now = context_.env.now();
  auto found = co_await context_.store.event_rules().find(run.rule.str());
  if (!found) co_return std::move(found).error();
  const auto& rule = found.value();
  const auto place = static_cast<std::size_t>(run.action);
  if (!rule.value.enabled) co_return dropped(now, "the rule is switched off");
  if (place >= rule.value.then.size()) co_return dropped(now, "the rule was changed");
  const auto& action = rule.value.then[place];
  if (action.type == ActionType::profile) {
    if (run.channel < 0) co_return co_await tell_profile(run, rule);
    const auto profile = co_await context_.store.profiles().find(action.profile);
    if (!profile) co_return dropped(now, "there is no such profile");
    const auto channel = static_cast<std::size_t>(run.channel);
    const auto& channels = profile.value().value.channels;
    if (channel >= channels.size()) co_return dropped(now, "the profile was changed");
    POSTERN_CO_TRY(const auto secrets,
                   co_await context_.store.profiles().secrets(profile.value().value.id));
    co_return co_await tell(run, rule, channels[channel], secrets.at(channel), events);
  }
  POSTERN_CO_TRY(const auto secrets, co_await context_.store.event_rules().secrets(run.rule));
  co_return co_await tell(run, rule, action, secrets.at(place), events);
}

/// One run for each channel of the step, at the end of the quiet hours, and one for the next step.
net::Task<Result<storage::RunAttempt>> EventActions::tell_profile(
    const storage::EventRun& run, const storage::StoredEventRule& rule) {
  const auto now = context_.env.now();
  const auto& name = rule.value.then[static_cast<std::size_t>(run.action)].profile;
  const auto found = co_await context_.store.profiles().find(name);
  if (!found) co_return dropped(now, "there is no such profile");
  const auto& profile = found.value().value;
  if (!profile.enabled) co_return dropped(now, "the profile is switched off");
  const auto step = static_cast<std::size_t>(run.step);
  if (step >= profile.steps.size()) co_return dropped(now, "the profile was changed");
  if (run.step > 0) {
    POSTERN_CO_TRY(const bool settled, co_await is_settled(run));
    if (settled) co_return dropped(now, "it is over, or somebody has taken it up");
  }
  storage::RunAttempt attempt;
  attempt.at = now;
  const auto told = tell_step(profile, step, now);
  for (const auto& [channel, at] : told.channels) {
    auto next = after_run(run, now, at);
    next.channel = static_cast<int>(channel);
    attempt.more.push_back(std::move(next));
  }
  if (told.next) {
    auto next = after_run(run, now, *told.next);
    next.step = run.step + 1;
    attempt.more.push_back(std::move(next));
  }
  co_return attempt;
}

net::Task<Result<storage::RunAttempt>> EventActions::tell(const storage::EventRun& run,
                                                          const storage::StoredEventRule& rule,
                                                          Action action, Secret secret,
                                                          std::vector<NewEvent>& events) {
  auto notice = co_await notice_of(run, rule);
  const auto result = co_await perform(context_, action, std::move(secret), std::move(notice));
  storage::RunAttempt attempt;
  attempt.at = attempt.due = context_.env.now();
  attempt.status = result.status;
  attempt.error = result.error;
  if (!result.ok) {
    const auto delay = result.refused ? std::nullopt : action_delay(run.attempts + 1);
    attempt.state = delay ? storage::RunState::waiting : storage::RunState::failed;
    attempt.due = attempt.at + std::max(delay.value_or(Duration(0)), result.at_least);
    log::warn("event rule {}: {} failed: {}", rule.value.name, to_string(action.type),
              result.error);
  }
  POSTERN_CO_TRY(co_await tell_transition(run, rule, action, result.ok, result.error, events));
  co_return attempt;
}

/// One event when an action begins to fail, one when it works again; none about a run that was set
/// off by such an event, so that alerts never raise alerts without end.
net::Task<Result<void>> EventActions::tell_transition(const storage::EventRun& run,
                                                      const storage::StoredEventRule& rule,
                                                      const Action& action, bool ok,
                                                      const std::string& error,
                                                      std::vector<NewEvent>& events) {
  if (is_alert_trouble(run.event)) co_return success();
  if (!ok && run.attempts > 0) co_return success();  // told at its first try
  POSTERN_CO_TRY(const auto before, co_await context_.store.event_rules().went_well_before(run.id));
  const bool was_failing = before ? !*before : false;
  if (ok == !was_failing && !(ok && run.attempts > 0)) co_return success();
  NewEvent event;
  event.kind = ok ? action_recovered_kind : action_failed_kind;
  event.integration = run.integration;
  event.at = context_.env.now();
  event.message = ok ? "the action works again" : error;
  if (!ok) event.hint = "Look at the runs of the event rule, and test its action.";
  event.data["rule"] = rule.value.id.str();
  event.data["rule_name"] = rule.value.name;
  event.data["action"] = run.action;
  event.data["type"] = to_string(action.type);
  event.data["run"] = run.id.str();
  events.push_back(std::move(event));
  co_return success();
}

/// Whether the next step of a profile is needless: what the event tells of has recovered since, or
/// a person has acknowledged its problem.
net::Task<Result<bool>> EventActions::is_settled(const storage::EventRun& run) {
  if (!run.integration) co_return false;
  storage::ProblemFilter its_own;
  its_own.integration = run.integration;
  storage::PageRequest all;
  all.limit = problems_looked_at_max;
  POSTERN_CO_TRY(const auto problems, co_await context_.store.problems().list(its_own, all));
  for (const auto& problem : problems.items) {
    if (problem.kind == run.event.kind && problem.acknowledged_at) co_return true;
  }
  const auto dot = run.event.kind.find('.');
  storage::EventFilter filter;
  filter.integration = run.integration;
  filter.kind = run.event.kind.substr(0, dot) + ".recovered";
  storage::PageRequest newest;
  newest.limit = 1;
  POSTERN_CO_TRY(const auto found,
                 co_await context_.store.events().list(std::move(filter), std::move(newest)));
  co_return !found.items.empty() && found.items.front().id > run.event.id;
}

net::Task<ActionNotice> EventActions::notice_of(const storage::EventRun& run,
                                                const storage::StoredEventRule& rule) {
  ActionNotice notice;
  notice.id = run.id.str();
  notice.event = run.event;
  notice.facts.rule_id = rule.value.id.str();
  notice.facts.rule_name = rule.value.name;
  notice.facts.held_back = run.held_back;
  notice.facts.held_back_since = run.held_back_since;
  notice.facts.public_url = context_.options.public_url;
  if (run.integration) {
    const auto stored = co_await context_.store.integrations().get(run.integration);
    if (stored) notice.facts.integration_name = stored.value().value.name;
  }
  co_return notice;
}

}  // namespace postern::flows
