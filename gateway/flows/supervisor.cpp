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
      digester_(context, integration_, scope_, std::move(handed)),
      outbound_(context, integration_, secrets_, board_, scope_, [this] {
        if (sent_copies_) sent_copies_->wake();
      }) {
  auto watched_since = to_rfc3339(stored.created_at).substr(0, 10);
  if (speaks_pop3()) {
    pop3_ = std::make_unique<InboundPop3>(context, integration_, secrets_, board_, digester_,
                                          scope_, std::move(watched_since));
  } else {
    imap_ = std::make_unique<Inbound>(context, integration_, secrets_, board_, digester_, scope_,
                                      std::move(watched_since));
  }
  if (imap_ && wants_after_fetch(integration_.incoming)) {
    after_fetch_ = std::make_unique<AfterFetch>(context, integration_, board_, scope_.executor(),
                                                [this] { imap_->stir(); });
    imap_->set_chore([this](ImapLink& link) { return after_fetch_->act(link); });
  }
  if (wants_copies(integration_.outgoing)) {
    sent_copies_ = std::make_unique<SentCopies>(context, integration_, secrets_, board_, scope_);
  }
}

net::Task<void> Supervisor::start() {
  co_await board_.begin();
  // What was stored before it was disabled is still digested and handed over.
  digester_.start();
  if (board_.may_run(Direction::incoming)) {
    scope_.spawn(pop3_ ? pop3_->run() : imap_->run());
    if (after_fetch_) scope_.spawn(after_fetch_->run());
    if (sent_copies_) scope_.spawn(sent_copies_->run());
  }
  if (board_.may_run(Direction::outgoing)) outbound_.start();
}

net::Task<void> Supervisor::stop() {
  scope_.stop();
  co_await scope_.join();
}

}  // namespace postern::flows
