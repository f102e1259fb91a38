// See people_table.hpp. Each rule about the last admin is held inside the transaction.
#include "storage/people_table.hpp"

namespace postern::storage {
namespace {

constexpr std::string_view select_person =
    "SELECT name, role, password_hash, version, created_at, modified_at, modified_by, "
    "signed_in_at, address FROM person WHERE name = ?1";

Person read_person(Query& query) {
  Person person;
  query.read(person.name, person.role, person.password_hash, person.version, person.created_at,
             person.modified_at, person.modified_by, person.signed_in_at, person.address);
  return person;
}

SessionRow read_session(Query& query) {
  SessionRow row;
  query.read(row.id, row.person, row.role, row.created_at, row.seen_at, row.ends_at, row.address,
             row.agent);
  return row;
}

Result<Person> find(Transaction& transaction, const std::string& name) {
  auto query = transaction.query(select_person, name);
  if (!query.step()) return Error{errc::not_found, "user " + name};
  return read_person(query);
}

Result<Person> find_version(Transaction& transaction, const std::string& name,
                            std::optional<std::uint64_t> if_version) {
  POSTERN_TRY(auto person, find(transaction, name));
  if (if_version && *if_version != person.version) return Error{errc::version_mismatch, name};
  return person;
}

/// Somebody else has to be an admin before `person` stops being one.
Result<void> check_other_admin(Transaction& transaction, const Person& person) {
  if (person.role != "admin") return success();
  auto query = transaction.query("SELECT 1 FROM person WHERE role = 'admin' AND name <> ?1 LIMIT 1",
                                 person.name);
  if (query.step()) return success();
  return Error{errc::wrong_state, person.name + " is the last admin: make another one first."};
}

}  // namespace

net::Task<Result<bool>> PeopleTable::any() {
  return engine_.read([](Transaction& transaction) -> Result<bool> {
    return transaction.query("SELECT 1 FROM person LIMIT 1").step();
  });
}

net::Task<Result<std::vector<Person>>> PeopleTable::list() {
  return engine_.read([](Transaction& transaction) -> Result<std::vector<Person>> {
    std::vector<Person> people;
    auto query = transaction.query(
        "SELECT name, role, password_hash, version, created_at, modified_at, modified_by, "
        "signed_in_at, address FROM person ORDER BY name");
    while (query.step()) people.push_back(read_person(query));
    return people;
  });
}

net::Task<Result<Person>> PeopleTable::get(std::string name) {
  return engine_.read([name = std::move(name)](Transaction& transaction) -> Result<Person> {
    return find(transaction, name);
  });
}

net::Task<Result<Person>> PeopleTable::create(Person person, bool only_first) {
  return engine_.write(
      [person = std::move(person), only_first](Transaction& transaction) mutable -> Result<Person> {
        if (only_first && transaction.query("SELECT 1 FROM person LIMIT 1").step()) {
          return Error{errc::wrong_state, "Somebody has been set up already: sign in."};
        }
        if (transaction.query("SELECT 1 FROM person WHERE name = ?1", person.name).step()) {
          return Error{errc::name_taken, person.name};
        }
        person.version = 1;
        person.modified_at = person.created_at;
        transaction.run(
            "INSERT INTO person (name, role, password_hash, version, created_at, modified_at, "
            "modified_by, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            person.name, person.role, person.password_hash, person.version, person.created_at,
            person.modified_at, person.modified_by, person.address);
        return person;
      });
}

net::Task<Result<Person>> PeopleTable::change(std::string name, PersonChange change,
                                              std::optional<std::uint64_t> if_version,
                                              std::string by, Instant at) {
  return engine_.write([name = std::move(name), change = std::move(change), if_version,
                        by = std::move(by), at](Transaction& transaction) -> Result<Person> {
    POSTERN_TRY(auto person, find_version(transaction, name, if_version));
    const bool another_role = change.role && *change.role != person.role;
    if (another_role) {
      POSTERN_TRY(check_other_admin(transaction, person));
      person.role = *change.role;
    }
    if (change.password_hash) person.password_hash = *change.password_hash;
    if (change.address) person.address = *change.address;
    ++person.version;
    person.modified_at = at;
    person.modified_by = by;
    transaction.run(
        "UPDATE person SET role = ?2, password_hash = ?3, version = ?4, modified_at = ?5, "
        "modified_by = ?6, address = ?7 WHERE name = ?1",
        person.name, person.role, person.password_hash, person.version, person.modified_at,
        person.modified_by, person.address);
    if (another_role || change.password_hash) {
      transaction.run("DELETE FROM session WHERE person = ?1 AND sha256 <> ?2", person.name,
                      change.keep_session);
    }
    return person;
  });
}

net::Task<Result<void>> PeopleTable::remove(std::string name,
                                            std::optional<std::uint64_t> if_version) {
  return engine_.write(
      [name = std::move(name), if_version](Transaction& transaction) -> Result<void> {
        POSTERN_TRY(const auto person, find_version(transaction, name, if_version));
        POSTERN_TRY(check_other_admin(transaction, person));
        transaction.run("DELETE FROM session WHERE person = ?1", name);
        transaction.run("DELETE FROM person WHERE name = ?1", name);
        return success();
      });
}

net::Task<Result<SessionRow>> PeopleTable::open_session(SessionRow row, std::string sha256) {
  return engine_.write([row = std::move(row), sha256 = std::move(sha256)](
                           Transaction& transaction) mutable -> Result<SessionRow> {
    POSTERN_TRY(const auto person, find(transaction, row.person));
    row.role = person.role;
    row.id = transaction.new_id<SessionId>();
    row.seen_at = row.created_at;
    transaction.run("DELETE FROM session WHERE ends_at <= ?1", row.created_at);
    transaction.run(
        "INSERT INTO session (id, sha256, person, created_at, seen_at, ends_at, address, agent) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        row.id, sha256, row.person, row.created_at, row.seen_at, row.ends_at, row.address,
        row.agent);
    transaction.run(
        "DELETE FROM session WHERE person = ?1 AND id <= (SELECT id FROM session WHERE "
        "person = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        row.person, sessions_max);
    transaction.run("UPDATE person SET signed_in_at = ?2 WHERE name = ?1", row.person,
                    row.created_at);
    return row;
  });
}

net::Task<Result<std::optional<SessionRow>>> PeopleTable::find_session(std::string sha256,
                                                                       Instant now) {
  auto find_row = [sha256 = std::move(sha256),
                   now](Transaction& transaction) -> Result<std::optional<SessionRow>> {
    auto query = transaction.query(
        "SELECT s.id, s.person, p.role, s.created_at, s.seen_at, s.ends_at, s.address, s.agent "
        "FROM session s JOIN person p ON p.name = s.person WHERE s.sha256 = ?1 AND s.ends_at > ?2",
        sha256, now);
    if (!query.step()) return std::optional<SessionRow>();
    return std::optional(read_session(query));
  };
  POSTERN_CO_TRY(auto row, co_await engine_.read(std::move(find_row)));
  if (row && now - row->seen_at >= seen_step) {
    engine_.write_later([id = row->id, now](Transaction& transaction) -> Result<void> {
      transaction.run("UPDATE session SET seen_at = ?2 WHERE id = ?1", id, now);
      return success();
    });
  }
  co_return row;
}

net::Task<Result<std::vector<SessionRow>>> PeopleTable::sessions(std::string person, Instant now) {
  return engine_.read([person = std::move(person),
                       now](Transaction& transaction) -> Result<std::vector<SessionRow>> {
    std::vector<SessionRow> rows;
    auto query = transaction.query(
        "SELECT s.id, s.person, p.role, s.created_at, s.seen_at, s.ends_at, s.address, s.agent "
        "FROM session s JOIN person p ON p.name = s.person WHERE s.ends_at > ?2 "
        "AND (?1 = '' OR s.person = ?1) ORDER BY s.id DESC",
        person, now);
    while (query.step()) rows.push_back(read_session(query));
    return rows;
  });
}

net::Task<Result<void>> PeopleTable::end_session(SessionId id, std::string person) {
  return engine_.write([id, person = std::move(person)](Transaction& transaction) -> Result<void> {
    transaction.run("DELETE FROM session WHERE id = ?1 AND (?2 = '' OR person = ?2)", id, person);
    if (transaction.database.changes() == 0) return Error{errc::not_found, "session " + id.str()};
    return success();
  });
}

net::Task<Result<void>> PeopleTable::end_session(std::string sha256) {
  return engine_.write([sha256 = std::move(sha256)](Transaction& transaction) -> Result<void> {
    transaction.run("DELETE FROM session WHERE sha256 = ?1", sha256);
    return success();
  });
}

net::Task<Result<void>> PeopleTable::end_sessions(std::string person) {
  return engine_.write([person = std::move(person)](Transaction& transaction) -> Result<void> {
    transaction.run("DELETE FROM session WHERE person = ?1", person);
    return success();
  });
}

}  // namespace postern::storage
