// What the monitor makes of events and rows: findings for the book of problems.
#include "core/day_words.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "flows/all_integrations.hpp"
#include "flows/limits.hpp"
#include "flows/monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::flows {
namespace {

constexpr std::array health_classes = {ProblemClass::connection, ProblemClass::login,
                                       ProblemClass::consent, ProblemClass::token,
                                       ProblemClass::transfer};

ProblemClass class_of(std::string_view kind) {
  if (kind.ends_with(".connection_failed")) return ProblemClass::connection;
  if (kind.ends_with(".login_failed")) return ProblemClass::login;
  if (kind == "oauth.consent_needed") return ProblemClass::consent;
  if (kind == "oauth.refresh_failed") return ProblemClass::token;
  return ProblemClass::transfer;
}

bool is_on(const storage::StoredIntegration& stored, Direction direction) {
  const bool incoming = direction == Direction::incoming;
  const auto state = incoming ? stored.status.incoming_state : stored.status.outgoing_state;
  const bool enabled = incoming ? stored.value.incoming.enabled : stored.value.outgoing.enabled;
  return stored.value.enabled && enabled && state != DirectionState::off;
}

ProblemKey key_of(ProblemClass of, IntegrationId integration, std::string_view direction,
                  std::string subject = {}) {
  ProblemKey key;
  key.of = of;
  key.integration = integration;
  key.direction = direction;
  key.subject = std::move(subject);
  return key;
}

/// Whether another problem of this direction is open.
bool knows_why(const ProblemBook& book, ProblemKey key) {
  for (const auto of : health_classes) {
    key.of = of;
    const auto* problem = book.active(key);
    if (problem != nullptr && problem->state != ProblemState::pending) return true;
  }
  return false;
}

/// The end is nearer than so many days.
std::string ends_within(int days) {
  return days <= 1 ? day_words(0) : "less than " + day_words(days);
}

/// Each reminder of a secret's end (token_house) is a stage.
int secret_stage(int reminded_days) {
  if (reminded_days >= 60) return 1;
  if (reminded_days >= 30) return 2;
  return reminded_days >= 7 ? 3 : 4;
}

}  // namespace

/// Only what the rows do not tell: the turns of one that fails and works in between two looks, and
/// what has no row of its own.
void Monitor::take(const Event& event) {
  const std::string_view kind = event.kind;
  if (event.integration) dirty_.insert(event.integration);
  const auto direction =
      to_string(kind.starts_with("smtp.") ? Direction::outgoing : Direction::incoming);
  if (kind.ends_with(".connection_failed") || kind.ends_with(".login_failed")) {
    Finding finding;
    finding.key = key_of(class_of(kind), event.integration, direction);
    if (book_.active(finding.key) != nullptr) return;
    finding.kind = event.kind;
    finding.server = event.server;
    finding.login = event.login;
    finding.message = event.message;
    finding.hint = event.hint;
    finding.over = false;
    book_.find(finding, now());
  } else if (kind.ends_with(".recovered")) {
    for (const auto of : health_classes) {
      Finding well;
      well.key = key_of(of, event.integration, direction);
      well.failing = false;
      book_.find(well, now());
    }
  } else if (kind == "target.disabled") {
    Finding finding;
    const auto subject = json_text(event.data, "target");
    finding.key = key_of(ProblemClass::target, event.integration, "", subject);
    finding.kind = event.kind;
    finding.title = subject;
    finding.message = event.message;
    finding.hint = event.hint;
    book_.find(finding, now());
  } else if (kind == "handover.parked" || kind == "message.quarantined" ||
             kind == "secret.expiring" || kind == "integration.enabled") {
    sweep_due_ = true;
  }
}

void Monitor::take_channel(const std::string& channel, bool ok, std::string detail) {
  Finding finding;
  finding.key = key_of(ProblemClass::channel, {}, "", channel);
  const auto* known = book_.active(finding.key);
  if (ok && known == nullptr) return;
  finding.kind = "notice.unsent";
  finding.title = "notices by " + channel;
  finding.message = std::move(detail);
  finding.hint = channel == mail_channel
                     ? "See to the default integration, or give a transport in [alerts]."
                     : "See to this channel of the profile; its test tells more.";
  finding.failing = !ok;
  finding.count = known == nullptr ? 1 : known->count + 1;
  book_.find(finding, now());
  feed_.stir();
  channels_.notify();
}

void Monitor::drop_direction(IntegrationId id, const std::string& direction) {
  for (const auto of : health_classes) book_.drop(key_of(of, id, direction), now());
  book_.drop(key_of(ProblemClass::stale, id, direction), now());
}

void Monitor::take_direction(const storage::StoredIntegration& stored, Direction direction) {
  const auto& value = stored.value;
  const auto& status = stored.status;
  const bool incoming = direction == Direction::incoming;
  const auto name = std::string(to_string(direction));
  if (!is_on(stored, direction)) {
    drop_direction(value.id, name);
    return;
  }
  const auto state = incoming ? status.incoming_state : status.outgoing_state;
  const int errors =
      incoming ? status.consecutive_incoming_errors : status.consecutive_outgoing_errors;
  const auto& last = incoming ? status.last_incoming_error : status.last_outgoing_error;
  const bool disabled = state == DirectionState::disabled;
  const bool consent = state == DirectionState::needs_consent;
  Finding finding;
  finding.title = value.name;
  finding.failing = (errors > 0 || disabled || consent) && last.has_value();
  if (!finding.failing) {
    // One that waits has not shown yet that it works; one that is still said to fail has, but not
    // for long enough.
    if (state != DirectionState::ok) return;
    for (const auto of : health_classes) {
      finding.key = key_of(of, value.id, name);
      book_.find(finding, now());
    }
    return;
  }
  const auto& server = incoming ? value.incoming.server : value.outgoing.server;
  finding.key = key_of(class_of(last->kind), value.id, name);
  finding.kind = last->kind;
  finding.server = server.host;
  finding.login = incoming ? value.incoming.auth.username : value.outgoing.auth.username;
  finding.message = last->message;
  finding.hint = last->hint;
  finding.count = std::max(errors, 1);
  const int notify_after = value.monitoring.notify_after.value_or(settings_.notify_after);
  finding.over = errors >= notify_after || consent;
  finding.disabled = disabled;
  book_.find(finding, now());
}

void Monitor::take_status(const storage::StoredIntegration& stored) {
  take_direction(stored, Direction::incoming);
  take_direction(stored, Direction::outgoing);
}

/// No check has succeeded for too long, by the steady clock and whatever the counters say.
void Monitor::take_stale(const storage::StoredIntegration& stored) {
  const auto& incoming = stored.value.incoming;
  const auto& status = stored.status;
  const auto key = key_of(ProblemClass::stale, stored.value.id, "incoming");
  const auto state = status.incoming_state;
  if (!is_on(stored, Direction::incoming) || state == DirectionState::disabled ||
      state == DirectionState::needs_consent) {
    successes_.erase(stored.value.id);
    book_.drop(key, now());
    return;
  }
  const bool idles = incoming.mode == IncomingMode::idle && incoming.protocol == "imap";
  Duration interval = incoming.poll_interval;
  if (idles) interval = std::max<Duration>(interval, limits::idle_renewal);
  const Duration patience = std::max(interval * settings_.stale_after, limits::stale_min);
  const auto steady = context_.env.steady();
  const auto [found, fresh] = successes_.try_emplace(stored.value.id);
  Success& success = found->second;
  if (fresh) {
    // What passed before this life counts, but for one interval in which it may show itself.
    const Duration before = now() - status.last_successful_check.value_or(now());
    success.seen = steady - std::clamp<Duration>(before, Duration(0), patience - interval);
    success.at = status.last_successful_check;
  } else if (success.at != status.last_successful_check) {
    success = {status.last_successful_check, steady, 0};
  }
  Finding finding;
  finding.key = key;
  finding.failing = steady - success.seen >= patience;
  // Where it is known why, that is the problem; one that had begun before goes on.
  if (book_.active(key) == nullptr && knows_why(book_, key)) return;
  if (finding.failing) {
    finding.kind = "integration.stale";
    finding.title = stored.value.name;
    finding.server = incoming.server.host;
    finding.login = incoming.auth.username;
    finding.count = static_cast<int>((steady - success.seen) / interval);
    finding.message =
        fmt::format("no check has succeeded for {} min", (steady - success.seen).count() / 60'000);
    finding.hint = "See its activity and its last error; Check now tries it at once.";
    if (book_.active(key) == nullptr) {
      NewEvent event;
      event.kind = finding.kind;
      event.integration = stored.value.id;
      event.at = now();
      event.server = finding.server;
      event.port = incoming.server.port;
      event.login = finding.login;
      event.message = finding.message;
      event.hint = finding.hint;
      events_.push_back(std::move(event));
    }
  }
  book_.find(finding, now());
}

net::Task<Result<void>> Monitor::look_at_dirty() {
  if (sweep_due_) {
    dirty_.clear();
    co_return success();
  }
  const auto dirty = std::exchange(dirty_, {});
  std::size_t there = 0;
  const auto take = [&](const storage::StoredIntegration& stored) {
    take_status(stored);
    ++there;
  };
  std::vector<IntegrationId> ids(dirty.begin(), dirty.end());
  POSTERN_CO_TRY(
      co_await for_each_integration(context_.store.integrations(), std::move(ids), take));
  if (there < dirty.size()) sweep_due_ = true;  // the others were removed
  co_return success();
}

void Monitor::drop_removed(const std::set<IntegrationId>& there) {
  std::vector<ProblemKey> gone;
  for (const auto& [key, problem] : book_.problems()) {
    if (key.integration && problem.active() && !there.contains(key.integration))
      gone.push_back(key);
  }
  for (const auto& key : gone) book_.drop(key, now());
  std::erase_if(successes_, [&](const auto& entry) { return !there.contains(entry.first); });
}

net::Task<Result<void>> Monitor::sweep() {
  POSTERN_CO_TRY(const auto quarantined, co_await context_.store.problems().quarantined());
  std::size_t directions = 0;
  std::set<IntegrationId> there;
  CertificateUsers users;
  const auto take = [&](const storage::StoredIntegration& stored) {
    there.insert(stored.value.id);
    add_users(users, stored);
    take_status(stored);
    take_stale(stored);
    const auto state = stored.status.incoming_state;
    const bool tried = state != DirectionState::disabled && state != DirectionState::needs_consent;
    if (is_on(stored, Direction::incoming) && tried) ++directions;
    const auto found = quarantined.find(stored.value.id);
    Finding finding;
    finding.key = key_of(ProblemClass::quarantine, stored.value.id, "incoming");
    finding.failing = found != quarantined.end();
    finding.kind = "message.quarantined";
    finding.title = stored.value.name;
    finding.count = finding.failing ? found->second : 0;
    finding.message = fmt::format("{} mails are in quarantine", finding.count);
    finding.hint = "Look at them in the quarantine: take them again, or ignore them.";
    book_.find(finding, now());
  };
  POSTERN_CO_TRY(co_await for_each_integration(context_.store.integrations(), take));
  directions_ = directions;
  drop_removed(there);
  look_at_disk();
  POSTERN_CO_TRY(co_await sweep_certificates(users));
  const auto steady = context_.env.steady();
  if (steady - forgot_ >= std::chrono::hours(24) || forgot_ == Duration(0)) {
    forgot_ = steady;
    POSTERN_CO_TRY(co_await context_.store.problems().forget(now() - limits::problems_kept));
  }
  co_return co_await sweep_others();
}

/// Targets and OAuth apps.
net::Task<Result<void>> Monitor::sweep_others() {
  POSTERN_CO_TRY(const auto targets, co_await context_.store.targets().list());
  POSTERN_CO_TRY(const auto parked, co_await context_.store.problems().parked());
  POSTERN_CO_TRY(const auto apps, co_await context_.store.oauth().apps());
  std::set<std::string> disabled, parking, expiring;
  for (const auto& target : targets) {
    if (!target.value.enabled) disabled.insert(target.value.name);
    const auto found = parked.find(target.value.id);
    if (found == parked.end()) continue;
    parking.insert(target.value.name);
    Finding finding;
    finding.key = key_of(ProblemClass::handover, {}, "", target.value.name);
    finding.kind = "handover.parked";
    finding.title = "target " + target.value.name;
    finding.count = found->second;
    finding.message =
        fmt::format("{} mails were not taken for three days and wait for a person", found->second);
    finding.hint = "Mend the target, then retry its hand-overs.";
    book_.find(finding, now());
  }
  for (const auto& app : apps) {
    if (!app.reminded_days) continue;
    expiring.insert(app.value.id.str());
    Finding finding;
    finding.key = key_of(ProblemClass::secret, {}, "", app.value.id.str());
    finding.kind = "secret.expiring";
    finding.title = "OAuth app " + app.value.name;
    finding.message = "its secret ends in " + ends_within(*app.reminded_days);
    finding.count = secret_stage(*app.reminded_days);
    finding.hint = "Make a new secret or certificate at the provider and give it to the app here.";
    book_.find(finding, now());
  }
  std::vector<ProblemKey> over;
  for (const auto& [key, problem] : book_.problems()) {
    if (!problem.active() || !problem.failing) continue;
    const bool ended = (key.of == ProblemClass::handover && !parking.contains(key.subject)) ||
                       (key.of == ProblemClass::target && !disabled.contains(key.subject)) ||
                       (key.of == ProblemClass::secret && !expiring.contains(key.subject));
    if (ended) over.push_back(key);
  }
  for (const auto& key : over) {
    Finding well;
    well.key = key;
    well.failing = false;
    book_.find(well, now());
  }
  co_return success();
}

void Monitor::look_at_disk() {
  const auto space = context_.store.disk_space();
  if (!space || !space.value()) return;
  const auto& room = *space.value();
  Finding finding;
  finding.key = key_of(ProblemClass::space, {}, "");
  finding.failing = room.free_bytes < limits::space_low_bytes &&
                    room.free_bytes < room.total_bytes / 100 * limits::space_low_percent;
  finding.kind = "spool.low_space";
  finding.title = "the disk of the data directory";
  finding.message = fmt::format("{} MiB are free", room.free_bytes / 1024 / 1024);
  finding.hint = "Make room, or lower the retention; when it is full, mails are refused.";
  if (finding.failing && book_.active(finding.key) == nullptr) {
    NewEvent event;
    event.kind = finding.kind;
    event.at = now();
    event.message = finding.message;
    event.hint = finding.hint;
    events_.push_back(std::move(event));
  }
  book_.find(finding, now());
}

}  // namespace postern::flows
