#include "storage/quarantine_table.hpp"

#include "storage/columns.hpp"
#include "storage/events_table.hpp"
#include "storage/mail_places.hpp"
#include "storage/maildrops_table.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t row_bytes = 1024;

std::optional<MessageId> find(Transaction& transaction, const TroubledMail& mail) {
  MessageId id;
  auto there =
      mail.maildrop_key.empty()
          ? transaction.query(
                "SELECT id FROM message WHERE integration = ?1 AND folder = ?2 AND "
                "uid_validity = ?3 AND uid = ?4 AND (?5 = '' OR message_id IN ('', ?5)) "
                "UNION ALL SELECT m.id FROM message_place p JOIN message m ON m.id = p.message "
                "WHERE p.integration = ?1 AND p.folder = ?2 AND p.uid_validity = ?3 AND "
                "p.uid = ?4 AND m.sha256 = '' AND (?5 = '' OR m.message_id IN ('', ?5)) LIMIT 1",
                mail.integration, mail.folder, mail.uid_validity, mail.uid, mail.message_id)
          : transaction.query(
                "SELECT m.id FROM maildrop_mail d JOIN message m ON m.id = d.message "
                "WHERE d.integration = ?1 AND d.key = ?2",
                mail.integration, mail.maildrop_key);
  if (there.step()) {
    there.read(id);
    return id;
  }
  if (mail.state != MessageState::too_large || mail.message_id.empty()) return std::nullopt;
  auto large = transaction.query(
      "SELECT id FROM message WHERE state = 'too_large' AND integration = ?1 AND message_id = ?2 "
      "AND size_bytes = ?3 LIMIT 1",
      mail.integration, mail.message_id, mail.size_bytes);
  if (!large.step()) return std::nullopt;
  large.read(id);
  return id;
}

MessageId insert(Transaction& transaction, const TroubledMail& mail) {
  const auto id = transaction.new_id<MessageId>();
  // Of one that is too large the header is handed over with a notice, be the header empty.
  const bool has_header = mail.state == MessageState::too_large;
  transaction.run(
      "INSERT INTO message (id, integration, folder, uid_validity, uid, received_at, stored_at, "
      "size_bytes, sha256, message_id, state, digested) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9, ?10, ?11)",
      id, mail.integration, mail.folder, mail.uid_validity, mail.uid, mail.received_at, mail.at,
      mail.size_bytes, mail.message_id, to_string(mail.state), !has_header);
  if (has_header) {
    transaction.run("INSERT INTO message_body (message, bytes) VALUES (?1, ?2)", id,
                    Blob{mail.header});
  }
  put_trouble(transaction, id, mail.note);
  return id;
}

void note_place(Transaction& transaction, MessageId id, const TroubledMail& mail) {
  const MailPlace place{mail.integration, mail.folder, mail.uid_validity, mail.uid,
                        mail.received_at};
  const bool is_first =
      transaction
          .query(
              "SELECT 1 FROM message WHERE id = ?1 AND folder = ?2 AND uid_validity = ?3 AND "
              "uid = ?4",
              id, place.folder, place.uid_validity, place.uid)
          .step();
  if (!is_first) storage::note_place(transaction, id, place, mail.at);
}

/// A mail that was seen again since is asked for at the place where it was seen last.
void move_to_last_place(Transaction& transaction, Trouble& trouble) {
  auto last = transaction.query(
      "SELECT p.folder, p.uid_validity, p.uid FROM message_place p JOIN mailbox b ON "
      "b.integration = p.integration AND b.folder = p.folder AND b.uid_validity = p.uid_validity "
      "WHERE p.message = ?1 ORDER BY p.at DESC LIMIT 1",
      trouble.message);
  if (last.step()) last.read(trouble.folder, trouble.uid_validity, trouble.uid);
}

void keep_key(Transaction& transaction, const TroubledMail& mail, MessageId id) {
  const auto state =
      mail.state == MessageState::too_large ? MaildropState::too_large : MaildropState::quarantined;
  put_troubled_key(transaction, mail.integration, mail.maildrop_key, state, id);
  put_next_uid(transaction, mail.integration, std::uint64_t(mail.uid) + 1);
}

}  // namespace

void put_trouble(Transaction& transaction, MessageId message, const TroubleNote& note) {
  transaction.run(
      "INSERT INTO message_trouble (message, stage, reason, tries, next_try_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET stage = excluded.stage, "
      "reason = excluded.reason, tries = excluded.tries, next_try_at = excluded.next_try_at",
      message, note.stage, note.reason, note.tries, note.next_try_at);
}

net::Task<Result<StoredMail>> QuarantineTable::put(TroubledMail mail) {
  const auto bytes = row_bytes + mail.header.size();
  return engine_.write(
      [mail = std::move(mail)](Transaction& transaction) mutable -> Result<StoredMail> {
        const auto known = find(transaction, mail);
        if (known && !mail.maildrop_key.empty()) {
          keep_key(transaction, mail, *known);
          return StoredMail{*known, true, {}, 0};
        }
        if (known) {
          // What was handed over of it says where it was: its row stays, and the place is noted.
          if (mail.state == MessageState::too_large) note_place(transaction, *known, mail);
          return StoredMail{*known, true, {}, 0};
        }
        const auto id = insert(transaction, mail);
        if (!mail.maildrop_key.empty()) keep_key(transaction, mail, id);
        for (auto& event : mail.events) event.data["message"] = id.str();
        append_events(transaction, mail.events);
        return StoredMail{id, false, {}, 0};
      },
      bytes);
}

net::Task<Result<std::vector<Trouble>>> QuarantineTable::waiting(IntegrationId integration,
                                                                 int limit) {
  return engine_.read(
      [integration, limit](Transaction& transaction) -> Result<std::vector<Trouble>> {
        auto query = transaction.query(
            "SELECT m.id, m.folder, m.uid_validity, m.uid, t.stage, t.reason, t.tries, "
            "t.next_try_at, t.any_size FROM message_trouble t JOIN message m ON m.id = t.message "
            "WHERE t.next_try_at IS NOT NULL AND m.integration = ?1 ORDER BY t.next_try_at LIMIT "
            "?2",
            integration, limit);
        std::vector<Trouble> all;
        while (query.step()) {
          auto& one = all.emplace_back();
          query.read(one.message, one.folder, one.uid_validity, one.uid, one.note.stage,
                     one.note.reason, one.note.tries, one.note.next_try_at, one.any_size);
        }
        for (auto& one : all) move_to_last_place(transaction, one);
        return all;
      });
}

net::Task<Result<void>> QuarantineTable::note(MessageId message, TroubleNote note,
                                              std::vector<NewEvent> events) {
  return engine_.write([message, note = std::move(note),
                        events = std::move(events)](Transaction& transaction) -> Result<void> {
    const bool there =
        transaction.query("SELECT 1 FROM message_trouble WHERE message = ?1", message).step();
    if (!there) return Error{errc::not_found, "the trouble of " + message.str()};
    put_trouble(transaction, message, note);
    append_events(transaction, events);
    return success();
  });
}

net::Task<Result<void>> QuarantineTable::try_now(MessageId message, Instant at) {
  return engine_.write([message, at](Transaction& transaction) -> Result<void> {
    transaction.run(
        "UPDATE message_trouble SET tries = 0, next_try_at = ?2, any_size = 1 WHERE message = ?1",
        message, at);
    if (transaction.database.changes() > 0) return success();
    const bool there = transaction.query("SELECT 1 FROM message WHERE id = ?1", message).step();
    if (!there) return Error{errc::not_found, "message " + message.str()};
    return Error{errc::wrong_state, "its bytes are here: there is nothing to fetch anew"};
  });
}

net::Task<Result<std::uint64_t>> QuarantineTable::try_all_now(
    std::optional<IntegrationId> integration, Instant at) {
  return engine_.write([integration, at](Transaction& transaction) -> Result<std::uint64_t> {
    transaction.run(
        "UPDATE message_trouble SET tries = 0, next_try_at = ?2 WHERE message IN (SELECT id FROM "
        "message WHERE state = 'quarantined' AND (?1 IS NULL OR integration = ?1))",
        integration, at);
    return static_cast<std::uint64_t>(transaction.database.changes());
  });
}

net::Task<Result<void>> QuarantineTable::forget_places(IntegrationId integration,
                                                       std::string folder,
                                                       std::uint32_t uid_validity) {
  return engine_.write([integration, folder = std::move(folder),
                        uid_validity](Transaction& transaction) -> Result<void> {
    transaction.run(
        "DELETE FROM message WHERE state = 'quarantined' AND sha256 = '' AND integration = ?1 AND "
        "folder = ?2 AND uid_validity <> ?3",
        integration, folder, uid_validity);
    return success();
  });
}

}  // namespace postern::storage
