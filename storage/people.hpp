// People who sign in, with their roles, and their sessions.
//
// The last admin can be neither removed nor made anything less: somebody must be able to come in.
// Whose password or role changes, or who is removed, loses the sessions there are.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct SessionTag {
  static constexpr std::string_view prefix = "ses";
};
using SessionId = Id<SessionTag>;

/// Sessions a person has at once; a further one takes the oldest one's place.
constexpr int sessions_max = 50;
/// A session's seen_at is written this seldom, so that a request costs no write.
constexpr std::chrono::minutes seen_step{1};

struct Person {
  std::string name;
  std::string role;           // admin, operator, viewer
  std::string password_hash;  // whatever web/password wrote
  std::string address;        // where they read mail; empty: not known
  std::uint64_t version = 1;
  Instant created_at, modified_at;
  std::string modified_by;
  std::optional<Instant> signed_in_at;
};

/// What is not set stays.
struct PersonChange {
  std::optional<std::string> role, password_hash, address;
  std::string keep_session;  // the SHA-256 of one that does not end; empty: none
};

struct SessionRow {
  SessionId id;
  std::string person, role;
  Instant created_at, seen_at, ends_at;
  std::string address, agent;  // where it was opened, and by which program
};

class People {
 public:
  virtual ~People() = default;

  /// Whether there is anybody yet.
  virtual net::Task<Result<bool>> any() = 0;
  virtual net::Task<Result<std::vector<Person>>> list() = 0;
  /// Errors: not_found.
  virtual net::Task<Result<Person>> get(std::string name) = 0;
  /// `only_first`: only when there is nobody. Errors: name_taken; wrong_state (not the first).
  virtual net::Task<Result<Person>> create(Person person, bool only_first) = 0;
  /// Errors: not_found, version_mismatch, wrong_state (the last admin).
  virtual net::Task<Result<Person>> change(std::string name, PersonChange change,
                                           std::optional<std::uint64_t> if_version, std::string by,
                                           Instant at) = 0;
  /// Errors: as change().
  virtual net::Task<Result<void>> remove(std::string name,
                                         std::optional<std::uint64_t> if_version) = 0;

  /// `row` but its id and role. Errors: not_found (the person).
  virtual net::Task<Result<SessionRow>> open_session(SessionRow row, std::string sha256) = 0;
  /// Nothing when there is none, or it has ended by `now`.
  virtual net::Task<Result<std::optional<SessionRow>>> find_session(std::string sha256,
                                                                    Instant now) = 0;
  /// Those of `person` (empty: of all) that have not ended by `now`, the newest first.
  virtual net::Task<Result<std::vector<SessionRow>>> sessions(std::string person, Instant now) = 0;
  /// `person`: only when it is theirs; empty: whosever it is. Errors: not_found.
  virtual net::Task<Result<void>> end_session(SessionId id, std::string person) = 0;
  virtual net::Task<Result<void>> end_session(std::string sha256) = 0;
  virtual net::Task<Result<void>> end_sessions(std::string person) = 0;
};

}  // namespace postern::storage
