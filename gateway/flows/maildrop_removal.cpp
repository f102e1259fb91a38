// Removal: what every required target has taken, by DELE and QUIT.
#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/maildrop_visit.hpp"

#include <fmt/format.h>

#include <unordered_set>

namespace postern::flows {
namespace {

constexpr int removals_max = 1000;  // of one visit

}  // namespace

// The rows are read, then the marks are made, then QUIT makes them count; only then the rows say
// so. Where anything breaks in between, the next visit does it again: a mail that is gone is not
// listed, one that is still there is removed then.
net::Task<Result<void>> MaildropVisit::remove(const std::vector<ListedMail>& listed) {
  auto& maildrops = world_.context.store.maildrops();
  const auto id = world_.integration.id;
  const Instant now = world_.context.env.now();
  const auto days = std::chrono::days(world_.integration.incoming.after_fetch.days);
  POSTERN_CO_TRY(const auto due, co_await maildrops.removable(id, now - days, removals_max));
  const std::unordered_set<std::string_view> keys(due.begin(), due.end());
  std::vector<ListedMail> mails;
  for (const auto& mail : listed) {
    if (keys.contains(mail.key)) mails.push_back(mail);
  }
  if (mails.empty()) {
    co_await quit();
    co_return success();
  }
  POSTERN_CO_TRY(auto marked, co_await mark(mails));
  link_.session().quit();
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next());
    const auto* closed = std::get_if<pop3::Closed>(&step);
    if (closed == nullptr) continue;
    if (!closed->updated) {
      log::warn("{}: not every mail was removed, it is tried again: {}", world_.integration.name,
                closed->words);
      co_return success();
    }
    break;
  }
  memory_.settled.clear();
  std::vector<std::string> nameless;  // by header alone: the next one of that name is another mail
  for (const auto& key : marked) {
    if (!is_key_of_uid(key)) nameless.push_back(key);
  }
  if (!nameless.empty()) {
    POSTERN_CO_TRY(co_await maildrops.forget(id, std::move(nameless)));
  }
  co_return co_await maildrops.record_listing(id, std::move(marked), {}, now);
}

/// The keys of those the server has marked.
net::Task<Result<std::vector<std::string>>> MaildropVisit::mark(
    const std::vector<ListedMail>& mails) {
  std::vector<std::string> marked;
  for (const auto& mail : mails) {
    link_.session().dele(mail.number);
    for (;;) {
      POSTERN_CO_TRY(auto step, co_await link_.next());
      const auto* done = std::get_if<pop3::CommandDone>(&step);
      if (done == nullptr) continue;
      if (!done->error) {
        marked.push_back(mail.key);
        break;
      }
      POSTERN_CO_TRY(co_await removal_refused(mail.key, *done->error));
      break;
    }
  }
  co_return marked;
}

/// Told once a mail; tried again by every visit.
net::Task<Result<void>> MaildropVisit::removal_refused(const std::string& key, const Error& error) {
  if (!memory_.refused_removals.insert(key).second) co_return success();
  auto event = world_.board.event("pop3.import_failed", Direction::incoming,
                                  "a mail could not be removed: " + describe(error),
                                  "It stays in the mailbox; every check tries again.");
  event.data["key"] = key.substr(2);
  event.data["action"] = "delete";
  std::vector<NewEvent> events;
  events.push_back(std::move(event));
  co_return co_await world_.context.store.events().append(std::move(events));
}

}  // namespace postern::flows
