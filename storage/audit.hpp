// The audit log: who did what, from where, and which fields it changed. Values are never in it.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace postern::storage {

struct AuditTag {
  static constexpr std::string_view prefix = "aud";
};
using AuditId = Id<AuditTag>;

/// How long an entry is kept.
constexpr std::chrono::hours audit_for{24 * 400};

struct AuditEntry {
  AuditId id;
  Instant at;
  std::string who;                  // a person's or a token's name
  std::string via;                  // session, token, command_line, nobody
  std::string address;              // empty: this machine's command line
  std::string act;                  // "PATCH /integrations/{integration}", "session.opened"
  std::string resource;             // "/api/v1/integrations/int_…"; empty: none
  std::vector<std::string> fields;  // JSON pointers
  std::string request_id;
  /// False: the deed was begun and its end is not known, since the process died meanwhile, or it
  /// is under way.
  bool done = true;
};

struct AuditFilter {
  std::string who, resource;  // empty: all
};

class Audit {
 public:
  virtual ~Audit() = default;
  /// `entry` but its id.
  virtual net::Task<Result<void>> append(AuditEntry entry) = 0;
  /// Before a deed, so that none is without its entry whatever happens meanwhile: `entry` as one
  /// that is not done. Its end is told by finish() or, when it was refused, by drop().
  virtual net::Task<Result<AuditId>> begin(AuditEntry entry) = 0;
  /// What it came to: resource and fields of `entry`, its `who` (somebody who signed in), done.
  virtual net::Task<Result<void>> finish(AuditId id, AuditEntry entry) = 0;
  virtual net::Task<Result<void>> drop(AuditId id) = 0;
  /// The newest first. Errors: bad_cursor.
  virtual net::Task<Result<Page<AuditEntry>>> list(AuditFilter filter, PageRequest page) = 0;
};

}  // namespace postern::storage
