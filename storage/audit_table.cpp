// See audit_table.hpp.
#include "storage/audit_table.hpp"

#include "storage/columns.hpp"

namespace postern::storage {
namespace {

constexpr std::string_view list_name = "audit";
constexpr std::string_view done_word = "done";
constexpr std::string_view begun_word = "begun";

AuditEntry read_entry(Query& query) {
  AuditEntry entry;
  std::string fields, outcome;
  query.read(entry.id, entry.at, entry.who, entry.via, entry.address, entry.act, entry.resource,
             fields, entry.request_id, outcome);
  entry.fields = strings_from_json(fields);
  entry.done = outcome == done_word;
  return entry;
}

AuditId insert(Transaction& transaction, const AuditEntry& entry, std::string_view outcome) {
  const auto id = transaction.new_id<AuditId>();
  transaction.run(
      "INSERT INTO audit (id, at, who, via, address, act, resource, fields, request_id, outcome) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      id, entry.at, entry.who, entry.via, entry.address, entry.act, entry.resource,
      strings_to_json(entry.fields), entry.request_id, outcome);
  return id;
}

}  // namespace

net::Task<Result<void>> AuditTable::append(AuditEntry entry) {
  return engine_.write([entry = std::move(entry)](Transaction& transaction) -> Result<void> {
    insert(transaction, entry, done_word);
    return success();
  });
}

net::Task<Result<AuditId>> AuditTable::begin(AuditEntry entry) {
  return engine_.write([entry = std::move(entry)](Transaction& transaction) -> Result<AuditId> {
    return insert(transaction, entry, begun_word);
  });
}

net::Task<Result<void>> AuditTable::finish(AuditId id, AuditEntry entry) {
  return engine_.write([id, entry = std::move(entry)](Transaction& transaction) -> Result<void> {
    transaction.run(
        "UPDATE audit SET who = ?2, via = ?3, resource = ?4, fields = ?5, outcome = ?6 "
        "WHERE id = ?1",
        id, entry.who, entry.via, entry.resource, strings_to_json(entry.fields), done_word);
    return success();
  });
}

net::Task<Result<void>> AuditTable::drop(AuditId id) {
  return engine_.write([id](Transaction& transaction) -> Result<void> {
    transaction.run("DELETE FROM audit WHERE id = ?1", id);
    return success();
  });
}

net::Task<Result<Page<AuditEntry>>> AuditTable::list(AuditFilter filter, PageRequest page) {
  return engine_.read([filter = std::move(filter), page = std::move(page)](
                          Transaction& transaction) -> Result<Page<AuditEntry>> {
    POSTERN_TRY(const auto below, parse_cursor(list_name, page.cursor));
    std::string sql =
        "SELECT id, at, who, via, address, act, resource, fields, request_id, outcome FROM audit "
        "WHERE id < ?2";
    std::optional<std::string> who, resource;
    if (!filter.who.empty()) who = filter.who;
    if (!filter.resource.empty()) resource = filter.resource;
    if (who) sql += " AND who = ?3";
    if (resource) sql += " AND resource = ?4";
    sql += " ORDER BY id DESC LIMIT ?1";
    return read_page<AuditEntry>(transaction.query(sql, page.limit + 1, below, who, resource),
                                 list_name, page.limit, read_entry);
  });
}

}  // namespace postern::storage
