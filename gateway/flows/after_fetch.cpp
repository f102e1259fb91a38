#include "flows/after_fetch.hpp"

#include "core/integration_words.hpp"
#include "core/log.hpp"
#include "flows/store_trouble.hpp"
#include "flows/uid_reuse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::flows {
namespace {

using storage::ActionEnd;
using storage::DueAction;
using storage::MessageState;
using Act = postern::AfterFetch;  // the action, not the class

constexpr int mails_at_once = 500;         // of one look at the rows
constexpr int looks_max = 20;              // then fetching has its turn again
constexpr std::size_t uids_at_once = 100;  // in one command
constexpr Duration look_again_max = std::chrono::minutes(10);
constexpr Duration look_again_due = std::chrono::minutes(1);  // what was due and is not done

Result<imap::NumberSet> uids_of(const std::vector<DueAction>& actions) {
  imap::NumberSet uids;
  for (const auto& action : actions) {
    POSTERN_TRY(uids.add(action.uid));
  }
  return uids;
}

}  // namespace

const AfterFetchPolicy& policy_for(const Incoming& incoming, MessageState outcome) {
  static const AfterFetchPolicy none;
  switch (outcome) {
    case MessageState::handed_over:
      return incoming.after_fetch;
    case MessageState::ignored:
      return incoming.after_ignored;
    case MessageState::too_large:
      return incoming.after_too_large;
    case MessageState::quarantined:
      return incoming.after_quarantined;
    case MessageState::stored:
    case MessageState::held:
      break;
  }
  return none;
}

AfterFetch::AfterFetch(Context& context, const Integration& integration, StatusBoard& board,
                       boost::asio::any_io_executor executor, std::function<void()> stir)
    : context_(context),
      integration_(integration),
      board_(board),
      stir_(std::move(stir)),
      wake_(context.env, std::move(executor)) {}

bool wants_after_fetch(const Incoming& incoming) {
  return std::ranges::any_of(std::array{&incoming.after_fetch, &incoming.after_ignored,
                                        &incoming.after_too_large, &incoming.after_quarantined},
                             [](const auto* policy) { return policy->action != Act::none; });
}

net::Task<void> AfterFetch::run() {
  for (;;) {
    const auto next = co_await context_.store.after_fetches().next_due(integration_.id);
    Duration pause = look_again_max;
    if (!next) {
      log::error("{}: what is due after the fetch waits: {}", integration_.name,
                 describe(next.error()));
      pause = store_trouble;
    } else if (next.value() && *next.value() <= context_.env.now()) {
      stir_();
      pause = look_again_due;
    } else if (next.value()) {
      pause = std::min(look_again_max, *next.value() - context_.env.now());
    }
    co_await wake_.wait(std::max(pause, Duration(1)));
  }
}

net::Task<Result<bool>> AfterFetch::act(ImapLink& link) {
  bool selected = false;
  for (int looks = 0; looks < looks_max; ++looks) {
    POSTERN_CO_TRY(auto due, co_await context_.store.after_fetches().due(
                                 integration_.id, context_.env.now(), mails_at_once));
    if (due.empty()) break;
    POSTERN_CO_TRY(co_await drop_unwanted(due));
    if (due.empty()) continue;
    const std::string folder = due.front().folder;
    std::erase_if(due, [&](const auto& action) { return action.folder != folder; });
    selected = true;
    POSTERN_CO_TRY(const bool all, co_await act_in(link, folder, std::move(due)));
    if (!all) break;
  }
  co_return selected;
}

/// The integration was changed since the rows were made.
net::Task<Result<void>> AfterFetch::drop_unwanted(Actions& actions) {
  Actions unwanted;
  for (const auto& action : actions) {
    const auto& policy = policy_for(integration_.incoming, action.outcome);
    if (policy.action == Act::none) unwanted.push_back(action);
  }
  if (unwanted.empty()) co_return success();
  std::erase_if(actions, [&](const auto& action) {
    return policy_for(integration_.incoming, action.outcome).action == Act::none;
  });
  co_return co_await record(unwanted, ActionEnd::not_wanted);
}

/// False when something of it must wait for another time.
net::Task<Result<bool>> AfterFetch::act_in(ImapLink& link, const std::string& folder,
                                           Actions actions) {
  link.line().enter("after_fetch");
  auto selected = co_await open_to_change(link, folder);
  if (!selected) {
    auto error = std::move(selected).error();
    if (!link.session().alive()) co_return error;
    if (error.code != imap::errc::folder_missing) co_return false;
    POSTERN_CO_TRY(co_await record(actions, ActionEnd::refused, describe(error)));
    co_return true;
  }
  if (selected.value().read_only) {
    POSTERN_CO_TRY(
        co_await record(actions, ActionEnd::refused, "the server opens the folder only to read"));
    co_return true;
  }
  const auto uid_validity = selected.value().uid_validity.value_or(0);
  if (uid_validity == 0) {
    // RFC 3501 §6.3.1: then a UID of an earlier session may be any mail's.
    POSTERN_CO_TRY(co_await record(actions, ActionEnd::refused,
                                   "the server tells no UIDVALIDITY, so that nobody knows which "
                                   "mail this is by now"));
    co_return true;
  }
  POSTERN_CO_TRY(co_await part_with_replaced(actions));
  POSTERN_CO_TRY(const bool all, co_await part_with(actions, folder, uid_validity));
  POSTERN_CO_TRY(co_await keep_what_came_instead(link, actions));
  for (const auto outcome : {MessageState::handed_over, MessageState::ignored,
                             MessageState::too_large, MessageState::quarantined}) {
    Actions alike;
    for (const auto& action : actions) {
      if (action.outcome == outcome) alike.push_back(action);
      const bool full = alike.size() == uids_at_once;
      const bool last = &action == &actions.back() && !alike.empty();
      if (!full && !last) continue;
      POSTERN_CO_TRY(co_await perform(link, std::exchange(alike, {})));
    }
  }
  co_return all;
}

/// Takes out what stands under another UIDVALIDITY. If the fetching has been through the folder
/// under this one, those mails are gone; else they wait: false.
net::Task<Result<bool>> AfterFetch::part_with(Actions& actions, const std::string& folder,
                                              std::uint32_t uid_validity) {
  Actions elsewhere;
  for (const auto& action : actions) {
    if (action.uid_validity != uid_validity) elsewhere.push_back(action);
  }
  if (elsewhere.empty()) co_return true;
  std::erase_if(actions, [&](const auto& each) { return each.uid_validity != uid_validity; });
  POSTERN_CO_TRY(const auto cursor,
                 co_await context_.store.messages().cursor(integration_.id, folder));
  const bool been_through = cursor && cursor->uid_validity == uid_validity && cursor->next_uid != 0;
  if (!been_through) co_return false;
  POSTERN_CO_TRY(co_await record(elsewhere, ActionEnd::gone,
                                 "the server renumbered the folder and the mail is not in it"));
  co_return true;
}

/// What is taken from the folder is looked at before: a server that gave the UID to another mail
/// meanwhile would have us delete what nobody has seen.
net::Task<Result<void>> AfterFetch::keep_what_came_instead(ImapLink& link, Actions& actions) {
  UidRanges taken_away;
  for (const auto& action : actions) {
    const auto act = policy_for(integration_.incoming, action.outcome).action;
    if (act == Act::remove || act == Act::move) taken_away.add(action.uid);
  }
  if (taken_away.empty()) co_return success();
  const UidReuse::Folder folder{integration_.id, actions.front().folder,
                                actions.front().uid_validity};
  UidReuse reuse(link, context_.store.messages(), folder, [](const imap::MailboxChanged&) {});
  POSTERN_CO_TRY(const auto replaced, co_await reuse.replaced(std::move(taken_away)));
  for (auto& action : actions) {
    action.uid_is_anothers = action.uid_is_anothers || replaced.contains(action.uid);
  }
  co_return co_await part_with_replaced(actions);
}

/// Takes out those whose UID the server gave to another mail.
net::Task<Result<void>> AfterFetch::part_with_replaced(Actions& actions) {
  Actions replaced;
  for (const auto& action : actions) {
    if (action.uid_is_anothers) replaced.push_back(action);
  }
  if (replaced.empty()) co_return success();
  std::erase_if(actions, [](const auto& each) { return each.uid_is_anothers; });
  co_return co_await record(replaced, ActionEnd::gone, "the server gave its UID to another mail");
}

/// Actions of one outcome in the selected folder. What is refused together is tried one by one.
net::Task<Result<void>> AfterFetch::perform(ImapLink& link, Actions actions) {
  const auto& policy = policy_for(integration_.incoming, actions.front().outcome);
  POSTERN_CO_TRY(auto answer, co_await apply(link, policy, actions));
  if (!answer.refusal) co_return co_await record(actions, ActionEnd::done);
  if (actions.size() == 1) {
    co_return co_await record(actions, ActionEnd::refused, describe(*answer.refusal));
  }
  for (const auto& action : actions) {
    const Actions one{action};
    POSTERN_CO_TRY(answer, co_await apply(link, policy, one));
    if (answer.refusal) {
      POSTERN_CO_TRY(co_await record(one, ActionEnd::refused, describe(*answer.refusal)));
    } else {
      POSTERN_CO_TRY(co_await record(one, ActionEnd::done));
    }
  }
  co_return success();
}

net::Task<Result<ServerAnswer>> AfterFetch::apply(ImapLink& link, const AfterFetchPolicy& policy,
                                                  const Actions& actions) {
  POSTERN_CO_TRY(auto uids, uids_of(actions));
  switch (policy.action) {
    case Act::none:
      break;
    case Act::seen:
      co_return co_await add_flag(link, std::move(uids), "\\Seen");
    case Act::keyword:
      co_return co_await add_flag(link, std::move(uids), policy.keyword.value_or(""));
    case Act::remove:
      co_return co_await remove_mails(link, std::move(uids));
    case Act::move: {
      POSTERN_CO_TRY(auto answer, co_await put_away(link, policy.folder.value_or(""), actions));
      if (answer.refusal || link.session().capabilities().has("MOVE")) co_return answer;
      co_return co_await remove_mails(link, std::move(uids));
    }
  }
  co_return ServerAnswer();
}

/// MOVE, or the copying half of it, which is marked: a crash behind it makes no second copy.
net::Task<Result<ServerAnswer>> AfterFetch::put_away(ImapLink& link, std::string folder,
                                                     const Actions& actions) {
  const bool moves = link.session().capabilities().has("MOVE");
  Actions fresh;
  for (const auto& action : actions) {
    if (moves || !action.copied) fresh.push_back(action);
  }
  if (fresh.empty()) co_return ServerAnswer();
  POSTERN_CO_TRY(auto uids, uids_of(fresh));
  POSTERN_CO_TRY(auto answer, co_await put_into(link, std::move(uids), std::move(folder)));
  if (answer.refusal || moves) co_return answer;
  POSTERN_CO_TRY(co_await record(fresh, ActionEnd::copied));
  co_return ServerAnswer();
}

net::Task<Result<void>> AfterFetch::record(const Actions& actions, ActionEnd end,
                                           std::string_view why) {
  std::vector<storage::EndedAction> ended;
  std::vector<NewEvent> events;
  for (const auto& action : actions) {
    ended.push_back({action.message, end, action.copy});
    // A further copy that went says nothing of the mail.
    if (end == ActionEnd::refused || (end == ActionEnd::gone && action.copy == 0)) {
      events.push_back(event_of(action, why));
    }
  }
  co_return co_await context_.store.after_fetches().record(std::move(ended), std::move(events));
}

NewEvent AfterFetch::event_of(const DueAction& action, std::string_view why) {
  const auto& policy = policy_for(integration_.incoming, action.outcome);
  const auto word = words::of(policy.action, words::after_fetch);
  auto event =
      board_.event("imap.after_fetch_failed", Direction::incoming,
                   fmt::format("{}: not done with a mail in {}: {}", word, action.folder, why),
                   "The mail is safe and handed over; it stays as it is on the server.");
  event.data["message"] = action.message.str();
  event.data["message_id"] = action.message_id;
  event.data["action"] = word;
  event.data["folder"] = action.folder;
  event.data["uid"] = action.uid;
  return event;
}

}  // namespace postern::flows
