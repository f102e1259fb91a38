// Where a mail is on its server beside the place it was stored from: copies of it, and where it
// itself is since its folder was renumbered. One table, message_place: a row says that what is
// under this UID is that mail. It outlives the message, so that what was removed here is not
// fetched again, and is forgotten with the duplicate rule.
#pragma once

#include "storage/engine.hpp"
#include "storage/messages.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace postern::storage {

struct MailPlace {
  IntegrationId integration;
  std::string folder;
  std::uint32_t uid_validity = 0, uid = 0;
  Instant received_at;  // INTERNALDATE there
};

/// A mail that is ours already was seen again: in its folder under other numbers, or as a further
/// copy, which gets the action after the fetch as well.
void note_place(Transaction& transaction, MessageId message, const MailPlace& place, Instant at);

/// See Messages::placed(); of one range of UIDs.
void read_placed(Transaction& transaction, const MailPlace& folder, UidRange uids,
                 std::vector<PlacedMail>& all);

}  // namespace postern::storage
