#include "storage/mail_places.hpp"

#include "storage/after_fetch_table.hpp"

namespace postern::storage {
namespace {

void keep(Transaction& transaction, MessageId message, const MailPlace& place, Instant at) {
  transaction.run(
      "INSERT INTO message_place (integration, folder, uid_validity, uid, message, at, "
      "received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET "
      "own = own AND message = excluded.message, message = excluded.message, at = excluded.at, "
      "received_at = excluded.received_at",
      place.integration, place.folder, place.uid_validity, place.uid, message, at,
      place.received_at);
}

/// The place the mail was stored from, or moved to, under the same UIDVALIDITY stays good: then
/// this is a further copy, and it gives false.
bool moves_to(Transaction& transaction, MessageId message, const MailPlace& place) {
  const bool moved =
      transaction
          .query(
              "SELECT 1 FROM message m JOIN mail_at a ON a.message = m.id WHERE m.id = ?1 AND "
              "m.folder = ?2 AND m.uid_validity <> ?3 AND a.uid_validity <> ?3",
              message, place.folder, place.uid_validity)
          .step();
  if (!moved) return false;
  transaction.run("UPDATE message_place SET own = 0 WHERE message = ?1 AND own = 1", message);
  transaction.run(
      "UPDATE message_place SET own = 1 WHERE integration = ?1 AND folder = ?2 AND "
      "uid_validity = ?3 AND uid = ?4",
      place.integration, place.folder, place.uid_validity, place.uid);
  return true;
}

bool is_at(Transaction& transaction, MessageId message, const MailPlace& place) {
  return transaction
      .query(
          "SELECT 1 FROM mail_at WHERE message = ?1 AND folder = ?2 AND uid_validity = ?3 AND "
          "uid = ?4",
          message, place.folder, place.uid_validity, place.uid)
      .step();
}

}  // namespace

void note_place(Transaction& transaction, MessageId message, const MailPlace& place, Instant at) {
  keep(transaction, message, place, at);
  if (moves_to(transaction, message, place)) {
    // It was taken away there once: this is a mail that came back under other numbers.
    reopen_action(transaction, message);
    return;
  }
  if (is_at(transaction, message, place)) return;
  transaction.run(
      "DELETE FROM copy_action WHERE message = ?1 AND folder = ?2 AND uid_validity <> ?3 AND "
      "state IN ('due', 'copied')",
      message, place.folder, place.uid_validity);
  transaction.run(
      "INSERT OR IGNORE INTO copy_action (message, integration, folder, uid_validity, uid, "
      "outcome, due, state) SELECT a.message, a.integration, ?2, ?3, ?4, a.outcome, a.due, 'due' "
      "FROM after_fetch a JOIN after_fetch_policy p ON p.integration = a.integration AND "
      "p.outcome = a.outcome WHERE a.message = ?1 AND p.action <> 'none' AND "
      "a.state IN ('due', 'copied', 'done', 'gone')",
      message, place.folder, place.uid_validity, place.uid);
}

void read_placed(Transaction& transaction, const MailPlace& folder, UidRange uids,
                 std::vector<PlacedMail>& all) {
  // What waits for its bytes is asked for anyway, and says nothing of which mail it is.
  auto query = transaction.query(
      "SELECT uid, received_at, message_id FROM message WHERE integration = ?1 AND folder = ?2 "
      "AND uid_validity = ?3 AND uid BETWEEN ?4 AND ?5 AND NOT (state = 'quarantined' AND "
      "sha256 = '') UNION ALL "
      "SELECT p.uid, p.received_at, coalesce(m.message_id, '') FROM message_place p LEFT JOIN "
      "message m ON m.id = p.message WHERE p.integration = ?1 AND p.folder = ?2 AND "
      "p.uid_validity = ?3 AND p.uid BETWEEN ?4 AND ?5",
      folder.integration, folder.folder, folder.uid_validity, uids.first, uids.last);
  while (query.step()) {
    auto& mail = all.emplace_back();
    query.read(mail.uid, mail.received_at, mail.message_id);
  }
}

}  // namespace postern::storage
