// MaildropVisit: one connection to a POP3 maildrop: what is new is stored, what every required
// target has taken is removed if that is wanted. Then the line is closed; a maildrop belongs to one
// client at a time.
//
// A mail is known by its key (flows/maildrop_plan) in storage's maildrops. Removal is DELE and
// QUIT: only the +OK to QUIT is believed, anything less is done again by the next visit.
#pragma once

#include "flows/after_fetch.hpp"
#include "flows/context.hpp"
#include "flows/digester.hpp"
#include "flows/intake.hpp"
#include "flows/maildrop_plan.hpp"
#include "flows/pop3_link.hpp"
#include "flows/quarantine.hpp"
#include "flows/status_board.hpp"
#include "net/scope.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::flows {

/// What the visits of one integration share; all of it outlives them.
struct MaildropWorld {
  Context& context;
  const Integration& integration;
  const IntegrationSecrets& secrets;
  StatusBoard& board;
  Digester& digester;
  net::Scope& scope;
  std::string watched_since;  // the day the integration was made, "2026-01-31"
};

/// What one visit leaves to the next; all of it may be lost.
struct MaildropMemory {
  std::string settled;  // the hash of a listing in which nothing is to be done before `next_try`
  std::optional<Instant> next_try;
  int breaks_in_a_row = 0;  // connections that broke at a mail, with none taken between

  void look_again() {
    settled.clear();
    next_try.reset();
  }
};

class MaildropVisit {
 public:
  /// `asked`: a person asked for it: it does not wait its turn, and quarantined mails are tried
  /// once more.
  MaildropVisit(MaildropWorld& world, MaildropMemory& memory, bool asked);

  /// Everything that is new is durable when it ends well. What came whole is kept in any case.
  net::Task<Result<void>> run();

  /// After an error: whether it is one mail's alone, so that the next visit follows at once.
  bool excused() const { return excused_; }
  Line& line() { return link_.line(); }
  net::Task<Result<bool>> renew_token(Error error) { return link_.renew_token(std::move(error)); }
  /// The least time to the next login that the server wants.
  Duration login_delay() const;

 private:
  // maildrop_visit.cpp: the order of things, and what is listed
  net::Task<Result<void>> visit();
  net::Task<Result<void>> log_in();
  net::Task<Result<std::vector<ListedMail>>> list();
  net::Task<Result<bool>> list_uids(std::vector<pop3::UidEntry>& uids);
  net::Task<Result<void>> list_sizes(std::vector<pop3::SizeEntry>& sizes);
  net::Task<Result<void>> name_by_header(std::vector<ListedMail>& listed);
  net::Task<Result<std::optional<std::string>>> head_of(const ListedMail& mail);
  net::Task<Result<std::optional<std::string>>> head_by_top(const ListedMail& mail);
  net::Task<Result<std::optional<std::string>>> receive_head();
  net::Task<Result<storage::Maildrop>> known(const std::vector<ListedMail>& listed);
  net::Task<void> quit();

  // maildrop_fetch.cpp: what is fetched, and what cannot be
  net::Task<Result<void>> follow(MaildropPlan plan);
  net::Task<Result<void>> note_renumbering(const MaildropPlan& plan);
  net::Task<Result<void>> sort_by_date(MaildropPlan& plan);
  net::Task<Result<void>> fetch(std::vector<ListedMail> mails);
  net::Task<Result<void>> receive(const ListedMail& mail);
  net::Task<Result<void>> fetched(const ListedMail& mail, std::optional<Error> error);

  // maildrop_trouble.cpp: mails that cannot be taken as they are
  net::Task<Result<void>> retry(std::vector<MaildropRetry> mails);
  net::Task<Result<void>> refused(const ListedMail& mail, const Error& error);
  net::Task<Result<void>> too_large(const ListedMail& mail, std::string header);
  net::Task<Result<void>> note_break(const ListedMail& mail, const Error& error);
  net::Task<void> line_lost(const Error& error);

  // maildrop_removal.cpp: what every required target has taken
  bool removes() const;
  net::Task<Result<void>> remove(const std::vector<ListedMail>& listed);
  net::Task<Result<bool>> quit_for_good();
  net::Task<Result<ServerAnswer>> mark(const std::vector<std::uint32_t>& numbers);
  NewEvent removal_refused(const storage::Removal& removal, const Error& error);

  MaildropWorld& world_;
  MaildropMemory& memory_;
  bool asked_;
  Pop3Link link_;
  std::unique_ptr<Intake> intake_;
  Quarantine quarantine_;
  std::optional<ListedMail> under_way_;       // whose answer is awaited
  std::optional<storage::Trouble> retrying_;  // of that one
  std::size_t fetched_ = 0;
  bool unfinished_ = false;  // something is left for the next visit
  bool top_refused_ = false;
  bool excused_ = false;
};

}  // namespace postern::flows
