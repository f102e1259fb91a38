// StatusBoard: what one integration's two directions have come to: the contract's status object,
// its events and metrics. Lives on the integration's shard; every change becomes a row at once.
#pragma once

#include "core/health.hpp"
#include "flows/context.hpp"
#include "flows/journal.hpp"
#include "flows/line.hpp"
#include "flows/verdict.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::flows {

class StatusBoard {
 public:
  StatusBoard(Context& context, const Integration& integration, IntegrationStatus status,
              Journal& journal);

  /// At the start: a direction that is switched off says so, one switched on again waits.
  net::Task<void> begin();

  /// A check begins: for how long it took.
  void check_began();
  /// A check ended well, also that of an empty mailbox.
  net::Task<void> check_succeeded();
  /// A check failed: counts, and disables the direction when too many did.
  net::Task<void> check_failed(Error error, std::string step, Verdict verdict);
  /// A check came to a stop where one of the mails may be to blame, which the next connection finds
  /// out. The first is shown with its reason and is no failure yet; one more without a good check
  /// between is.
  net::Task<void> check_stalled(Error error, std::string step, Verdict verdict);
  /// A mail was made durable, or was sent; kept with the next row.
  void mail_stored(std::size_t count);
  net::Task<void> mail_sent();
  /// The integration's own fault while sending.
  net::Task<void> send_failed(Error error, std::string step, Verdict verdict);

  /// The same while sending a notice of Postern's own: it is shown and counts nowhere. Those who
  /// tell of trouble must not be what switches off users' mail.
  net::Task<void> notice_failed(Error error, std::string step, Verdict verdict);

  /// A session failed: what was said in it is kept, before its failure is told.
  void keep_transcript(Direction direction, Line& line, const Error& error);
  /// What was said on `line`, and why it ended so.
  Transcript transcript(Direction direction, Line& line, std::string message);
  Journal& journal() { return journal_; }

  bool disabled(Direction direction) const;
  /// Whether it is on, not disabled, and needs nobody's consent.
  bool may_run(Direction direction) const;
  int failures(Direction direction) const;
  const IntegrationStatus& status() const { return status_; }

  /// An event with what is known of the server and the login filled in.
  NewEvent event(std::string kind, Direction direction, std::string message, std::string hint);

 private:
  void need_consent(Direction direction, std::string why, std::vector<NewEvent>& events);
  net::Task<void> failed(Direction direction, Error error, std::string step, Verdict verdict);
  net::Task<void> recovered(Direction direction);
  net::Task<void> keep(std::vector<NewEvent> events);
  void tell_check();
  HealthPolicy policy() const;
  Health& health(Direction direction);
  void publish(Direction direction);

  Context& context_;
  const Integration& integration_;
  IntegrationStatus status_;
  Health incoming_, outgoing_;
  Journal& journal_;
  Duration check_began_{0};
  std::size_t stored_ = 0;  // mails, since the last check that ended
  bool stalled_ = false;    // a check has, with none that ended well since
  // As they were when the monitor was last told of a change: incoming, outgoing.
  std::pair<int, int> told_errors_{0, 0};
  std::pair<DirectionState, DirectionState> told_states_{};
};

}  // namespace postern::flows
