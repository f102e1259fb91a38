// FolderVisit: one folder while it is open on one connection: what is new in it, fetched into the
// intake, in order, once. FolderMemory is what is known of the folder across connections.
//
// The cursor (UIDVALIDITY, next UID) moves only in the transaction that stores the mails below it.
#pragma once

#include "core/mailbox_plan.hpp"
#include "flows/imap_link.hpp"
#include "flows/inbound_world.hpp"
#include "flows/intake.hpp"

#include <optional>
#include <set>
#include <string>

namespace postern::flows {

struct FolderMemory {
  explicit FolderMemory(std::string folder) : name(std::move(folder)) {}

  const std::string name;  // UTF-8
  // Mails stored at or above the cursor by a connection that was then cut; bounded by what one
  // open fetch brings. Of the UIDVALIDITY beside it.
  std::set<std::uint32_t> taken;
  std::uint32_t taken_uid_validity = 0;
  std::uint32_t announced_uid_validity = 0;  // whose reset was told
  bool missing = false;                      // it could not be opened, and that was told
};

class FolderVisit {
 public:
  /// All outlive this; `link` has the folder selected, as `selected` says, while it lives.
  FolderVisit(InboundWorld& world, ImapLink& link, FolderMemory& memory, imap::Selected selected);

  /// Where we stand in the folder, and everything that is new. Once, before the others.
  net::Task<Result<void>> begin();

  /// Everything from the cursor on.
  net::Task<Result<void>> fetch_new();

  /// Asks the server whether something came that it did not announce: news() says.
  net::Task<Result<void>> look();

  /// Waits until everything gathered is durable. What is gathered and whole is kept, whatever
  /// ended the connection: to be called at the end of each visit.
  net::Task<Result<void>> settle();

  /// What an untagged EXISTS, EXPUNGE or VANISHED says.
  void note(const imap::MailboxChanged& change);

  /// Whether a mail came since everything new was last asked for.
  bool news() const { return news_; }

  const FolderMemory& memory() const { return memory_; }

 private:
  net::Task<Result<MailboxPlan>> plan();
  net::Task<Result<std::optional<std::uint32_t>>> ask_uid_next();
  net::Task<Result<void>> follow(const MailboxPlan& plan);
  net::Task<Result<void>> fetch_range(std::uint32_t first, std::uint32_t last);
  net::Task<Result<void>> fetch_since(const MailboxPlan& plan);
  net::Task<Result<void>> fetch_set(const imap::NumberSet& uids);
  net::Task<Result<imap::NumberSet>> search(std::string criteria);
  net::Task<Result<void>> take(imap::Step step, std::uint32_t& highest_uid);
  net::Task<Result<void>> not_downloaded(const imap::FetchedMail& mail);
  void here_below(std::uint32_t uid);

  InboundWorld& world_;
  ImapLink& link_;
  FolderMemory& memory_;
  const imap::Selected selected_;
  std::optional<Intake> intake_;  // from begin() on
  MailboxPosition position_;
  std::uint32_t exists_ = 0;
  bool news_ = false;               // EXISTS grew since the last open fetch was asked for
  std::uint32_t first_wanted_ = 1;  // a mail told with a lower UID was not asked for
};

}  // namespace postern::flows
