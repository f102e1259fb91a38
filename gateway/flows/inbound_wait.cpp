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
  const bool wants_idle = incoming.mode == IncomingMode::idle && can_idle && !idle_unanswered_;
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
  std::optional<Duration> answer_by = begun + limits::imap_command;  // until "+", and from DONE on
  bool started = false, ending = false;
  idling_ = true;
  link.line().expect_little(true);
  for (;;) {
    // After each read: a server that says "* OK Still here" again and again lengthens nothing.
    const Duration wakes = ending ? *answer_by : std::min(until, answer_by.value_or(until));
    const Duration left = std::max(wakes - env.steady(), Duration(1));
    auto step = link.look();
    if (step && !step.value()) {
      Result<void> moved = success();
      if (link.reads()) {
        const auto bytes = co_await link.line().read(left);
        moved = link.received(bytes);
      } else {
        moved = co_await link.move_bytes(left);
      }
      if (!moved) step = std::move(moved).error();
    }
    if (!step) {
      // The time is up, or stir() ended the read, perhaps once more behind DONE.
      const bool timed_out = step.error().code == net::errc::timeout;
      if (!timed_out || (answer_by && env.steady() >= *answer_by)) {
        // A line that was cut says nothing of IDLE.
        idle_unanswered_ = idle_unanswered_ || (timed_out && !started);
        co_return std::move(step).error();
      }
    } else if (answer_by && env.steady() >= *answer_by) {
      idle_unanswered_ = idle_unanswered_ || !started;
      co_return Error{net::errc::timeout, started ? "the server does not answer DONE"
                                                  : "the server does not answer IDLE"};
    } else if (const auto& news = step.value()) {
      if (const auto* change = std::get_if<imap::MailboxChanged>(&*news)) visit_->note(*change);
      if (std::holds_alternative<imap::IdleStarted>(*news)) {
        started = true;
        if (!ending) answer_by.reset();
      }
      if (const auto* done = std::get_if<imap::CommandDone>(&*news)) {
        const bool at_once = !ending && env.steady() - begun < limits::idle_shortest;
        idle_refused_ = done->error.has_value() || (at_once && !visit_->news());
        break;
      }
    }
    if (!ending && (visit_->news() || called_away() || env.steady() >= until)) {
      ending = true;
      answer_by = env.steady() + limits::imap_command;
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
