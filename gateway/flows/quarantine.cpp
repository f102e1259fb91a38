#include "flows/quarantine.hpp"

#include "core/log.hpp"
#include "message/scan.hpp"

#include <fmt/format.h>

namespace postern::flows {
namespace {

constexpr int waiting_max = 1000;
constexpr const char* hint =
    "It stays in the mailbox and delays no other mail; POST /messages/{id}/reprocess fetches it "
    "anew.";

template <class Mail>
void say_where(NewEvent& event, const Mail& mail) {
  event.data["folder"] = mail.folder;
  event.data["uid"] = mail.uid;
  // Without the letter that says what kind of key it is.
  if (!mail.maildrop_key.empty()) event.data["key"] = mail.maildrop_key.substr(2);
}

}  // namespace

std::optional<Instant> next_try(int tries, Instant now) {
  if (tries < 0 || tries >= tries_max) return std::nullopt;
  if (tries == 0) return now;
  return now + try_pauses[static_cast<std::size_t>(tries) - 1];
}

/// "download_failed" as imap.download_failed or pop3.download_failed.
NewEvent Quarantine::event(std::string_view what, std::string message, std::string words) const {
  return board_.event(fmt::format("{}.{}", integration_.incoming.protocol, what),
                      Direction::incoming, std::move(message), std::move(words));
}

net::Task<Result<void>> Quarantine::put(BadMail mail) {
  const Instant now = context_.env.now();
  changed_ = true;
  storage::TroubledMail row;
  row.integration = integration_.id;
  row.folder = mail.folder;
  row.uid_validity = mail.uid_validity;
  row.uid = mail.uid;
  row.maildrop_key = mail.maildrop_key;
  row.received_at = mail.received_at.value_or(now);
  row.size_bytes = mail.size_bytes;
  row.note.stage = mail.stage;
  row.note.reason = mail.reason;
  row.note.tries = mail.tries;
  row.note.next_try_at = next_try(mail.tries, now);
  row.at = now;
  const auto message =
      fmt::format("mail {} in {} could not be downloaded: {}", mail.uid, mail.folder, mail.reason);
  log::warn("{}: {}", integration_.name, message);
  row.events.push_back(event("download_failed", message, hint));
  row.events.push_back(board_.event("message.quarantined", Direction::incoming, message, hint));
  for (auto& each : row.events) say_where(each, mail);
  POSTERN_CO_TRY(co_await context_.store.quarantine().put(std::move(row)));
  co_return success();
}

net::Task<Result<void>> Quarantine::put(LargeMail mail) {
  const Instant now = context_.env.now();
  const auto limit = integration_.incoming.message_bytes_max;
  storage::TroubledMail row;
  row.integration = integration_.id;
  row.folder = mail.folder;
  row.uid_validity = mail.uid_validity;
  row.uid = mail.uid;
  row.maildrop_key = mail.maildrop_key;
  row.state = storage::MessageState::too_large;
  row.received_at = mail.received_at.value_or(now);
  row.size_bytes = mail.size_bytes;
  row.message_id = message::find_message_id(mail.header).value_or("");
  row.header = std::move(mail.header);
  row.note.stage = "size";
  row.note.reason =
      fmt::format("it has {} bytes, and message_bytes_max is {}", mail.size_bytes, limit);
  if (mail.size_bytes <= limit) {
    // The server told less than it is: the least that it can be, so that it is known as too large.
    row.note.reason = fmt::format("the server says it has {} bytes, and it is larger than {}",
                                  mail.size_bytes, limit);
    row.size_bytes = limit + 1;
  }
  row.at = now;
  auto told =
      event("download_failed",
            fmt::format("mail {} in {} is larger than {} bytes", mail.uid, mail.folder, limit),
            "POST /messages/{id}/reprocess fetches it whatever its size; raise "
            "message_bytes_max to take such mails.");
  say_where(told, mail);
  told.data["size_bytes"] = mail.size_bytes;
  row.events.push_back(std::move(told));
  POSTERN_CO_TRY(co_await context_.store.quarantine().put(std::move(row)));
  co_return success();
}

net::Task<Result<void>> Quarantine::tell_refused(std::string folder, std::uint32_t uid,
                                                 MessageId id, Error why) {
  changed_ = true;
  const auto message =
      fmt::format("mail {} in {} could not be stored: {}", uid, folder, describe(why));
  log::error("{}: {}", integration_.name, message);
  std::vector<NewEvent> events;
  events.push_back(event("import_failed", message, hint));
  events.push_back(board_.event("message.quarantined", Direction::incoming, message, hint));
  for (auto& each : events) {
    each.data["folder"] = folder;
    each.data["uid"] = uid;
    each.data["message"] = id.str();
  }
  co_return co_await context_.store.events().append(std::move(events));
}

net::Task<Result<std::vector<storage::Trouble>>> Quarantine::waiting() {
  co_return co_await context_.store.quarantine().waiting(integration_.id, waiting_max);
}

net::Task<Result<void>> Quarantine::begin_try(storage::Trouble& trouble) {
  auto& note = trouble.note;
  changed_ = true;
  ++note.tries;
  note.next_try_at = next_try(note.tries, context_.env.now());
  co_return co_await context_.store.quarantine().note(trouble.message, note, {});
}

net::Task<Result<void>> Quarantine::failed(const storage::Trouble& trouble, std::string reason) {
  storage::TroubleNote note = trouble.note;
  note.reason = std::move(reason);
  std::vector<NewEvent> events;
  if (!note.next_try_at) {
    auto told = event("download_failed",
                      fmt::format("mail {} in {} is given up after {} tries: {}", trouble.uid,
                                  trouble.folder, note.tries, note.reason),
                      hint);
    told.data["message"] = trouble.message.str();
    events.push_back(std::move(told));
  }
  co_return co_await context_.store.quarantine().note(trouble.message, std::move(note),
                                                      std::move(events));
}

net::Task<Result<void>> Quarantine::gave_up(const storage::Trouble& trouble, std::string reason) {
  storage::TroubleNote note = trouble.note;
  note.reason = std::move(reason);
  note.next_try_at.reset();
  co_return co_await context_.store.quarantine().note(trouble.message, std::move(note), {});
}

}  // namespace postern::flows
