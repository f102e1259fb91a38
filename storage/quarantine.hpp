// Mails that could not be taken as they are: quarantined (no bytes yet) and too large (the header
// alone). Each has a row in Messages and its place in the folder, so that the cursor may pass it.
//
// Storing a mail at such a place (Messages::store) fills the row: same id, state `stored`.
#pragma once

#include "storage/messages.hpp"

namespace postern::storage {

/// One mail that waits for its bytes.
struct Trouble {
  MessageId message;
  std::string folder;
  std::uint32_t uid_validity = 0, uid = 0;
  TroubleNote note;
  bool any_size = false;  // a person asked for it: message_bytes_max does not count
};

/// A mail to be put there.
struct TroubledMail {
  IntegrationId integration;
  std::string folder;
  std::uint32_t uid_validity = 0, uid = 0;
  std::string maildrop_key;  // of a POP3 mail: it is known by this, and `uid` is the next free one
  MessageState state = MessageState::quarantined;  // or too_large
  Instant received_at;
  std::uint64_t size_bytes = 0;  // as the server says, or 0
  std::string header;            // of one that is too large; digested, and given as its raw bytes
  std::string message_id;        // the header's with < >, or empty
  TroubleNote note;
  Instant at;
  std::vector<NewEvent> events;  // written when the mail was not there yet; data.message is added
};

class Quarantine {
 public:
  virtual ~Quarantine() = default;

  /// Adds the row. A mail known at this place, or a too large one with the same Message-ID and
  /// size, is there already (`duplicate`): its place is noted, and nothing is told.
  virtual net::Task<Result<StoredMail>> put(TroubledMail mail) = 0;

  /// Those with a next try, the soonest first.
  virtual net::Task<Result<std::vector<Trouble>>> waiting(IntegrationId integration, int limit) = 0;

  /// One more try was begun (before it) or has failed (after it). Errors: not_found.
  virtual net::Task<Result<void>> note(MessageId message, TroubleNote note,
                                       std::vector<NewEvent> events) = 0;

  /// A fresh row of tries, from `at` on, whatever the size. Errors: not_found, wrong_state (its
  /// bytes are here).
  virtual net::Task<Result<void>> try_now(MessageId message, Instant at) = 0;
  /// The same for all quarantined mails (of an integration); how many.
  virtual net::Task<Result<std::uint64_t>> try_all_now(std::optional<IntegrationId> integration,
                                                       Instant at) = 0;

  /// The folder has another UIDVALIDITY now: rows without bytes at places that are no more go; what
  /// is still on the server is found anew.
  virtual net::Task<Result<void>> forget_places(IntegrationId integration, std::string folder,
                                                std::uint32_t uid_validity) = 0;
};

}  // namespace postern::storage
