// See audit_table.hpp.
#include "storage/audit_table.hpp"

#include "storage/columns.hpp"

namespace postern::storage {
namespace {

constexpr std::string_view list_name = "audit";

AuditEntry read_entry(Query& query) {
  AuditEntry entry;
  std::string fields;
  query.read(entry.id, entry.at, entry.who, entry.via, entry.address, entry.act, entry.resource,
             fields, entry.request_id);
  entry.fields = strings_from_json(fields);
  return entry;
}

}  // namespace

net::Task<Result<void>> AuditTable::append(AuditEntry entry) {
  return engine_.write([entry = std::move(entry)](Transaction& transaction) -> Result<void> {
    transaction.run(
        "INSERT INTO audit (id, at, who, via, address, act, resource, fields, request_id) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        transaction.new_id<AuditId>(), entry.at, entry.who, entry.via, entry.address, entry.act,
        entry.resource, strings_to_json(entry.fields), entry.request_id);
    return success();
  });
}

net::Task<Result<Page<AuditEntry>>> AuditTable::list(AuditFilter filter, PageRequest page) {
  return engine_.read([filter = std::move(filter), page = std::move(page)](
                          Transaction& transaction) -> Result<Page<AuditEntry>> {
    POSTERN_TRY(const auto below, parse_cursor(list_name, page.cursor));
    std::string sql =
        "SELECT id, at, who, via, address, act, resource, fields, request_id FROM audit "
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
