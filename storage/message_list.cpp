// GET /messages: which of them are meant, newest first.
//
// A Message-ID has an index. Subjects and senders are looked for in the summaries, which may be a
// gigabyte: a page looks through so many mails and no more; its cursor goes on behind them.
#include "storage/columns.hpp"
#include "storage/handover_rows.hpp"
#include "storage/id_source.hpp"
#include "storage/message_rows.hpp"
#include "storage/messages_table.hpp"

#include "core/mail_json.hpp"

namespace postern::storage {
namespace {

constexpr std::string_view list_name = "messages";

struct Sought {
  explicit Sought(MessageFilter wanted) : filter(std::move(wanted)) {
    if (filter.state) state = to_string(*filter.state);
    if (filter.since) since = IdSource::first_at(*filter.since);
    if (filter.until) until = IdSource::first_at(*filter.until);
    auto& id = filter.message_id;
    if (id && !id->starts_with('<')) id = '<' + *id + '>';
  }

  bool looks_through() const { return filter.subject || filter.sender; }

  std::string conditions() const {
    std::string sql = " WHERE m.id < ?2";
    if (filter.integration) sql += " AND m.integration = ?3";
    if (state) sql += " AND m.state = ?4";
    // The index leaves out mails without one.
    if (filter.message_id) sql += " AND m.message_id = ?5 AND m.message_id <> ''";
    // An id tells when it was made, so a time needs no index of its own.
    if (since) sql += " AND m.id >= ?6";
    if (until) sql += " AND m.id < ?7";
    return sql;
  }

  std::string text_conditions() const {
    std::string sql;
    if (filter.subject) {
      sql += " AND instr(lower(s.summary ->> '$.subject'), lower(?8)) > 0";
    }
    if (filter.sender) {
      sql +=
          " AND EXISTS (SELECT 1 FROM json_each(s.summary, '$.from') WHERE "
          "instr(lower(value ->> '$.address'), lower(?9)) > 0 OR "
          "instr(lower(value ->> '$.name'), lower(?9)) > 0)";
    }
    return sql;
  }

  Query query(Transaction& transaction, const std::string& sql, int limit,
              std::int64_t below) const {
    return transaction.query(sql, limit, below, filter.integration, state, filter.message_id, since,
                             until, filter.subject, filter.sender);
  }

  MessageFilter filter;
  std::optional<std::string_view> state;
  std::optional<std::int64_t> since, until;
};

constexpr std::string_view newest_first = " ORDER BY m.id DESC LIMIT ?1";

/// The id of the last mail that one page looks through; nothing: all that are left.
std::optional<std::int64_t> last_looked_at(Transaction& transaction, const Sought& sought,
                                           std::int64_t below) {
  const auto& filter = sought.filter;
  auto query = transaction.query(
      "SELECT m.id FROM message m" + sought.conditions() + " ORDER BY m.id DESC LIMIT 1 OFFSET ?1",
      messages_looked_through_max - 1, below, filter.integration, sought.state, filter.message_id,
      sought.since, sought.until);
  if (!query.step()) return std::nullopt;
  std::int64_t id = 0;
  query.read(id);
  return id;
}

Page<MessageDetail> find_page(Transaction& transaction, Sought sought, int limit,
                              std::int64_t below) {
  std::optional<std::int64_t> last;
  if (sought.looks_through()) last = last_looked_at(transaction, sought, below);
  if (last) sought.since = std::max(sought.since.value_or(*last), *last);
  const auto sql = std::string(select_message) + sought.conditions() + sought.text_conditions() +
                   std::string(newest_first);
  auto page = read_page<MessageDetail>(sought.query(transaction, sql, limit + 1, below), list_name,
                                       limit, read_message);
  if (last && page.next_cursor.empty()) page.next_cursor = make_cursor(list_name, *last);
  return page;
}

}  // namespace

MessageDetail read_message(Query& query) {
  MessageDetail row;
  std::string state;
  std::optional<std::string> summary, stage, reason, routing;
  std::optional<int> tries;
  std::optional<Instant> next_try_at;
  query.read(row.id, row.integration, row.integration_name, row.folder, row.uid_validity, row.uid,
             row.received_at, row.stored_at, row.size_bytes, row.sha256, row.message_id, state,
             row.digested, summary, stage, reason, tries, next_try_at, routing);
  if (stage) {
    row.trouble.emplace(TroubleNote{*stage, reason.value_or(""), tries.value_or(0), next_try_at});
  }
  row.state = known(parse_message_state(state), state);
  if (summary) row.summary = message_summary_from_json(passing_json(*summary).as_object());
  if (routing) row.routing = routing_from_json(object_from_json(*routing));
  return row;
}

net::Task<Result<Page<MessageDetail>>> MessagesTable::list(MessageFilter filter, PageRequest page) {
  return engine_.read([sought = Sought(std::move(filter)), page = std::move(page)](
                          Transaction& transaction) -> Result<Page<MessageDetail>> {
    POSTERN_TRY(const auto below, parse_cursor(list_name, page.cursor));
    auto rows = find_page(transaction, sought, page.limit, below);
    for (auto& row : rows.items) row.handovers = handovers_of(transaction, row.id);
    return rows;
  });
}

}  // namespace postern::storage
