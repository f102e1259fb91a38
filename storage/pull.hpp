// Pull: mail that a consumer fetches from a target of the type `pull`, each under a lease.
//
// A mail under a lease is nobody else's until the lease's end; what is not acknowledged by then is
// available again, what is acknowledged never is. Leases are rows: a restart changes nothing.
//
//   waiting → held → acknowledged
//                  → given back or run out: waiting, and the next lease is a new one
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct LeaseTerms {
  int limit = 1;
  Duration time{60'000};
  std::uint64_t bytes_max = 32 * 1024 * 1024;  // of all mails of the answer; one is always given
};

struct Lease {
  LeaseId id;
  HandoverId handover;
  MessageId message;
  Instant until;
  int attempts = 0;  // this one included
};

struct Leases {
  std::vector<Lease> items;         // oldest mail first
  std::optional<Instant> next_due;  // when there are none: the first end of another's lease
};

/// What became of one lease id.
enum class LeaseFate {
  done,          // also: it was so already
  unknown,       // never given out by this target, or run out and the mail was leased anew
  acknowledged,  // too late to give back
  given_back,    // too late to acknowledge
  cancelled,     // the hand-over was
};

/// What became of each lease, at its place, and whose mail is now taken.
struct Acknowledged {
  std::vector<LeaseFate> fates;
  std::vector<IntegrationId> owners;  // each once
};

/// How many tries of one hand-over are kept: a consumer may give the same mail back for ever.
constexpr int pull_attempts_kept = 20;

class Pull {
 public:
  virtual ~Pull() = default;

  /// Leases what waits at `now`. Errors: not_found, wrong_state (disabled, or no pull target).
  virtual net::Task<Result<Leases>> lease(TargetId target, LeaseTerms terms, Instant now) = 0;

  /// Durable when it returns; an id's fate is at its place. A lease that ran out is still good
  /// while nobody else was given the mail.
  virtual net::Task<Result<Acknowledged>> acknowledge(TargetId target, std::vector<LeaseId> leases,
                                                      Instant now) = 0;

  /// The mails are available at once; `reason` is kept with the try. The first time a mail is given
  /// back is an event handover.failed.
  virtual net::Task<Result<std::vector<LeaseFate>>> give_back(TargetId target,
                                                              std::vector<LeaseId> leases,
                                                              std::string reason, Instant now) = 0;
};

}  // namespace postern::storage
