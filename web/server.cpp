// The world of one server: its thread, its access, its API, its listener.
#include "web/server.hpp"

#include "core/log.hpp"
#include "web/api.hpp"
#include "web/client_address.hpp"
#include "web/exchange.hpp"
#include "web/server_listener.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <optional>
#include <thread>

namespace postern::web {
namespace {

namespace asio = boost::asio;

ApiOptions api_options(const ServerOptions& options, Instant now) {
  const bool secure =
      !options.tls_certificate.empty() || options.public_url.starts_with("https://");
  auto public_url = options.public_url;
  while (public_url.ends_with('/')) public_url.pop_back();
  auto facts = options.facts;
  facts.started_at = now;
  return {std::move(public_url), options.metrics_public, secure, options.body_bytes_max,
          std::move(facts)};
}

}  // namespace

struct Server::State {
  State(ServerOptions with, std::unique_ptr<Gateway> flows, storage::Store& store, net::Env& world)
      : options(std::move(with)),
        gateway(std::move(flows)),
        access(world, store.accounts(), store.people(), options.admin_token),
        pages(page_bytes(), options.pages_dir),
        first_start(options.tell_first_start),
        figures(store, world),
        api{store,
            *gateway,
            world,
            access,
            hashing.get_executor(),
            pages,
            first_start,
            slow.get_executor(),
            streams,
            figures,
            api_options(options, world.now())},
        application(make_api_application(api)),
        shared{*application, world, options.limits, {}},
        chores(io.get_executor()),
        ends(io.get_executor()),
        grace(io) {}

  Result<void> bind() {
    if (options.tls_certificate.empty() != options.tls_key.empty()) {
      return Error{make_error_code(boost::system::errc::invalid_argument),
                   "tls_certificate and tls_key go together"};
    }
    POSTERN_TRY(proxies, TrustedProxies::parse(options.trusted_proxies));
    shared.client_of = [this](const std::string& peer, const Request& request) {
      const auto* forwarded = request.header("x-forwarded-for");
      return proxies.client(peer, forwarded == nullptr ? std::string_view() : *forwarded);
    };
    Listener::Tls tls;
    if (!options.tls_key.empty()) {
      POSTERN_TRY(tls, make_tls_context(options.tls_certificate, options.tls_key));
    }
    listener.emplace(io.get_executor(), shared, std::move(tls));
    return listener->bind(options.listen);
  }

  void reload() {
    if (options.tls_key.empty()) return;
    auto fresh = make_tls_context(options.tls_certificate, options.tls_key);
    if (!fresh) {
      log::error("http keeps its former certificate: {}", describe(fresh.error()));
      return;
    }
    listener->use(std::move(fresh).value());
    log::info("http certificate read again");
  }

  /// Lets the io_context run out: nothing of ours runs any more.
  net::Task<void> run_out() {
    co_await listener->join();
    chores.stop();
    co_await chores.join();
    grace.cancel();
    work.reset();
  }

  /// Nobody can sign in yet: the console is told how the first one may.
  net::Task<void> look_for_first_start() {
    const auto any = co_await api.store.people().any();
    if (!any) co_return;
    if (any.value()) {
      first_start.over();  // a code that was told before is good no more
    } else {
      first_start.offer(api.env.steady());
    }
  }

  void begin_end() {
    listener->stop();
    streams.end_all();
    grace.expires_after(options.limits.stop);
    grace.async_wait([this](boost::system::error_code ec) {
      if (!ec) listener->abort();
    });
    ends.spawn(run_out());
  }

  ServerOptions options;
  std::unique_ptr<Gateway> gateway;
  asio::thread_pool hashing{1};
  Access access;
  PageFiles pages;
  FirstStart first_start;
  asio::thread_pool slow{1};
  EventStreams streams;
  FigureDesk figures;
  Api api;
  std::unique_ptr<Application> application;
  ServerShared shared;
  TrustedProxies proxies;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  net::Scope chores;  // what goes on beside the requests
  net::Scope ends;    // what waits for the end
  asio::steady_timer grace;
  std::optional<Listener> listener;
  std::thread thread;
};

Server::Server(ServerOptions options, std::unique_ptr<Gateway> gateway, storage::Store& store,
               net::Env& env)
    : state_(std::make_unique<State>(std::move(options), std::move(gateway), store, env)) {}

Server::~Server() {
  stop();
}

Result<void> Server::start() {
  POSTERN_ASSERT(!state_->listener);
  if (auto bound = state_->bind(); !bound) {
    state_->listener.reset();
    return bound;
  }
  state_->listener->start();
  state_->chores.spawn(state_->look_for_first_start());
  state_->chores.spawn(state_->figures.keep_noting());
  state_->thread = std::thread([state = state_.get()] { state->io.run(); });
  log::info("http listens", {{"address", state_->options.listen},
                             {"port", port()},
                             {"tls", !state_->options.tls_key.empty()}});
  return success();
}

void Server::reload_certificate() {
  asio::post(state_->io, [state = state_.get()] { state->reload(); });
}

std::uint16_t Server::port() const {
  return state_->listener ? state_->listener->port() : std::uint16_t{0};
}

void Server::stop() {
  if (!state_->thread.joinable()) return;
  asio::post(state_->io, [state = state_.get()] { state->begin_end(); });
  state_->thread.join();
}

}  // namespace postern::web
