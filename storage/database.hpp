// Database: one connection to SQLite, with its prepared statements kept. The only file that knows
// SQLiteCpp. Its calls throw what SQLiteCpp throws; guarded() at the writer and the readers turns
// that into an Error, so nothing above them sees an exception of SQLite.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/errc.hpp"

#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>

namespace postern::storage {

/// Marks a parameter as bytes instead of text. Not copied: must live until the query has run.
struct Blob {
  std::string_view bytes;
};

/// One prepared statement on loan from the Database, with its parameters; resets when it goes.
class Query {
 public:
  struct Statement;
  explicit Query(Statement& statement);
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  ~Query();

  /// True when there is a row.
  bool step();
  /// To its end; for statements without rows.
  void run();

  /// The row's columns from the first on, into variables of the types that bind.
  template <class... Columns>
  void read(Columns&... columns) {
    int index = 0;
    (column(index++, columns), ...);
  }
  /// The first column as bytes.
  std::string blob();

  template <class T>
  void bind(int index, const T& value) {
    if constexpr (std::is_same_v<T, Blob>) {
      bind_blob(index, value.bytes);
    } else if constexpr (std::is_same_v<T, Instant>) {
      bind_integer(index, to_milliseconds(value));
    } else if constexpr (std::integral<T>) {
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      bind_text(index, value);
    } else if constexpr (requires { value.has_value(); }) {
      if (value) bind(index, *value);  // else it stays NULL
    } else {
      bind_integer(index, value.value);  // an Id
    }
  }

 private:
  void bind_integer(int index, std::int64_t value);
  void bind_text(int index, std::string_view value);
  void bind_blob(int index, std::string_view value);
  bool null(int index);
  std::int64_t integer(int index);
  std::string text(int index);

  template <class T>
  void column(int index, T& out) {
    if constexpr (std::is_same_v<T, std::string>) {
      out = text(index);
    } else if constexpr (std::is_same_v<T, Instant>) {
      out = from_milliseconds(integer(index));
    } else if constexpr (std::is_same_v<T, bool>) {
      out = integer(index) != 0;
    } else if constexpr (std::integral<T>) {
      out = static_cast<T>(integer(index));
    } else if constexpr (requires { out.has_value(); }) {
      out.reset();
      if (!null(index)) column(index, out.emplace());
    } else {
      out.value = integer(index);  // an Id
    }
  }

  Statement* statement_;
};

class Database {
 public:
  enum class Access { write, read_only, checkpoint };  // checkpoint: it can do nothing else
  struct Settings {
    Access access = Access::write;
    bool durable = true;  // false: nothing is fsynced, and a crash may damage it; the simulator's
    int cache_kib = 4096;
  };

  /// Errors: io, corrupt (not a database), disk_full, busy.
  static Result<Database> open(const std::string& path, Settings settings);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// The statement with its parameters bound in order, ?1 first; an empty optional is NULL. The
  /// text is a literal: statements are kept by it. One at a time of each text.
  template <class... Parameters>
  Query query(std::string_view sql, const Parameters&... parameters) {
    Query prepared(statement(sql));
    int index = 1;
    (prepared.bind(index++, parameters), ...);
    return prepared;
  }
  template <class... Parameters>
  void run(std::string_view sql, const Parameters&... parameters) {
    query(sql, parameters...).run();
  }

  /// Any number of statements, not kept.
  void execute(const std::string& sql);

  /// Watches for a stop; see end_with.
  class StopWatch;
  /// As long as what this gives lives, a statement ends with an error soon after `stop` is asked
  /// for, from any thread. One at a time; the database outlives it.
  [[nodiscard]] std::shared_ptr<StopWatch> end_with(std::stop_token stop);

  /// Rows the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;
  bool in_transaction() const;

  /// Frames in the write-ahead log after the last commit of this connection.
  int log_pages() const;
  enum class Checkpoint {
    passive,   // waits for nobody; after it, when nothing is left, the next commit begins anew
    restart,   // waits restart_patience_ms for readers, so that the next commit begins anew
    truncate,  // waits as long as for any lock; leaves an empty log
  };
  /// Moves the log's pages into the database file, fsynced. Errors: busy, disk_full, io.
  void checkpoint(Checkpoint kind);

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  Query::Statement& statement(std::string_view sql);
  std::unique_ptr<State> state_;
};

/// What an exception out of a job means; anything not SQLite's is a row that does not hold what
/// it should.
Error to_error(const std::exception& exception);

/// Whether an fsync failed: what was not yet on the disk may be gone, and only a new start, which
/// reads what is there, can go on.
bool is_failed_fsync(const std::exception& exception);

/// Runs `work` and turns what it throws into an Error.
template <class Work>
Result<void> guarded(Work&& work) {
  try {
    work();
    return success();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& exception) {
    return to_error(exception);
  }
}

}  // namespace postern::storage
