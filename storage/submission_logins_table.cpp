// See submission_logins_table.hpp.
#include "storage/submission_logins_table.hpp"

namespace postern::storage {

const char* const submission_logins_schema = R"sql(
-- One login an integration; the name of the login is the integration's id.
CREATE TABLE submission_login (
  integration INTEGER PRIMARY KEY REFERENCES integration(id),
  salt TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
)sql";

namespace {

Result<void> mark_modified(Transaction& transaction, IntegrationId id, const std::string& by,
                           Instant at) {
  transaction.run(
      "UPDATE integration SET version = version + 1, modified_at = ?2, modified_by = ?3 "
      "WHERE id = ?1 AND removed_at IS NULL",
      id, at, by);
  if (transaction.database.changes() > 0) return success();
  return Error{errc::not_found, "integration " + id.str()};
}

}  // namespace

net::Task<Result<void>> SubmissionLoginsTable::set(SubmissionLoginRow row, std::string by) {
  return engine_.write(
      [row = std::move(row), by = std::move(by)](Transaction& transaction) -> Result<void> {
        POSTERN_TRY(mark_modified(transaction, row.integration, by, row.created_at));
        transaction.run(
            "INSERT OR REPLACE INTO submission_login (integration, salt, password_hash, "
            "created_at) VALUES (?1, ?2, ?3, ?4)",
            row.integration, row.salt, row.password_hash, row.created_at);
        return success();
      });
}

net::Task<Result<std::optional<SubmissionLoginRow>>> SubmissionLoginsTable::find(
    IntegrationId integration) {
  return engine_.read(
      [integration](Transaction& transaction) -> Result<std::optional<SubmissionLoginRow>> {
        auto query = transaction.query(
            "SELECT login.integration, salt, password_hash, login.created_at "
            "FROM submission_login AS login JOIN integration ON integration.id = login.integration "
            "WHERE login.integration = ?1 AND removed_at IS NULL",
            integration);
        if (!query.step()) return std::optional<SubmissionLoginRow>();
        SubmissionLoginRow row;
        query.read(row.integration, row.salt, row.password_hash, row.created_at);
        return std::optional(std::move(row));
      });
}

net::Task<Result<void>> SubmissionLoginsTable::remove(IntegrationId integration, std::string by,
                                                      Instant at) {
  return engine_.write(
      [integration, by = std::move(by), at](Transaction& transaction) -> Result<void> {
        POSTERN_TRY(mark_modified(transaction, integration, by, at));
        transaction.run("DELETE FROM submission_login WHERE integration = ?1", integration);
        return success();
      });
}

}  // namespace postern::storage
