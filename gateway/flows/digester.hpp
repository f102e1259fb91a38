// Digester: turns stored mails into summaries and hand-overs, behind the fetching and never in its
// way. One an integration; rows are the truth, so a restart goes on where it was.
#pragma once

#include "flows/context.hpp"
#include "flows/routing.hpp"
#include "net/errand.hpp"

#include <functional>
#include <list>
#include <set>

namespace postern::flows {

class Digester {
 public:
  /// `scope` runs the work and outlives this, as `integration` does; `handed` is told when
  /// hand-overs were made.
  Digester(Context& context, const Integration& integration, net::Scope& scope,
           std::function<void()> handed);

  /// On the scope's executor, as mails_stored().
  void start() { errand_.start(); }
  void mails_stored() { errand_.notify(); }

 private:
  net::Task<Duration> look();
  net::Task<Result<void>> refill();
  net::Task<void> work(storage::Undigested mail);
  net::Task<Result<void>> digest_one(storage::Undigested mail);
  net::Task<MessageSummary> summarise(std::string_view raw);

  Context& context_;
  IntegrationWords words_;
  net::Scope& scope_;
  std::function<void()> handed_;
  net::Errand errand_;
  std::list<storage::Undigested> waiting_;  // a deque takes 576 bytes even while it is empty
  std::set<MessageId> in_work_;
  Duration not_before_{0};  // of Env::steady(): after trouble
};

}  // namespace postern::flows
