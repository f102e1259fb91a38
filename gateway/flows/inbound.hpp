// Inbound: watches the folders of one integration and makes their mails durable, in order, once.
//
// Life: connect → round (each folder opened, what is new fetched; the home last) → chore → wait in
// the home (IDLE, or polling) → fetch … → round …; any error ends the connection, counts, and is
// followed by a growing pause. One connection for all folders. The home is the first folder of the
// list that can be opened; a folder that cannot is told once and stops no other.
#pragma once

#include "flows/folder_visit.hpp"
#include "flows/verdict.hpp"
#include "net/wake.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

class Inbound {
 public:
  /// `scope` runs the storing and outlives this; `watched_since` is the day the integration was
  /// made ("2026-01-31"): after a reset of UIDVALIDITY nothing older counts as new.
  Inbound(Context& context, const Integration& integration, const IntegrationSecrets& secrets,
          StatusBoard& board, Digester& digester, net::Scope& scope, std::string watched_since);

  /// Other work on the same connection, between fetching and waiting: after each round, each fetch
  /// and each stir(). The link is logged in and answers nothing else meanwhile; the chore may
  /// select any folder in any way. It gives true when it did: then the home is opened anew (and
  /// what came meanwhile is fetched). An Error ends the connection as one of the fetching would.
  using Chore = std::function<net::Task<Result<bool>>(ImapLink&)>;
  void set_chore(Chore chore) { chore_ = std::move(chore); }

  /// There is something for the chore: ends the wait, keeps the connection. On the shard.
  void stir();

  /// Until cancelled, or the direction is disabled.
  net::Task<void> run();

  /// A check now: ends the pause, or the connection so that a fresh one checks every folder.
  void check_now();

 private:
  net::Task<Result<void>> watch(ImapLink& link);
  net::Task<Result<void>> attend(ImapLink& link);
  net::Task<Result<void>> look_round(ImapLink& link);
  net::Task<Result<void>> do_due(ImapLink& link);
  net::Task<Result<void>> take_news(ImapLink& link);
  net::Task<Result<void>> round(ImapLink& link);
  net::Task<Result<void>> enter(ImapLink& link, FolderMemory& folder);
  net::Task<Result<OpenedFolder>> select(ImapLink& link, FolderMemory& folder);
  net::Task<void> recall(FolderMemory& folder);
  net::Task<Result<void>> leave();
  net::Task<void> tell_missing(FolderMemory& folder, const Error& error);
  net::Task<Result<void>> log_out(ImapLink& link);
  net::Task<Result<bool>> do_chore(ImapLink& link);
  net::Task<Result<void>> retry_due(ImapLink& link);
  net::Task<Result<void>> retry_these(ImapLink& link, std::vector<storage::Trouble> waiting,
                                      bool all);
  FolderMemory* folder_named(const std::string& name);
  net::Task<Result<void>> wait_for_mail(ImapLink& link);
  net::Task<Result<void>> idle(ImapLink& link, Duration until);
  net::Task<Result<void>> poll(ImapLink& link, Duration until);
  bool called_away() const { return stirred_ || check_requested_ || gives_way_; }
  net::Task<void> pause_briefly();
  Duration pause_after_failure(const Verdict& verdict, Duration lived);
  net::Task<void> broke_at_a_mail(ImapLink& link, Error error);
  net::Task<void> failed(ImapLink& link, Error error, Duration lived, bool waited);
  void give_way();
  LineUser line_user();

  InboundWorld world_;
  const IntegrationSecrets& secrets_;
  std::vector<std::unique_ptr<FolderMemory>> folders_;  // their places stay: visits refer to them
  Chore chore_;
  net::Wake wake_;

  // Of the connection under way.
  ImapLink* link_ = nullptr;
  std::unique_ptr<FolderVisit> visit_;  // the folder that is selected
  FolderMemory* home_ = nullptr;
  bool selects_by_itself_ = false;  // the engine selects the first folder after the login
  bool ready_ = false;              // logged in, as far as we asked
  bool idling_ = false;             // also between two polls
  bool checked_ = false;            // it has brought a check to a good end
  bool idle_refused_ = false;       // NO or BAD to IDLE, or it ends at once: polled instead
  bool idle_silent_ = false;        // a mail came that IDLE did not tell: asked more often

  bool idle_unanswered_ = false;  // IDLE had no answer at all: polled from then on
  int short_lives_ = 0;           // connections in a row that were cut soon after a good check

  bool check_requested_ = false;
  bool stirred_ = false;
  Duration next_round_{0};       // of Env::steady()
  bool in_haste_ = false;        // the next connection does not wait its turn
  bool gives_way_ = false;       // others wait for this connection's place at the server
  Blame blame_ = Blame::server;  // for its end
  bool retry_all_ = false;       // whenever they are due
  Duration next_try_{0};         // when a quarantined mail is due, of Env::steady()
};

}  // namespace postern::flows
