// What the API reads of received mail. See messages_table.hpp.
#include "storage/messages_table.hpp"

#include "storage/columns.hpp"
#include "storage/handover_rows.hpp"

#include <array>

namespace postern::storage {
namespace {

constexpr std::string_view list_name = "messages";
constexpr const char* select_message =
    "SELECT m.id, m.integration, i.name, m.folder, m.uid_validity, m.uid, m.received_at, "
    "m.stored_at, m.size_bytes, m.sha256, m.message_id, m.state, m.digested, "
    "s.summary, t.stage, t.reason, t.tries, t.next_try_at, r.routing "
    "FROM message m JOIN integration i ON i.id = m.integration "
    "LEFT JOIN message_summary s ON s.message = m.id "
    "LEFT JOIN message_trouble t ON t.message = m.id "
    "LEFT JOIN message_routing r ON r.message = m.id";

const std::string select_one_message = std::string(select_message) + " WHERE m.id = ?1";

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

Result<std::string> bytes_of(Transaction& transaction, const Spool& spool, MessageId id) {
  auto query = transaction.query("SELECT size_bytes, spool_file FROM message WHERE id = ?1", id);
  if (!query.step()) return Error{errc::not_found, "message " + id.str()};
  std::uint64_t size_bytes = 0;
  std::optional<std::string> file;
  query.read(size_bytes, file);
  if (file) return spool.read(*file, size_bytes);
  auto body = transaction.query("SELECT bytes FROM message_body WHERE message = ?1", id);
  if (body.step()) return body.blob();
  auto trouble = transaction.query("SELECT reason FROM message_trouble WHERE message = ?1", id);
  if (trouble.step()) {
    std::string reason;
    trouble.read(reason);
    return Error{errc::wrong_state, "Its bytes are not here, they could not be had: " + reason};
  }
  return Error{errc::corrupt, "the bytes of " + id.str() + " are gone"};
}

struct StateWord {
  MessageState state;
  std::string_view word;
};
constexpr std::array<StateWord, 6> state_words{{{MessageState::stored, "stored"},
                                                {MessageState::handed_over, "handed_over"},
                                                {MessageState::ignored, "ignored"},
                                                {MessageState::held, "held"},
                                                {MessageState::quarantined, "quarantined"},
                                                {MessageState::too_large, "too_large"}}};

}  // namespace

std::string_view to_string(MessageState state) {
  for (const auto& entry : state_words) {
    if (entry.state == state) return entry.word;
  }
  POSTERN_ASSERT(!"a message state without a word");
}

std::optional<MessageState> parse_message_state(std::string_view text) {
  for (const auto& entry : state_words) {
    if (entry.word == text) return entry.state;
  }
  return std::nullopt;
}

Result<std::unique_ptr<SpoolFile>> MessagesTable::open_spool_file() {
  return engine_.spool.create(engine_.readers);
}

net::Task<Result<MessageDetail>> MessagesTable::get(MessageId id) {
  return engine_.read([id](Transaction& transaction) -> Result<MessageDetail> {
    auto query = transaction.query(select_one_message, id);
    if (!query.step()) return Error{errc::not_found, "message " + id.str()};
    auto row = read_message(query);
    row.handovers = handovers_of(transaction, id);
    return row;
  });
}

net::Task<Result<std::map<MessageId, MessageDetail>>> MessagesTable::find(
    std::vector<MessageId> ids) {
  return engine_.read([ids = std::move(ids)](
                          Transaction& transaction) -> Result<std::map<MessageId, MessageDetail>> {
    std::map<MessageId, MessageDetail> found;
    for (const auto id : ids) {
      auto query = transaction.query(select_one_message, id);
      if (query.step()) found.emplace(id, read_message(query));
    }
    return found;
  });
}

net::Task<Result<std::string>> MessagesTable::raw(MessageId id) {
  return engine_.read([id, &spool = engine_.spool](Transaction& transaction) {
    return bytes_of(transaction, spool, id);
  });
}

net::Task<Result<std::vector<std::string>>> MessagesTable::raws(std::vector<MessageId> ids) {
  return engine_.read([ids = std::move(ids), &spool = engine_.spool](
                          Transaction& transaction) -> Result<std::vector<std::string>> {
    std::vector<std::string> all;
    all.reserve(ids.size());
    for (const auto id : ids) {
      POSTERN_TRY(auto bytes, bytes_of(transaction, spool, id));
      all.push_back(std::move(bytes));
    }
    return all;
  });
}

net::Task<Result<Page<MessageDetail>>> MessagesTable::list(MessageFilter filter, PageRequest page) {
  return engine_.read(
      [filter, page = std::move(page)](Transaction& transaction) -> Result<Page<MessageDetail>> {
        POSTERN_TRY(const auto below, parse_cursor(list_name, page.cursor));
        std::string sql = std::string(select_message) + " WHERE m.id < ?2";
        std::optional<std::string_view> state;
        if (filter.state) state = to_string(*filter.state);
        if (filter.integration) sql += " AND m.integration = ?3";
        if (state) sql += " AND m.state = ?4";
        sql += " ORDER BY m.id DESC LIMIT ?1";
        auto rows = read_page<MessageDetail>(
            transaction.query(sql, page.limit + 1, below, filter.integration, state), list_name,
            page.limit, read_message);
        for (auto& row : rows.items) row.handovers = handovers_of(transaction, row.id);
        return rows;
      });
}

net::Task<Result<std::uint64_t>> MessagesTable::count() {
  return engine_.read([](Transaction& transaction) -> Result<std::uint64_t> {
    auto query = transaction.query("SELECT count(*) FROM message");
    std::uint64_t count = 0;
    if (query.step()) query.read(count);
    return count;
  });
}

}  // namespace postern::storage
