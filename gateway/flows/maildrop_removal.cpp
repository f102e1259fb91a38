// Removal: what is due to be deleted, by DELE and QUIT.
#include "core/log.hpp"
#include "flows/after_fetch.hpp"
#include "flows/limits.hpp"
#include "flows/maildrop_visit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace postern::flows {
namespace {

using storage::ActionEnd;
using storage::Removal;

constexpr int removals_max = 1000;  // of one visit

using Numbers = std::unordered_map<std::string_view, std::uint32_t>;

/// Those of a mail and its copies that are listed.
std::vector<std::uint32_t> numbers_of(const Removal& removal, const Numbers& listed) {
  std::vector<std::uint32_t> numbers;
  for (const auto& key : removal.keys) {
    const auto found = listed.find(key);
    if (found != listed.end()) numbers.push_back(found->second);
  }
  return numbers;
}

}  // namespace

bool MaildropVisit::removes() const {
  const auto& incoming = world_.integration.incoming;
  return std::ranges::any_of(
      std::array{&incoming.after_fetch, &incoming.after_ignored, &incoming.after_too_large,
                 &incoming.after_quarantined},
      [](const auto* policy) { return policy->action == postern::AfterFetch::remove; });
}

// The rows are read, then the marks are made, then QUIT makes them count; only then the rows say
// so. Where anything breaks in between, the next visit does it again: a mail that is gone is not
// listed, one that is still there is removed then.
net::Task<Result<void>> MaildropVisit::remove(const std::vector<ListedMail>& listed) {
  auto& maildrops = world_.context.store.maildrops();
  const auto id = world_.integration.id;
  POSTERN_CO_TRY(const auto due,
                 co_await maildrops.removals(id, world_.context.env.now(), removals_max));
  Numbers by_key;
  for (const auto& mail : listed) by_key.emplace(mail.key, mail.number);
  std::vector<storage::EndedAction> settled, marked;
  std::vector<std::string> keys, nameless;
  std::vector<NewEvent> events;
  for (const auto& removal : due) {
    const auto& policy = policy_for(world_.integration.incoming, removal.outcome);
    const auto numbers = numbers_of(removal, by_key);
    if (policy.action != postern::AfterFetch::remove) {
      settled.push_back({removal.message, ActionEnd::not_wanted});
    } else if (numbers.empty()) {
      settled.push_back({removal.message, ActionEnd::gone});
    } else {
      POSTERN_CO_TRY(const auto answer, co_await mark(numbers));
      if (answer.refusal) {
        settled.push_back({removal.message, ActionEnd::refused});
        events.push_back(removal_refused(removal, *answer.refusal));
        continue;
      }
      marked.push_back({removal.message, ActionEnd::done});
      for (const auto& key : removal.keys) {
        // By header alone: the next one of that name is another mail.
        (is_key_of_uid(key) ? keys : nameless).push_back(key);
      }
    }
  }
  auto& actions = world_.context.store.after_fetches();
  if (!settled.empty()) {
    POSTERN_CO_TRY(co_await actions.record(std::move(settled), std::move(events)));
  }
  if (marked.empty()) {
    co_await quit();
    co_return success();
  }
  POSTERN_CO_TRY(const bool updated, co_await quit_for_good());
  if (!updated) co_return success();
  memory_.look_again();
  POSTERN_CO_TRY(co_await actions.record(std::move(marked), {}));
  if (!nameless.empty()) {
    POSTERN_CO_TRY(co_await maildrops.forget(id, std::move(nameless)));
  }
  co_return co_await maildrops.record_listing(id, std::move(keys), {}, world_.context.env.now());
}

/// QUIT, on whose answer the marks depend. False when not every mail was removed.
net::Task<Result<bool>> MaildropVisit::quit_for_good() {
  link_.session().quit();
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next());
    const auto* closed = std::get_if<pop3::Closed>(&step);
    if (closed == nullptr) continue;
    if (!closed->updated) {
      log::warn("{}: not every mail was removed, it is tried again: {}", world_.integration.name,
                link_.line().masked(closed->words));
    }
    co_return closed->updated;
  }
}

/// A refusal of any of them.
net::Task<Result<ServerAnswer>> MaildropVisit::mark(const std::vector<std::uint32_t>& numbers) {
  ServerAnswer answer;
  for (const auto number : numbers) {
    link_.session().dele(number);
    for (;;) {
      POSTERN_CO_TRY(auto step, co_await link_.next());
      auto* done = std::get_if<pop3::CommandDone>(&step);
      if (done == nullptr) continue;
      if (done->error && done->error->code != pop3::errc::command_refused) {
        co_return std::move(*done->error);
      }
      if (done->error) answer.refusal = std::move(done->error);
      break;
    }
  }
  co_return answer;
}

NewEvent MaildropVisit::removal_refused(const Removal& removal, const Error& error) {
  auto event = world_.board.event("pop3.after_fetch_failed", Direction::incoming,
                                  "a mail could not be deleted: " + describe(error),
                                  "The mail is safe and handed over; it stays on the server.");
  event.data["message"] = removal.message.str();
  event.data["key"] = removal.keys.front().substr(2);
  event.data["action"] = "delete";
  return event;
}

}  // namespace postern::flows
