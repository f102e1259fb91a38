#include "flows/inbound.hpp"

#include "core/log.hpp"
#include "flows/cleared.hpp"
#include "flows/limits.hpp"
#include "flows/verdict_advice.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

/// A connection that served this long and is cut while waiting is simply opened again.
constexpr Duration lasting = std::chrono::seconds(30);
constexpr std::uint64_t reconnect_jitter_ms = 1000;
constexpr Duration never = Duration::max();
constexpr Duration look_again_max = std::chrono::hours(1);  // at mails whose time comes later

}  // namespace

Inbound::Inbound(Context& context, const Integration& integration,
                 const IntegrationSecrets& secrets, StatusBoard& board, Digester& digester,
                 net::Scope& scope, std::string watched_since)
    : world_{context,
             integration,
             board,
             digester,
             scope,
             std::move(watched_since),
             Quarantine(context, integration, board)},
      secrets_(secrets),
      wake_(context.env, scope.executor()) {
  folders_.push_back(std::make_unique<FolderMemory>(integration.incoming.folder));
  for (const auto& name : integration.incoming.more_folders) {
    folders_.push_back(std::make_unique<FolderMemory>(name));
  }
}

void Inbound::check_now() {
  check_requested_ = true;
  in_haste_ = true;
  retry_all_ = true;
  wake_.notify();
  if (link_ == nullptr) return;
  link_->line().hasten();
  if (idling_) link_->line().close();
}

/// Called by the gate: when nothing is to be fetched any more, the connection ends.
void Inbound::give_way() {
  gives_way_ = true;
  wake_.notify();
  if (link_ != nullptr && idling_) link_->line().end_read();
}

LineUser Inbound::line_user() {
  LineUser user;
  user.integration = world_.integration.id;
  user.login = world_.integration.incoming.auth.username;
  user.in_haste = std::exchange(in_haste_, false);
  user.last_check = world_.board.status().last_check.value_or(Instant());
  user.give_way = [this] { give_way(); };
  return user;
}

void Inbound::stir() {
  stirred_ = true;
  wake_.notify();
  if (link_ != nullptr && idling_) link_->line().end_read();
}

net::Task<void> Inbound::run() {
  while (world_.board.may_run(Direction::incoming)) {
    const Duration begun = world_.context.env.steady();
    auto& first = *folders_.front();
    co_await recall(first);
    selects_by_itself_ = first.synced.mod_seq == 0;
    ImapLink link(world_.context, world_.integration.incoming, secrets_, selects_by_itself_);
    link.line().set_user(line_user());
    auto& journal = world_.board.journal();
    link.line().record_to(journal.recording(Direction::incoming));
    const Cleared cleared(link_);
    link_ = &link;
    checked_ = false;
    world_.board.check_began();
    auto watched = co_await watch(link);
    link_ = nullptr;
    const bool waited = std::exchange(idling_, false);
    link.line().close();
    if (blame_ != Blame::server && !check_requested_) {
      gives_way_ = false;
      co_await broke_at_a_mail(link, std::move(watched).error());
      continue;
    }
    const bool gave_way = std::exchange(gives_way_, false) && checked_;
    const bool asked = std::exchange(check_requested_, false);
    if (asked || gave_way) {
      journal.note("connection.closed",
                   asked ? "for a check that was asked for" : "in favour of one that waited");
      continue;
    }
    const Duration lived = world_.context.env.steady() - begun;
    co_await failed(link, std::move(watched).error(), lived, waited);
  }
}

net::Task<void> Inbound::pause_briefly() {
  const auto pause = world_.context.env.random() % reconnect_jitter_ms;
  co_await net::sleep_for(world_.context.env, Duration(static_cast<std::int64_t>(pause) + 1));
}

net::Task<void> Inbound::broke_at_a_mail(ImapLink& link, Error error) {
  auto& board = world_.board;
  log::warn("{}: the connection broke at a mail: {}", world_.integration.name, describe(error));
  board.journal().note("connection.closed", "it broke at a mail: " + describe(error));
  if (blame_ == Blame::stalled) {
    board.keep_transcript(Direction::incoming, link.line(), error);
    const auto verdict = judge(error, Direction::incoming, link.line().step());
    co_await board.check_stalled(std::move(error), std::string(link.line().step()), verdict);
  }
  co_await pause_briefly();
}

net::Task<void> Inbound::failed(ImapLink& link, Error error, Duration lived, bool waited) {
  auto& board = world_.board;
  auto& env = world_.context.env;
  const auto renewed = co_await link.renew_token(error);
  if (!renewed) {
    error = renewed.error();
  } else if (renewed.value()) {
    link.line().leave();
    board.journal().note("connection.closed", "the token was refused; a fresh one is tried");
    co_return;
  }
  const auto verdict = for_method(judge(error, Direction::incoming, link.line().step()),
                                  world_.integration.incoming.auth.method, Direction::incoming);
  bool takes_turns = false;
  if (verdict.too_many_connections) {
    link.line().limited();
    takes_turns = co_await link.line().takes_turns();
  }
  link.line().leave();
  // One that ends each session before anything is done in it has a trouble of its own.
  const bool expired = error.code == imap::errc::session_expired && (checked_ || lived >= lasting);
  const bool served = waited && checked_ && lived >= lasting;
  if (expired || served) {
    log::info("{}: the connection ended after {} s: {}", world_.integration.name,
              lived.count() / 1000, describe(error));
    board.journal().note("connection.closed", describe(error));
    short_lives_ = 0;
    co_await pause_briefly();
    co_return;
  }
  board.keep_transcript(Direction::incoming, link.line(), error);
  co_await board.check_failed(std::move(error), std::string(link.line().step()), verdict);
  const Duration pause = takes_turns ? limits::turn_pause : pause_after_failure(verdict, lived);
  const Duration resume = env.steady() + pause;
  // A stir is no reason to hammer a server that is down.
  while (!check_requested_ && env.steady() < resume) co_await wake_.wait(resume - env.steady());
  check_requested_ = false;
}

/// A server that lets a check come to a good end and then cuts the line, each time, is no less of a
/// trouble than one that lets none: it is asked ever more rarely, down to as often as one polls.
Duration Inbound::pause_after_failure(const Verdict& verdict, Duration lived) {
  const int failures = world_.board.failures(Direction::incoming);
  const auto random = world_.context.env.random();
  if (!checked_) return pause_after(verdict, failures, random);
  short_lives_ = lived < lasting ? short_lives_ + 1 : 0;
  const auto pause = pause_after(verdict, std::max(failures, short_lives_), random);
  if (verdict.outcome != Outcome::transient) return pause;
  const Duration poll = world_.integration.incoming.poll_interval;
  return std::min(pause, std::max<Duration>(poll, limits::reconnect_first));
}

net::Task<Result<void>> Inbound::watch(ImapLink& link) {
  blame_ = Blame::server;
  POSTERN_CO_TRY(co_await link.connect());
  ready_ = selects_by_itself_;
  idle_refused_ = idle_silent_ = false;
  auto ended = co_await attend(link);
  if (visit_) blame_ = co_await visit_->blame(ended.error());
  auto left = co_await leave();
  home_ = nullptr;
  if (!left) co_return std::move(left).error();
  co_return ended;
}

/// Each part in a coroutine of its own: while it waits for mail, this is one of the frames that ten
/// thousand integrations keep in memory.
net::Task<Result<void>> Inbound::attend(ImapLink& link) {
  for (;;) {
    auto ended = co_await look_round(link);
    while (ended && !check_requested_ && world_.context.env.steady() < next_round_) {
      ended = co_await do_due(link);
      if (ended) ended = co_await wait_for_mail(link);
      if (ended) ended = co_await take_news(link);
    }
    if (!ended) co_return ended;
  }
}

net::Task<Result<void>> Inbound::look_round(ImapLink& link) {
  const auto& incoming = world_.integration.incoming;
  check_requested_ = false;
  POSTERN_CO_TRY(co_await round(link));
  if (!checked_) world_.board.journal().note("connection.opened", incoming.server.host);
  checked_ = true;
  co_await world_.board.check_succeeded();
  const bool several = folders_.size() > 1;
  next_round_ = several ? world_.context.env.steady() + incoming.poll_interval : never;
  co_return success();
}

net::Task<Result<void>> Inbound::do_due(ImapLink& link) {
  POSTERN_CO_TRY(co_await retry_due(link));
  POSTERN_CO_TRY(const bool elsewhere, co_await do_chore(link));
  if (!elsewhere) co_return success();
  co_return co_await enter(link, *home_);
}

/// What ended the wait for mail.
net::Task<Result<void>> Inbound::take_news(ImapLink& link) {
  if (gives_way_ && !visit_->news()) co_return co_await log_out(link);
  POSTERN_CO_TRY(co_await visit_->compare_when_due());
  if (!visit_->news()) co_return success();
  world_.board.check_began();
  POSTERN_CO_TRY(co_await visit_->fetch_new());
  co_await world_.board.check_succeeded();
  co_return success();
}

/// So that the server counts us out before the next comes. Always an Error: the connection is over.
net::Task<Result<void>> Inbound::log_out(ImapLink& link) {
  link.session().logout();
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    if (!std::holds_alternative<imap::Closed>(step)) continue;
    co_return Error{net::errc::closed, "others wait for a connection"};
  }
}

FolderMemory* Inbound::folder_named(const std::string& name) {
  for (const auto& folder : folders_) {
    if (folder->name == name) return folder.get();
  }
  return nullptr;
}

/// Quarantined mails whose time has come, each alone and after everything else.
net::Task<Result<void>> Inbound::retry_due(ImapLink& link) {
  bool all = std::exchange(retry_all_, false);
  auto& quarantine = world_.quarantine;
  if (!all && !quarantine.take_changed() && world_.context.env.steady() < next_try_) {
    co_return success();
  }
  // What was tried has its next time: it is read once more.
  do {
    POSTERN_CO_TRY(auto waiting, co_await quarantine.waiting());
    POSTERN_CO_TRY(co_await retry_these(link, std::move(waiting), all));
    all = false;
  } while (quarantine.take_changed());
  if (visit_ && &visit_->memory() == home_) co_return success();
  co_return co_await enter(link, *home_);
}

net::Task<Result<void>> Inbound::retry_these(ImapLink& link, std::vector<storage::Trouble> waiting,
                                             bool all) {
  auto& env = world_.context.env;
  next_try_ = never;
  for (auto& trouble : waiting) {
    const auto left = std::chrono::duration_cast<Duration>(*trouble.note.next_try_at - env.now());
    if (!all && left > Duration(0)) {
      next_try_ = env.steady() + std::min(left, look_again_max);  // the clock may be set
      break;
    }
    auto* folder = folder_named(trouble.folder);
    if (folder == nullptr || folder->missing) {
      POSTERN_CO_TRY(
          co_await world_.quarantine.gave_up(trouble, "its folder is not watched or not there"));
      continue;
    }
    if (!visit_ || &visit_->memory() != folder) {
      POSTERN_CO_TRY(co_await enter(link, *folder));
    }
    POSTERN_CO_TRY(co_await visit_->retry(std::move(trouble)));
  }
  co_return success();
}

net::Task<Result<bool>> Inbound::do_chore(ImapLink& link) {
  stirred_ = false;
  if (!chore_) co_return false;
  co_return co_await chore_(link);
}

/// Every folder but one that is open already, whose news come by themselves; then the home.
net::Task<Result<void>> Inbound::round(ImapLink& link) {
  std::optional<Error> missing;
  for (auto& folder : folders_) {
    if (visit_ && &visit_->memory() == folder.get()) continue;
    auto entered = co_await enter(link, *folder);
    if (entered) {
      if (home_ == nullptr) home_ = folder.get();
      continue;
    }
    // A refused SELECT or EXAMINE leaves the connection good.
    const bool refused = !visit_ && link.session().alive();
    if (!refused || folder.get() == home_) co_return std::move(entered).error();
    missing = std::move(entered).error();
    if (folders_.size() > 1) co_await tell_missing(*folder, *missing);
  }
  if (home_ == nullptr) co_return std::move(*missing);
  if (visit_ && &visit_->memory() == home_) co_return success();
  co_return co_await enter(link, *home_);
}

net::Task<void> Inbound::tell_missing(FolderMemory& folder, const Error& error) {
  if (std::exchange(folder.missing, true)) co_return;
  auto event =
      world_.board.event("imap.download_failed", Direction::incoming,
                         fmt::format("the folder {}: {}", folder.name, describe(error)),
                         "There is no such folder, or it may not be opened; check its name.");
  event.data["folder"] = folder.name;
  std::vector<NewEvent> events;
  events.push_back(std::move(event));
  auto kept = co_await world_.context.store.events().append(std::move(events));
  if (!kept) log::error("an event was not kept: {}", describe(kept.error()));
}

/// Opens the folder and fetches what is new in it. `visit_` is empty if it could not be opened.
net::Task<Result<void>> Inbound::enter(ImapLink& link, FolderMemory& folder) {
  POSTERN_CO_TRY(co_await leave());
  POSTERN_CO_TRY(auto opened, co_await select(link, folder));
  folder.missing = false;
  visit_ = std::make_unique<FolderVisit>(world_, link, folder, std::move(opened));
  POSTERN_CO_TRY(co_await visit_->begin());
  POSTERN_CO_TRY(co_await visit_->take_changes());
  co_return co_await visit_->compare_when_due();
}

net::Task<Result<void>> Inbound::leave() {
  if (!visit_) co_return success();
  const auto visit = std::move(visit_);
  co_return co_await visit->settle();
}

/// Of former lives: since when the server is to tell what changed. Without it nothing is lost.
net::Task<void> Inbound::recall(FolderMemory& folder) {
  if (std::exchange(folder.recalled, true)) co_return;
  const auto known =
      co_await world_.context.store.compares().known(world_.integration.id, folder.name);
  if (known && known.value()) folder.synced = {known.value()->uid_validity, known.value()->mod_seq};
}

net::Task<Result<OpenedFolder>> Inbound::select(ImapLink& link, FolderMemory& folder) {
  auto& session = link.session();
  while (!ready_) {
    POSTERN_CO_TRY(const auto step, co_await link.next(limits::imap_command));
    ready_ = std::holds_alternative<imap::Ready>(step);
  }
  OpenedFolder opened;
  if (!std::exchange(selects_by_itself_, false)) {
    co_await recall(folder);
    const auto& since = folder.synced;
    if (session.enabled("QRESYNC") && since.mod_seq != 0 && since.uid_validity != 0) {
      POSTERN_CO_TRY(session.select(folder.name, imap::Access::read_only, since));
      opened.changed.emplace();
    } else {
      POSTERN_CO_TRY(session.select(folder.name, imap::Access::read_only));
    }
  }
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link.next(limits::imap_command));
    if (auto* selected = std::get_if<imap::Selected>(&step)) {
      opened.selected = std::move(*selected);
      co_return opened;
    }
    const auto* change = std::get_if<imap::MailboxChanged>(&step);
    if (change != nullptr && opened.changed && change->facts.uid) {
      opened.changed->add(*change->facts.uid);
    }
    if (const auto* alert = std::get_if<imap::Alert>(&step)) {
      log::warn("{}: the server says: {}", world_.integration.name,
                link.line().masked(alert->words));
    }
    if (std::holds_alternative<imap::Closed>(step)) {
      co_return Error{imap::errc::connection_closed, "the server closed the line"};
    }
  }
}

}  // namespace postern::flows
