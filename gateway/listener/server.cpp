// Accepting, with bounds on how many; and the end.
#include "listener/server.hpp"

#include "core/log.hpp"
#include "listener/connection.hpp"
#include "net/scope.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <set>
#include <thread>
#include <vector>

namespace postern::listener {
namespace {

namespace asio = boost::asio;

/// After a failed accept (no file descriptor is left): trying at once would spin.
constexpr Duration accept_pause{100};

}  // namespace

struct Server::State {
  State(ServerOptions with, Desk& desk, net::Env& env)
      : options(std::move(with)),
        shared{env, desk, options.limits, options.hostname, options.message_bytes_max, nullptr},
        scope(io.get_executor()),
        ends(io.get_executor()),
        grace(io) {}

  Result<void> bind();
  void reload();
  void begin_end();
  net::Task<void> run_out();
  net::Task<void> accept(net::Acceptor& acceptor, bool tls_at_once);
  void take(std::unique_ptr<net::ServerStream> stream, bool tls_at_once);
  net::Task<void> serve(std::shared_ptr<Connection> connection);
  // The connection is shared with serve(), since either may end first.
  net::Task<void> send_off(std::shared_ptr<Connection> connection, std::string enhanced,
                           std::string why);
  net::Task<void> turn_away(std::unique_ptr<net::ServerStream> stream, bool tls_at_once);
  bool make_room();
  std::size_t count(const std::string& address) const;

  ServerOptions options;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  Shared shared;
  net::Scope scope;  // the connections
  net::Scope ends;   // what waits for the end
  asio::steady_timer grace;
  std::unique_ptr<net::Acceptor> plain, tls;
  std::set<std::shared_ptr<Connection>> connections;
  std::thread thread;
};

Result<void> Server::State::bind() {
  if (!options.certificate.empty()) {
    POSTERN_TRY(shared.tls, net::ServerTls::load(options.certificate, options.key));
  }
  POSTERN_ASSERT(!options.tls_listen || shared.tls);
  const auto on = [this](const net::Endpoint& endpoint) {
    return net::listen_on(io.get_executor(), endpoint.host, endpoint.port);
  };
  if (options.listen) {
    POSTERN_TRY(plain, on(*options.listen));
  }
  if (options.tls_listen) {
    POSTERN_TRY(tls, on(*options.tls_listen));
  }
  return success();
}

/// Connections keep the certificate they began with.
void Server::State::reload() {
  if (options.certificate.empty()) return;
  auto fresh = net::ServerTls::load(options.certificate, options.key);
  if (!fresh) {
    log::error("the submission listener keeps its former certificate: {}", describe(fresh.error()));
    return;
  }
  shared.tls = std::move(fresh).value();
  log::info("submission certificate read again");
}

std::size_t Server::State::count(const std::string& address) const {
  std::size_t found = 0;
  for (const auto& each : connections) found += each->address() == address ? 1 : 0;
  return found;
}

/// Sends off the longest waiting client that has not logged in.
bool Server::State::make_room() {
  if (connections.size() < shared.limits.connections) return true;
  std::shared_ptr<Connection> oldest;
  for (const auto& each : connections) {
    if (!each->waiting() || each->logged_in()) continue;
    if (!oldest || each->waiting_since() < oldest->waiting_since()) oldest = each;
  }
  if (!oldest) return false;
  connections.erase(oldest);
  scope.spawn(send_off(oldest, "4.3.2", "is busy; log in sooner"));
  return true;
}

void Server::State::take(std::unique_ptr<net::ServerStream> stream, bool tls_at_once) {
  const auto address = without_port(stream->peer_address());
  if (count(address) >= shared.limits.connections_per_address || !make_room()) {
    log::warn("too many connections to submit", {{"client", address}});
    scope.spawn(turn_away(std::move(stream), tls_at_once));
    return;
  }
  auto connection = std::make_shared<Connection>(shared, std::move(stream), tls_at_once);
  connections.insert(connection);
  scope.spawn(serve(std::move(connection)));
}

net::Task<void> Server::State::accept(net::Acceptor& acceptor, bool tls_at_once) {
  while (!shared.stopping) {
    auto stream = co_await acceptor.accept();
    if (shared.stopping) co_return;
    if (stream) {
      take(std::move(stream).value(), tls_at_once);
      continue;
    }
    log::warn("accepting a connection failed: {}", describe(stream.error()));
    co_await net::sleep_for(shared.env, accept_pause);
  }
}

net::Task<void> Server::State::serve(std::shared_ptr<Connection> connection) {
  struct Registered {
    State& state;
    const std::shared_ptr<Connection>& connection;
    ~Registered() { state.connections.erase(connection); }
  };
  const Registered registered{*this, connection};
  co_await connection->run();
}

net::Task<void> Server::State::send_off(std::shared_ptr<Connection> connection,
                                        std::string enhanced, std::string why) {
  if (connection->waiting()) co_await connection->say_goodbye(enhanced, why);
}

net::Task<void> Server::State::turn_away(std::unique_ptr<net::ServerStream> stream,
                                         bool tls_at_once) {
  if (tls_at_once) co_return;
  const auto line =
      smtp::line_of({421, "4.7.0", options.hostname + " has too many connections; try again"});
  static_cast<void>(co_await stream->write_all(line, shared.limits.goodbye));
  stream->close();
}

/// Lets the io_context run out: nothing of ours runs any more.
net::Task<void> Server::State::run_out() {
  co_await scope.join();
  grace.cancel();
  work.reset();
}

void Server::State::begin_end() {
  if (shared.stopping) return;
  shared.stopping = true;
  if (plain) plain->close();
  if (tls) tls->close();
  for (const auto& each : connections) {
    if (each->waiting()) scope.spawn(send_off(each, "4.3.2", "is stopping; try again"));
  }
  grace.expires_after(shared.limits.stop);
  grace.async_wait([this](boost::system::error_code ec) {
    if (!ec) scope.stop();
  });
  ends.spawn(run_out());
}

Server::Server(ServerOptions options, Desk& desk, net::Env& env)
    : state_(std::make_unique<State>(std::move(options), desk, env)) {}

Server::~Server() {
  stop();
}

Result<void> Server::start() {
  POSTERN_ASSERT(!state_->thread.joinable());
  POSTERN_TRY(state_->bind());
  for (auto* acceptor : {state_->plain.get(), state_->tls.get()}) {
    if (acceptor == nullptr) continue;
    const bool tls_at_once = acceptor == state_->tls.get();
    state_->scope.spawn(state_->accept(*acceptor, tls_at_once));
    log::info("submission listens", {{"port", acceptor->port()}, {"tls", tls_at_once}});
  }
  state_->thread = std::thread([state = state_.get()] { state->io.run(); });
  return success();
}

std::uint16_t Server::port() const {
  return state_->plain ? state_->plain->port() : std::uint16_t{0};
}

std::uint16_t Server::tls_port() const {
  return state_->tls ? state_->tls->port() : std::uint16_t{0};
}

void Server::reload_certificate() {
  if (!state_->thread.joinable()) return;
  asio::post(state_->io, [state = state_.get()] { state->reload(); });
}

void Server::begin_stop() {
  if (!state_->thread.joinable()) return;
  asio::post(state_->io, [state = state_.get()] { state->begin_end(); });
}

void Server::stop() {
  if (!state_->thread.joinable()) return;
  begin_stop();
  state_->thread.join();
}

}  // namespace postern::listener
