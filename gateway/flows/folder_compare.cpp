// What slipped under the cursor. A server with CONDSTORE tells at each selection what changed since
// the last one (RFC 7162). And the full compare, for all servers: once a day, and when a person
// asks for it, the UIDs on the server are held against those that were there at the last compare
// and those that are ours; what slipped by is fetched. The duplicate rule keeps what was handed
// over from being so again.
#include "core/log.hpp"
#include "flows/folder_visit.hpp"
#include "flows/isolation.hpp"
#include "flows/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

constexpr std::uint32_t below_max = 100;  // mails of one announcement

}  // namespace

net::Task<Result<void>> FolderVisit::compare_when_due() {
  auto& compares = world_.context.store.compares();
  const Instant now = world_.context.env.now();
  const Duration steady = world_.context.env.steady();
  const auto id = world_.integration.id;
  POSTERN_CO_TRY(const auto since, co_await compares.requested(id, memory_.name));
  if (!since && memory_.next_compare && steady < *memory_.next_compare) co_return success();
  POSTERN_CO_TRY(auto known, co_await compares.known(id, memory_.name));
  const auto validity = position_.uid_validity;
  if (known && (known->uid_validity != validity || validity == 0)) known.reset();
  const auto mod_seq = selected_.highest_mod_seq.value_or(0);
  if (!since && known) {
    const Duration since_then = now - known->compared_at;
    // In the future: the clock was set back since.
    if (since_then >= Duration(0) && since_then < limits::compare_interval) {
      memory_.next_compare = steady + limits::compare_interval - since_then;
      co_return success();
    }
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
  memory_.next_compare = steady + limits::compare_interval;
  memory_.synced = {validity, mod_seq};
  co_return co_await compares.keep(id, memory_.name, std::move(fresh));
}

std::optional<Duration> FolderVisit::next_compare() const {
  return memory_.next_compare;
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
  if (known) {
    wanted = there.without(known->uids).without(ours);
    POSTERN_CO_TRY(const auto again, co_await given_again(there, ours, *known));
    wanted.add(again);
  }
  if (since) {
    POSTERN_CO_TRY(const auto found, co_await uids_since(*since));
    wanted.add(found.without(found.without(there)).without(ours));
  }
  POSTERN_CO_TRY(co_await fetch_slipped(std::move(wanted)));
  co_return there;
}

UidReuse FolderVisit::reuse() {
  return UidReuse(link_, world_.context.store.messages(),
                  {world_.integration.id, memory_.name, position_.uid_validity},
                  [this](const imap::MailboxChanged& change) { note(change); });
}

/// UIDs that were there at the last compare and are another mail's now.
net::Task<Result<UidRanges>> FolderVisit::given_again(const UidRanges& there, const UidRanges& ours,
                                                      const storage::KnownFolder& known) {
  auto candidates = there;
  // CONDSTORE: only what changed since can be another mail. RFC 7162 §3.1.
  if (known.mod_seq != 0 && selected_.highest_mod_seq.value_or(0) != 0) {
    POSTERN_CO_TRY(const auto changed, co_await changed_since(known.mod_seq));
    if (changed) candidates = there.without(there.without(*changed));
  }
  const auto not_ours = candidates.without(ours);
  auto reuse = this->reuse();
  POSTERN_CO_TRY(auto again, co_await reuse.replaced(candidates.without(not_ours)));
  auto passed_over = not_ours.without(not_ours.without(known.uids));
  if (!passed_over.empty()) {
    const auto day = to_rfc3339(known.compared_at - std::chrono::hours(24)).substr(0, 10);
    POSTERN_CO_TRY(const auto late, co_await uids_since(day));
    passed_over = passed_over.without(passed_over.without(late));
  }
  POSTERN_CO_TRY(const auto come,
                 co_await reuse.come_since(std::move(passed_over), known.compared_at));
  again.add(come);
  if (!again.empty()) {
    log::warn("{}: {} gave {} UIDs to other mails", world_.integration.name, memory_.name,
              again.count());
  }
  co_return again;
}

net::Task<Result<void>> FolderVisit::fetch_slipped(UidRanges wanted) {
  if (wanted.empty()) co_return success();
  log::info("{}: {} mails of {} had slipped by", world_.integration.name, wanted.count(),
            memory_.name);
  told_.clear();
  POSTERN_CO_TRY(co_await fetch_all(wanted));
  told_.clear();
  POSTERN_CO_TRY(co_await intake_->settle());
  memory_.taken = memory_.taken.from(next_uid());
  co_return success();
}

/// EXISTS promised `count` mails, and from the cursor on there are fewer: some came under UIDs
/// below it, out of order or those of other mails. The newest mails are looked at: what is ours is
/// told from another mail of the same UID by its bytes, what was there at the last compare is old.
net::Task<Result<void>> FolderVisit::fetch_below(std::uint32_t count) {
  const auto first = exists_ - std::min({count, exists_, below_max}) + 1;
  POSTERN_CO_TRY(const auto found, co_await search(fmt::format("{}:{}", first, exists_)));
  const auto newest = found.without(told_);
  auto& store = world_.context.store;
  const auto& id = world_.integration.id;
  const auto validity = position_.uid_validity;
  POSTERN_CO_TRY(const auto known, co_await store.compares().known(id, memory_.name));
  if (newest.empty() || !known || known->uid_validity != validity) co_return success();
  POSTERN_CO_TRY(const auto all_ours,
                 co_await store.messages().uids_from(id, memory_.name, validity, 1));
  const auto others = newest.without(all_ours);
  POSTERN_CO_TRY(co_await fetch_slipped(others.without(known->uids)));
  const auto ours = newest.without(others);
  if (ours.empty()) co_return success();
  first_wanted_ = 1;
  POSTERN_CO_TRY(auto done, co_await ask(ours.first_uids(below_max)));
  if (done.error && !is_of_a_mail(*done.error)) co_return std::move(*done.error);
  // What of them can't be taken is ours all the same, as far as anybody knows.
  bad_.clear();
  large_.clear();
  told_.clear();
  POSTERN_CO_TRY(co_await intake_->settle());
  memory_.taken = memory_.taken.from(next_uid());
  co_return success();
}

// Only what is told as changed, is below the cursor, not ours, and was not there at the last
// compare has slipped by; that a mail we never wanted was marked as read is nothing.
net::Task<Result<void>> FolderVisit::take_changes() {
  const auto since = memory_.synced;
  const auto mod_seq = selected_.highest_mod_seq.value_or(0);
  const auto validity = position_.uid_validity;
  auto changed = std::exchange(changed_, std::nullopt);
  if (since.mod_seq == 0 || validity == 0 || since.uid_validity != validity || mod_seq == 0) {
    co_return success();
  }
  if (mod_seq == since.mod_seq) co_return success();
  if (!changed) {
    POSTERN_CO_TRY(changed, co_await changed_since(since.mod_seq));
  }
  // A server that will not say is compared with once a day.
  if (!changed) co_return success();
  if (position_.next_uid <= uid_max) changed = changed->without(changed->from(next_uid()));
  if (!changed->empty()) {
    const auto& id = world_.integration.id;
    auto& store = world_.context.store;
    POSTERN_CO_TRY(const auto ours,
                   co_await store.messages().uids_from(id, memory_.name, validity,
                                                       changed->ranges().front().first));
    POSTERN_CO_TRY(const auto known, co_await store.compares().known(id, memory_.name));
    const bool comparable = known && known->uid_validity == validity;
    if (!comparable) co_return success();
    const auto not_ours = changed->without(ours);
    auto wanted = not_ours.without(known->uids);
    auto reuse = this->reuse();
    POSTERN_CO_TRY(const auto again, co_await reuse.replaced(changed->without(not_ours)));
    POSTERN_CO_TRY(const auto come,
                   co_await reuse.come_since(not_ours.without(wanted), known->compared_at));
    wanted.add(again);
    wanted.add(come);
    POSTERN_CO_TRY(co_await fetch_slipped(std::move(wanted)));
  }
  memory_.synced = {validity, mod_seq};
  co_return success();
}

/// Where QRESYNC did not tell it with the selection; nothing where the server will not say.
net::Task<Result<std::optional<UidRanges>>> FolderVisit::changed_since(std::uint64_t mod_seq) {
  UidRanges changed;
  imap::FetchItems items;
  items.internal_date = items.rfc822_size = items.body = items.gmail_message_id = false;
  const imap::NumberSet all(1, uid_max);
  if (!link_.session().fetch_changed(all, mod_seq, items)) co_return std::nullopt;
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (const auto* change = std::get_if<imap::MailboxChanged>(&step)) note(*change);
    if (const auto* mail = std::get_if<imap::FetchedMail>(&step)) {
      if (mail->facts.uid) changed.add(*mail->facts.uid);
    }
    auto* done = std::get_if<imap::FetchDone>(&step);
    if (done == nullptr) continue;
    if (!done->error) co_return std::optional(std::move(changed));
    if (!is_of_a_mail(*done->error)) co_return std::move(*done->error);
    co_return std::nullopt;
  }
}

}  // namespace postern::flows
