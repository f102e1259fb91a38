// See maildrops_table.hpp.
#include "storage/maildrops_table.hpp"

#include "storage/after_fetch_table.hpp"
#include "storage/columns.hpp"
#include "storage/events_table.hpp"

#include <array>

namespace postern::storage {
namespace {

constexpr std::size_t row_bytes = 160;  // about

struct StateWord {
  MaildropState state;
  std::string_view word;
};
constexpr std::array<StateWord, 6> state_words{{{MaildropState::passed_over, "passed_over"},
                                                {MaildropState::undated, "undated"},
                                                {MaildropState::stored, "stored"},
                                                {MaildropState::failed, "failed"},
                                                {MaildropState::too_large, "too_large"},
                                                {MaildropState::quarantined, "quarantined"}}};

std::optional<MaildropState> parse_maildrop_state(std::string_view text) {
  for (const auto& entry : state_words) {
    if (entry.word == text) return entry.state;
  }
  return std::nullopt;
}

Result<void> require_begun(Transaction& transaction, IntegrationId integration) {
  const bool there =
      transaction.query("SELECT 1 FROM maildrop WHERE integration = ?1", integration).step();
  if (there) return success();
  return Error{errc::not_found, "the maildrop of " + integration.str()};
}

void read_troubles(Transaction& transaction, IntegrationId integration,
                   std::vector<TroubledKey>& troubles) {
  auto query = transaction.query(
      "SELECT d.key, m.size_bytes, m.id, m.folder, m.uid_validity, m.uid, t.stage, t.reason, "
      "t.tries, t.next_try_at, t.any_size FROM maildrop_mail d "
      "JOIN message m ON m.id = d.message JOIN message_trouble t ON t.message = m.id "
      "WHERE d.integration = ?1 AND d.state IN ('quarantined', 'too_large')",
      integration);
  while (query.step()) {
    auto& row = troubles.emplace_back();
    auto& trouble = row.trouble;
    query.read(row.key, row.size_bytes, trouble.message, trouble.folder, trouble.uid_validity,
               trouble.uid, trouble.note.stage, trouble.note.reason, trouble.note.tries,
               trouble.note.next_try_at, trouble.any_size);
  }
}

}  // namespace

std::string_view to_string(MaildropState state) {
  for (const auto& entry : state_words) {
    if (entry.state == state) return entry.word;
  }
  POSTERN_ASSERT(!"a maildrop state without a word");
}

void put_stored_key(Transaction& transaction, IntegrationId integration, const std::string& key,
                    const StoredMail& stored) {
  if (stored.refused) {
    put_troubled_key(transaction, integration, key, MaildropState::quarantined, stored.id);
    return;
  }
  transaction.run(
      "INSERT INTO maildrop_mail (integration, key, state, message, attempts) "
      "VALUES (?1, ?2, 'stored', ?3, 0) ON CONFLICT DO UPDATE SET state = 'stored', "
      "message = excluded.message, attempts = 0",
      integration, key, stored.id);
  if (stored.duplicate) reopen_action(transaction, stored.id);
}

void put_troubled_key(Transaction& transaction, IntegrationId integration, const std::string& key,
                      MaildropState state, MessageId message) {
  transaction.run(
      "INSERT INTO maildrop_mail (integration, key, state, message, attempts) "
      "VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT DO UPDATE SET state = excluded.state, "
      "message = excluded.message WHERE state <> 'stored'",
      integration, key, to_string(state), message);
}

void put_next_uid(Transaction& transaction, IntegrationId integration, std::uint64_t next_uid) {
  transaction.run("UPDATE maildrop SET next_uid = max(next_uid, ?2) WHERE integration = ?1",
                  integration, next_uid);
}

void remove_maildrop(Transaction& transaction, IntegrationId integration) {
  transaction.run("DELETE FROM maildrop_mail WHERE integration = ?1", integration);
  transaction.run("DELETE FROM maildrop WHERE integration = ?1", integration);
}

net::Task<Result<std::optional<Maildrop>>> MaildropsTable::get(IntegrationId integration) {
  return engine_.read([integration](Transaction& transaction) -> Result<std::optional<Maildrop>> {
    Maildrop drop;
    auto head =
        transaction.query("SELECT next_uid FROM maildrop WHERE integration = ?1", integration);
    if (!head.step()) return std::optional<Maildrop>();
    head.read(drop.next_uid);
    auto query = transaction.query(
        "SELECT key, state, attempts, missing_since IS NOT NULL FROM maildrop_mail "
        "WHERE integration = ?1",
        integration);
    while (query.step()) {
      auto& mail = drop.mails.emplace_back();
      std::string state;
      query.read(mail.key, state, mail.attempts, mail.missing);
      mail.state = known(parse_maildrop_state(state), state);
    }
    read_troubles(transaction, integration, drop.troubles);
    return std::optional(std::move(drop));
  });
}

net::Task<Result<void>> MaildropsTable::begin(IntegrationId integration,
                                              std::vector<std::string> keys, MaildropState state) {
  const auto bytes = row_bytes * (keys.size() + 1);
  return engine_.write(
      [integration, keys = std::move(keys), state](Transaction& transaction) -> Result<void> {
        if (require_begun(transaction, integration)) return success();
        const bool there =
            transaction
                .query("SELECT 1 FROM integration WHERE id = ?1 AND removed_at IS NULL",
                       integration)
                .step();
        if (!there) return Error{errc::not_found, "integration " + integration.str()};
        // Messages may be there from an earlier time with POP3.
        transaction.run(
            "INSERT INTO maildrop (integration, next_uid) SELECT ?1, coalesce(max(uid), 0) + 1 "
            "FROM message WHERE integration = ?1 AND uid_validity = ?2",
            integration, maildrop_uid_validity);
        for (const auto& key : keys) {
          transaction.run(
              "INSERT INTO maildrop_mail (integration, key, state, attempts) "
              "VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING",
              integration, key, std::string(to_string(state)));
        }
        return success();
      },
      bytes);
}

net::Task<Result<void>> MaildropsTable::record_listing(IntegrationId integration,
                                                       std::vector<std::string> gone,
                                                       std::vector<std::string> back, Instant at) {
  const auto bytes = row_bytes * (gone.size() + back.size());
  return engine_.write(
      [integration, gone = std::move(gone), back = std::move(back),
       at](Transaction& transaction) -> Result<void> {
        constexpr const char* mark =
            "UPDATE maildrop_mail SET missing_since = ?3 WHERE integration = ?1 AND key = ?2";
        for (const auto& key : gone) transaction.run(mark, integration, key, at);
        for (const auto& key : back) {
          transaction.run(mark, integration, key, std::optional<Instant>());
        }
        transaction.run("DELETE FROM maildrop_mail WHERE integration = ?1 AND missing_since < ?2",
                        integration, at - maildrop_keys_for);
        return success();
      },
      bytes);
}

net::Task<Result<void>> MaildropsTable::forget(IntegrationId integration,
                                               std::vector<std::string> keys) {
  const auto bytes = row_bytes * keys.size();
  return engine_.write(
      [integration, keys = std::move(keys)](Transaction& transaction) -> Result<void> {
        for (const auto& key : keys) {
          transaction.run("DELETE FROM maildrop_mail WHERE integration = ?1 AND key = ?2",
                          integration, key);
        }
        return success();
      },
      bytes);
}

net::Task<Result<void>> MaildropsTable::record(IntegrationId integration,
                                               std::vector<MaildropMail> mails,
                                               std::vector<NewEvent> events) {
  const auto bytes = row_bytes * mails.size();
  return engine_.write(
      [integration, mails = std::move(mails),
       events = std::move(events)](Transaction& transaction) -> Result<void> {
        POSTERN_TRY(require_begun(transaction, integration));
        for (const auto& mail : mails) {
          POSTERN_ASSERT(mail.state != MaildropState::stored);
          transaction.run(
              "INSERT INTO maildrop_mail (integration, key, state, attempts) "
              "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET state = excluded.state, "
              "attempts = excluded.attempts WHERE state <> 'stored'",
              integration, mail.key, std::string(to_string(mail.state)), mail.attempts);
        }
        append_events(transaction, events);
        return success();
      },
      bytes);
}

net::Task<Result<std::vector<Removal>>> MaildropsTable::removals(IntegrationId integration,
                                                                 Instant now, int limit) {
  return engine_.read(
      [integration, now, limit](Transaction& transaction) -> Result<std::vector<Removal>> {
        auto query = transaction.query(
            "SELECT a.message, a.outcome, coalesce(d.key, '') FROM ("
            "SELECT message, outcome, integration FROM after_fetch WHERE integration = ?1 AND "
            "state IN ('due', 'copied') AND due <= ?2 AND NOT EXISTS (SELECT 1 FROM "
            "message_trouble t WHERE t.message = after_fetch.message AND t.next_try_at IS NOT "
            "NULL) ORDER BY due LIMIT ?3) a "
            "LEFT JOIN maildrop_mail d ON d.message = a.message AND d.integration = a.integration "
            "AND d.missing_since IS NULL ORDER BY a.message",
            integration, now, limit);
        std::vector<Removal> rows;
        while (query.step()) {
          MessageId message;
          std::string outcome, key;
          query.read(message, outcome, key);
          if (rows.empty() || rows.back().message != message) {
            rows.push_back({message, known(parse_message_state(outcome), outcome), {}});
          }
          if (!key.empty()) rows.back().keys.push_back(std::move(key));
        }
        return rows;
      });
}

}  // namespace postern::storage
