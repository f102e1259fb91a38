// FolderVisit: one folder while it is open on one connection: what is new in it, fetched into the
// intake, in order, once. FolderMemory is what is known of the folder across connections.
//
// The cursor (UIDVALIDITY, next UID) moves only in the transaction that stores the mails below it.
#pragma once

#include "core/mailbox_plan.hpp"
#include "core/uid_ranges.hpp"
#include "flows/imap_link.hpp"
#include "flows/inbound_world.hpp"
#include "flows/intake.hpp"
#include "flows/isolation.hpp"
#include "flows/uid_reuse.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

struct FolderMemory {
  explicit FolderMemory(std::string folder) : name(std::move(folder)) {}

  const std::string name;          // UTF-8
  std::uint32_t uid_validity = 0;  // of what follows
  // Mails at or above the cursor that need not be fetched: stored by a connection that was then
  // cut, or quarantined; bounded by what one open fetch brings.
  UidRanges taken;
  std::uint32_t announced_uid_validity = 0;  // whose reset was told
  bool missing = false;                      // it could not be opened, and that was told

  // Connections that broke in the middle of a fetch: at which mail, and how often. One that broke
  // before it was told which mail makes the next one ask for them one by one.
  std::map<std::uint32_t, int> breaks;
  bool cautious = false;
  int breaks_in_a_row = 0;  // without a mail between
  Duration broke_first{0};  // of them, of Env::steady()
  std::string broke_with;   // the last error

  std::optional<Duration> next_compare;  // steady; of the whole folder with what is ours

  // RFC 7162: when what changed in the folder was last looked at; mod_seq 0: never.
  imap::KnownState synced;
  bool recalled = false;  // it was asked for of the store
};

/// A folder that was just selected, and the UIDs the server said have changed since
/// FolderMemory::synced, if it was asked in the same command (QRESYNC).
struct OpenedFolder {
  imap::Selected selected;
  std::optional<UidRanges> changed;
};

class FolderVisit {
 public:
  /// All outlive this; `link` has the folder selected, as `selected` says, while it lives.
  FolderVisit(InboundWorld& world, ImapLink& link, FolderMemory& memory, OpenedFolder opened);

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

  /// Fetches what came below the cursor since the folder was last looked at whole, as far as the
  /// server tells what changed (CONDSTORE, QRESYNC). Once, after begin().
  net::Task<Result<void>> take_changes();

  /// The full compare, if it is due. After begin(), and now and then while the folder stays open.
  net::Task<Result<void>> compare_when_due();
  /// When the next one is due, of Env::steady(); nothing before the first.
  std::optional<Duration> next_compare() const;

  /// One more try of a mail that could not be taken; the folder is its folder. Errors: those of
  /// the connection; what the server says of the mail is noted in its row.
  net::Task<Result<void>> retry(storage::Trouble trouble);

  /// The connection ended with `error`: whether a mail may be to blame rather than the server. It
  /// is remembered, and a mail that breaks each connection is quarantined by the next visit.
  net::Task<Blame> blame(const Error& error);

  /// Whether a mail came since everything new was last asked for.
  bool news() const { return news_; }

  const FolderMemory& memory() const { return memory_; }

 private:
  net::Task<Result<MailboxPlan>> plan();
  net::Task<Result<std::optional<std::uint32_t>>> ask_uid_next();
  net::Task<Result<void>> remember();
  net::Task<Result<void>> follow(const MailboxPlan& plan);

  // folder_fetch.cpp
  net::Task<Result<void>> fetch_range(std::uint32_t first, std::uint32_t last);
  net::Task<Result<void>> fetch_open();
  net::Task<Result<void>> fetch_since(const MailboxPlan& plan);
  net::Task<Result<void>> fetch_all(UidRanges uids);
  net::Task<Result<imap::FetchDone>> one_done();
  net::Task<Result<UidRanges>> search(std::string criteria);
  net::Task<Result<void>> take(imap::Step step);
  net::Task<Result<void>> take_mail(const imap::FetchedMail& mail);
  void here_below(std::uint32_t uid);
  net::Task<Result<void>> release_cursor();
  std::uint32_t next_uid() const {  // as a UID can be
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(position_.next_uid, uid_max));
  }

  // folder_compare.cpp
  net::Task<Result<UidRanges>> compare(const std::optional<storage::KnownFolder>& known,
                                       const std::optional<std::string>& since);
  net::Task<Result<UidRanges>> given_again(const UidRanges& there, const UidRanges& ours,
                                           const storage::KnownFolder& known);
  net::Task<Result<std::optional<UidRanges>>> changed_since(std::uint64_t mod_seq);
  net::Task<Result<void>> fetch_slipped(UidRanges wanted);
  net::Task<Result<void>> fetch_below(std::uint32_t count);
  UidReuse reuse();

  // folder_isolate.cpp
  bool troubled() const { return !refused_.empty() || !bad_.empty() || !large_.empty(); }
  net::Task<Result<void>> mend();
  net::Task<Result<void>> isolate(UidRanges candidates);
  net::Task<Result<void>> isolate_there(UidRanges there);
  net::Task<Result<void>> fetch_with_care(std::optional<std::uint32_t> uid_next);
  net::Task<Result<void>> fetch_one_by_one();
  net::Task<Result<imap::FetchDone>> ask(const std::vector<std::uint32_t>& uids,
                                         bool any_size = false);
  net::Task<Result<void>> fetch_header(LargeMail& mail);
  net::Task<Result<void>> verify(std::uint32_t first);
  net::Task<Result<void>> drop_false(UidRanges uids);
  static Result<void> check_size(std::size_t ranges);
  net::Task<Result<UidRanges>> present(const UidRanges& candidates);
  net::Task<Result<UidRanges>> uids_from(std::uint32_t first);
  net::Task<Result<UidRanges>> uids_since(std::string date);
  net::Task<Result<bool>> renumbered(const MailboxPosition& position);
  std::vector<std::uint32_t> not_told(const std::vector<std::uint32_t>& uids) const;
  BadMail bad_mail(std::uint32_t uid, std::string reason, const imap::MailFacts& facts) const;
  LargeMail large_mail(const imap::MailFacts& facts) const;
  net::Task<Result<void>> quarantine_breakers();

  InboundWorld& world_;
  ImapLink& link_;
  FolderMemory& memory_;
  const imap::Selected selected_;
  std::optional<UidRanges> changed_;  // until take_changes()
  std::optional<Intake> intake_;      // from begin() on
  MailboxPosition position_;
  bool holds_cursor_ = false;  // position_ is ahead of what is written
  std::uint32_t exists_ = 0;
  std::uint32_t accounted_ = 0;     // of them: told, or known not to be wanted
  bool at_selection_ = true;        // nothing was told of the folder since it was selected
  bool news_ = false;               // EXISTS grew since the last open fetch was asked for
  std::uint32_t first_wanted_ = 1;  // a mail told with a lower UID was not asked for

  // The fetch under way.
  int fetching_ = 0;                        // commands not yet answered
  std::optional<std::uint32_t> alone_;      // the only mail asked for
  std::optional<std::uint32_t> under_way_;  // the mail whose bytes are coming
  std::optional<storage::Trouble> retrying_;
  UidRanges told_;  // in whatever way, since the last verify
  std::uint64_t told_count_ = 0;
  std::vector<UidRanges> refused_;  // by NO or BAD, as they were asked for
  std::vector<BadMail> bad_;
  std::vector<LargeMail> large_;
};

}  // namespace postern::flows
