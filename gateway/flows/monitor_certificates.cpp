// When certificates end: of the mail servers, as connections see them (metrics has the last of
// each), and our own, as they are served. Each stage is an event once: the stage stands in the
// problem, which is kept with the event.
#include "core/day_words.hpp"
#include "core/log.hpp"
#include "flows/hub.hpp"
#include "flows/metrics.hpp"
#include "flows/monitor.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace postern::flows {
namespace {

constexpr std::array stages = {std::chrono::days(30), std::chrono::days(14), std::chrono::days(7),
                               std::chrono::days(1)};

void add_user(CertificateUsers& users, const storage::StoredIntegration& stored,
              const ServerAddress& server, bool enabled, DirectionState state) {
  if (!stored.value.enabled || !enabled || server.security == Security::none) return;
  auto& user = users[server.host + ":" + std::to_string(server.port)];
  if (user.ids.empty() || user.ids.back() != stored.value.id) {
    user.ids.push_back(stored.value.id);
    user.names.push_back(stored.value.name);
  }
  if (!user.well && state == DirectionState::ok) user.well = stored.value.id;
}

/// How many stages of its end have come and are worth telling. Of one that is short by nature (some
/// are made anew every few weeks) only the last week is: as long as it was not seen for half of the
/// time that is left, nothing says that it is old.
int stage_of(const storage::SeenCertificate& seen, Instant now) {
  const Duration left = seen.ends_at - now;
  const int stage = certificate_stage(left);
  const bool last_week = left <= std::chrono::days(7);
  return last_week || now - seen.seen_at >= left / 2 ? stage : 0;
}

std::string days_text(Duration left) {
  return day_words(std::chrono::floor<std::chrono::days>(left).count());
}

/// Of our own: the names by which the server tells of them begin so.
bool is_own(const std::string& server) {
  return server.starts_with('[');
}

Finding finding_of(const storage::SeenCertificate& seen, const CertificateUser* user, Instant now) {
  Finding finding;
  finding.key.of = ProblemClass::certificate;
  finding.key.subject = seen.server;
  finding.kind = "certificate.expiring";
  finding.title = seen.server;
  const Duration left = seen.ends_at - now;
  finding.count = stage_of(seen, now);
  finding.failing = finding.count > 0;
  if (!finding.failing) return finding;
  const bool own = is_own(seen.server);
  finding.message = left <= Duration(0)
                        ? fmt::format("the certificate has run out at {}", to_rfc3339(seen.ends_at))
                        : fmt::format("the certificate ends in {}, at {}", days_text(left),
                                      to_rfc3339(seen.ends_at));
  if (own) {
    finding.hint = "Renew our own certificate, and have it read again by SIGHUP.";
    return finding;
  }
  finding.server = seen.server.substr(0, seen.server.rfind(':'));
  finding.hint =
      "Whoever runs the server has to renew it; once it has ended, no mail comes in or "
      "goes out there.";
  if (user != nullptr && !user->names.empty()) {
    finding.hint += " It is used by " + user->names.front();
    if (user->names.size() > 1) finding.hint += fmt::format(" and {} more", user->names.size() - 1);
    finding.hint += ".";
  }
  return finding;
}

NewEvent event_of(const Finding& finding, const storage::SeenCertificate& seen,
                  const CertificateUser* user, Instant now) {
  NewEvent event;
  event.kind = finding.kind;
  event.at = now;
  event.message = finding.message;
  event.hint = finding.hint;
  event.server = finding.server;
  if (!finding.server.empty()) {
    event.port = std::atoi(seen.server.substr(seen.server.rfind(':') + 1).c_str());
  }
  event.data["certificate"] = seen.server;
  event.data["ends_at"] = to_rfc3339(seen.ends_at);
  event.data["days"] = std::chrono::floor<std::chrono::days>(seen.ends_at - now).count();
  boost::json::array integrations;
  if (user != nullptr) {
    for (const auto id : user->ids) integrations.emplace_back(id.str());
    if (user->ids.size() == 1) event.integration = user->ids.front();
  }
  event.data["integrations"] = std::move(integrations);
  return event;
}

}  // namespace

void add_users(CertificateUsers& users, const storage::StoredIntegration& stored) {
  const auto& value = stored.value;
  add_user(users, stored, value.incoming.server, value.incoming.enabled,
           stored.status.incoming_state);
  add_user(users, stored, value.outgoing.server, value.outgoing.enabled,
           stored.status.outgoing_state);
}

int certificate_stage(Duration left) {
  if (left <= Duration(0)) return static_cast<int>(stages.size()) + 1;
  int stage = 0;
  for (const auto days : stages) stage += left <= days ? 1 : 0;
  return stage;
}

net::Task<Result<void>> Monitor::sweep_certificates(const CertificateUsers& users) {
  POSTERN_CO_TRY(co_await note_certificates(users));
  const auto kept = certificates_;  // looking anew lets others in between
  for (const auto& [server, seen] : kept) take_certificate(seen, users);
  for (const auto& [server, seen] : kept) co_await look_anew(seen, users);
  co_return success();
}

/// Keeps what connections saw since the last look, with when it was seen first, and forgets what
/// nobody uses any more.
net::Task<Result<void>> Monitor::note_certificates(const CertificateUsers& users) {
  auto& table = context_.store.certificates();
  if (!certificates_read_) {
    POSTERN_CO_TRY(auto rows, co_await table.list());
    for (auto& row : rows) certificates_[row.server] = std::move(row);
    certificates_read_ = true;
  }
  const auto at = now();
  std::vector<storage::SeenCertificate> fresh;
  for (const auto& [server, shown] : context_.metrics.certificates()) {
    auto& known = certificates_shown_[server];
    if (std::exchange(known.times, shown.times) == shown.times) continue;
    known.at = context_.env.steady();
    const auto row = certificates_.find(server);
    const bool same = row != certificates_.end() && row->second.ends_at == shown.ends_at;
    if (!same) fresh.push_back({server, shown.ends_at, at});
  }
  std::vector<std::string> gone;
  for (const auto& [server, row] : certificates_) {
    if (users.contains(server) || certificates_shown_.contains(server)) continue;
    if (at - row.seen_at < limits::certificate_kept) continue;
    gone.push_back(server);
  }
  if (!fresh.empty()) {
    POSTERN_CO_TRY(co_await table.keep(fresh));
  }
  if (!gone.empty()) {
    POSTERN_CO_TRY(co_await table.forget(gone));
  }
  for (auto& row : fresh) certificates_[row.server] = std::move(row);
  for (const auto& server : gone) certificates_.erase(server);
  co_return success();
}

void Monitor::take_certificate(const storage::SeenCertificate& seen,
                               const CertificateUsers& users) {
  const auto found = users.find(seen.server);
  const auto* user = found == users.end() ? nullptr : &found->second;
  const auto finding = finding_of(seen, user, now());
  if (user == nullptr && !is_own(seen.server)) {
    book_.drop(finding.key, now());
    return;
  }
  if (finding.failing) {
    const auto* known = book_.active(finding.key);
    if (known == nullptr || known->count < finding.count) {
      events_.push_back(event_of(finding, seen, user, now()));
    }
  }
  book_.find(finding, now());
}

/// A line may stay open for weeks: one account connects anew before its server's old certificate is
/// complained about day after day.
net::Task<void> Monitor::look_anew(const storage::SeenCertificate& seen,
                                   const CertificateUsers& users) {
  const auto user = users.find(seen.server);
  if (user == users.end() || !user->second.well) co_return;
  if (certificate_stage(seen.ends_at - now()) == 0) co_return;
  const auto steady = context_.env.steady();
  const auto [shown, never] = certificates_shown_.try_emplace(seen.server);
  if (never) shown->second.at = steady;  // it is about to connect, as all do at the start
  const bool last_day = seen.ends_at - now() <= std::chrono::days(1);
  const auto pause =
      last_day ? limits::certificate_look_again_last : limits::certificate_look_again;
  if (steady - shown->second.at < pause) co_return;
  shown->second.at = steady;
  log::info("{} connects anew to see the certificate of {}", user->second.names.front(),
            seen.server);
  const auto done = co_await hub_.integration_changed(user->second.well);
  if (!done) log::warn("it did not: {}", describe(done.error()));
}

}  // namespace postern::flows
