// See problems_table.hpp: what is told at profiles.
#include "storage/columns.hpp"
#include "storage/notice_rows.hpp"
#include "storage/problems_table.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>

namespace postern::storage {
namespace {

constexpr std::size_t records_max = 20;  // of tries, in a notice's row
constexpr std::array states = {TellingState::waiting, TellingState::passed_on, TellingState::sent,
                               TellingState::failed, TellingState::dropped};
constexpr std::string_view telling_columns =
    "SELECT id, notice, profile, step, channel, state, due, tries, error FROM notice_telling";

std::optional<TellingState> parse_state(std::string_view word) {
  for (const auto state : states) {
    if (to_string(state) == word) return state;
  }
  return std::nullopt;
}

Telling read_telling(Query& query) {
  Telling telling;
  std::string state;
  query.read(telling.id, telling.notice, telling.profile, telling.step, telling.channel, state,
             telling.due, telling.tries, telling.error);
  telling.state = known(parse_state(state), state);
  return telling;
}

void add_record(Transaction& transaction, NoticeId notice, const boost::json::object& record) {
  boost::json::array channels;
  {
    auto query = transaction.query("SELECT channels FROM notice WHERE id = ?1", notice);
    if (!query.step()) return;
    std::string text;
    query.read(text);
    channels = boost::json::parse(text).as_array();
  }
  while (channels.size() >= records_max) channels.erase(channels.begin());
  channels.push_back(record);
  transaction.run("UPDATE notice SET channels = ?2 WHERE id = ?1", notice,
                  boost::json::serialize(channels));
}

/// Whether a later notice of the same thread waits for the same channel.
bool is_overtaken(Transaction& transaction, const Telling& telling, const std::string& thread) {
  if (telling.channel < 0) return false;
  return transaction
      .query(
          "SELECT 1 FROM notice_telling later JOIN notice ON notice.id = later.notice WHERE "
          "notice.thread = ?1 AND later.notice > ?2 AND later.profile = ?3 AND "
          "later.channel = ?4 AND later.state = 'waiting' LIMIT 1",
          thread, telling.notice, telling.profile, telling.channel)
      .step();
}

}  // namespace

std::string_view to_string(TellingState state) {
  switch (state) {
    case TellingState::waiting:
      return "waiting";
    case TellingState::passed_on:
      return "passed_on";
    case TellingState::sent:
      return "sent";
    case TellingState::failed:
      return "failed";
    case TellingState::dropped:
      return "dropped";
  }
  return "";
}

void put_telling(Transaction& transaction, const Telling& telling) {
  transaction.run(
      "INSERT INTO notice_telling (id, notice, profile, step, channel, state, due, tries, error) "
      "VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, 0, '')",
      transaction.new_id<TellingId>(), telling.notice, telling.profile, telling.step,
      telling.channel, telling.due);
}

net::Task<Result<std::vector<DueTelling>>> ProblemsTable::due_tellings(Instant now, int limit) {
  return engine_.read([now, limit](Transaction& transaction) -> Result<std::vector<DueTelling>> {
    std::vector<DueTelling> tellings;
    {
      auto query =
          transaction.query(std::string(telling_columns) +
                                " WHERE state = 'waiting' AND due <= ?1 ORDER BY due, id LIMIT ?2",
                            now, limit);
      while (query.step()) tellings.emplace_back().value = read_telling(query);
    }
    for (auto& telling : tellings) {
      auto query =
          transaction.query(std::string(notice_columns) + " WHERE id = ?1", telling.value.notice);
      if (query.step()) telling.notice = read_notice(query);
    }
    for (auto& telling : tellings) {
      add_problems(transaction, telling.notice);
      telling.overtaken = is_overtaken(transaction, telling.value, telling.notice.thread);
    }
    return tellings;
  });
}

net::Task<Result<std::optional<Instant>>> ProblemsTable::next_telling() {
  return engine_.read([](Transaction& transaction) -> Result<std::optional<Instant>> {
    std::optional<Instant> next;
    auto query = transaction.query("SELECT min(due) FROM notice_telling WHERE state = 'waiting'");
    if (query.step()) query.read(next);
    return next;
  });
}

net::Task<Result<void>> ProblemsTable::telling_done(TellingId id, TellingEnd end) {
  return engine_.write([id, end = std::move(end)](Transaction& transaction) -> Result<void> {
    Telling telling;
    {
      auto query = transaction.query(std::string(telling_columns) + " WHERE id = ?1", id);
      if (!query.step()) return Error{errc::not_found, "telling " + id.str()};
      telling = read_telling(query);
    }
    if (telling.state != TellingState::waiting) {
      return Error{errc::wrong_state, "telling " + id.str()};
    }
    const bool waits = end.state == TellingState::waiting;
    transaction.run(
        "UPDATE notice_telling SET state = ?2, due = ?3, tries = tries + ?5, error = ?4 "
        "WHERE id = ?1",
        id, to_string(end.state), waits ? end.due : telling.due, end.error,
        !waits || !end.error.empty());
    for (auto more : end.more) {
      more.notice = telling.notice;
      more.profile = telling.profile;
      put_telling(transaction, more);
    }
    if (end.state == TellingState::sent) {
      transaction.run(
          "UPDATE notice SET state = 'sent' WHERE id = ?1 AND state IN ('unsent', 'failed')",
          telling.notice);
    }
    if (end.record) add_record(transaction, telling.notice, *end.record);
    return success();
  });
}

net::Task<Result<std::vector<ChannelBegun>>> ProblemsTable::channels_begun(std::string thread,
                                                                           ProfileId profile) {
  return engine_.read([thread = std::move(thread),
                       profile](Transaction& transaction) -> Result<std::vector<ChannelBegun>> {
    std::vector<ChannelBegun> begun;
    auto query = transaction.query(
        "SELECT channel, max(notice_telling.state IN ('sent', 'passed_on')) FROM notice_telling "
        "JOIN notice ON notice.id = notice_telling.notice WHERE thread = ?1 AND profile = ?2 AND "
        "channel >= 0 AND notice_telling.state IN ('waiting', 'passed_on', 'sent') "
        "GROUP BY channel ORDER BY channel",
        thread, profile);
    while (query.step()) {
      auto& each = begun.emplace_back();
      query.read(each.channel, each.told);
    }
    return begun;
  });
}

net::Task<Result<void>> ProblemsTable::bring_forward(NoticeId notice, Instant now) {
  return engine_.write([notice, now](Transaction& transaction) -> Result<void> {
    transaction.run(
        "UPDATE notice_telling SET due = min(due, ?2) WHERE notice = ?1 AND channel = -1 AND "
        "state = 'waiting'",
        notice, now);
    return success();
  });
}

}  // namespace postern::storage
