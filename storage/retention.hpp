// Retention: what is kept for a time or up to an amount only, removed oldest first in small
// transactions, so that no commit of others waits long.
//
// A mail may go when it was handed over or ignored and no hand-over of it waits or is parked: what
// no target has taken stays, whatever the limits. message_seen outlives the mail (the duplicate
// rule). Freed pages are used again and not given back to the file system: the file has the size of
// the fullest day, and no commit ever pays for moving pages. A backup is compact.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <vector>

namespace postern::storage {

/// The most one transaction removes; a mail larger than the bytes goes alone.
constexpr int retention_job_rows = 100;
constexpr std::uint64_t retention_job_bytes = 4 * 1024 * 1024;
/// Rows one page of removable() looks at.
constexpr int retention_scan_rows = 1000;

constexpr std::chrono::hours events_kept_for{24 * 90};

struct StoredAmount {
  std::uint64_t messages = 0, bytes = 0;
};

struct RemovableMail {
  MessageId id;
  Instant stored_at;
  std::uint64_t size_bytes = 0;
};

struct RemovablePage {
  std::vector<RemovableMail> mails;  // oldest first
  MessageId last;                    // looked at: the next page's `after`
  bool more = false;
};

struct RemovedRows {
  int count = 0;
  std::uint64_t bytes = 0;
  bool more = false;  // the job was full
};

class Retention {
 public:
  virtual ~Retention() = default;

  virtual net::Task<Result<StoredAmount>> amount() = 0;
  /// Reads only: the mails behind `after` that may go.
  virtual net::Task<Result<RemovablePage>> removable(MessageId after) = 0;
  /// Rows in one transaction, then their files and directories. Those that may not go (any more)
  /// stay. At most retention_job_rows ids.
  virtual net::Task<Result<RemovedRows>> remove_messages(std::vector<MessageId> ids) = 0;
  /// One job of events older than `before`.
  virtual net::Task<Result<RemovedRows>> remove_events(Instant before) = 0;
  /// One job of deliveries that ended before `before`.
  virtual net::Task<Result<RemovedRows>> remove_deliveries(Instant before) = 0;
};

}  // namespace postern::storage
