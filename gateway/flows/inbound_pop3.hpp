// InboundPop3: watches one POP3 maildrop by visits, a poll interval apart. The counterpart of
// Inbound, with the same promises, for servers that have nothing else.
#pragma once

#include "flows/maildrop_visit.hpp"
#include "net/wake.hpp"

namespace postern::flows {

class InboundPop3 {
 public:
  /// `scope` runs the storing and outlives this; `watched_since` is the day the integration was
  /// made: in a maildrop that was renumbered nothing older counts as new.
  InboundPop3(Context& context, const Integration& integration, const IntegrationSecrets& secrets,
              StatusBoard& board, Digester& digester, net::Scope& scope, std::string watched_since);

  /// Until cancelled, or the direction is disabled.
  net::Task<void> run();

  /// A check now: ends the pause between two visits.
  void check_now();

 private:
  net::Task<Duration> visit();
  net::Task<Duration> failed(MaildropVisit& visit, Error error);

  MaildropWorld world_;
  MaildropMemory memory_;
  net::Wake wake_;
  Line* line_ = nullptr;  // of the visit under way
  bool check_requested_ = false;
};

}  // namespace postern::flows
