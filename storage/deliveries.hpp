// Outgoing mail: the promise, its attempts and its end.
#pragma once

#include "core/delivery.hpp"
#include "core/event.hpp"
#include "core/transcript.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/messages.hpp"
#include "storage/page.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct IdempotencyKey {
  std::string scope;        // who: the token's or person's id
  std::string key;          // ≤ 255 bytes
  std::string body_sha256;  // of the request
};

struct NewDelivery {
  IntegrationId integration;
  Envelope envelope;
  std::string bytes;
  std::string message_id, subject;
  bool sync = false;
  Instant at, due;
  std::vector<std::string> notes;
  Priority priority = Priority::normal;
  std::vector<std::string> tags;
  bool needs_smtputf8 = false;
  TransportWishes wishes;
  std::optional<IdempotencyKey> idempotency;
};

struct CreatedDelivery {
  Delivery delivery;
  bool replayed = false;  // the key was there with the same body: this is the first one's delivery
};

/// How an attempt ended.
struct AttemptEnd {
  DeliveryId id;
  DeliveryOutcome outcome;
  bool possibly_duplicated = false;
  std::vector<NewEvent> events;
  bool copy_wanted = false;              // in the Sent folder, once it is sent
  std::vector<std::string> notes;        // added to the delivery's, each once
  std::optional<Transcript> transcript;  // of the session that failed
};

/// A sent mail whose copy is still to be put into the Sent folder.
struct SentCopy {
  DeliveryId delivery;
  std::string message_id;
  int tries = 0;
};

/// What became of the end of one attempt and the begin of another: each by itself.
struct Turn {
  std::optional<Error> not_ended;
  std::optional<Delivery> begun;
  std::optional<Error> not_begun;
};

/// One try of a delivery; `ended_at` is empty while it lasts, or when the process ended in it.
struct DeliveryAttempt {
  int number = 0;
  Instant began_at;
  std::optional<Instant> ended_at;
  std::string state;  // what it left the delivery in
  int result_code = 0;
  std::string result_message;
  bool has_transcript = false;
};

/// How many transcripts of failed attempts are kept of one delivery: those of its last ones.
inline constexpr int delivery_transcripts_max = 8;

struct DeliveryFilter {
  std::optional<IntegrationId> integration;
  std::optional<DeliveryState> state;
  std::optional<std::string> tag;
  std::optional<std::string> message_id;  // with or without < >
  std::optional<std::string> recipient;   // of the envelope; letters' case aside
  std::optional<std::string> sender;      // of the envelope; letters' case aside
  std::optional<std::string> subject;     // contains it; ASCII letters' case aside
  std::optional<Instant> since, until;    // created then or later; before then
};

/// A recipient whose mail came back: what is known now, and the fact to be told of it.
struct BounceMark {
  RecipientResult result;
  NewEvent event;
};

class Deliveries {
 public:
  virtual ~Deliveries() = default;

  /// Whether this key was used before: its delivery, or nothing. Errors: key_in_use.
  virtual net::Task<Result<std::optional<Delivery>>> find_key(IdempotencyKey key) = 0;

  /// Message, delivery (state queued) and key in one transaction; when it returns, the promise
  /// holds. Errors: key_in_use, disk_full.
  virtual net::Task<Result<CreatedDelivery>> create(NewDelivery delivery) = 0;

  /// The same for a mail that stands in a finished spool file of messages().open_spool_file();
  /// `delivery.bytes` is empty. The file goes when nothing was stored.
  virtual net::Task<Result<CreatedDelivery>> create_spooled(NewDelivery delivery,
                                                            std::unique_ptr<SpoolFile> file,
                                                            std::uint64_t size_bytes) = 0;

  /// Queued (or unknown with next_attempt_at), not sync, due by `now`: those of high priority
  /// first, then normal, then low; in each the oldest due first.
  virtual net::Task<Result<std::vector<Delivery>>> due(IntegrationId integration, Instant now,
                                                       int limit) = 0;
  virtual net::Task<Result<std::optional<Instant>>> next_due(IntegrationId integration) = 0;

  /// attempts + 1, state sending, before any byte leaves. Of an unknown one the recipients whose
  /// result is unknown are open again: it was due, so it is sent again. Errors: wrong_state.
  virtual net::Task<Result<Delivery>> begin_attempt(DeliveryId id, Instant at) = 0;
  /// The outcome with its events, in one transaction. Also ends one that was not begun (queued,
  /// unknown). Of a removed integration it becomes cancelled instead of waiting again.
  /// Errors: not_found, wrong_state (it has ended, or is held).
  virtual net::Task<Result<void>> finish_attempt(AttemptEnd end, Instant at) = 0;
  net::Task<Result<void>> finish_attempt(DeliveryId id, DeliveryOutcome outcome,
                                         bool possibly_duplicated, Instant at,
                                         std::vector<NewEvent> events, bool copy_wanted = false);
  /// finish_attempt of one and begin_attempt of the next in one transaction: a queue that is being
  /// sent costs one fsync a mail. Errors: the transaction's own; the others are in the Turn.
  virtual net::Task<Result<Turn>> next_attempt(AttemptEnd end, DeliveryId next, Instant at) = 0;

  /// At start: what was `sending` when the last process ended. Queue mails become queued and due
  /// at `now`, marked possibly duplicated; sync mails unknown or, not begun, failed (60), as their
  /// owner can't be told any more.
  virtual net::Task<Result<int>> recover(Instant now) = 0;

  /// When the flow of one integration was replaced: its queue mails that were `sending` become
  /// queued as above. Its sync mails are left to whoever waits for them.
  virtual net::Task<Result<int>> recover_queue(IntegrationId integration, Instant now) = 0;

  virtual net::Task<Result<std::string>> bytes(DeliveryId id) = 0;
  /// The bytes of each, in order: many small mails in one look.
  virtual net::Task<Result<std::vector<std::string>>> bytes_of_each(
      std::vector<DeliveryId> ids) = 0;
  virtual net::Task<Result<Delivery>> get(DeliveryId id) = 0;
  virtual net::Task<Result<Page<Delivery>>> list(DeliveryFilter filter, PageRequest page) = 0;

  /// Errors: not_found, wrong_state (sent, or being sent).
  virtual net::Task<Result<Delivery>> retry(DeliveryId id, Instant now) = 0;
  virtual net::Task<Result<Delivery>> hold(DeliveryId id, Instant now) = 0;
  /// A held one becomes queued and due at `at`; whose result is unknown gets it again. Errors:
  /// not_found, wrong_state (not held).
  virtual net::Task<Result<Delivery>> release(DeliveryId id, Instant at) = 0;
  /// Other recipients for a held one, in the envelope alone; the results of those who stay are
  /// kept. Errors: not_found, wrong_state (not held, or one that got it already would be left out).
  virtual net::Task<Result<Delivery>> set_recipients(DeliveryId id,
                                                     std::vector<std::string> recipients) = 0;
  /// Oldest first. Errors: not_found.
  virtual net::Task<Result<std::vector<DeliveryAttempt>>> attempts(DeliveryId id) = 0;
  /// What was said in this attempt, or in the last one that failed; nothing when it is not kept.
  /// Errors: not_found.
  virtual net::Task<Result<std::optional<Transcript>>> transcript(DeliveryId id,
                                                                  std::optional<int> attempt) = 0;
  /// Copies due by `now`, oldest first.
  virtual net::Task<Result<std::vector<SentCopy>>> copies_due(IntegrationId integration,
                                                              Instant now, int limit) = 0;
  virtual net::Task<Result<std::optional<Instant>>> next_copy_due(IntegrationId integration) = 0;
  /// The copy is there, or given up: nothing is due any more.
  virtual net::Task<Result<void>> copy_ended(DeliveryId id, std::vector<NewEvent> events) = 0;
  /// tries + 1, and again at `due`.
  virtual net::Task<Result<void>> copy_failed(DeliveryId id, Instant due) = 0;
  /// The deliveries whose mail has this Message-ID (with < >), newest first, ten at most.
  virtual net::Task<Result<std::vector<Delivery>>> of_message_id(std::string message_id) = 0;
  /// Marks recipients that were given to a server (result 0) and came back, as core's
  /// after_bounce does; the event of each that was marked by this call. A repeated call changes
  /// nothing. Gives how many were marked. Errors: not_found.
  virtual net::Task<Result<int>> record_bounce(DeliveryId id, std::vector<BounceMark> marks) = 0;
  virtual net::Task<Result<Delivery>> cancel(DeliveryId id, Instant now) = 0;
  virtual net::Task<Result<std::uint64_t>> waiting() = 0;
};

}  // namespace postern::storage
