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

namespace postern::flows {

class Supervisor {
 public:
  Supervisor(Context& context, storage::StoredIntegration stored, IntegrationSecrets secrets,
             boost::asio::any_io_executor executor, std::function<void()> handed,
             std::shared_ptr<Journal> journal);

  /// All that follows is called on the executor.
  net::Task<void> start();
  net::Task<void> stop();
  void check_now() { speaks_pop3() ? inbound_pop3_.check_now() : inbound_.check_now(); }
  void mail_settled() { after_fetch_.settled(); }  // from any thread
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
  Inbound inbound_;
  InboundPop3 inbound_pop3_;  // one of the two runs
  AfterFetch after_fetch_;
  Outbound outbound_;
  SentCopies sent_copies_;
};

}  // namespace postern::flows
