// GET /deliveries: which of them are meant, newest first.
//
// Subjects and recipients have an index of their trigrams (FTS5). A mail gets into it some time
// after it was queued, so that sending never pays for searching: `delivery_indexed` says up to
// which id; what is newer is looked through. The index only narrows down: each row is held against
// the filter itself.
#include "storage/delivery_search.hpp"

#include "storage/columns.hpp"
#include "storage/deliveries_table.hpp"
#include "storage/delivery_rows.hpp"
#include "storage/id_source.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

constexpr std::string_view list_name = "deliveries";
constexpr std::size_t trigrams_max = 24;  // of what is sought: more narrow nothing down

std::optional<std::string> with_brackets(const std::optional<std::string>& message_id) {
  if (!message_id || message_id->starts_with('<')) return message_id;
  return '<' + *message_id + '>';
}

std::optional<std::int64_t> first_id(const std::optional<Instant>& at) {
  if (!at) return std::nullopt;
  return IdSource::first_at(*at);
}

/// Appends the trigrams of `text` as an FTS5 query: all of them have to be there, in any column.
/// Nothing where it is too short, or stands in the row in another form (escaped in JSON).
void add_trigrams(const std::optional<std::string>& text, std::string& match) {
  if (!text) return;
  const bool plain = std::all_of(text->begin(), text->end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F && c != '"' && c != '\\';
  });
  if (!plain) return;
  std::vector<std::size_t> starts;  // of characters
  for (std::size_t i = 0; i < text->size(); ++i) {
    if ((static_cast<unsigned char>((*text)[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  starts.push_back(text->size());
  for (std::size_t i = 0; i + 3 < starts.size() && i < trigrams_max; ++i) {
    match += '"' + text->substr(starts[i], starts[i + 3] - starts[i]) + "\" ";
  }
}

/// The filter as SQL and its parameters, without what may be in the index.
struct Sought {
  explicit Sought(DeliveryFilter wanted) : filter(std::move(wanted)) {
    if (filter.state) state = to_string(*filter.state);
    message_id = with_brackets(filter.message_id);
    since = first_id(filter.since);
    until = first_id(filter.until);
    add_trigrams(filter.subject, match);
    add_trigrams(filter.recipient, match);
  }

  std::string conditions() const {
    std::string sql;
    if (filter.integration) sql += " AND integration = ?3";
    if (state) sql += " AND state = ?4";
    if (filter.tag) sql += " AND id IN (SELECT delivery FROM delivery_tag WHERE tag = ?5)";
    if (filter.message_id) sql += " AND message_id = ?6";
    // An id tells when it was made, so a time needs no index of its own.
    if (filter.since) sql += " AND id >= ?7";
    if (filter.until) sql += " AND id < ?8";
    if (filter.recipient) {
      sql += " AND EXISTS (SELECT 1 FROM json_each(recipients) WHERE lower(value) = lower(?9))";
    }
    if (filter.sender) sql += " AND lower(sender) = lower(?10)";
    if (filter.subject) sql += " AND instr(lower(subject), lower(?11)) > 0";
    return sql;
  }

  Query query(Transaction& transaction, const std::string& rest, int limit,
              std::int64_t below) const {
    return transaction.query(select_delivery(rest), limit, below, filter.integration, state,
                             filter.tag, message_id, since, until, filter.recipient, filter.sender,
                             filter.subject, match);
  }

  DeliveryFilter filter;
  std::optional<std::string_view> state;
  std::optional<std::string> message_id;
  std::optional<std::int64_t> since, until;
  std::string match;  // empty: the index is of no use
};

constexpr std::string_view newest_first = " ORDER BY id DESC LIMIT ?1";

void read_rows(Query query, std::vector<Delivery>& rows) {
  while (query.step()) rows.push_back(read_delivery(query));
}

/// Up to `limit`, newest first: what is not in the index yet, then by the index.
std::vector<Delivery> find(Transaction& transaction, const Sought& sought, int limit,
                           std::int64_t below) {
  std::vector<Delivery> rows;
  if (sought.match.empty()) {
    read_rows(
        sought.query(transaction,
                     "WHERE id < ?2 AND ?12 = ''" + sought.conditions() + std::string(newest_first),
                     limit, below),
        rows);
    return rows;
  }
  read_rows(
      sought.query(transaction,
                   "WHERE id < ?2 AND ?12 <> '' AND id > (SELECT upto FROM delivery_indexed)" +
                       sought.conditions() + std::string(newest_first),
                   limit, below),
      rows);
  const int left = limit - static_cast<int>(rows.size());
  if (left == 0) return rows;
  // The join walks the hits, newest first, and ends when there are enough.
  read_rows(sought.query(transaction,
                         "JOIN (SELECT rowid AS hit FROM delivery_search WHERE delivery_search "
                         "MATCH ?12 ORDER BY rowid DESC) ON id = hit WHERE hit < ?2 AND "
                         "hit <= (SELECT upto FROM delivery_indexed)" +
                             sought.conditions() + " ORDER BY hit DESC LIMIT ?1",
                         left, below),
            rows);
  return rows;
}

}  // namespace

SearchIndex* search_index_of(Deliveries& deliveries) {
  return dynamic_cast<SearchIndex*>(&deliveries);
}

net::Task<Result<Page<Delivery>>> DeliveriesTable::list(DeliveryFilter filter, PageRequest page) {
  return engine_.read([sought = Sought(std::move(filter)),
                       page = std::move(page)](Transaction& transaction) -> Result<Page<Delivery>> {
    POSTERN_TRY(const auto below, parse_cursor(list_name, page.cursor));
    Page<Delivery> found;
    found.items = find(transaction, sought, page.limit + 1, below);
    if (static_cast<int>(found.items.size()) > page.limit) {
      found.items.pop_back();
      found.next_cursor = make_cursor(list_name, found.items.back().id.value);
    }
    return found;
  });
}

net::Task<Result<int>> DeliveriesTable::index_for_search(int count) {
  return engine_.write([count](Transaction& transaction) -> Result<int> {
    auto query = transaction.query(
        "SELECT count(*), coalesce(max(id), 0) FROM (SELECT id FROM delivery WHERE id > (SELECT "
        "upto FROM delivery_indexed) ORDER BY id LIMIT ?1)",
        count);
    int added = 0;
    std::int64_t upto = 0;
    if (query.step()) query.read(added, upto);
    if (added == 0) return 0;
    transaction.run(
        "INSERT INTO delivery_search (rowid, subject, recipients) SELECT id, subject, recipients "
        "FROM delivery WHERE id > (SELECT upto FROM delivery_indexed) AND id <= ?1 ORDER BY id",
        upto);
    transaction.run("UPDATE delivery_indexed SET upto = ?1", upto);
    return added;
  });
}

net::Task<Result<int>> DeliveriesTable::unindexed(int at_most) {
  return engine_.read([at_most](Transaction& transaction) -> Result<int> {
    auto query = transaction.query(
        "SELECT count(*) FROM (SELECT 1 FROM delivery WHERE id > (SELECT upto FROM "
        "delivery_indexed) LIMIT ?1)",
        at_most);
    int count = 0;
    if (query.step()) query.read(count);
    return count;
  });
}

}  // namespace postern::storage
