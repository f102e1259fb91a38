// Targets and the hand-overs to them.
#pragma once

#include "core/delivery.hpp"
#include "core/event.hpp"
#include "core/target.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct StoredTarget {
  Target value;
  std::uint64_t version = 0;
  Instant created_at, modified_at;
  std::string modified_by;
  bool credential_set = false;  // api_key or auth.password is stored
};

/// The signing secrets of a target: the second is the former one while a rotation lasts. And what
/// it is logged in with.
struct TargetSecrets {
  Secret current, former;
  Secret credential;
};

/// What an attempt ended with for which the target is at fault, not the mail.
struct TargetFailure {
  Instant at;
  int status = 0;  // HTTP's or SMTP's, 0: no answer
  std::string message, hint;
};

/// How a target fares.
struct TargetStatus {
  std::optional<Instant> last_success;      // it took a mail
  std::optional<TargetFailure> last_error;  // kept after it is well again
  std::uint64_t consecutive_errors = 0;     // since it last answered as it should
  std::uint64_t waiting = 0, parked = 0;    // hand-overs
};
using TargetStatuses = std::map<TargetId, TargetStatus>;  // of those never tried there is none

class Targets {
 public:
  virtual ~Targets() = default;
  virtual net::Task<Result<TargetStatuses>> statuses() = 0;
  virtual net::Task<Result<std::vector<StoredTarget>>> list() = 0;
  virtual net::Task<Result<StoredTarget>> find(std::string id_or_name) = 0;
  virtual net::Task<Result<StoredTarget>> create(TargetDraft draft, std::string by, Instant at) = 0;
  virtual net::Task<Result<StoredTarget>> replace(TargetId id, TargetDraft draft,
                                                  std::optional<std::uint64_t> if_version,
                                                  std::string by, Instant at) = 0;
  /// Its waiting hand-overs are cancelled.
  virtual net::Task<Result<void>> remove(TargetId id, std::optional<std::uint64_t> if_version,
                                         std::string by, Instant at) = 0;
  virtual net::Task<Result<TargetSecrets>> secrets(TargetId id) = 0;
  /// `fresh` becomes current, the current one former.
  virtual net::Task<Result<void>> rotate_secret(TargetId id, Secret fresh, std::string by,
                                                Instant at) = 0;
};

/// Which ticket a thread of mails is at a helpdesk. An empty ticket forgets it.
struct ThreadTicket {
  std::string thread, ticket;
};

/// How one attempt ended.
struct HandoverAttempt {
  HandoverState state = HandoverState::waiting;  // acknowledged, parked, or waiting until `due`
  Instant at, due;
  int status = 0;  // HTTP's, 0: no answer
  std::string error;
  bool target_failed = false;           // it is the target's fault, which its status tells
  std::string hint;                     // of a target_failed
  std::optional<std::string> progress;  // kept for the next attempt
  std::optional<ThreadTicket> ticket;   // learnt, or to be forgotten
};

/// An attempt that has ended, with what is told of it.
struct EndedAttempt {
  HandoverId id;
  HandoverAttempt attempt;
  std::vector<NewEvent> events;
};

/// Which of the waiting ones.
enum class HandoverChoice { all, tried_before };

struct HandoverFilter {
  std::optional<TargetId> target;
  std::optional<HandoverState> state;
  std::optional<MessageId> message;
};

/// The mails stored from `since` on and before `until`, in the order of their arrival.
struct ReplaySpan {
  Instant since, until;
  MessageId after;  // where the last page ended; none: from the start
};

struct ReplayPage {
  int count = 0;  // hand-overs made
  bool more = false;
  MessageId last;  // for the next page's `after`
};

class Handovers {
 public:
  virtual ~Handovers() = default;

  /// Waiting and due by `now`, oldest first.
  virtual net::Task<Result<std::vector<Handover>>> due(
      TargetId target, Instant now, int limit, HandoverChoice choice = HandoverChoice::all) = 0;
  /// Of those that are due after `after`, if it is given.
  virtual net::Task<Result<std::optional<Instant>>> next_due(
      TargetId target, std::optional<Instant> after = std::nullopt,
      HandoverChoice choice = HandoverChoice::all) = 0;

  /// What the attempts before have come to, in the words of the target's kind; empty: nothing.
  virtual net::Task<Result<std::string>> progress(HandoverId id) = 0;
  /// Written before the deed it tells of. Errors: not_found.
  virtual net::Task<Result<void>> note_progress(HandoverId id, std::string progress) = 0;
  /// The ticket that the thread is at the target; empty when none is known.
  virtual net::Task<Result<std::string>> ticket_of(TargetId target, std::string thread) = 0;

  /// Of each the attempt's row, the hand-over and, when no required one is left, the message's
  /// state, with the events: all in one transaction. Gives for each, in their order, why it was not
  /// kept, if it was not: not_found, wrong_state (not waiting any more: called off meanwhile, and
  /// not taken).
  virtual net::Task<Result<std::vector<std::optional<Error>>>> record_attempts(
      std::vector<EndedAttempt> ended) = 0;
  /// The same for one. Errors: also not_found and wrong_state.
  net::Task<Result<void>> record_attempt(HandoverId id, HandoverAttempt attempt,
                                         std::vector<NewEvent> events);

  /// Makes a waiting or parked one due now. Errors: not_found, wrong_state (also: a consumer holds
  /// it under a lease).
  virtual net::Task<Result<Handover>> retry(HandoverId id, Instant now) = 0;
  /// A new hand-over of the message to each target (POST /messages/{id}/handover). Where one waits
  /// already it is made due now instead, unless a consumer holds it.
  virtual net::Task<Result<std::vector<Handover>>> hand_over_again(MessageId message,
                                                                   std::vector<TargetId> targets,
                                                                   Instant now) = 0;
  /// A new hand-over to the target for each of the span's next `limit` mails that went to targets
  /// (stored or handed over), but for those that wait for it already. One transaction a page.
  /// Errors: not_found, wrong_state (the target is disabled).
  virtual net::Task<Result<ReplayPage>> replay(TargetId target, ReplaySpan span, int limit,
                                               Instant now) = 0;
  virtual net::Task<Result<Page<Handover>>> list(HandoverFilter filter, PageRequest page) = 0;
  virtual net::Task<Result<std::uint64_t>> waiting(TargetId target) = 0;
};

}  // namespace postern::storage
