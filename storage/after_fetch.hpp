// What is to be done with received mails on their server, once their fate is sealed.
//
// The row of a due action is written by the schema itself, in the very transaction that moves the
// message's state to handed_over, ignored, too_large or quarantined, if the integration has an
// action for that outcome then. A mail without a target stays `stored`: nothing is ever due for it.
#pragma once

#include "core/event.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/messages.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

/// One mail to act on, and where it is on the server: the newest place it was seen at, or that of a
/// further copy of it. A POP3 mail has no place of use: Maildrops::removals knows its keys.
struct DueAction {
  MessageId message;
  std::int64_t copy = 0;  // which further copy; 0: the mail itself
  MessageState outcome = MessageState::handed_over;
  bool copied = false;  // a move's copy is made, the original is still there
  std::string folder;
  std::uint32_t uid_validity = 0, uid = 0;
  std::string message_id;  // the header's, for people
  // A later mail was stored from the very place: the server gave the UID once more, and what is
  // there now is that mail.
  bool uid_is_anothers = false;
};

enum class ActionEnd {
  copied,      // not the end: the first half of a move without MOVE
  done,        // the server said OK
  refused,     // the server said NO; nothing repeats it
  gone,        // the mail is not on the server any more
  not_wanted,  // the integration has no action for this outcome any more
};

struct EndedAction {
  MessageId message;
  ActionEnd end = ActionEnd::done;
  std::int64_t copy = 0;  // as in the DueAction
};

class AfterFetches {
 public:
  virtual ~AfterFetches() = default;

  /// Due by `now`, folder by folder, by UID in each. A quarantined mail that is still tried is not
  /// due: it may come yet.
  virtual net::Task<Result<std::vector<DueAction>>> due(IntegrationId integration, Instant now,
                                                        int limit) = 0;
  virtual net::Task<Result<std::optional<Instant>>> next_due(IntegrationId integration) = 0;

  /// All of them with the events, in one transaction. What is not due any more stays as it is.
  virtual net::Task<Result<void>> record(std::vector<EndedAction> ended,
                                         std::vector<NewEvent> events) = 0;
};

}  // namespace postern::storage
