// How Inbound waits for mail in the home folder: IDLE, or polling where there is none.
#include "flows/inbound.hpp"
#include "flows/limits.hpp"

#include <algorithm>

namespace postern::flows {

/// Until a mail came, or there is something else to do.
net::Task<Result<void>> Inbound::wait_for_mail(ImapLink& link) {
  Duration until = std::min(next_round_, next_try_);
  until = std::min(until, visit_->next_compare().value_or(Duration::max()));
  const auto& incoming = world_.integration.incoming;
  auto& env = world_.context.env;
  const bool can_idle = link.session().capabilities().has("IDLE");
  const bool wants_idle = incoming.mode == IncomingMode::idle && can_idle;
  while (!visit_->news() && !called_away() && env.steady() < until) {
    const bool idles = wants_idle && !idle_refused_;
    if (idles) {
      POSTERN_CO_TRY(co_await idle(link, until));
    } else {
      POSTERN_CO_TRY(co_await poll(link, until));
    }
    if (visit_->news() || called_away()) break;
    world_.board.check_began();
    // IDLE alone is never trusted: ask whether something slipped by.
    POSTERN_CO_TRY(co_await visit_->look());
    idle_silent_ = idle_silent_ || (idles && visit_->news());
    if (!visit_->news()) co_await world_.board.check_succeeded();
  }
  co_return success();
}

net::Task<Result<void>> Inbound::idle(ImapLink& link, Duration until) {
  auto& env = world_.context.env;
  const Duration begun = env.steady();
  Duration renewal = limits::idle_renewal;
  if (idle_silent_)
    renewal = std::min<Duration>(renewal, world_.integration.incoming.poll_interval);
  until = std::min(until, begun + renewal);
  POSTERN_CO_TRY(link.session().idle());
  bool ended = false;
  idling_ = true;
  link.line().expect_little(true);
  for (;;) {
    const Duration left = std::max(until - env.steady(), Duration(1));
    auto step = co_await link.next(ended ? limits::imap_command : left);
    if (!step) {
      // The time is up, or stir() ended the read.
      const bool in_time = !ended && step.error().code == net::errc::timeout;
      if (!in_time) co_return std::move(step).error();
    } else if (const auto* change = std::get_if<imap::MailboxChanged>(&step.value())) {
      visit_->note(*change);
    } else if (const auto* done = std::get_if<imap::CommandDone>(&step.value())) {
      const bool at_once = !ended && env.steady() - begun < limits::idle_shortest;
      idle_refused_ = done->error.has_value() || (at_once && !visit_->news());
      break;
    }
    if (!ended && (visit_->news() || called_away() || env.steady() >= until)) {
      ended = true;
      link.session().done();
    }
  }
  idling_ = false;
  link.line().expect_little(false);
  co_return success();
}

net::Task<Result<void>> Inbound::poll(ImapLink& link, Duration until) {
  auto& env = world_.context.env;
  const Duration interval = world_.integration.incoming.poll_interval;
  idling_ = true;
  link.line().expect_little(true);
  const Duration pause = std::min(interval, until - env.steady());
  if (!called_away()) co_await wake_.wait(std::max(pause, Duration(1)));
  link.line().expect_little(false);
  idling_ = false;
  link.line().enter("poll");
  link.session().noop();
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link.next(limits::imap_command));
    if (const auto* change = std::get_if<imap::MailboxChanged>(&step)) visit_->note(*change);
    if (auto* done = std::get_if<imap::CommandDone>(&step)) {
      if (done->error) co_return std::move(*done->error);
      co_return success();
    }
  }
}

}  // namespace postern::flows
