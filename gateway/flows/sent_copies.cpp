#include "flows/sent_copies.hpp"

#include "core/backoff.hpp"
#include "core/log.hpp"
#include "flows/imap_put.hpp"
#include "flows/limits.hpp"
#include "imap/refusal.hpp"
#include "imap/special_use.hpp"
#include "message/ascii.hpp"

#include <algorithm>
#include <array>

namespace postern::flows {
namespace {

constexpr int copies_at_once = 32;
constexpr int tries_max = 20;  // with the pauses below about three days
constexpr Duration first_pause = std::chrono::minutes(1);
constexpr Duration longest_pause = std::chrono::hours(4);
constexpr Duration look_again_max = std::chrono::hours(1);
constexpr Duration store_trouble = std::chrono::seconds(30);
constexpr const char* new_folder = "Sent";

}  // namespace

bool wants_copies(const Outgoing& outgoing) {
  constexpr std::array keepers = {"smtp.gmail.com",     "smtp.googlemail.com",
                                  "smtp.office365.com", "smtp-mail.outlook.com",
                                  "smtp.office365.us",  "smtp.partner.outlook.cn"};
  const auto is_it = [&outgoing](std::string_view host) {
    return message::equals_ignoring_case(host, outgoing.server.host);
  };
  return outgoing.save_to_sent && std::none_of(keepers.begin(), keepers.end(), is_it);
}

SentCopies::SentCopies(Context& context, const Integration& integration,
                       const IntegrationSecrets& secrets, StatusBoard& board, net::Scope& scope)
    : context_(context),
      integration_(integration),
      secrets_(secrets),
      board_(board),
      wake_(context.env, scope.executor()),
      mailbox_(integration.incoming) {
  mailbox_.folder.clear();
}

net::Task<void> SentCopies::run() {
  for (;;) {
    const Duration pause = co_await copy_due();
    co_await wake_.wait(pause);
  }
}

net::Task<Duration> SentCopies::copy_due() {
  auto& deliveries = context_.store.deliveries();
  const Instant now = context_.env.now();
  for (;;) {
    auto due = co_await deliveries.copies_due(integration_.id, now, copies_at_once);
    if (!due) co_return store_trouble;
    if (due.value().empty()) break;
    const auto copied = co_await copy_all(due.value());
    if (!copied) {
      co_await failed(std::move(due).value(), copied.error());
      break;
    }
  }
  const auto next = co_await deliveries.next_copy_due(integration_.id);
  if (!next) co_return store_trouble;
  if (!next.value()) co_return look_again_max;
  co_return std::clamp<Duration>(*next.value() - now, std::chrono::seconds(1), look_again_max);
}

net::Task<Result<void>> SentCopies::copy_all(const std::vector<storage::SentCopy>& copies) {
  ImapLink link(context_, mailbox_, secrets_);
  LineUser user;
  user.integration = integration_.id;
  user.login = mailbox_.auth.username;
  user.in_haste = false;
  link.line().set_user(std::move(user));
  POSTERN_CO_TRY(co_await link.connect());
  auto found = co_await sent_folder(link);
  if (!found) {
    // A token that was refused is another one at the next try.
    static_cast<void>(co_await link.renew_token(found.error()));
    co_return std::move(found).error();
  }
  const auto folder = std::move(found).value();
  POSTERN_CO_TRY(const bool opened, co_await open_to_put(link, folder));
  if (!opened) co_return Error{imap::errc::folder_missing, folder};
  for (const auto& copy : copies) {
    POSTERN_CO_TRY(const bool there, co_await holds(link, copy.message_id));
    Result<void> added = success();
    if (!there) added = co_await add(link, folder, copy.delivery);
    if (added) {
      POSTERN_CO_TRY(co_await context_.store.deliveries().copy_ended(copy.delivery, {}));
    } else if (imap::is_refusal(added.error().code)) {
      std::vector<storage::SentCopy> refused(1, copy);  // this mail's own; the others go on
      co_await failed(std::move(refused), added.error());
    } else {
      co_return added.error();
    }
  }
  link.session().logout();
  static_cast<void>(co_await link.next(limits::imap_command));
  co_return success();
}

namespace {

/// Where folders of one's own begin, "INBOX." with Courier; empty where there is no such rule.
net::Task<Result<std::string>> own_prefix(ImapLink& link) {
  if (!link.session().capabilities().has("NAMESPACE")) co_return std::string();
  POSTERN_CO_TRY(link.session().name_spaces());
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    const auto* done = std::get_if<imap::NamespaceDone>(&step);
    if (done == nullptr) continue;
    if (done->error || done->personal.empty()) co_return std::string();
    co_return done->personal.front().prefix;
  }
}

}  // namespace

net::Task<Result<std::string>> SentCopies::sent_folder(ImapLink& link) {
  POSTERN_CO_TRY(co_await until_ready(link));
  POSTERN_CO_TRY(link.session().list("*"));
  std::vector<imap::ListedFolder> folders;
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link.next(limits::imap_command));
    if (auto* folder = std::get_if<imap::ListedFolder>(&step)) {
      folders.push_back(std::move(*folder));
    }
    if (const auto* done = std::get_if<imap::CommandDone>(&step)) {
      if (done->error) co_return *done->error;
      break;
    }
  }
  if (auto found = imap::find_folder(folders, imap::SpecialUse::sent)) {
    co_return std::move(found->name);
  }
  POSTERN_CO_TRY(const auto prefix, co_await own_prefix(link));
  const auto made = prefix + std::string(new_folder);
  POSTERN_CO_TRY(co_await make_folder(link, made));
  co_return made;
}

net::Task<Result<void>> SentCopies::add(ImapLink& link, std::string folder, DeliveryId id) {
  POSTERN_CO_TRY(const auto bytes, co_await context_.store.deliveries().bytes(id));
  imap::NewMessage message;
  message.flags = "\\Seen";
  co_return co_await append(link, std::move(folder), std::move(message), bytes);
}

net::Task<void> SentCopies::failed(std::vector<storage::SentCopy> copies, Error error) {
  log::warn("{}: {} copies in the Sent folder wait: {}", integration_.name, copies.size(),
            describe(error));
  auto& deliveries = context_.store.deliveries();
  for (const auto& copy : copies) {
    if (copy.tries + 1 < tries_max) {
      const auto pause = backoff(copy.tries + 1, first_pause, longest_pause, context_.env.random());
      static_cast<void>(co_await deliveries.copy_failed(copy.delivery, context_.env.now() + pause));
      continue;
    }
    auto event = board_.event("smtp.copy_failed", Direction::incoming,
                              "no copy in the Sent folder: " + describe(error),
                              "The mail was sent; only its copy is missing.");
    event.data["delivery"] = copy.delivery.str();
    std::vector<NewEvent> events;
    events.push_back(std::move(event));
    static_cast<void>(co_await deliveries.copy_ended(copy.delivery, std::move(events)));
  }
}

}  // namespace postern::flows
