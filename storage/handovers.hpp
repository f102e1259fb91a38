// Targets and the hand-overs to them.
#pragma once

#include "core/delivery.hpp"
#include "core/event.hpp"
#include "core/target.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct StoredTarget {
  Target value;
  std::uint64_t version = 0;
  Instant created_at, modified_at;
  std::string modified_by;
};

/// The signing secrets of a target: the second is the former one while a rotation lasts.
struct TargetSecrets {
  Secret current, former;
};

class Targets {
 public:
  virtual ~Targets() = default;
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

/// How one attempt ended.
struct HandoverAttempt {
  HandoverState state = HandoverState::waiting;  // acknowledged, parked, or waiting until `due`
  Instant at, due;
  int status = 0;  // HTTP's, 0: no answer
  std::string error;
};

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
  virtual net::Task<Result<std::vector<Handover>>> due(TargetId target, Instant now, int limit) = 0;
  virtual net::Task<Result<std::optional<Instant>>> next_due(TargetId target) = 0;

  /// The attempt's row, the hand-over and, when no required one is left, the message's state, in
  /// one transaction with the events. Errors: not_found, wrong_state (not waiting any more: its
  /// target was removed meanwhile).
  virtual net::Task<Result<void>> record_attempt(HandoverId id, HandoverAttempt attempt,
                                                 std::vector<NewEvent> events) = 0;

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
