// The intake: bytes and cursor in one transaction, which alone makes a mail ours; then the digest.
#include "storage/columns.hpp"
#include "storage/events_table.hpp"
#include "storage/handover_rows.hpp"
#include "storage/maildrops_table.hpp"
#include "storage/messages_table.hpp"

#include <boost/json/serialize.hpp>

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

struct StoreBatch {
  IncomingBatch batch;
  std::vector<StoredMail> stored;

  Result<std::vector<StoredMail>> operator()(Transaction& transaction) {
    POSTERN_TRY(require_integration(transaction, batch.integration));
    for (const auto& mail : batch.mails) {
      const auto known = find(transaction, mail);
      stored.push_back(known ? StoredMail{*known, true} : insert(transaction, mail));
      if (!batch.maildrop) continue;
      put_stored_key(transaction, batch.integration, mail.maildrop_key, stored.back().id);
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
      if (file != nullptr && !stored[i].duplicate) keep(**file);
    }
  }

  bool find_by_uid(Transaction& transaction, const IncomingMail& mail, MessageId& id) const {
    auto by_uid = transaction.query(
        "SELECT id FROM message WHERE integration = ?1 AND folder = ?2 AND uid_validity = ?3 "
        "AND uid = ?4",
        batch.integration, batch.folder, batch.cursor.uid_validity, mail.uid);
    if (!by_uid.step()) return false;
    by_uid.read(id);
    return true;
  }

  // The UID of a POP3 mail is our own: it says nothing of which mail it is.
  std::optional<MessageId> find(Transaction& transaction, const IncomingMail& mail) const {
    MessageId id;
    if (!batch.maildrop && find_by_uid(transaction, mail, id)) return id;
    auto seen = transaction.query(
        "SELECT message FROM message_seen WHERE integration = ?1 AND sha256 = ?2 "
        "AND message_id = ?3 AND at > ?4",
        batch.integration, mail.sha256, mail.message_id, batch.at - seen_for);
    if (!seen.step()) return std::nullopt;
    seen.read(id);
    return id;
  }

  StoredMail insert(Transaction& transaction, const IncomingMail& mail) const {
    const auto* bytes = std::get_if<std::string>(&mail.bytes);
    std::optional<std::string> spool_file;
    if (bytes == nullptr) {
      const auto& file = std::get<std::unique_ptr<SpoolFile>>(mail.bytes);
      POSTERN_ASSERT(is_finished(*file));
      spool_file = file->name();
    }
    const auto id = transaction.new_id<MessageId>();
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
    transaction.run(
        "INSERT OR REPLACE INTO message_seen (integration, sha256, message_id, message, at) "
        "VALUES (?1, ?2, ?3, ?4, ?5)",
        batch.integration, mail.sha256, mail.message_id, id, batch.at);
    return StoredMail{id, false};
  }
};

}  // namespace

net::Task<Result<std::vector<StoredMail>>> MessagesTable::store(IncomingBatch batch) {
  std::size_t bytes = 0;
  for (const auto& mail : batch.mails) {
    const auto* blob = std::get_if<std::string>(&mail.bytes);
    bytes += row_bytes + (blob == nullptr ? 0 : blob->size());
  }
  return engine_.write(StoreBatch{std::move(batch), {}}, bytes);
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

net::Task<Result<std::vector<MessageId>>> MessagesTable::undigested(IntegrationId integration,
                                                                    int limit) {
  return engine_.read(
      [integration, limit](Transaction& transaction) -> Result<std::vector<MessageId>> {
        auto query = transaction.query(
            "SELECT id FROM message WHERE integration = ?1 AND digested = 0 ORDER BY id LIMIT ?2",
            integration, limit);
        std::vector<MessageId> ids;
        while (query.step()) query.read(ids.emplace_back());
        return ids;
      });
}

net::Task<Result<void>> MessagesTable::record_digest(MessageId id, MessageSummary summary,
                                                     std::vector<TargetId> targets,
                                                     std::vector<NewEvent> events, Instant at) {
  auto json = boost::json::serialize(to_json(summary));
  const auto bytes = row_bytes + json.size();
  return engine_.write(
      [id, json = std::move(json), targets = std::move(targets), events = std::move(events),
       at](Transaction& transaction) -> Result<void> {
        transaction.run("UPDATE message SET digested = 1 WHERE id = ?1 AND digested = 0", id);
        if (transaction.database.changes() == 0) {
          const bool there = transaction.query("SELECT 1 FROM message WHERE id = ?1", id).step();
          if (there) return success();
          return Error{errc::not_found, "message " + id.str()};
        }
        transaction.run("INSERT INTO message_summary (message, summary) VALUES (?1, ?2)", id, json);
        for (const auto target : targets) insert_handover(transaction, id, target, at);
        append_events(transaction, events);
        return success();
      },
      bytes);
}

}  // namespace postern::storage
