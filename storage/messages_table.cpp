// What the API reads of received mail. See messages_table.hpp.
#include "storage/messages_table.hpp"

#include "storage/columns.hpp"
#include "storage/handover_rows.hpp"
#include "storage/message_rows.hpp"

#include <array>

namespace postern::storage {
namespace {

const std::string select_one_message = std::string(select_message) + " WHERE m.id = ?1";

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

net::Task<Result<std::uint64_t>> MessagesTable::count() {
  return engine_.read([](Transaction& transaction) -> Result<std::uint64_t> {
    auto query = transaction.query("SELECT count(*) FROM message");
    std::uint64_t count = 0;
    if (query.step()) query.read(count);
    return count;
  });
}

}  // namespace postern::storage
