// See mailbox_plan.hpp.
#include "core/mailbox_plan.hpp"

#include <algorithm>

namespace postern {
namespace {

/// What is new for someone who stands at plan.position.
MailboxPlan fetch_from_position(MailboxPlan plan, const MailboxState& state) {
  if (state.exists == 0 || plan.position.next_uid > uid_max) return plan;
  if (state.uid_next && *state.uid_next != 0 && *state.uid_next <= plan.position.next_uid) {
    return plan;
  }
  plan.step = PlanStep::fetch;
  plan.first_uid = static_cast<std::uint32_t>(plan.position.next_uid);
  // UIDNEXT may have grown since: an open end fetches what came in between as well.
  plan.last_uid = uid_max;
  return plan;
}

MailboxPosition at_the_end(const MailboxState& state) {
  return {state.uid_validity, std::max<std::uint64_t>(1, state.uid_next.value_or(1))};
}

MailboxPlan search_plan(MailboxPlan plan, const MailboxState& state, std::string_view since) {
  plan.position = at_the_end(state);
  if (state.exists == 0) return plan;
  plan.step = PlanStep::search_since;
  plan.first_uid = 1;
  plan.last_uid = uid_max;
  plan.since = since;
  return plan;
}

/// `plan.position` stands at the first UID.
MailboxPlan plan_from_start(MailboxPlan plan, const MailboxState& state,
                            std::string_view start_from) {
  if (start_from == "all") return fetch_from_position(std::move(plan), state);
  if (start_from != "now") return search_plan(std::move(plan), state, start_from);
  if (!state.uid_next) return fetch_from_position(std::move(plan), state);
  plan.position = at_the_end(state);
  return plan;
}

}  // namespace

MailboxPlan plan_mailbox(const std::optional<MailboxPosition>& position, const MailboxState& state,
                         std::string_view start_from, std::string_view watched_since) {
  MailboxPlan plan;
  plan.position = {state.uid_validity, 1};
  if (!position) return plan_from_start(std::move(plan), state, start_from);
  plan.restarted = state.renumbered || position->uid_validity != state.uid_validity;
  if (!plan.restarted && position->next_uid != 0) {
    plan.position = *position;
    return fetch_from_position(std::move(plan), state);
  }
  if (start_from == "now") start_from = watched_since.empty() ? "all" : watched_since;
  return plan_from_start(std::move(plan), state, start_from);
}

bool is_new(const MailboxPlan& plan, std::uint32_t uid) {
  return plan.step != PlanStep::nothing && uid >= plan.first_uid && uid <= plan.last_uid;
}

MailboxPosition advanced(MailboxPosition position, std::uint32_t uid) {
  position.next_uid = std::max(position.next_uid, std::uint64_t(uid) + 1);
  return position;
}

}  // namespace postern
