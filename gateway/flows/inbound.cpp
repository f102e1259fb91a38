#include "flows/inbound.hpp"

#include "core/backoff.hpp"
#include "core/log.hpp"
#include "flows/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

/// A connection that served this long and is cut while waiting is simply opened again.
constexpr Duration lasting = std::chrono::seconds(30);
constexpr std::uint64_t reconnect_jitter_ms = 1000;

}  // namespace

Inbound::Inbound(Context& context, const Integration& integration,
                 const IntegrationSecrets& secrets, StatusBoard& board, Digester& digester,
                 net::Scope& scope, std::string watched_since)
    : context_(context),
      integration_(integration),
      secrets_(secrets),
      board_(board),
      digester_(digester),
      scope_(scope),
      watched_since_(std::move(watched_since)),
      wake_(context.env, scope.executor()) {}

void Inbound::check_now() {
  check_requested_ = true;
  wake_.notify();
  if (link_ != nullptr && idling_) link_->line().close();
}

net::Task<void> Inbound::run() {
  while (!board_.disabled(Direction::incoming)) {
    const Duration begun = context_.env.steady();
    ImapLink link(context_, integration_.incoming, secrets_);
    link_ = &link;
    checked_ = false;
    auto watched = co_await watch(link);
    link_ = nullptr;
    const bool waited = std::exchange(idling_, false);
    link.line().close();
    if (std::exchange(check_requested_, false)) continue;
    const Duration lasted = waited && checked_ ? context_.env.steady() - begun : Duration(0);
    co_await failed(link, std::move(watched).error(), lasted);
  }
}

net::Task<void> Inbound::failed(ImapLink& link, Error error, Duration lasted) {
  const auto verdict = judge(error, Direction::incoming, link.line().step());
  const bool expired = error.code == imap::errc::session_expired;
  if (expired || lasted >= lasting) {
    log::info("{}: the connection ended after {} s: {}", integration_.name, lasted.count() / 1000,
              describe(error));
    const auto pause = static_cast<std::int64_t>(context_.env.random() % reconnect_jitter_ms);
    co_await wake_.wait(Duration(pause + 1));
    co_return;
  }
  const bool login = verdict.outcome == Outcome::auth_rejected;
  co_await board_.check_failed(std::move(error), std::string(link.line().step()), verdict);
  const auto pause =
      backoff(board_.failures(Direction::incoming),
              login ? limits::login_refused_first : limits::reconnect_first,
              login ? limits::login_refused_max : limits::reconnect_max, context_.env.random());
  co_await wake_.wait(pause);
  check_requested_ = false;
}

net::Task<Result<void>> Inbound::watch(ImapLink& link) {
  POSTERN_CO_TRY(co_await link.connect());
  POSTERN_CO_TRY(const auto selected, co_await open(link));
  POSTERN_CO_TRY(const auto first_plan, co_await plan(link, selected));
  Intake intake(context_, integration_.id, integration_.incoming.folder,
                first_plan.position.uid_validity, scope_, [this](std::size_t count) {
                  board_.mail_stored(count);
                  digester_.mails_stored();
                });
  if (taken_uid_validity_ != first_plan.position.uid_validity) taken_.clear();
  taken_uid_validity_ = first_plan.position.uid_validity;
  // A search by date that is cut begins again: until its end the cursor says so with 0.
  const bool searching = first_plan.step == PlanStep::search_since;
  intake.fetched_below(searching ? 0 : first_plan.position.next_uid);
  Visit visit{link, intake, first_plan.position, selected.exists};
  auto followed = co_await follow(visit, first_plan, selected.uid_next);
  while (followed) {
    checked_ = true;
    co_await board_.check_succeeded();
    followed = co_await wait_for_mail(visit);
    if (followed) followed = co_await fetch_new(visit);
  }
  // What is gathered and whole is kept, whatever ended the connection.
  const auto settled = co_await intake.settle();
  if (!settled) {
    taken_.clear();  // who knows what of it was stored
    co_return settled.error();
  }
  co_return followed;
}

net::Task<Result<imap::Selected>> Inbound::open(ImapLink& link) {
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link.next(limits::imap_command));
    if (auto* selected = std::get_if<imap::Selected>(&step)) co_return std::move(*selected);
    if (const auto* alert = std::get_if<imap::Alert>(&step)) {
      log::warn("{}: the server says: {}", integration_.name, alert->words);
    }
    if (std::holds_alternative<imap::Closed>(step)) {
      co_return Error{imap::errc::connection_closed, "the server closed the line"};
    }
  }
}

net::Task<Result<std::optional<std::uint32_t>>> Inbound::ask_uid_next(ImapLink& link) {
  POSTERN_CO_TRY(link.session().status(integration_.incoming.folder));
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link.next(limits::imap_command));
    if (const auto* done = std::get_if<imap::StatusDone>(&step)) co_return done->status.uid_next;
  }
}

net::Task<Result<MailboxPlan>> Inbound::plan(ImapLink& link, const imap::Selected& selected) {
  auto& messages = context_.store.messages();
  const auto& folder = integration_.incoming.folder;
  link.line().enter("cursor");
  POSTERN_CO_TRY(const auto cursor, co_await messages.cursor(integration_.id, folder));
  std::optional<MailboxPosition> position;
  if (cursor) position = MailboxPosition{cursor->uid_validity, cursor->next_uid};
  MailboxState state;
  state.uid_validity = selected.uid_validity.value_or(0);
  state.uid_next = selected.uid_next;
  state.exists = selected.exists;
  const bool goes_on =
      position && position->uid_validity == state.uid_validity && position->next_uid != 0;
  if (!state.uid_next && !goes_on) {
    POSTERN_CO_TRY(state.uid_next, co_await ask_uid_next(link));
  }
  const auto result =
      plan_mailbox(position, state, integration_.incoming.start_from, watched_since_);
  std::vector<NewEvent> events;
  if (result.restarted && announced_uid_validity_ != state.uid_validity) {
    announced_uid_validity_ = state.uid_validity;
    events.push_back(board_.event(
        "mailbox.uidvalidity_changed", Direction::incoming,
        fmt::format("{}: UIDVALIDITY is {} where it was {}", folder, state.uid_validity,
                    position->uid_validity),
        "The server renumbered the folder; everything is compared, nothing is handed over twice."));
  }
  // Before a search by date the end is not reached yet: that cursor comes with the last mail.
  const bool keep = result.step != PlanStep::search_since;
  if (keep && (!position || *position != result.position)) {
    storage::MailboxCursor fresh;
    fresh.uid_validity = result.position.uid_validity;
    fresh.next_uid = result.position.next_uid;
    POSTERN_CO_TRY(co_await messages.set_cursor(integration_.id, folder, fresh, std::move(events)));
  } else if (!events.empty()) {
    POSTERN_CO_TRY(co_await context_.store.events().append(std::move(events)));
  }
  co_return result;
}

/// What every untagged EXISTS and EXPUNGE says; `visit.news` is set when a mail came.
void Inbound::note(Visit& visit, const imap::MailboxChanged& change) {
  switch (change.what) {
    case imap::MailboxChanged::What::exists:
      visit.news = visit.news || change.number > visit.exists;
      visit.exists = change.number;
      return;
    case imap::MailboxChanged::What::expunged:
      if (visit.exists > 0) --visit.exists;
      return;
    case imap::MailboxChanged::What::vanished:
    case imap::MailboxChanged::What::flags:
      return;
  }
}

net::Task<Result<void>> Inbound::wait_for_mail(Visit& visit) {
  const auto& incoming = integration_.incoming;
  const bool can_idle = visit.link.session().capabilities().has("IDLE");
  while (!visit.news) {
    if (incoming.mode == IncomingMode::idle && can_idle) {
      POSTERN_CO_TRY(co_await idle(visit));
    } else {
      POSTERN_CO_TRY(co_await poll(visit));
    }
    if (visit.news) break;
    // IDLE alone is never trusted: ask whether something slipped by.
    POSTERN_CO_TRY(const auto found,
                   co_await search(visit, fmt::format("UID {}:*", visit.position.next_uid)));
    for (const auto& range : found.ranges()) {
      visit.news = visit.news || range.last >= visit.position.next_uid;
    }
    if (!visit.news) co_await board_.check_succeeded();
  }
  co_return success();
}

net::Task<Result<void>> Inbound::idle(Visit& visit) {
  const Duration until = context_.env.steady() + limits::idle_renewal;
  POSTERN_CO_TRY(visit.link.session().idle());
  bool ended = false;
  idling_ = true;
  visit.link.line().expect_little(true);
  for (;;) {
    const Duration left = std::max(until - context_.env.steady(), Duration(1));
    auto step = co_await visit.link.next(ended ? limits::imap_command : left);
    if (!step) {
      const bool renewal = !ended && step.error().code == net::errc::timeout;
      if (!renewal) co_return std::move(step).error();
    } else if (const auto* change = std::get_if<imap::MailboxChanged>(&step.value())) {
      note(visit, *change);
    } else if (std::holds_alternative<imap::CommandDone>(step.value())) {
      break;
    }
    if (!ended && (visit.news || context_.env.steady() >= until)) {
      ended = true;
      visit.link.session().done();
    }
  }
  idling_ = false;
  visit.link.line().expect_little(false);
  co_return success();
}

net::Task<Result<void>> Inbound::poll(Visit& visit) {
  idling_ = true;
  visit.link.line().expect_little(true);
  co_await wake_.wait(integration_.incoming.poll_interval);
  visit.link.line().expect_little(false);
  idling_ = false;
  visit.link.line().enter("poll");
  visit.link.session().noop();
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await visit.link.next(limits::imap_command));
    if (const auto* change = std::get_if<imap::MailboxChanged>(&step)) note(visit, *change);
    if (auto* done = std::get_if<imap::CommandDone>(&step)) {
      if (done->error) co_return std::move(*done->error);
      co_return success();
    }
  }
}

}  // namespace postern::flows
