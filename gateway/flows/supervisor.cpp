#include "flows/supervisor.hpp"

namespace postern::flows {

Supervisor::Supervisor(Context& context, storage::StoredIntegration stored,
                       IntegrationSecrets secrets, boost::asio::any_io_executor executor,
                       std::function<void()> handed, std::shared_ptr<Journal> journal)
    : integration_(std::move(stored.value)),
      secrets_(std::move(secrets)),
      journal_(std::move(journal)),
      board_(context, integration_, std::move(stored.status), *journal_),
      scope_(std::move(executor)),
      digester_(context, integration_.id, scope_, std::move(handed)),
      inbound_(context, integration_, secrets_, board_, digester_, scope_,
               to_rfc3339(stored.created_at).substr(0, 10)),
      inbound_pop3_(context, integration_, secrets_, board_, digester_, scope_),
      after_fetch_(context, integration_, board_, scope_.executor(), [this] { inbound_.stir(); }),
      outbound_(context, integration_, secrets_, board_, scope_, [this] { sent_copies_.wake(); }),
      sent_copies_(context, integration_, secrets_, board_, scope_) {
  inbound_.set_chore([this](ImapLink& link) { return after_fetch_.act(link); });
}

net::Task<void> Supervisor::start() {
  co_await board_.begin();
  // What was stored before it was disabled is still digested and handed over.
  scope_.spawn(digester_.run());
  if (board_.may_run(Direction::incoming)) {
    scope_.spawn(speaks_pop3() ? inbound_pop3_.run() : inbound_.run());
    if (!speaks_pop3()) scope_.spawn(after_fetch_.run());
  }
  if (board_.may_run(Direction::outgoing)) scope_.spawn(outbound_.run());
  if (integration_.outgoing.save_to_sent && board_.may_run(Direction::incoming)) {
    scope_.spawn(sent_copies_.run());
  }
}

net::Task<void> Supervisor::stop() {
  scope_.stop();
  co_await scope_.join();
}

}  // namespace postern::flows
