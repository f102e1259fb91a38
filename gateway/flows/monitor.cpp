// The monitor's life; monitor_findings.cpp has what it makes of events and rows.
#include "flows/monitor.hpp"

#include "core/log.hpp"
#include "flows/hub.hpp"
#include "flows/notice_text.hpp"
#include "flows/take_up.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

namespace json = boost::json;

constexpr Duration after_trouble = std::chrono::seconds(1);

/// Whether it is the integration's own access that fails, so that no notice should go by it.
bool is_of_access(ProblemClass of) {
  switch (of) {
    case ProblemClass::connection:
    case ProblemClass::login:
    case ProblemClass::consent:
    case ProblemClass::token:
    case ProblemClass::transfer:
    case ProblemClass::stale:
    case ProblemClass::network:
      return true;
    case ProblemClass::quarantine:
    case ProblemClass::handover:
    case ProblemClass::target:
    case ProblemClass::certificate:
    case ProblemClass::secret:
    case ProblemClass::space:
    case ProblemClass::channel:
      return false;
  }
  return true;
}

/// What a notice must not go by: what fails of all that it tells of, but when it works again.
json::array avoided_of(const postern::Notice& notice) {
  json::array avoided;
  if (notice.kind == NoticeKind::recovered) return avoided;
  for (const auto& problem : notice.problems) {
    if (!is_of_access(problem.key.of)) continue;
    json::object each;
    if (problem.key.integration) each["integration"] = problem.key.integration.str();
    each["server"] = problem.server;
    each["login"] = problem.login;
    each["direction"] = problem.key.direction;
    avoided.push_back(std::move(each));
  }
  return avoided;
}

storage::NewNotice worded(const postern::Notice& notice, const MonitoringSettings& settings,
                          Instant now, const std::string& public_url) {
  auto text = notice_text(notice, settings, now, public_url);
  storage::NewNotice made;
  made.kind = notice.kind;
  made.at = now;
  for (const auto& problem : notice.problems) made.problems.push_back(problem.key);
  made.thread = notice.thread;
  made.subject = std::move(text.subject);
  made.text = std::move(text.text);
  made.data = std::move(text.data);
  made.data["avoid"] = avoided_of(notice);
  json::array channels;
  for (const auto& problem : notice.problems) {
    if (problem.key.of == ProblemClass::channel) channels.emplace_back(problem.key.subject);
  }
  if (!channels.empty()) made.data["channels"] = std::move(channels);
  for (const auto& profile : settings.profiles) {
    if (const auto id = ProfileId::parse(profile)) made.profiles.push_back(*id);
  }
  return made;
}

}  // namespace

MonitoringSettings configured(const FlowOptions& options) {
  auto settings = options.monitoring;
  settings.notify_after = options.notify_after;
  settings.disable_after = options.disable_after;
  settings.recover_after = options.recover_after;
  return settings;
}

Monitor::Monitor(Hub& hub, Context& context, boost::asio::any_io_executor executor)
    : hub_(hub),
      context_(context),
      feed_(context.env, context.store.events(), executor, "monitor"),
      post_(hub, context, executor,
            [this](const std::string& channel, bool ok, std::string detail) {
              take_channel(channel, ok, std::move(detail));
            }),
      channels_(context, executor,
                [this](const std::string& channel, bool ok, std::string detail) {
                  take_channel(channel, ok, std::move(detail));
                }),
      configured_(configured(context.options)),
      settings_(configured_),
      scope_(std::move(executor)) {}

void Monitor::start() {
  scope_.spawn(run());
  scope_.spawn(post_.run());
  channels_.start();
}

net::Task<void> Monitor::stop() {
  scope_.stop();
  co_await channels_.stop();
  co_await scope_.join();
}

void Monitor::note(IntegrationId id) {
  dirty_.insert(id);
  feed_.stir();
}

void Monitor::settings_changed() {
  refresh_due_ = true;
  sweep_due_ = true;
  feed_.stir();
}

net::Task<Result<Problem>> Monitor::acknowledge(ProblemId id, std::string by) {
  if (!book_.acknowledge(id, by, now())) {
    co_return Error{storage::errc::not_found, "there is no such problem, or it is closed"};
  }
  co_await keep(std::nullopt);
  co_return co_await context_.store.problems().get(id);
}

/// The rows of the last life; tried until they are read.
net::Task<void> Monitor::begin() {
  wall_ = now();
  steady_ = context_.env.steady();
  for (;;) {
    auto rows = co_await context_.store.problems().recent(now() - std::chrono::hours(24));
    if (rows) {
      book_ = ProblemBook(std::move(rows).value());
      co_return;
    }
    log::error("the problems were not read: {}", describe(rows.error()));
    co_await net::sleep_for(context_.env, after_trouble);
  }
}

/// A wall clock that was set moves what was at a time, so that all pauses stay what they were.
void Monitor::follow_clock() {
  const auto wall = now();
  const auto steady = context_.env.steady();
  const Duration jump = (wall - wall_) - (steady - steady_);
  wall_ = wall;
  steady_ = steady;
  if (jump < limits::clock_jump && jump > -limits::clock_jump) return;
  log::warn("the clock was set by {} s", jump.count() / 1000);
  book_.shift(jump);
}

net::Task<Result<void>> Monitor::refresh() {
  POSTERN_CO_TRY(const auto stored, co_await context_.store.settings().get());
  FieldProblems problems;
  settings_ = changed_settings(configured_, stored.changed, problems);
  for (const auto& problem : problems) {
    log::warn("setting {}: {}", problem.pointer, problem.detail);
  }
  habits_ = habits_of(stored.changed);
  habits_since_ = stored.modified_at;
  auto& thresholds = *context_.thresholds;
  thresholds.notify_after = settings_.notify_after;
  thresholds.disable_after = settings_.disable_after;
  thresholds.login_disable_after = settings_.login_disable_after;
  thresholds.recover_after = settings_.recover_after;
  post_.set_recipients(settings_.recipients);
  POSTERN_CO_TRY(const auto silences, co_await context_.store.silences().list());
  silences_.clear();
  for (const auto& each : silences) silences_.push_back(each.value);
  POSTERN_CO_TRY(co_await find_ways());
  refresh_due_ = false;
  co_return success();
}

net::Task<Result<void>> Monitor::find_ways() {
  ways_.clear();
  if (!settings_.recipients.empty()) ways_.insert(std::string(mail_channel));
  for (const auto& id : settings_.profiles) {
    const auto found = co_await context_.store.profiles().find(id);
    if (!found && found.error().code != storage::errc::not_found) co_return found.error();
    if (!found || !found.value().value.enabled) continue;
    const auto& profile = found.value().value;
    for (std::size_t i = 0; i < profile.channels.size(); ++i) ways_.insert(told_name(profile, i));
  }
  co_return success();
}

/// Whether the trouble of one channel can be told by another.
bool Monitor::has_other_way(const Problem& problem) const {
  return std::any_of(ways_.begin(), ways_.end(),
                     [&](const auto& way) { return way != problem.key.subject; });
}

net::Task<void> Monitor::run() {
  co_await begin();
  for (;;) {
    Duration patience = limits::monitor_sweep;
    if (const auto at = book_.look_again()) {
      patience = std::clamp<Duration>(*at - now(), Duration(1), patience);
    }
    if (refresh_due_ || sweep_due_ || !dirty_.empty()) patience = Duration(1);
    auto events = co_await feed_.next(patience);
    if (!events) {
      log::error("the event log was not read: {}", describe(events.error()));
      co_await net::sleep_for(context_.env, after_trouble);
      continue;
    }
    follow_clock();
    Result<void> done = success();
    if (refresh_due_) done = co_await refresh();
    for (const auto& event : events.value()) take(event);
    if (done) done = co_await look_at_dirty();
    const auto steady = context_.env.steady();
    if (done && (sweep_due_ || steady - swept_ >= limits::monitor_sweep)) {
      sweep_due_ = false;
      swept_ = steady;
      done = co_await sweep();
      if (done) done = co_await keep_calendar();
    }
    if (!done) {
      // What was taken so far stays in the book; the rows are read again.
      log::error("the monitor could not read: {}", describe(done.error()));
      sweep_due_ = true;
      co_await net::sleep_for(context_.env, after_trouble);
    }
    std::optional<EventId> last;
    if (!events.value().empty()) last = events.value().back().id;
    co_await keep(last);
  }
}

/// Settles the book and keeps what came of it; tried until it is kept.
net::Task<void> Monitor::keep(std::optional<EventId> last) {
  AlertSurroundings around;
  around.directions = directions_;
  const auto at = now();
  around.silenced = [this, at](const Problem& problem) {
    return std::any_of(silences_.begin(), silences_.end(), [&](const Silence& silence) {
      return in_force(silence, at) && matches(silence, problem);
    });
  };
  around.other_way = [this](const Problem& problem) { return has_other_way(problem); };
  const auto notices = book_.settle(alert_policy(settings_), around, at);
  storage::AlertChanges changes;
  changes.problems = book_.take_changed();
  changes.events = std::exchange(events_, {});
  changes.consumer = feed_.consumer();
  if (last) place_ = last;
  if (last) feed_.passed(*last);
  for (const auto& notice : notices) {
    auto& made =
        changes.notices.emplace_back(worded(notice, settings_, at, context_.options.public_url));
    if (context_.options.public_url.empty()) continue;
    made.data[take_up_field] =
        fmt::format("{:016x}{:016x}", context_.env.random(), context_.env.random());
  }
  // A place alone is kept with the next change: what comes again changes nothing.
  if (changes.problems.empty() && changes.events.empty()) co_return;
  changes.last = place_;
  for (;;) {
    auto copy = changes;
    auto kept = co_await context_.store.problems().keep(std::move(copy));
    if (kept) {
      for (const auto& [key, id] : kept.value().ids) book_.kept(key, id);
      break;
    }
    log::error("problems were not kept: {}", describe(kept.error()));
    co_await net::sleep_for(context_.env, after_trouble);
  }
  for (const auto& notice : changes.notices) log::warn("notice: {}", notice.subject);
  if (changes.notices.empty()) co_return;
  post_.notify();
  channels_.notify();
}

}  // namespace postern::flows
