#include "flows/status_board.hpp"

#include "core/log.hpp"
#include "flows/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

DirectionState& state_of(IntegrationStatus& status, Direction direction) {
  return direction == Direction::incoming ? status.incoming_state : status.outgoing_state;
}

int& errors_of(IntegrationStatus& status, Direction direction) {
  return direction == Direction::incoming ? status.consecutive_incoming_errors
                                          : status.consecutive_outgoing_errors;
}

std::optional<LastError>& last_error_of(IntegrationStatus& status, Direction direction) {
  return direction == Direction::incoming ? status.last_incoming_error : status.last_outgoing_error;
}

LastError record_of(const Error& error, std::string step, const Verdict& verdict, Instant at) {
  LastError record;
  record.at = at;
  record.kind = verdict.kind;
  record.step = std::move(step);
  record.message = describe(error);
  record.hint = verdict.hint;
  return record;
}

std::string_view to_string(Security security) {
  switch (security) {
    case Security::tls:
      return "tls";
    case Security::starttls:
      return "starttls";
    case Security::none:
      return "none";
  }
  return "";
}

}  // namespace

StatusBoard::StatusBoard(Context& context, const Integration& integration, IntegrationStatus status,
                         Journal& journal)
    : context_(context),
      integration_(integration),
      status_(std::move(status)),
      journal_(journal),
      check_began_(context.env.steady()) {
  for (const auto direction : {Direction::incoming, Direction::outgoing}) {
    Health& restored = health(direction);
    restored.failures = errors_of(status_, direction);
    const auto& last = last_error_of(status_, direction);
    if (last && last->kind.ends_with(".login_failed")) restored.refusals = restored.failures;
    if (restored.failures >= policy().notify_after) restored.standing = Standing::failing;
    if (disabled(direction)) restored.standing = Standing::disabled;
    publish(direction);
  }
}

Health& StatusBoard::health(Direction direction) {
  return direction == Direction::incoming ? incoming_ : outgoing_;
}

/// The integration's own threshold holds for whatever disables it; those of the moment come before
/// those of the start.
HealthPolicy StatusBoard::policy() const {
  const auto& live = *context_.thresholds;
  const auto& configured = context_.options;
  const auto either = [](int now, int at_start) { return now > 0 ? now : at_start; };
  const auto& own = integration_.monitoring;
  HealthPolicy result;
  result.notify_after =
      own.notify_after.value_or(either(live.notify_after, configured.notify_after));
  const int disable_after = either(live.disable_after, configured.disable_after);
  const int logins = either(live.login_disable_after, configured.monitoring.login_disable_after);
  result.disable_after = own.disable_after.value_or(disable_after);
  result.login_disable_after = own.disable_after.value_or(std::min(logins, disable_after));
  result.recover_after = either(live.recover_after, configured.recover_after);
  return result;
}

namespace {

constexpr std::string_view consent_kind = "oauth.consent_needed";

/// Whether people know already: one direction has told it and has not worked since.
bool consent_told(const IntegrationStatus& status) {
  const auto told = [](DirectionState state, const std::optional<LastError>& last) {
    const bool down = state == DirectionState::failing || state == DirectionState::needs_consent;
    return down && last && last->kind == consent_kind;
  };
  return told(status.incoming_state, status.last_incoming_error) ||
         told(status.outgoing_state, status.last_outgoing_error);
}

/// Why nobody may log in so before a person has authorised; nothing when they may.
net::Task<std::optional<std::string>> consent_missing(Context& context, Auth auth) {
  if (auth.method != AuthMethod::oauth2) co_return std::nullopt;
  const auto id = auth.grant ? OAuthGrantId::parse(*auth.grant) : std::nullopt;
  if (!id) co_return "there is no grant for this login";
  const auto grant = co_await context.store.oauth().grant(*id);
  if (grant && grant.value().state == GrantState::needs_consent) {
    co_return "the authorization server refuses the grant: " + grant.value().trouble;
  }
  const bool gone = !grant && grant.error().code == storage::errc::not_found;
  if (gone) co_return "the grant of this login is gone";
  co_return std::nullopt;
}

}  // namespace

/// One event, whether one direction came to need consent or both.
void StatusBoard::need_consent(Direction direction, std::string why,
                               std::vector<NewEvent>& events) {
  if (state_of(status_, direction) == DirectionState::needs_consent) return;
  const bool told = consent_told(status_);
  state_of(status_, direction) = DirectionState::needs_consent;
  LastError record;
  record.at = context_.env.now();
  record.kind = consent_kind;
  record.step = "token";
  record.message = why;
  record.hint = "Authorise the integration at its provider.";
  if (events.empty() && !told) {
    events.push_back(event(record.kind, direction, std::move(why), record.hint));
  }
  last_error_of(status_, direction) = std::move(record);
}

net::Task<void> StatusBoard::begin() {
  const auto former = std::pair(status_.incoming_state, status_.outgoing_state);
  std::vector<NewEvent> events;
  for (const auto direction : {Direction::incoming, Direction::outgoing}) {
    const bool incoming = direction == Direction::incoming;
    const bool on = integration_.enabled &&
                    (incoming ? integration_.incoming.enabled : integration_.outgoing.enabled);
    auto& state = state_of(status_, direction);
    const bool asleep = state == DirectionState::off || state == DirectionState::needs_consent;
    std::optional<std::string> missing;
    if (on) {
      Auth auth = incoming ? integration_.incoming.auth : integration_.outgoing.auth;
      missing = co_await consent_missing(context_, std::move(auth));
    }
    if (!on) {
      state = DirectionState::off;
    } else if (missing) {
      need_consent(direction, std::move(*missing), events);
    } else if (asleep) {
      state = DirectionState::waiting;
    }
    publish(direction);
  }
  // Unchanged is the usual case at a start: a thousand integrations need no thousand commits.
  if (former == std::pair(status_.incoming_state, status_.outgoing_state)) co_return;
  co_await keep(std::move(events));
}

bool StatusBoard::may_run(Direction direction) const {
  const auto state =
      direction == Direction::incoming ? status_.incoming_state : status_.outgoing_state;
  return state != DirectionState::off && state != DirectionState::disabled &&
         state != DirectionState::needs_consent;
}

bool StatusBoard::disabled(Direction direction) const {
  return (direction == Direction::incoming ? status_.incoming_state : status_.outgoing_state) ==
         DirectionState::disabled;
}

int StatusBoard::failures(Direction direction) const {
  return direction == Direction::incoming ? status_.consecutive_incoming_errors
                                          : status_.consecutive_outgoing_errors;
}

NewEvent StatusBoard::event(std::string kind, Direction direction, std::string message,
                            std::string hint) {
  const bool incoming = direction == Direction::incoming;
  const auto& server = incoming ? integration_.incoming.server : integration_.outgoing.server;
  NewEvent event;
  event.kind = std::move(kind);
  event.integration = integration_.id;
  event.at = context_.env.now();
  event.server = server.host;
  event.port = server.port;
  event.login =
      incoming ? integration_.incoming.auth.username : integration_.outgoing.auth.username;
  event.security = to_string(server.security);
  event.message = std::move(message);
  event.hint = std::move(hint);
  return event;
}

void StatusBoard::check_began() {
  check_began_ = context_.env.steady();
  stored_ = 0;
}

void StatusBoard::tell_check() {
  const auto stored = std::exchange(stored_, 0);
  boost::json::object data;
  data["ms"] = (context_.env.steady() - check_began_).count();
  data["stored"] = stored;
  context_.metrics.check_took(context_.env.steady() - check_began_);
  journal_.note("check.succeeded", stored == 0 ? "nothing new" : fmt::format("{} stored", stored),
                std::move(data));
  check_began_ = context_.env.steady();
}

Transcript StatusBoard::transcript(Direction direction, Line& line, std::string message) {
  const bool incoming = direction == Direction::incoming;
  Transcript transcript;
  transcript.at = context_.env.now();
  transcript.protocol = incoming ? integration_.incoming.protocol : "smtp";
  transcript.direction = postern::flows::to_string(direction);
  transcript.step = line.step();
  transcript.message = std::move(message);
  transcript.lines = line.transcript();
  return transcript;
}

void StatusBoard::keep_transcript(Direction direction, Line& line, const Error& error) {
  auto said = transcript(direction, line, describe(error));
  if (said.lines.empty()) return;  // no session: the store was in trouble
  context_.store.activity().keep_transcript(integration_.id, std::move(said));
}

net::Task<void> StatusBoard::check_succeeded() {
  tell_check();
  stalled_ = false;
  const Instant now = context_.env.now();
  status_.last_check = now;
  status_.last_successful_check = now;
  context_.metrics.check(integration_.name, "incoming", "ok");
  context_.metrics.checks().note(integration_.id, true, {now, true});
  context_.metrics.last_check(integration_.name, "incoming", now);
  context_.metrics.last_success(integration_.name, "incoming", now);
  co_await recovered(Direction::incoming);
}

net::Task<void> StatusBoard::check_failed(Error error, std::string step, Verdict verdict) {
  status_.last_check = context_.env.now();
  context_.metrics.check(integration_.name, "incoming", "failed");
  context_.metrics.checks().note(integration_.id, true, {*status_.last_check, false});
  context_.metrics.last_check(integration_.name, "incoming", *status_.last_check);
  co_await failed(Direction::incoming, std::move(error), std::move(step), std::move(verdict));
}

net::Task<void> StatusBoard::check_stalled(Error error, std::string step, Verdict verdict) {
  if (std::exchange(stalled_, true) || failures(Direction::incoming) > 0) {
    co_await check_failed(std::move(error), std::move(step), std::move(verdict));
    co_return;
  }
  status_.last_check = context_.env.now();
  status_.last_incoming_error = record_of(error, std::move(step), verdict, *status_.last_check);
  status_.incoming_state = DirectionState::waiting;
  publish(Direction::incoming);
  co_await keep({});
}

void StatusBoard::mail_stored(std::size_t count) {
  stored_ += count;
  status_.last_successful_incoming = context_.env.now();
  context_.metrics.messages_stored(count);
}

net::Task<void> StatusBoard::mail_sent() {
  const Instant now = context_.env.now();
  const bool first_in_a_while = !status_.last_successful_outgoing ||
                                now - *status_.last_successful_outgoing > std::chrono::seconds(1);
  status_.last_successful_outgoing = now;
  context_.metrics.last_success(integration_.name, "outgoing", now);
  context_.metrics.checks().note(integration_.id, false, {now, true});
  // A burst of mails keeps its time once a second, not once a mail.
  if (failures(Direction::outgoing) == 0 && status_.outgoing_state == DirectionState::ok &&
      !first_in_a_while) {
    co_return;
  }
  co_await recovered(Direction::outgoing);
}

net::Task<void> StatusBoard::send_failed(Error error, std::string step, Verdict verdict) {
  context_.metrics.checks().note(integration_.id, false, {context_.env.now(), false});
  co_await failed(Direction::outgoing, std::move(error), std::move(step), std::move(verdict));
}

net::Task<void> StatusBoard::notice_failed(Error error, std::string step, Verdict verdict) {
  const auto now = context_.env.now();
  context_.metrics.checks().note(integration_.id, false, {now, false});
  auto record = record_of(error, std::move(step), verdict, now);
  log::warn("{} outgoing failed for a notice at {}: {}", integration_.name, record.step,
            record.message);
  boost::json::object data;
  data["step"] = record.step;
  data["notice"] = true;
  journal_.note(record.kind, record.message, std::move(data));
  // What users' mail met is the reason of a state; a notice's does not take its place.
  if (failures(Direction::outgoing) > 0) co_return;
  status_.last_outgoing_error = std::move(record);
  co_await keep({});
}

net::Task<void> StatusBoard::recovered(Direction direction) {
  const int errors = errors_of(status_, direction);
  // A server that asked for patience had us waiting, with its words as the reason.
  const bool failing = state_of(status_, direction) == DirectionState::failing ||
                       (state_of(status_, direction) == DirectionState::waiting && errors > 0);
  Health& now = health(direction);
  now = after(now, Outcome::ok, context_.env.now(), policy());
  errors_of(status_, direction) = now.failures;
  std::vector<NewEvent> events;
  if (now.standing == Standing::healthy) {
    state_of(status_, direction) = DirectionState::ok;
    const auto protocol =
        direction == Direction::incoming ? integration_.incoming.protocol : std::string("smtp");
    if (failing) {
      events.push_back(event(protocol + ".recovered", direction,
                             fmt::format("works again after {} consecutive errors", errors), ""));
    }
  }
  publish(direction);
  co_await keep(std::move(events));
}

net::Task<void> StatusBoard::failed(Direction direction, Error error, std::string step,
                                    Verdict verdict) {
  auto& last = last_error_of(status_, direction);
  const bool news = errors_of(status_, direction) == 0 || !last || last->kind != verdict.kind;
  auto record = record_of(error, std::move(step), verdict, context_.env.now());
  log::warn("{} {} failed at {}: {}", integration_.name, postern::flows::to_string(direction),
            record.step, record.message);
  std::vector<NewEvent> events;
  const bool told = verdict.kind == consent_kind && consent_told(status_);
  if (verdict.told_elsewhere || (news && told)) {
    // Nothing here: it is told once for all whom it concerns.
  } else if (news) {
    events.push_back(event(verdict.kind, direction, record.message, verdict.hint));
  } else {
    // Not told again as an event; the activity counts it.
    boost::json::object data;
    data["step"] = record.step;
    journal_.note(verdict.kind, record.message, std::move(data));
  }
  Health& now = health(direction);
  const auto counted = verdict.third_party ? Outcome::throttled : verdict.outcome;
  now = after(now, counted, record.at, policy());
  errors_of(status_, direction) = now.failures;
  const bool waits = verdict.outcome == Outcome::throttled && !verdict.third_party;
  state_of(status_, direction) = waits ? DirectionState::waiting : DirectionState::failing;
  if (now.standing == Standing::disabled) {
    state_of(status_, direction) = DirectionState::disabled;
    status_.disabled_reason = fmt::format("{} consecutive {} errors; the last: {}", now.failures,
                                          postern::flows::to_string(direction), record.message);
    events.push_back(event("integration.disabled", direction, *status_.disabled_reason,
                           "Mend the cause, then enable it again."));
  }
  last = std::move(record);
  publish(direction);
  co_await keep(std::move(events));
}

void StatusBoard::publish(Direction direction) {
  context_.metrics.consecutive_errors(integration_.name, postern::flows::to_string(direction),
                                      failures(direction));
  context_.metrics.state(integration_.name, postern::flows::to_string(direction),
                         state_of(status_, direction));
}

net::Task<void> StatusBoard::keep(std::vector<NewEvent> events) {
  auto kept = co_await context_.store.integrations().record_status(integration_.id, status_,
                                                                   std::move(events));
  // The flows go on: the next change is written with all of the status again.
  if (!kept)
    log::error("{}: its status was not kept: {}", integration_.name, describe(kept.error()));
  const auto counted =
      std::pair(status_.consecutive_incoming_errors, status_.consecutive_outgoing_errors);
  const auto states = std::pair(status_.incoming_state, status_.outgoing_state);
  const bool news = std::exchange(told_errors_, counted) != counted ||
                    std::exchange(told_states_, states) != states;
  if (news) context_.status_changed(integration_.id);
}

}  // namespace postern::flows
