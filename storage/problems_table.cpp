// See problems_table.hpp.
#include "storage/problems_table.hpp"

#include "storage/columns.hpp"
#include "storage/events_table.hpp"
#include "storage/notice_rows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern::storage {

const char* const problems_schema = R"sql(
-- A problem is core/problem's row as JSON; what is asked for stands beside it.
CREATE TABLE problem (
  id INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  integration INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX problem_open ON problem(id) WHERE state != 'closed';
CREATE INDEX problem_closed ON problem(changed_at) WHERE state = 'closed';
-- A notice of one problem or several: due until every way of sending it was tried.
CREATE TABLE notice (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  thread TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  data TEXT NOT NULL,
  state TEXT NOT NULL,
  tries INTEGER NOT NULL,
  channels TEXT NOT NULL
) STRICT;
CREATE INDEX notice_by_thread ON notice(thread);
CREATE INDEX notice_due ON notice(id) WHERE state = 'due';
CREATE TABLE notice_problem (
  problem INTEGER NOT NULL,
  notice INTEGER NOT NULL REFERENCES notice(id) ON DELETE CASCADE,
  PRIMARY KEY (problem, notice)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_problem_by_notice ON notice_problem(notice);
)sql";

namespace {

Problem read_problem(Query& query) {
  ProblemId id;
  std::string body;
  query.read(id, body);
  auto problem = problem_from_row(object_from_json(body));
  problem.id = id;
  return problem;
}

}  // namespace

StoredNotice read_notice(Query& query) {
  StoredNotice notice;
  std::string data, channels;
  query.read(notice.id, notice.kind, notice.at, notice.thread, notice.subject, notice.text, data,
             notice.state, notice.tries, channels);
  notice.data = object_from_json(data);
  notice.channels = boost::json::parse(channels).as_array();
  return notice;
}

void add_problems(Transaction& transaction, StoredNotice& notice) {
  auto query = transaction.query(
      "SELECT problem FROM notice_problem WHERE notice = ?1 ORDER BY problem", notice.id);
  while (query.step()) query.read(notice.problems.emplace_back());
}

namespace {

void put_problem(Transaction& transaction, const Problem& problem) {
  transaction.run(
      "INSERT INTO problem (id, state, integration, changed_at, body) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT (id) DO UPDATE SET state = ?2, integration = ?3, changed_at = ?4, body = ?5",
      problem.id, to_string(problem.state), problem.key.integration, problem.changed,
      boost::json::serialize(problem_row(problem)));
}

NoticeId put_notice(Transaction& transaction, const NewNotice& notice,
                    const std::map<ProblemKey, ProblemId>& ids) {
  const auto id = transaction.new_id<NoticeId>();
  transaction.run(
      "INSERT INTO notice (id, kind, at, thread, subject, text, data, state, tries, channels) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'due', 0, '[]')",
      id, to_string(notice.kind), notice.at, notice.thread, notice.subject, notice.text,
      boost::json::serialize(notice.data));
  for (const auto& key : notice.problems) {
    const auto found = ids.find(key);
    if (found == ids.end()) continue;
    transaction.run("INSERT OR IGNORE INTO notice_problem (problem, notice) VALUES (?1, ?2)",
                    found->second, id);
  }
  for (const auto profile : notice.profiles) {
    Telling first;
    first.notice = id;
    first.profile = profile;
    first.due = notice.at;
    put_telling(transaction, first);
  }
  return id;
}

template <class Id>
Result<std::map<Id, int>> counts(Query query) {
  std::map<Id, int> result;
  while (query.step()) {
    Id id;
    int count = 0;
    query.read(id, count);
    result[id] = count;
  }
  return result;
}

}  // namespace

net::Task<Result<std::vector<Problem>>> ProblemsTable::recent(Instant since) {
  return engine_.read([since](Transaction& transaction) -> Result<std::vector<Problem>> {
    std::vector<Problem> problems;
    auto query = transaction.query(
        "SELECT id, body FROM problem WHERE state != 'closed' UNION ALL SELECT id, body FROM "
        "problem WHERE state = 'closed' AND changed_at >= ?1",
        since);
    while (query.step()) problems.push_back(read_problem(query));
    return problems;
  });
}

net::Task<Result<KeptAlerts>> ProblemsTable::keep(AlertChanges changes) {
  return engine_.write(
      [changes = std::move(changes)](Transaction& transaction) -> Result<KeptAlerts> {
        KeptAlerts kept;
        std::map<ProblemKey, ProblemId> ids;
        for (auto problem : changes.problems) {
          if (!problem.id) {
            problem.id = transaction.new_id<ProblemId>();
            kept.ids[problem.key] = problem.id;
          }
          ids[problem.key] = problem.id;
          put_problem(transaction, problem);
        }
        for (const auto& notice : changes.notices) put_notice(transaction, notice, ids);
        append_events(transaction, changes.events);
        if (changes.last) keep_event_cursor(transaction, changes.consumer, *changes.last);
        kept.notices = static_cast<int>(changes.notices.size());
        return kept;
      });
}

net::Task<Result<Page<Problem>>> ProblemsTable::list(ProblemFilter filter, PageRequest page) {
  return engine_.read(
      [filter, page = std::move(page)](Transaction& transaction) -> Result<Page<Problem>> {
        POSTERN_TRY(const auto below, parse_cursor("problems", page.cursor));
        std::string sql = "SELECT id, body FROM problem WHERE id < ?2";
        std::optional<std::string> state;
        if (filter.state) {
          state = to_string(*filter.state);
          sql += " AND state = ?3";
        } else {
          sql += " AND state != 'closed'";
        }
        if (filter.integration) sql += " AND integration = ?4";
        sql += " ORDER BY id DESC LIMIT ?1";
        return read_page<Problem>(
            transaction.query(sql, page.limit + 1, below, state, filter.integration), "problems",
            page.limit, read_problem);
      });
}

net::Task<Result<Problem>> ProblemsTable::get(ProblemId id) {
  return engine_.read([id](Transaction& transaction) -> Result<Problem> {
    auto query = transaction.query("SELECT id, body FROM problem WHERE id = ?1", id);
    if (!query.step()) return Error{errc::not_found, "there is no such problem"};
    return read_problem(query);
  });
}

net::Task<Result<std::vector<StoredNotice>>> ProblemsTable::due_notices(int limit) {
  return engine_.read([limit](Transaction& transaction) -> Result<std::vector<StoredNotice>> {
    std::vector<StoredNotice> notices;
    {
      auto query = transaction.query(
          std::string(notice_columns) + " WHERE state = 'due' ORDER BY id LIMIT ?1", limit);
      while (query.step()) notices.push_back(read_notice(query));
    }
    for (auto& notice : notices) add_problems(transaction, notice);
    return notices;
  });
}

net::Task<Result<void>> ProblemsTable::queue_mail(NewNotice mail) {
  return engine_.write([mail = std::move(mail)](Transaction& transaction) -> Result<void> {
    const auto id = put_notice(transaction, mail, {});
    if (mail.parent) {
      transaction.run(
          "INSERT INTO notice_problem (problem, notice) SELECT problem, ?2 FROM notice_problem "
          "WHERE notice = ?1",
          *mail.parent, id);
    }
    return success();
  });
}

net::Task<Result<bool>> ProblemsTable::was_told(std::string thread) {
  return engine_.read([thread = std::move(thread)](Transaction& transaction) -> Result<bool> {
    auto query = transaction.query(
        "SELECT 1 FROM notice WHERE thread = ?1 AND (state = 'sent' OR EXISTS (SELECT 1 FROM "
        "notice_telling WHERE notice = notice.id AND state = 'sent')) LIMIT 1",
        thread);
    return query.step();
  });
}

net::Task<Result<void>> ProblemsTable::notice_done(NoticeId id, std::string state, int tries,
                                                   boost::json::array channels) {
  return engine_.write([id, state = std::move(state), tries,
                        channels = std::move(channels)](Transaction& transaction) -> Result<void> {
    transaction.run("UPDATE notice SET state = ?2, tries = ?3, channels = ?4 WHERE id = ?1", id,
                    state, tries, boost::json::serialize(channels));
    return success();
  });
}

net::Task<Result<Page<StoredNotice>>> ProblemsTable::notices(std::optional<ProblemId> problem,
                                                             PageRequest page) {
  return engine_.read(
      [problem, page = std::move(page)](Transaction& transaction) -> Result<Page<StoredNotice>> {
        POSTERN_TRY(const auto below, parse_cursor("notices", page.cursor));
        std::string sql = std::string(notice_columns) + " WHERE id < ?2";
        if (problem) sql += " AND id IN (SELECT notice FROM notice_problem WHERE problem = ?3)";
        sql += " ORDER BY id DESC LIMIT ?1";
        auto found = read_page<StoredNotice>(transaction.query(sql, page.limit + 1, below, problem),
                                             "notices", page.limit, read_notice);
        for (auto& notice : found.items) add_problems(transaction, notice);
        return found;
      });
}

net::Task<Result<std::map<IntegrationId, int>>> ProblemsTable::quarantined() {
  return engine_.read([](Transaction& transaction) -> Result<std::map<IntegrationId, int>> {
    return counts<IntegrationId>(transaction.query(
        "SELECT integration, count(*) FROM message WHERE state = 'quarantined' GROUP BY 1"));
  });
}

net::Task<Result<std::map<TargetId, int>>> ProblemsTable::parked() {
  return engine_.read([](Transaction& transaction) -> Result<std::map<TargetId, int>> {
    return counts<TargetId>(transaction.query(
        "SELECT target, count(*) FROM handover WHERE state = 'parked' GROUP BY 1"));
  });
}

net::Task<Result<void>> ProblemsTable::forget(Instant before) {
  return engine_.write([before](Transaction& transaction) -> Result<void> {
    transaction.run("DELETE FROM problem WHERE state = 'closed' AND changed_at < ?1", before);
    transaction.run("DELETE FROM notice WHERE state != 'due' AND at < ?1", before);
    return success();
  });
}

}  // namespace postern::storage
