// Inbound: watches one mailbox and makes its mails durable, in order, once.
//
// Life: connect → select → fetch what is new → wait (IDLE, or polling) → fetch …; any error ends
// the connection, counts, and is followed by a growing pause. The cursor (UIDVALIDITY, next UID)
// moves only in the transaction that stores the mails below it.
#pragma once

#include "core/mailbox_plan.hpp"
#include "flows/context.hpp"
#include "flows/digester.hpp"
#include "flows/imap_link.hpp"
#include "flows/intake.hpp"
#include "flows/status_board.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace postern::flows {

class Inbound {
 public:
  /// `scope` runs the storing and outlives this; `watched_since` is the day the integration was
  /// made ("2026-01-31"): after a reset of UIDVALIDITY nothing older counts as new.
  Inbound(Context& context, const Integration& integration, const IntegrationSecrets& secrets,
          StatusBoard& board, Digester& digester, net::Scope& scope, std::string watched_since);

  /// Until cancelled, or the direction is disabled.
  net::Task<void> run();

  /// A check now: ends the pause, or the connection so that a fresh one checks.
  void check_now();

 private:
  /// What the connection under way has come to know.
  struct Visit {
    ImapLink& link;
    Intake& intake;
    MailboxPosition position;
    std::uint32_t exists = 0;
    bool news = false;               // EXISTS grew since the last open fetch was asked for
    std::uint32_t first_wanted = 1;  // a mail told with a lower UID was not asked for
  };

  net::Task<Result<void>> watch(ImapLink& link);
  net::Task<Result<imap::Selected>> open(ImapLink& link);
  net::Task<Result<MailboxPlan>> plan(ImapLink& link, const imap::Selected& selected);
  net::Task<Result<std::optional<std::uint32_t>>> ask_uid_next(ImapLink& link);
  net::Task<Result<void>> follow(Visit& visit, const MailboxPlan& plan,
                                 std::optional<std::uint32_t> uid_next);
  net::Task<Result<void>> fetch_range(Visit& visit, std::uint32_t first, std::uint32_t last);
  net::Task<Result<void>> fetch_since(Visit& visit, const MailboxPlan& plan);
  net::Task<Result<void>> fetch_set(Visit& visit, const imap::NumberSet& uids);
  net::Task<Result<void>> fetch_new(Visit& visit);
  net::Task<Result<imap::NumberSet>> search(Visit& visit, std::string criteria);
  net::Task<Result<void>> take(Visit& visit, imap::Step step, std::uint32_t& highest_uid);
  net::Task<Result<void>> not_downloaded(const imap::FetchedMail& mail);
  void here_below(Visit& visit, std::uint32_t uid);
  static void note(Visit& visit, const imap::MailboxChanged& change);
  net::Task<Result<void>> wait_for_mail(Visit& visit);
  net::Task<Result<void>> idle(Visit& visit);
  net::Task<Result<void>> poll(Visit& visit);
  net::Task<void> failed(ImapLink& link, Error error, Duration lasted);

  Context& context_;
  const Integration& integration_;
  const IntegrationSecrets& secrets_;
  StatusBoard& board_;
  Digester& digester_;
  net::Scope& scope_;
  const std::string watched_since_;
  // Mails stored at or above the cursor by a connection that was then cut; bounded by what one
  // open fetch brings. Of the UIDVALIDITY beside it.
  std::set<std::uint32_t> taken_;
  std::uint32_t taken_uid_validity_ = 0;
  net::Wake wake_;
  std::uint32_t announced_uid_validity_ = 0;  // whose reset was told
  ImapLink* link_ = nullptr;                  // the open one, for check_now
  bool idling_ = false;
  bool check_requested_ = false;
  bool checked_ = false;  // this connection has brought a check to a good end
};

}  // namespace postern::flows
