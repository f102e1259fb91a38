// Digester: turns stored mails into summaries and hand-overs, behind the fetching and never in its
// way. One an integration; rows are the truth, so a restart goes on where it was.
#pragma once

#include "flows/context.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"

#include <functional>
#include <list>
#include <set>

namespace postern::flows {

class Digester {
 public:
  /// `scope` runs the work and outlives this; `handed` is told when hand-overs were made.
  Digester(Context& context, IntegrationId integration, net::Scope& scope,
           std::function<void()> handed);

  void mails_stored() { wake_.notify(); }

  /// Until cancelled.
  net::Task<void> run();

 private:
  net::Task<Result<void>> refill();
  net::Task<void> work(MessageId id);
  net::Task<Result<void>> digest_one(MessageId id);
  net::Task<MessageSummary> summarise(std::string_view raw);

  Context& context_;
  IntegrationId integration_;
  net::Scope& scope_;
  std::function<void()> handed_;
  net::Wake wake_;
  std::list<MessageId> waiting_;  // a deque takes 576 bytes even while it is empty
  std::set<MessageId> in_work_;
  bool trouble_ = false;
};

}  // namespace postern::flows
