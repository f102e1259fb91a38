#include "web/client_watch.hpp"

#include <boost/asio/steady_timer.hpp>

namespace postern::web {

struct ClientWatch::State {
  State(const boost::asio::any_io_executor& executor, std::function<bool()> is_gone,
        std::function<void()> teller)
      : timer(executor), gone(std::move(is_gone)), tell(std::move(teller)) {}

  static void arm(const std::shared_ptr<State>& state) {
    state->timer.expires_after(client_watch_every);
    state->timer.async_wait([weak = std::weak_ptr<State>(state)](boost::system::error_code ec) {
      const auto alive = weak.lock();
      if (ec || !alive || alive->ended) return;
      if (!alive->gone()) {
        arm(alive);
        return;
      }
      alive->ended = true;
      alive->tell();
    });
  }

  boost::asio::steady_timer timer;
  std::function<bool()> gone;
  std::function<void()> tell;
  bool ended = false;
};

ClientWatch::ClientWatch(const boost::asio::any_io_executor& executor, std::function<bool()> gone,
                         std::function<void()> tell)
    : state_(std::make_shared<State>(executor, std::move(gone), std::move(tell))) {
  if (state_->gone) State::arm(state_);
}

ClientWatch::~ClientWatch() {
  state_->ended = true;
  state_->timer.cancel();
}

}  // namespace postern::web
