// Digester: turns stored mails into summaries and hand-overs, behind the fetching and never in its
// way. One an integration; rows are the truth, so a restart goes on where it was.
//
// Small mails go together, to a worker and into the store: most of a mail's cost is the way from
// thread to thread. One that breaks what it goes with costs the others a second way, each alone.
#pragma once

#include "flows/byte_gate.hpp"
#include "flows/context.hpp"
#include "flows/routing.hpp"
#include "net/errand.hpp"

#include <functional>
#include <list>
#include <set>
#include <vector>

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
  using Batch = std::vector<storage::Undigested>;
  /// Mails that were looked at, and the right to have them in memory.
  struct Seen {
    std::vector<SeenMail> mails;
    ByteShare share;
  };

  net::Task<Duration> look();
  net::Task<Result<void>> refill();
  Batch next_batch();
  net::Task<void> work(Batch batch);
  net::Task<Result<void>> look_at(Batch batch);
  net::Task<Result<std::vector<MessageSummary>>> summarise(std::vector<std::string> raws);
  net::Task<Result<std::vector<MessageSummary>>> ask(std::span<const std::string> raws);
  net::Task<void> settle(Seen seen);
  net::Task<Result<void>> settle_together(std::vector<SeenMail> mails);
  void failed(const std::vector<MessageId>& ids, const Error& why);

  Context& context_;
  IntegrationWords words_;
  net::Scope& scope_;
  std::function<void()> handed_;
  net::Errand errand_;
  // Lists: a deque takes 576 bytes even while it is empty.
  std::list<storage::Undigested> waiting_;
  std::list<Seen> seen_;  // to be settled, one after the other
  std::set<MessageId> in_work_;
  std::set<MessageId> alone_;  // one of what they went with was not to be done
  std::size_t working_ = 0;    // batches at the workers
  Duration not_before_{0};     // of Env::steady(): after trouble
};

}  // namespace postern::flows
