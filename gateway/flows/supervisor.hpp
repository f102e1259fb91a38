// Supervisor: one integration's whole life: its status, what comes in, what goes out. Replaced with
// the integration it was made for, never edited.
#pragma once

#include "flows/after_fetch.hpp"
#include "flows/context.hpp"
#include "flows/digester.hpp"
#include "flows/inbound.hpp"
#include "flows/inbound_pop3.hpp"
#include "flows/outbound.hpp"
#include "flows/sent_copies.hpp"
#include "flows/status_board.hpp"
#include "net/scope.hpp"
#include "storage/integrations.hpp"

#include <functional>
#include <memory>

namespace postern::flows {

class Supervisor {
 public:
  Supervisor(Context& context, storage::StoredIntegration stored, IntegrationSecrets secrets,
             boost::asio::any_io_executor executor, std::function<void()> handed,
             std::shared_ptr<Journal> journal);

  /// All that follows is called on the executor.
  net::Task<void> start();
  net::Task<void> stop();
  void check_now() { pop3_ ? pop3_->check_now() : imap_->check_now(); }
  void mail_settled() {  // from any thread
    if (after_fetch_) after_fetch_->settled();
  }
  void delivery_queued() { outbound_.queued(); }
  void act_now() { outbound_.act_now(); }
  net::Task<Result<Delivery>> send_now(DeliveryId id, Duration limit) {
    return outbound_.send_now(id, limit);
  }

  boost::asio::any_io_executor executor() const { return scope_.executor(); }
  const Integration& integration() const { return integration_; }
  Journal& journal() { return *journal_; }

 private:
  bool speaks_pop3() const { return integration_.incoming.protocol == "pop3"; }

  const Integration integration_;
  const IntegrationSecrets secrets_;
  const std::shared_ptr<Journal> journal_;  // shared with the hub, for the next supervisor
  StatusBoard board_;
  net::Scope scope_;
  Digester digester_;
  // Only what this integration has a use for: ten thousand of them rest in memory.
  std::unique_ptr<Inbound> imap_;
  std::unique_ptr<InboundPop3> pop3_;  // instead of imap_
  std::unique_ptr<AfterFetch> after_fetch_;
  std::unique_ptr<SentCopies> sent_copies_;
  Outbound outbound_;
};

}  // namespace postern::flows
