// UidReuse: UIDs that a server gave to a second mail while nobody watched. RFC 3501 §2.3.1.1
// forbids it, and says what tells: the INTERNALDATE of a UID never changes. Where it did, the
// Message-ID decides whether it is another mail, since some servers tell dates differently from
// day to day; what has none counts as another, and its bytes decide.
//
// What can't be known: a mail under a UID of one we took, with the same second of arrival; and one
// under a UID of one we passed over, moved there with an old date.
#pragma once

#include "core/uid_ranges.hpp"
#include "flows/imap_link.hpp"
#include "storage/messages.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace postern::flows {

class UidReuse {
 public:
  /// The folder is the one that is selected on `link`, and has a UIDVALIDITY.
  struct Folder {
    IntegrationId integration;
    std::string name;
    std::uint32_t uid_validity = 0;
  };
  using Note = std::function<void(const imap::MailboxChanged&)>;

  /// All outlive this. `note` is told what the server says of the folder meanwhile.
  UidReuse(ImapLink& link, storage::Messages& messages, Folder folder, Note note);

  /// Of UIDs of mails of ours: those under which another mail is now. Errors: those of the
  /// connection and the store; of what the server will not tell, nothing is another.
  net::Task<Result<UidRanges>> replaced(UidRanges ours);

  /// Of these UIDs those under which is what came after `since`. Errors: as above.
  net::Task<Result<UidRanges>> come_since(UidRanges uids, Instant since);

 private:
  using Dates = std::map<std::uint32_t, Instant>;
  using Ids = std::map<std::uint32_t, std::string>;
  net::Task<Result<Dates>> dates_of(std::vector<std::uint32_t> uids);
  net::Task<Result<Ids>> message_ids_of(std::vector<std::uint32_t> uids);

  ImapLink& link_;
  storage::Messages& messages_;
  const Folder folder_;
  const Note note_;
};

}  // namespace postern::flows
