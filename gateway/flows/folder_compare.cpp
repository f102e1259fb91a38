// The full compare: once a day, and when a person asks for it, the UIDs on the server are held
// against those that were there at the last compare and those that are ours; what slipped by is
// fetched. The duplicate rule keeps what was handed over from being so again.
#include "core/log.hpp"
#include "flows/folder_visit.hpp"
#include "flows/limits.hpp"

#include <fmt/format.h>

namespace postern::flows {

net::Task<Result<void>> FolderVisit::compare_when_due() {
  auto& compares = world_.context.store.compares();
  const Instant now = world_.context.env.now();
  const auto id = world_.integration.id;
  POSTERN_CO_TRY(const auto since, co_await compares.requested(id, memory_.name));
  if (!since && memory_.next_compare && now < *memory_.next_compare) co_return success();
  POSTERN_CO_TRY(auto known, co_await compares.known(id, memory_.name));
  const auto validity = position_.uid_validity;
  if (known && (known->uid_validity != validity || validity == 0)) known.reset();
  const auto mod_seq = selected_.highest_mod_seq.value_or(0);
  if (!since && known) {
    memory_.next_compare = known->compared_at + limits::compare_interval;
    if (now < *memory_.next_compare) co_return success();
  }
  storage::KnownFolder fresh;
  fresh.uid_validity = validity;
  fresh.mod_seq = mod_seq;
  fresh.compared_at = now;
  // CONDSTORE: the same HIGHESTMODSEQ, the same mails. RFC 7162 §3.1.2.1.
  const bool same = known && mod_seq != 0 && known->mod_seq == mod_seq && at_selection_;
  if (same && !since) {
    fresh.uids = std::move(known->uids);
  } else {
    POSTERN_CO_TRY(fresh.uids, co_await compare(known, since));
  }
  memory_.next_compare = now + limits::compare_interval;
  co_return co_await compares.keep(id, memory_.name, std::move(fresh));
}

std::optional<Duration> FolderVisit::next_compare() const {
  if (!memory_.next_compare) return std::nullopt;
  auto& env = world_.context.env;
  return env.steady() + std::chrono::duration_cast<Duration>(*memory_.next_compare - env.now());
}

/// Fetches what slipped by; gives what is there, below the cursor.
net::Task<Result<UidRanges>> FolderVisit::compare(const std::optional<storage::KnownFolder>& known,
                                                  const std::optional<std::string>& since) {
  POSTERN_CO_TRY(auto there, co_await uids_from(1));
  if (position_.next_uid <= uid_max) there = there.without(there.from(next_uid()));
  POSTERN_CO_TRY(const auto ours,
                 co_await world_.context.store.messages().uids_from(
                     world_.integration.id, memory_.name, position_.uid_validity, 1));
  UidRanges wanted;
  // The first compare only notes what is there: whatever was to be fetched has been.
  if (known) wanted = there.without(known->uids).without(ours);
  if (since) {
    POSTERN_CO_TRY(const auto found, co_await uids_since(*since));
    wanted.add(found.without(found.without(there)).without(ours));
  }
  if (!wanted.empty()) {
    log::info("{}: {} mails of {} had slipped by", world_.integration.name, wanted.count(),
              memory_.name);
    told_.clear();
    POSTERN_CO_TRY(co_await fetch_all(wanted));
    told_.clear();
    POSTERN_CO_TRY(co_await intake_->settle());
    memory_.taken = memory_.taken.from(next_uid());
  }
  co_return there;
}

}  // namespace postern::flows
