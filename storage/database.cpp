// See database.hpp.
#include "storage/database.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cerrno>
#include <climits>
#include <unordered_map>

namespace postern::storage {
namespace {

constexpr int busy_timeout_ms = 10'000;
constexpr int restart_patience_ms = 20;      // commits wait as long
constexpr int steps_between_looks = 10'000;  // of SQLite's machine: some milliseconds
// Pages of 16 KiB: measured best for bodies kept as BLOBs. FULL: NORMAL loses acknowledged commits
// in a power cut. A log that had to grow past what the writer keeps it at is cut when it begins
// anew.
constexpr const char* durable_settings =
    "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
    "PRAGMA journal_size_limit = 67108864";
constexpr const char* fast_settings =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; "
    "PRAGMA locking_mode = EXCLUSIVE";

int remember_log_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

errc code_of(int extended, int system_errno) {
  if (extended == SQLITE_IOERR_SHMSIZE) return errc::disk_full;
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return errc::disk_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return errc::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return errc::corrupt;
    default:
      break;
  }
  return system_errno == ENOSPC || system_errno == EDQUOT ? errc::disk_full : errc::io;
}

// SQLiteCpp's Exception with the errno beside it.
class Failure : public SQLite::Exception {
 public:
  Failure(sqlite3* handle, int code) : Exception(handle, code) {
    if (handle != nullptr) system_errno_ = sqlite3_system_errno(handle);
  }
  int system_errno() const { return system_errno_; }

 private:
  int system_errno_ = 0;
};

/// SQLite counts what it allocates under a lock that all connections share; nobody asks for it.
void count_no_memory() {
  static const int set = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(set);  // refused when SQLite was used before: then it counts
}

}  // namespace

struct Query::Statement {
  Statement(const SQLite::Database& database, const std::string& sql)
      : handle(database.getHandle()), prepared(database, sql) {}
  sqlite3* handle;
  SQLite::Statement prepared;
  bool on_loan = false;
};

struct Database::State {
  State(const std::string& path, int flags) : database(path, flags, busy_timeout_ms) {}

  /// Finds by a string_view without making a string of it.
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  SQLite::Database database;
  // After the database, so that the statements go first.
  std::unordered_map<std::string, Query::Statement, Hash, std::equal_to<>> statements;
  int log_pages = 0;
};

Query::Query(Statement& statement) : statement_(&statement) {
  POSTERN_ASSERT(!statement.on_loan);
  statement.on_loan = true;
}

Query::~Query() {
  if (statement_ == nullptr) return;
  statement_->prepared.tryReset();
  statement_->prepared.clearBindings();  // throws for a statement that was never made only
  statement_->on_loan = false;
}

bool Query::step() {
  const int code = statement_->prepared.tryExecuteStep();
  if (code != SQLITE_ROW && code != SQLITE_DONE) throw Failure(statement_->handle, code);
  return code == SQLITE_ROW;
}

void Query::run() {
  while (step()) {
  }
}

std::string Query::blob() {
  const auto column = statement_->prepared.getColumn(0);
  return std::string(static_cast<const char*>(column.getBlob()),
                     static_cast<std::size_t>(column.getBytes()));
}

void Query::bind_integer(int index, std::int64_t value) {
  statement_->prepared.bind(index, value);
}

void Query::bind_text(int index, std::string_view value) {
  statement_->prepared.bind(index, std::string(value));
}

void Query::bind_blob(int index, std::string_view value) {
  POSTERN_ASSERT(value.size() <= INT_MAX);
  statement_->prepared.bindNoCopy(
      index, static_cast<const void*>(value.data() == nullptr ? "" : value.data()),
      static_cast<int>(value.size()));
}

bool Query::null(int index) {
  return statement_->prepared.getColumn(index).isNull();
}

std::int64_t Query::integer(int index) {
  return statement_->prepared.getColumn(index).getInt64();
}

std::string Query::text(int index) {
  return statement_->prepared.getColumn(index).getString();
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& path, Settings settings) {
  count_no_memory();
  const bool writes = settings.access == Access::write;
  const int flags = writes ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE
                    : settings.access == Access::checkpoint ? SQLite::OPEN_READWRITE
                                                            : SQLite::OPEN_READONLY;
  try {
    Database opened(std::make_unique<State>(path, flags | SQLITE_OPEN_NOMUTEX));
    if (writes) {
      opened.execute(settings.durable ? durable_settings : fast_settings);
      opened.execute("PRAGMA foreign_keys = ON");
      // Also takes the place of the automatic checkpoint, whose errors nobody would see.
      sqlite3_wal_hook(opened.state_->database.getHandle(), remember_log_pages,
                       &opened.state_->log_pages);
    }
    if (settings.access == Access::checkpoint) {
      // Finds the log, without the schema's being read, as any PRAGMA would have it.
      opened.execute("BEGIN IMMEDIATE; ROLLBACK");
      return opened;
    }
    opened.execute("PRAGMA cache_size = -" + std::to_string(settings.cache_kib));
    opened.execute("PRAGMA temp_store = MEMORY");
    return opened;
  } catch (const SQLite::Exception& exception) {
    auto error = to_error(exception);
    error.detail = path + ": " + error.detail;
    return error;
  }
}

void Database::execute(const std::string& sql) {
  const int code = state_->database.tryExec(sql);
  if (code != SQLITE_OK) throw Failure(state_->database.getHandle(), code);
}

/// Shared with nobody: a shared_ptr, so that its class needs to be known here alone.
class Database::StopWatch {
 public:
  StopWatch(sqlite3* handle, std::stop_token stop) : handle_(handle), stop_(std::move(stop)) {
    sqlite3_progress_handler(handle_, steps_between_looks, &StopWatch::look, &stop_);
  }
  StopWatch(const StopWatch&) = delete;
  ~StopWatch() { sqlite3_progress_handler(handle_, 0, nullptr, nullptr); }

 private:
  static int look(void* stop) {
    return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
  }
  sqlite3* handle_;
  std::stop_token stop_;
};

std::shared_ptr<Database::StopWatch> Database::end_with(std::stop_token stop) {
  return std::make_shared<StopWatch>(state_->database.getHandle(), std::move(stop));
}

std::int64_t Database::changes() const {
  return state_->database.getChanges();
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(state_->database.getHandle()) == 0;
}

int Database::log_pages() const {
  return state_->log_pages;
}

void Database::checkpoint(Checkpoint kind) {
  auto* handle = state_->database.getHandle();
  int mode = SQLITE_CHECKPOINT_PASSIVE;
  if (kind == Checkpoint::restart) mode = SQLITE_CHECKPOINT_RESTART;
  if (kind == Checkpoint::truncate) mode = SQLITE_CHECKPOINT_TRUNCATE;
  if (kind == Checkpoint::restart) sqlite3_busy_timeout(handle, restart_patience_ms);
  const int code = sqlite3_wal_checkpoint_v2(handle, "main", mode, nullptr, nullptr);
  if (kind == Checkpoint::restart) sqlite3_busy_timeout(handle, busy_timeout_ms);
  if (code != SQLITE_OK) throw Failure(handle, code);
  if (kind == Checkpoint::truncate) state_->log_pages = 0;
}

Query::Statement& Database::statement(std::string_view sql) {
  const auto found = state_->statements.find(sql);
  if (found != state_->statements.end()) return found->second;
  const std::string key(sql);
  return state_->statements.try_emplace(key, state_->database, key).first->second;
}

Error to_error(const std::exception& exception) {
  const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&exception);
  if (sqlite == nullptr) return Error{errc::corrupt, exception.what()};
  const auto* failure = dynamic_cast<const Failure*>(&exception);
  const int system_errno = failure == nullptr ? 0 : failure->system_errno();
  return Error{code_of(sqlite->getExtendedErrorCode(), system_errno), exception.what()};
}

bool is_failed_fsync(const std::exception& exception) {
  const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&exception);
  if (sqlite == nullptr) return false;
  const int code = sqlite->getExtendedErrorCode();
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

}  // namespace postern::storage
