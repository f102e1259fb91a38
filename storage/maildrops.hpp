// What became of each mail of a POP3 maildrop. POP3 has no cursor: a mail is known by its key.
//
// The key is the mail's unique-id (UIDL), which a server never gives to another mail; where there
// is none, what flows/maildrop_key makes of its header and size. The row of a mail that is stored
// is written in the transaction that stores it (Messages::store), so that neither is ever without
// the other. Source: RFC 1939 §7.
#pragma once

#include "core/event.hpp"
#include "core/ids.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/quarantine.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

/// The UIDVALIDITY under which messages of POP3 stand; their UIDs are our own running numbers.
inline constexpr std::uint32_t maildrop_uid_validity = std::numeric_limits<std::uint32_t>::max();

enum class MaildropState {
  passed_over,  // there before the start, or older than the date to start from
  undated,      // there at the first look; whether it is old enough to be passed over is not known
  stored,
  failed,       // the connection broke at it once
  too_large,    // its row in Messages says so
  quarantined,  // so does this one's; there is when it is tried next
};
std::string_view to_string(MaildropState state);

struct MaildropMail {
  std::string key;
  MaildropState state = MaildropState::stored;
  int attempts = 0;      // failed ones
  bool missing = false;  // the server did not list it the last time
};

/// One that is too large or quarantined.
struct TroubledKey {
  std::string key;
  Trouble trouble;
  std::uint64_t size_bytes = 0;  // as far as is known
};

struct Maildrop {
  std::uint64_t next_uid = 1;
  std::vector<MaildropMail> mails;
  std::vector<TroubledKey> troubles;
};

/// A mail that is to be removed, and the keys under which the server listed it and its copies the
/// last time; none: it is not there.
struct Removal {
  MessageId message;
  MessageState outcome = MessageState::handed_over;
  std::vector<std::string> keys;
};

/// How long a key is remembered that the server does not list any more: a maildrop that comes back
/// from a backup hands nothing over again.
inline constexpr std::chrono::hours maildrop_keys_for{24 * 90};

class Maildrops {
 public:
  virtual ~Maildrops() = default;

  /// All that is known; nothing before begin().
  virtual net::Task<Result<std::optional<Maildrop>>> get(IntegrationId integration) = 0;

  /// The first look: `keys` are there and get `state`. A second one changes nothing.
  virtual net::Task<Result<void>> begin(IntegrationId integration, std::vector<std::string> keys,
                                        MaildropState state) = 0;

  /// Keys that the server lists no longer, and keys that it lists again; what is `gone` for longer
  /// than maildrop_keys_for is forgotten.
  virtual net::Task<Result<void>> record_listing(IntegrationId integration,
                                                 std::vector<std::string> gone,
                                                 std::vector<std::string> back, Instant at) = 0;

  /// Mails that were removed on the server for certain: under their keys come others, if any.
  virtual net::Task<Result<void>> forget(IntegrationId integration,
                                         std::vector<std::string> keys) = 0;

  /// What became of mails that are not stored, and the events that tell of it.
  virtual net::Task<Result<void>> record(IntegrationId integration, std::vector<MaildropMail> mails,
                                         std::vector<NewEvent> events) = 0;

  /// What AfterFetches says is due by `now`, the longest due first; AfterFetches::record ends it.
  virtual net::Task<Result<std::vector<Removal>>> removals(IntegrationId integration, Instant now,
                                                           int limit) = 0;
};

}  // namespace postern::storage
