// Received mail: the durable intake, the digest, and what the API reads.
#pragma once

#include "core/delivery.hpp"
#include "core/event.hpp"
#include "core/mail.hpp"
#include "core/routing.hpp"
#include "core/uid_ranges.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"
#include "storage/threads.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::storage {

/// Where a mailbox stands: everything below next_uid under this uid_validity is stored.
struct MailboxCursor {
  std::uint32_t uid_validity = 0;
  std::uint64_t next_uid = 0;  // 2^32 once the mail with the last UID there is has been stored
  std::uint64_t mod_seq = 0;
};

/// A mail over blob_bytes_max on its way into a file of its own.
class SpoolFile {
 public:
  virtual ~SpoolFile() = default;  // removes the file unless a batch took it over
  virtual Result<void> append(std::string_view bytes) = 0;
  /// fsyncs the file and its directory on a pool thread; afterwards it may be part of a batch.
  virtual net::Task<Result<void>> finish() = 0;
  virtual std::string name() const = 0;
};

constexpr std::uint64_t blob_bytes_max = 1024 * 1024;

struct IncomingMail {
  std::uint32_t uid = 0;
  Instant received_at;  // INTERNALDATE
  std::uint64_t size_bytes = 0;
  std::string sha256;          // of the bytes, lower-case hex
  std::string message_id;      // the header's with < >, or empty
  std::string maildrop_key;    // of a POP3 mail: its key there; else empty
  std::uint64_t gmail_id = 0;  // X-GM-MSGID, the same under every label; 0: none
  std::variant<std::string, std::unique_ptr<SpoolFile>> bytes;
};

struct IncomingBatch {
  IntegrationId integration;
  std::string folder;
  bool maildrop = false;  // POP3: the cursor's next_uid is the maildrop's, each mail has its key
  MailboxCursor cursor;   // after the batch
  std::vector<IncomingMail> mails;
  Instant at;
  std::optional<Instant> retry_at;  // of a mail that can't be stored for its own sake
};

struct StoredMail {
  MessageId id;
  bool duplicate = false;  // was there already; nothing was stored
  // It can't be stored for its own sake: its row is quarantined, stage "store", without bytes.
  std::optional<Error> refused;
  std::uint32_t uid = 0;  // as in the batch
};

enum class MessageState { stored, handed_over, ignored, held, quarantined, too_large };
std::string_view to_string(MessageState state);
std::optional<MessageState> parse_message_state(std::string_view text);

/// Why a mail is not here, and what is done about it.
struct TroubleNote {
  std::string stage;   // "fetch", "store", "size"
  std::string reason;  // the server's words, or ours
  int tries = 0;
  std::optional<Instant> next_try_at;  // nothing: no more by itself
};

/// One row of received mail.
struct MessageRow {
  MessageId id;
  IntegrationId integration;
  std::string integration_name;
  std::string folder;
  std::uint32_t uid_validity = 0, uid = 0;
  Instant received_at, stored_at;
  std::uint64_t size_bytes = 0;
  std::string sha256;
  std::string message_id;
  MessageState state = MessageState::stored;
  bool digested = false;
  std::optional<TroubleNote> trouble;  // of one quarantined or too_large
};

struct MessageDetail : MessageRow {
  MessageSummary summary;  // empty while !digested
  Routing routing;         // empty where neither rules nor lists had a word
  std::vector<Handover> handovers;
};

/// What tells the mail at a place from another one there.
struct PlacedMail {
  std::uint32_t uid = 0;
  std::optional<Instant> received_at;  // INTERNALDATE; nothing: it was not noted
  std::string message_id;
};

/// What came out of looking at a mail.
struct DigestedMail {
  MessageSummary summary;
  Routing routing;  // its targets get hand-overs when it goes out, else are kept for later
  ThreadNote thread;
  std::vector<NewEvent> events;
};

struct DigestedMessage {
  MessageId id;
  DigestedMail mail;
};

/// A mail that waits for its digest.
struct Undigested {
  MessageId id;
  std::uint64_t size_bytes = 0;  // of what raw() gives
  Instant received_at;
  bool operator==(const Undigested&) const = default;
};

/// A page that goes by subject or sender looks through so many mails and gives a cursor to go on.
constexpr int messages_looked_through_max = 10000;

struct MessageFilter {
  std::optional<IntegrationId> integration;
  std::optional<MessageState> state;
  std::optional<std::string> message_id;       // with or without < >
  std::optional<std::string> subject, sender;  // a part of it, or of a name or address in From
  std::optional<Instant> since, until;         // stored at or after; before
};

class Messages {
 public:
  virtual ~Messages() = default;

  virtual net::Task<Result<std::optional<MailboxCursor>>> cursor(IntegrationId integration,
                                                                 std::string folder) = 0;
  /// For start_from and a changed UIDVALIDITY.
  virtual net::Task<Result<void>> set_cursor(IntegrationId integration, std::string folder,
                                             MailboxCursor cursor,
                                             std::vector<NewEvent> events) = 0;

  /// The UIDs from `first` on at which a mail of ours is, or waits in quarantine.
  virtual net::Task<Result<UidRanges>> uids_from(IntegrationId integration, std::string folder,
                                                 std::uint32_t uid_validity,
                                                 std::uint32_t first) = 0;

  /// What is ours under these UIDs, but for what waits for its bytes; of two mails that were under
  /// one UID both.
  virtual net::Task<Result<std::vector<PlacedMail>>> placed(IntegrationId integration,
                                                            std::string folder,
                                                            std::uint32_t uid_validity,
                                                            UidRanges uids) = 0;

  /// Mails of ours that were told under these UIDs are not there: the places are forgotten.
  virtual net::Task<Result<void>> disown(IntegrationId integration, std::string folder,
                                         std::uint32_t uid_validity, UidRanges uids) = 0;

  virtual Result<std::unique_ptr<SpoolFile>> open_spool_file() = 0;

  /// Bytes and cursor in one transaction; when it returns, the mails are ours.
  ///
  /// One mail is: the same sha256 with the same Message-ID in the integration (within 90 days,
  /// whatever the folder and the UID; mails without a Message-ID go by their bytes alone: what came
  /// by SMTP differs at least in its Received fields, so the same bytes are a copy); the same
  /// gmail_id with the same Message-ID; and the same
  /// place (folder, uid_validity, uid) with the same Message-ID or bytes, since servers may write
  /// one mail differently each time. Another mail at a known place is another mail: some servers
  /// renumber without saying so. A row that waits for its bytes is filled.
  /// Errors: disk_full, io.
  virtual net::Task<Result<std::vector<StoredMail>>> store(IncomingBatch batch) = 0;

  /// Mails stored but not digested, oldest first.
  virtual net::Task<Result<std::vector<Undigested>>> undigested(IntegrationId integration,
                                                                int limit) = 0;

  /// Summaries, routing, threads, hand-overs (due at once) and events in one transaction. Done
  /// once: a second call for the same mail changes nothing. One that goes out nowhere stays
  /// `stored`; one that does not go out is ignored, held or quarantined from now on.
  virtual net::Task<Result<void>> record_digests(std::vector<DigestedMessage> mails,
                                                 Instant at) = 0;
  net::Task<Result<void>> record_digest(MessageId id, DigestedMail digested, Instant at) {
    std::vector<DigestedMessage> mails;
    mails.push_back({id, std::move(digested)});
    return record_digests(std::move(mails), at);
  }
  /// The same for a mail that goes to `targets` without a rule.
  net::Task<Result<void>> record_digest(MessageId id, MessageSummary summary,
                                        std::vector<TargetId> targets, std::vector<NewEvent> events,
                                        Instant at) {
    DigestedMail digested;
    digested.summary = std::move(summary);
    digested.routing.targets = std::move(targets);
    digested.events = std::move(events);
    return record_digest(id, std::move(digested), at);
  }

  /// What the rules say now in the place of what they said, for a mail that no target has taken:
  /// where it goes or is kept, in one transaction with the events. A hand-over that waits for a
  /// target that is still meant goes on; the others end.
  /// Errors: not_found, wrong_state (a target has it, or holds it under a lease; it was not looked
  /// at yet; its bytes are not here).
  virtual net::Task<Result<void>> route_anew(MessageId id, Routing routing,
                                             std::vector<NewEvent> events, Instant at) = 0;

  virtual net::Task<Result<MessageDetail>> get(MessageId id) = 0;
  /// Those of them that there are, without their hand-overs.
  virtual net::Task<Result<std::map<MessageId, MessageDetail>>> find(
      std::vector<MessageId> ids) = 0;
  virtual net::Task<Result<std::string>> raw(MessageId id) = 0;
  /// Of all of them, in their order. Errors: raw()'s, of the first that has one.
  virtual net::Task<Result<std::vector<std::string>>> raws(std::vector<MessageId> ids) = 0;
  virtual net::Task<Result<Page<MessageDetail>>> list(MessageFilter filter, PageRequest page) = 0;
  virtual net::Task<Result<std::uint64_t>> count() = 0;
};

}  // namespace postern::storage
