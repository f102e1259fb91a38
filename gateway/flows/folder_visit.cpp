#include "flows/folder_visit.hpp"

#include "flows/limits.hpp"
#include "flows/uid_sets.hpp"

#include <fmt/format.h>

namespace postern::flows {

FolderVisit::FolderVisit(InboundWorld& world, ImapLink& link, FolderMemory& memory,
                         OpenedFolder opened)
    : world_(world),
      link_(link),
      memory_(memory),
      selected_(std::move(opened.selected)),
      changed_(std::move(opened.changed)),
      exists_(selected_.exists) {}

net::Task<Result<void>> FolderVisit::begin() {
  POSTERN_CO_TRY(const auto first_plan, co_await plan());
  position_ = first_plan.position;
  const auto validity = position_.uid_validity;
  if (first_plan.restarted) {
    POSTERN_CO_TRY(co_await world_.context.store.quarantine().forget_places(
        world_.integration.id, memory_.name, validity));
  }
  POSTERN_CO_TRY(co_await remember());
  intake_.emplace(world_.context, world_.integration.id, memory_.name, validity, world_.scope,
                  [board = &world_.board, digester = &world_.digester](std::size_t count) {
                    board->mail_stored(count);
                    digester->mails_stored();
                  });
  // A search by date that is cut begins again: until its end the cursor says so with 0.
  const bool searching = first_plan.step == PlanStep::search_since;
  intake_->fetched_below(searching ? 0 : position_.next_uid);
  intake_->on_refused(
      [world = &world_, folder = memory_.name](std::uint32_t uid, MessageId id, Error why) {
        return world->quarantine.tell_refused(folder, uid, id, std::move(why));
      });
  POSTERN_CO_TRY(co_await quarantine_breakers());
  accounted_ = exists_;
  co_return co_await follow(first_plan);
}

/// What is known of the folder from former connections, and from the store of former lives.
net::Task<Result<void>> FolderVisit::remember() {
  const auto validity = position_.uid_validity;
  auto& store = world_.context.store;
  if (memory_.uid_validity != validity) {
    memory_.taken.clear();
    memory_.breaks.clear();
  }
  memory_.uid_validity = validity;
  // Without UIDVALIDITY a UID of yesterday says nothing.
  if (validity == 0 || position_.next_uid > uid_max) co_return success();
  POSTERN_CO_TRY(const auto known, co_await store.messages().uids_from(
                                       world_.integration.id, memory_.name, validity,
                                       static_cast<std::uint32_t>(position_.next_uid)));
  memory_.taken.add(known);
  co_return success();
}

net::Task<Result<void>> FolderVisit::settle() {
  if (!intake_) co_return success();
  auto settled = co_await intake_->settle();
  if (!settled) memory_.taken.clear();  // who knows what of it was stored
  co_return settled;
}

net::Task<Result<std::optional<std::uint32_t>>> FolderVisit::ask_uid_next() {
  POSTERN_CO_TRY(link_.session().status(memory_.name));
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next(limits::imap_command));
    if (const auto* done = std::get_if<imap::StatusDone>(&step)) co_return done->status.uid_next;
  }
}

net::Task<Result<MailboxPlan>> FolderVisit::plan() {
  auto& messages = world_.context.store.messages();
  const auto& integration = world_.integration;
  const auto& folder = memory_.name;
  link_.line().enter("cursor");
  POSTERN_CO_TRY(const auto cursor, co_await messages.cursor(integration.id, folder));
  std::optional<MailboxPosition> position;
  if (cursor) position = MailboxPosition{cursor->uid_validity, cursor->next_uid};
  MailboxState state;
  state.uid_validity = selected_.uid_validity.value_or(0);
  state.uid_next = selected_.uid_next;
  state.exists = selected_.exists;
  const bool goes_on =
      position && position->uid_validity == state.uid_validity && position->next_uid != 0;
  if (goes_on) {
    POSTERN_CO_TRY(state.renumbered, co_await renumbered(*position));
  }
  if (!state.uid_next && !goes_on) {
    POSTERN_CO_TRY(state.uid_next, co_await ask_uid_next());
  }
  const auto result =
      plan_mailbox(position, state, integration.incoming.start_from, world_.watched_since);
  std::vector<NewEvent> events;
  if (state.renumbered) {
    events.push_back(world_.board.event(
        "mailbox.uidvalidity_changed", Direction::incoming,
        fmt::format("{}: UIDNEXT went back to {} from {}, under the same UIDVALIDITY", folder,
                    state.uid_next.value_or(0), position->next_uid),
        "The server renumbered the folder; everything is compared, nothing is handed over twice."));
  } else if (result.restarted && memory_.announced_uid_validity != state.uid_validity) {
    memory_.announced_uid_validity = state.uid_validity;
    events.push_back(world_.board.event(
        "mailbox.uidvalidity_changed", Direction::incoming,
        fmt::format("{}: UIDVALIDITY is {} where it was {}", folder, state.uid_validity,
                    position->uid_validity),
        "The server renumbered the folder; everything is compared, nothing is handed over twice."));
  }
  // Before a search by date the end is not reached yet: that cursor comes with the last mail.
  const bool keep = result.step != PlanStep::search_since;
  if (keep && (!position || *position != result.position)) {
    storage::MailboxCursor fresh;
    fresh.uid_validity = result.position.uid_validity;
    fresh.next_uid = result.position.next_uid;
    POSTERN_CO_TRY(co_await messages.set_cursor(integration.id, folder, fresh, std::move(events)));
  } else if (!events.empty()) {
    POSTERN_CO_TRY(co_await world_.context.store.events().append(std::move(events)));
  }
  co_return result;
}

/// UIDNEXT never goes back (RFC 9051 §2.3.1.1). Where it did, and none of the UIDs it gave away is
/// there, the server numbers anew: our places mean nothing any more. Where some are there, UIDNEXT
/// was told wrong, and nothing is the matter.
net::Task<Result<bool>> FolderVisit::renumbered(const MailboxPosition& position) {
  const auto uid_next = selected_.uid_next.value_or(0);
  if (uid_next == 0 || position.next_uid > uid_max || uid_next >= position.next_uid) {
    co_return false;
  }
  POSTERN_CO_TRY(const auto found,
                 co_await search(fmt::format("UID {}:{}", uid_next, position.next_uid - 1)));
  if (!found.from(uid_next).empty()) co_return false;
  memory_.taken.clear();
  memory_.breaks.clear();
  memory_.next_compare.reset();
  POSTERN_CO_TRY(co_await world_.context.store.messages().disown(
      world_.integration.id, memory_.name, position.uid_validity, UidRanges(1, uid_max)));
  co_return true;
}

void FolderVisit::note(const imap::MailboxChanged& change) {
  at_selection_ = false;
  switch (change.what) {
    case imap::MailboxChanged::What::exists:
      news_ = news_ || change.number > exists_;
      exists_ = change.number;
      return;
    case imap::MailboxChanged::What::expunged:
      if (exists_ > 0) --exists_;
      if (accounted_ > 0) --accounted_;
      return;
    case imap::MailboxChanged::What::vanished: {
      const auto gone = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(to_ranges(change.uids).count(), exists_));
      exists_ -= gone;
      accounted_ -= std::min(accounted_, gone);
      return;
    }
    case imap::MailboxChanged::What::vanished_earlier:
    case imap::MailboxChanged::What::flags:
      return;
  }
}

net::Task<Result<void>> FolderVisit::look() {
  if (position_.next_uid > uid_max) co_return success();
  POSTERN_CO_TRY(const auto found, co_await search(fmt::format("UID {}:*", position_.next_uid)));
  for (const auto& range : found.ranges()) news_ = news_ || range.last >= position_.next_uid;
  co_return success();
}

}  // namespace postern::flows
