#include "flows/inbound_pop3.hpp"

#include "core/log.hpp"
#include "flows/cleared.hpp"
#include "flows/limits.hpp"
#include "flows/verdict_advice.hpp"

#include <algorithm>

namespace postern::flows {

InboundPop3::InboundPop3(Context& context, const Integration& integration,
                         const IntegrationSecrets& secrets, StatusBoard& board, Digester& digester,
                         net::Scope& scope, std::string watched_since)
    : world_{context, integration, secrets, board, digester, scope, std::move(watched_since)},
      wake_(context.env, scope.executor()) {}

void InboundPop3::check_now() {
  check_requested_ = true;
  wake_.notify();
  if (line_ != nullptr) line_->hasten();
}

net::Task<void> InboundPop3::run() {
  while (world_.board.may_run(Direction::incoming)) {
    // What a visit needs of memory goes before the pause.
    const Duration pause = co_await visit();
    co_await wake_.wait(pause);
  }
}

/// Gives the pause to the next one.
net::Task<Duration> InboundPop3::visit() {
  MaildropVisit visit(world_, memory_, std::exchange(check_requested_, false));
  visit.line().record_to(world_.board.journal().recording(Direction::incoming));
  world_.board.check_began();
  const Cleared cleared(line_);
  line_ = &visit.line();
  auto visited = co_await visit.run();
  line_ = nullptr;
  if (!visited) co_return co_await failed(visit, std::move(visited).error());
  visit.line().leave();
  co_await world_.board.check_succeeded();
  const Duration interval = world_.integration.incoming.poll_interval;
  co_return std::max(interval, visit.login_delay());
}

net::Task<Duration> InboundPop3::failed(MaildropVisit& visit, Error error) {
  auto& line = visit.line();
  auto& board = world_.board;
  const auto renewed = co_await visit.renew_token(error);
  if (!renewed) {
    error = renewed.error();
  } else if (renewed.value()) {
    line.leave();
    board.journal().note("connection.closed", "the token was refused; a fresh one is tried");
    co_return Duration(1);
  }
  const auto verdict =
      for_method(for_protocol(judge(error, Direction::incoming, line.step()), "pop3"),
                 world_.integration.incoming.auth.method, Direction::incoming);
  bool takes_turns = false;
  if (verdict.too_many_connections) {
    line.limited();
    takes_turns = co_await line.takes_turns();
  }
  line.leave();
  if (visit.excused()) {
    log::info("{}: a mail ended the connection, the others go on: {}", world_.integration.name,
              describe(error));
    co_return limits::reconnect_first;
  }
  board.keep_transcript(Direction::incoming, line, error);
  co_await board.check_failed(std::move(error), std::string(line.step()), verdict);
  const Duration pause = takes_turns ? limits::turn_pause
                                     : pause_after(verdict, board.failures(Direction::incoming),
                                                   world_.context.env.random());
  co_return std::max(pause, visit.login_delay());
}

}  // namespace postern::flows
