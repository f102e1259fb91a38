// The intake: bytes and cursor in one transaction, which alone makes a mail ours.
#include "storage/columns.hpp"
#include "storage/events_table.hpp"
#include "storage/handover_rows.hpp"
#include "storage/mail_places.hpp"
#include "storage/maildrops_table.hpp"
#include "storage/messages_table.hpp"
#include "storage/quarantine_table.hpp"

#include <algorithm>
#include <limits>

namespace postern::storage {
namespace {

constexpr std::size_t row_bytes = 512;  // about, with its indices

void put_cursor(Transaction& transaction, IntegrationId integration, const std::string& folder,
                const MailboxCursor& cursor) {
  transaction.run(
      "INSERT INTO mailbox (integration, folder, uid_validity, next_uid, mod_seq) "
      "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET uid_validity = excluded.uid_validity, "
      "next_uid = excluded.next_uid, mod_seq = excluded.mod_seq",
      integration, folder, cursor.uid_validity, cursor.next_uid, cursor.mod_seq);
}

Result<void> require_integration(Transaction& transaction, IntegrationId integration) {
  const bool there =
      transaction
          .query("SELECT 1 FROM integration WHERE id = ?1 AND removed_at IS NULL", integration)
          .step();
  if (there) return success();
  return Error{errc::not_found, "integration " + integration.str()};
}

// A mail known by its place.
struct Placed {
  MessageId id;
  std::string sha256, message_id;
  bool waits = false;  // for its bytes
};

// What SQLite says of a row that can't be, however often it is tried; the store's own troubles
// pass.
bool is_the_mails_fault(const Error& error) {
  return error.code == errc::corrupt;
}

struct StoreBatch {
  IncomingBatch batch;
  std::vector<StoredMail> stored;
  bool places_free = false;
  std::uint32_t highest_uid = 0;  // of those stored so far

  explicit StoreBatch(IncomingBatch of) : batch(std::move(of)) {}

  Result<std::vector<StoredMail>> operator()(Transaction& transaction) {
    POSTERN_TRY(require_integration(transaction, batch.integration));
    places_free = are_free(transaction);
    for (const auto& mail : batch.mails) {
      stored.push_back(store(transaction, mail));
      stored.back().uid = mail.uid;
      highest_uid = std::max(highest_uid, mail.uid);
      if (!batch.maildrop) continue;
      put_stored_key(transaction, batch.integration, mail.maildrop_key, stored.back());
    }
    if (batch.maildrop) {
      put_next_uid(transaction, batch.integration, batch.cursor.next_uid);
    } else {
      put_cursor(transaction, batch.integration, batch.folder, batch.cursor);
    }
    return stored;
  }

  // The rows name their files now. Those of duplicates go with this job.
  void committed() {
    for (std::size_t i = 0; i < stored.size(); ++i) {
      auto* file = std::get_if<std::unique_ptr<SpoolFile>>(&batch.mails[i].bytes);
      const bool taken = !stored[i].duplicate && !stored[i].refused;
      if (file != nullptr && taken) keep(**file);
    }
  }

  StoredMail store(Transaction& transaction, const IncomingMail& mail) const {
    std::optional<MessageId> waiting;
    for (const auto& placed : at_place(transaction, mail)) {
      if (placed.waits) waiting = placed.id;
      const bool same_id = !mail.message_id.empty() && placed.message_id == mail.message_id;
      if (!placed.waits && (same_id || placed.sha256 == mail.sha256)) {
        return StoredMail{placed.id, true, {}, 0};
      }
    }
    const auto id = waiting ? *waiting : transaction.new_id<MessageId>();
    if (const auto known = claim(transaction, mail, id)) {
      if (waiting) transaction.run("DELETE FROM message WHERE id = ?1", *waiting);
      note_gmail_id(transaction, mail, *known);
      if (!batch.maildrop) {
        note_place(transaction, *known, place_of(mail), batch.at);
      }
      return StoredMail{*known, true, {}, 0};
    }
    if (waiting) forget(transaction, id);
    try {
      insert(transaction, id, mail);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& exception) {
      auto refused = to_error(exception);
      if (!is_the_mails_fault(refused)) throw;
      give_up_claim(transaction, mail);
      quarantine(transaction, id, mail, refused);
      return StoredMail{id, false, std::move(refused), 0};
    }
    return StoredMail{id, false, {}, 0};
  }

  /// Whether nothing is known at the places of the batch's mails, as it is with new mail: one
  /// question instead of one a mail.
  bool are_free(Transaction& transaction) const {
    std::uint32_t first = std::numeric_limits<std::uint32_t>::max(), last = 0;
    for (const auto& mail : batch.mails) {
      first = std::min(first, mail.uid);
      last = std::max(last, mail.uid);
    }
    return !transaction
                .query(
                    "SELECT 1 FROM message WHERE integration = ?1 AND folder = ?2 AND "
                    "uid_validity = ?3 AND uid BETWEEN ?4 AND ?5 UNION ALL "
                    "SELECT 1 FROM message_place WHERE integration = ?1 AND folder = ?2 AND "
                    "uid_validity = ?3 AND uid BETWEEN ?4 AND ?5 LIMIT 1",
                    batch.integration, batch.folder, batch.cursor.uid_validity, first, last)
                .step();
  }

  std::vector<Placed> at_place(Transaction& transaction, const IncomingMail& mail) const {
    if (!batch.maildrop && places_free && mail.uid > highest_uid) return {};
    // The UID of a POP3 mail is our own and says nothing of which mail it is; its key does.
    auto query =
        batch.maildrop
            ? transaction.query(
                  "SELECT m.id, sha256, message_id, m.state IN ('quarantined', 'too_large') AND "
                  "sha256 = '' FROM maildrop_mail d JOIN message m ON m.id = d.message "
                  "WHERE d.integration = ?1 AND d.key = ?2",
                  batch.integration, mail.maildrop_key)
            : transaction.query(
                  "SELECT id, sha256, message_id, state IN ('quarantined', 'too_large') AND "
                  "sha256 = '' FROM message WHERE integration = ?1 AND folder = ?2 AND "
                  "uid_validity = ?3 AND uid = ?4 UNION ALL "
                  "SELECT m.id, '', m.message_id, 1 FROM message_place p JOIN message m ON m.id = "
                  "p.message WHERE p.integration = ?1 AND p.folder = ?2 AND p.uid_validity = ?3 "
                  "AND p.uid = ?4 AND m.state IN ('quarantined', 'too_large') AND m.sha256 = ''",
                  batch.integration, batch.folder, batch.cursor.uid_validity, mail.uid);
    std::vector<Placed> all;
    while (query.step()) {
      auto& placed = all.emplace_back();
      query.read(placed.id, placed.sha256, placed.message_id, placed.waits);
    }
    return all;
  }

  /// Notes the mail as seen under `id`; or gives the id it was seen under before.
  std::optional<MessageId> claim(Transaction& transaction, const IncomingMail& mail,
                                 MessageId id) const {
    if (const auto known = seen_by_gmail(transaction, mail)) return known;
    transaction.run(
        "INSERT INTO message_seen (integration, sha256, message_id, message, at) "
        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET message = excluded.message, "
        "at = excluded.at WHERE message_seen.at <= ?6",
        batch.integration, mail.sha256, mail.message_id, id, batch.at, batch.at - seen_for);
    if (transaction.database.changes() > 0) return std::nullopt;
    auto query = transaction.query(
        "SELECT message FROM message_seen WHERE integration = ?1 AND sha256 = ?2 "
        "AND message_id = ?3",
        batch.integration, mail.sha256, mail.message_id);
    POSTERN_ASSERT(query.step());
    query.read(id);
    return id;
  }

  void give_up_claim(Transaction& transaction, const IncomingMail& mail) const {
    transaction.run(
        "DELETE FROM message_seen WHERE integration = ?1 AND sha256 = ?2 AND message_id = ?3",
        batch.integration, mail.sha256, mail.message_id);
  }

  // Under every label Gmail gives a mail the same id. Message-ID has to agree: what a server that
  // only says it was Gmail may give twice loses no mail.
  std::optional<MessageId> seen_by_gmail(Transaction& transaction, const IncomingMail& mail) const {
    if (mail.gmail_id == 0) return std::nullopt;
    auto query = transaction.query(
        "SELECT message FROM gmail_seen WHERE integration = ?1 AND gmail_id = ?2 AND "
        "message_id = ?3 AND at > ?4",
        batch.integration, static_cast<std::int64_t>(mail.gmail_id), mail.message_id,
        batch.at - seen_for);
    if (!query.step()) return std::nullopt;
    MessageId id;
    query.read(id);
    return id;
  }

  void note_gmail_id(Transaction& transaction, const IncomingMail& mail, MessageId id) const {
    if (mail.gmail_id == 0 || mail.message_id.empty()) return;
    transaction.run(
        "INSERT OR REPLACE INTO gmail_seen (integration, gmail_id, message_id, message, at) "
        "VALUES (?1, ?2, ?3, ?4, ?5)",
        batch.integration, static_cast<std::int64_t>(mail.gmail_id), mail.message_id, id, batch.at);
  }

  MailPlace place_of(const IncomingMail& mail) const {
    return {batch.integration, batch.folder, batch.cursor.uid_validity, mail.uid, mail.received_at};
  }

  // Everything of a mail, by the cascades of its row.
  static void forget(Transaction& transaction, MessageId id) {
    transaction.run("DELETE FROM message WHERE id = ?1", id);
  }

  void insert(Transaction& transaction, MessageId id, const IncomingMail& mail) const {
    const auto* bytes = std::get_if<std::string>(&mail.bytes);
    std::optional<std::string> spool_file;
    if (bytes == nullptr) {
      const auto& file = std::get<std::unique_ptr<SpoolFile>>(mail.bytes);
      POSTERN_ASSERT(is_finished(*file));
      spool_file = file->name();
    }
    transaction.run(
        "INSERT INTO message (id, integration, folder, uid_validity, uid, received_at, stored_at, "
        "size_bytes, sha256, message_id, state, spool_file) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'stored', ?11)",
        id, batch.integration, batch.folder, batch.cursor.uid_validity, mail.uid, mail.received_at,
        batch.at, mail.size_bytes, mail.sha256, mail.message_id, spool_file);
    if (bytes != nullptr) {
      transaction.run("INSERT INTO message_body (message, bytes) VALUES (?1, ?2)", id,
                      Blob{*bytes});
    }
    note_gmail_id(transaction, mail, id);
  }

  void quarantine(Transaction& transaction, MessageId id, const IncomingMail& mail,
                  const Error& why) const {
    forget(transaction, id);
    transaction.run(
        "INSERT INTO message (id, integration, folder, uid_validity, uid, received_at, stored_at, "
        "size_bytes, sha256, message_id, state, digested) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', '', 'quarantined', 1)",
        id, batch.integration, batch.folder, batch.cursor.uid_validity, mail.uid, mail.received_at,
        batch.at, mail.size_bytes);
    put_trouble(transaction, id, TroubleNote{"store", describe(why), 1, batch.retry_at});
  }
};

}  // namespace

net::Task<Result<std::vector<StoredMail>>> MessagesTable::store(IncomingBatch batch) {
  std::size_t bytes = 0;
  for (const auto& mail : batch.mails) {
    const auto* blob = std::get_if<std::string>(&mail.bytes);
    bytes += row_bytes + (blob == nullptr ? 0 : blob->size());
  }
  return engine_.write(StoreBatch(std::move(batch)), bytes);
}

net::Task<Result<std::optional<MailboxCursor>>> MessagesTable::cursor(IntegrationId integration,
                                                                      std::string folder) {
  return engine_.read([integration, folder = std::move(folder)](
                          Transaction& transaction) -> Result<std::optional<MailboxCursor>> {
    auto query = transaction.query(
        "SELECT uid_validity, next_uid, mod_seq FROM mailbox WHERE integration = ?1 AND folder = "
        "?2",
        integration, folder);
    std::optional<MailboxCursor> cursor;
    if (query.step()) {
      cursor.emplace();
      query.read(cursor->uid_validity, cursor->next_uid, cursor->mod_seq);
    }
    return cursor;
  });
}

net::Task<Result<void>> MessagesTable::set_cursor(IntegrationId integration, std::string folder,
                                                  MailboxCursor cursor,
                                                  std::vector<NewEvent> events) {
  return engine_.write([integration, folder = std::move(folder), cursor,
                        events = std::move(events)](Transaction& transaction) -> Result<void> {
    POSTERN_TRY(require_integration(transaction, integration));
    put_cursor(transaction, integration, folder, cursor);
    append_events(transaction, events);
    return success();
  });
}

net::Task<Result<UidRanges>> MessagesTable::uids_from(IntegrationId integration, std::string folder,
                                                      std::uint32_t uid_validity,
                                                      std::uint32_t first) {
  return engine_.read([integration, folder = std::move(folder), uid_validity,
                       first](Transaction& transaction) -> Result<UidRanges> {
    UidRanges uids;
    const auto take = [&uids](Query query) {
      std::uint32_t uid = 0;
      while (query.step()) {
        query.read(uid);
        uids.add(uid);
      }
    };
    take(transaction.query(
        "SELECT uid FROM message WHERE integration = ?1 AND folder = ?2 AND uid_validity = ?3 AND "
        "uid >= ?4 ORDER BY uid",
        integration, folder, uid_validity, first));
    take(transaction.query(
        "SELECT uid FROM message_place WHERE integration = ?1 AND folder = ?2 AND "
        "uid_validity = ?3 AND uid >= ?4 ORDER BY uid",
        integration, folder, uid_validity, first));
    return uids;
  });
}

net::Task<Result<std::vector<PlacedMail>>> MessagesTable::placed(IntegrationId integration,
                                                                 std::string folder,
                                                                 std::uint32_t uid_validity,
                                                                 UidRanges uids) {
  MailPlace where{integration, std::move(folder), uid_validity, 0, {}};
  return engine_.read([where = std::move(where), uids = std::move(uids)](
                          Transaction& transaction) -> Result<std::vector<PlacedMail>> {
    std::vector<PlacedMail> all;
    for (const auto& range : uids.ranges()) read_placed(transaction, where, range, all);
    return all;
  });
}

net::Task<Result<void>> MessagesTable::disown(IntegrationId integration, std::string folder,
                                              std::uint32_t uid_validity, UidRanges uids) {
  return engine_.write([integration, folder = std::move(folder), uid_validity,
                        uids = std::move(uids)](Transaction& transaction) -> Result<void> {
    for (const auto& range : uids.ranges()) {
      transaction.run(
          "UPDATE message SET uid_validity = 0 WHERE integration = ?1 AND folder = ?2 AND "
          "uid_validity = ?3 AND uid BETWEEN ?4 AND ?5",
          integration, folder, uid_validity, range.first, range.last);
      transaction.run(
          "DELETE FROM message_place WHERE integration = ?1 AND folder = ?2 AND uid_validity = ?3 "
          "AND uid BETWEEN ?4 AND ?5",
          integration, folder, uid_validity, range.first, range.last);
    }
    return success();
  });
}

net::Task<Result<std::vector<Undigested>>> MessagesTable::undigested(IntegrationId integration,
                                                                     int limit) {
  return engine_.read(
      [integration, limit](Transaction& transaction) -> Result<std::vector<Undigested>> {
        // Of one that is too large there is the header alone.
        auto query = transaction.query(
            "SELECT id, CASE state WHEN 'too_large' THEN 0 ELSE size_bytes END, received_at FROM "
            "message WHERE integration = ?1 AND digested = 0 ORDER BY id LIMIT ?2",
            integration, limit);
        std::vector<Undigested> mails;
        while (query.step()) {
          auto& mail = mails.emplace_back();
          query.read(mail.id, mail.size_bytes, mail.received_at);
        }
        return mails;
      });
}

}  // namespace postern::storage
