#include "cli/serve.hpp"

#include "cli/exit_code.hpp"
#include "cli/service_manager.hpp"
#include "core/log.hpp"
#include "flows/hub.hpp"
#include "flows/metrics.hpp"
#include "flows/own_certificate.hpp"
#include "listener/server.hpp"
#include "net/real_env.hpp"
#include "net/scope.hpp"
#include "net/shards.hpp"
#include "net/worker_pool.hpp"
#include "web/server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace postern::cli {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

flows::AlertTransport alert_transport(const config::Alerts& alerts) {
  flows::AlertTransport transport;
  transport.from = alerts.from;
  transport.password = alerts.password;
  transport.outgoing.enabled = true;
  transport.outgoing.server = {alerts.smtp_host, alerts.smtp_port, alerts.smtp_security};
  transport.outgoing.auth.username = alerts.username;
  transport.outgoing.auth.method =
      alerts.username.empty() ? AuthMethod::none : AuthMethod::password;
  return transport;
}

flows::FlowOptions flow_options(const config::Config& settings) {
  flows::FlowOptions options;
  options.public_url = settings.http.public_url;
  options.hostname = host_name();
  options.notify_after = settings.monitoring.notify_after;
  options.disable_after = settings.monitoring.disable_after;
  options.recover_after = settings.monitoring.recover_after;
  options.monitoring.login_disable_after = settings.monitoring.login_disable_after;
  options.monitoring.stale_after = settings.monitoring.stale_after;
  options.monitoring.remind_after = settings.monitoring.remind_after;
  options.monitoring.max_frequency = settings.monitoring.max_frequency;
  options.monitoring.recipients = settings.monitoring.recipients;
  options.alerts = alert_transport(settings.alerts);
  options.outgoing_retry = settings.retry.outgoing;
  options.outgoing_for = settings.retry.outgoing_for;
  options.connections.per_integration = settings.limits.connections_per_integration;
  options.connections.per_server = settings.limits.connections_per_server;
  options.max_frequency = settings.monitoring.max_frequency;
  options.ping_url = settings.monitoring.ping_url;
  options.ping_every = settings.monitoring.ping_every;
  options.log_dir =
      settings.alerts.log_dir.empty() ? settings.data_dir + "/logs" : settings.alerts.log_dir;
  options.retention_days = settings.storage.retention_days;
  options.retention_sent_days = settings.storage.retention_sent_days;
  options.retention_bytes = settings.storage.retention_bytes;
  options.retention_messages = settings.storage.retention_messages;
  return options;
}

std::string listen_text(const config::ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", address.host, address.port)
            : fmt::format("{}:{}", address.host, address.port);
}

/// Tells the one-time code where only who runs the server can read it: on standard output and in a
/// file beside the data, never in the log. Empty: it is needed no more.
void tell_first_start(const config::Config& settings, const Secret& code) {
  const auto path = settings.data_dir + "/first-start-code";
  if (code.empty()) {
    ::unlink(path.c_str());
    return;
  }
  const std::string text(code.reveal());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file >= 0) {
    const bool written = ::fchmod(file, 0600) == 0 &&
                         ::write(file, text.data(), text.size()) == ssize_t(text.size());
    ::close(file);
    if (!written) log::warn("the first start's code could not be written to {}", path);
  }
  log::info("nobody can sign in yet: the code for the first start is in {}", path);
  // Under systemd standard output is the log, which others may read.
  if (std::getenv("JOURNAL_STREAM") != nullptr) return;
  fmt::print("First start: open the page and enter the code {} (good once, for 24 hours)\n", text);
  std::fflush(stdout);
}

web::ServerOptions server_options(const config::Config& settings, std::string pages_dir) {
  web::ServerOptions options;
  options.pages_dir = std::move(pages_dir);
  options.listen = listen_text(settings.http.listen);
  options.tls_certificate = settings.http.tls_certificate;
  options.tls_key = settings.http.tls_key;
  options.admin_token = settings.admin_token;
  options.public_url = settings.http.public_url;
  options.trusted_proxies = settings.http.trusted_proxies;
  options.body_bytes_max = settings.limits.http_body_bytes;
  options.facts.version = POSTERN_VERSION;
  options.facts.data_dir = settings.data_dir;
  options.facts.key_file =
      settings.key_file.empty() ? settings.data_dir + "/secret.key" : settings.key_file;
  options.tell_first_start = [&settings](const Secret& code) { tell_first_start(settings, code); };
  return options;
}

std::optional<net::Endpoint> endpoint(const std::optional<config::ListenAddress>& address) {
  if (!address) return std::nullopt;
  net::Endpoint made;
  made.host = address->host;
  made.port = address->port;
  return made;
}

listener::ServerOptions listener_options(const config::Config& settings) {
  listener::ServerOptions options;
  options.listen = endpoint(settings.submission.listen);
  options.tls_listen = endpoint(settings.submission.tls_listen);
  options.certificate = settings.submission.certificate;
  options.key = settings.submission.key;
  options.hostname = host_name();
  options.message_bytes_max = settings.limits.message_bytes;
  return options;
}

/// Settings of the contract that nothing acts on in this version are said aloud, not passed over.
void tell_of_idle_settings(const config::Config& settings) {
  const config::Config defaults;
  const auto tell = [](bool set, std::string_view what) {
    if (set) log::warn("not in this version yet, and without effect: {}", what);
  };
  const auto& limits = settings.limits;
  tell(limits.webhooks_in_flight != defaults.limits.webhooks_in_flight,
       "[limits] webhooks_in_flight: each target's parallel holds");
  tell(limits.message_bytes != defaults.limits.message_bytes && !settings.submission.listen &&
           !settings.submission.tls_listen,
       "[limits] message_bytes without [submission]: each integration's own limit holds");
}

/// Everything that runs, in the order of its making; it is taken down in the other order.
struct World {
  explicit World(std::size_t threads) : shards(threads) {}
  World(const World&) = delete;

  boost::asio::io_context home{1};  // the main thread's: start, signals, stop
  // Heard from the first moment on: a signal during the start stops as one after it.
  boost::asio::signal_set signals{home, SIGTERM, SIGINT, SIGHUP};
  net::Shards shards;
  std::unique_ptr<net::Env> env;
  std::unique_ptr<net::Workers> workers;
  std::unique_ptr<flows::Metrics> metrics;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<flows::Context> context;
  std::unique_ptr<flows::Hub> hub;
  std::unique_ptr<web::Server> server;
  std::unique_ptr<listener::Desk> desk;
  std::unique_ptr<listener::Server> listener;  // none without [submission]
};

int complain(const Error& error, int code) {
  log::error("{}", describe(error));
  return code;
}

int exit_code_of_store(const Error& error) {
  using storage::errc;
  if (error.code == errc::io || error.code == errc::disk_full) return io_error;
  if (error.code == errc::busy) return try_later;
  return configuration;
}

int build(World& world, const config::Config& settings, const std::string& pages_dir) {
  net::RealEnvOptions network;
  network.egress_deny = settings.egress.deny;
  auto env = net::make_real_env(network);
  if (!env) return complain(env.error(), configuration);
  world.env = std::move(env).value();
  world.metrics = std::make_unique<flows::Metrics>(POSTERN_VERSION);
  storage::StoreOptions options;
  options.data_dir = settings.data_dir;
  options.key_file = settings.key_file;
  options.exclusive = true;
  options.on_commit = [metrics = world.metrics.get()](std::chrono::microseconds duration) {
    metrics->store_commit(duration);
  };
  auto store = storage::open_store(std::move(options));
  if (!store) return complain(store.error(), exit_code_of_store(store.error()));
  world.store = std::move(store).value();
  world.workers = net::make_worker_pool(
      {"/proc/self/exe", "mime-worker"},
      static_cast<std::size_t>(std::max(settings.limits.worker_processes, 1)));
  world.context = std::make_unique<flows::Context>(flows::Context{
      *world.env, *world.store, *world.workers, *world.metrics, flow_options(settings)});
  world.hub = std::make_unique<flows::Hub>(
      *world.context, world.shards.executor(0),
      [&shards = world.shards](std::uint64_t key) { return shards.executor(key); });
  world.server = std::make_unique<web::Server>(server_options(settings, pages_dir), *world.hub,
                                               *world.store, *world.metrics, *world.env);
  const auto started = world.server->start();
  if (!started) return complain(started.error(), unavailable);
  flows::tell_own_certificate(*world.metrics, "[http]", settings.http.tls_certificate);
  flows::tell_own_certificate(*world.metrics, "[submission]", settings.submission.certificate);
  if (!settings.submission.listen && !settings.submission.tls_listen) return ok;
  world.desk = listener::make_desk(*world.hub);
  world.listener =
      std::make_unique<listener::Server>(listener_options(settings), *world.desk, *world.env);
  const auto listens = world.listener->start();
  if (!listens) return complain(listens.error(), unavailable);
  return ok;
}

net::Task<void> touch() {
  co_return;
}

/// Says at half of the watchdog's time that every event loop still turns. One that stands still is
/// waited for, and the service manager starts the program anew. A full disk or a dead server stops
/// no loop, and is no reason for that.
net::Task<void> feed_watchdog(World& world, const ServiceManager& manager) {
  if (!manager.watchdog()) co_return;
  for (;;) {
    for (std::uint64_t shard = 0; shard < world.shards.count(); ++shard) {
      co_await net::run_on(world.shards.executor(shard), touch());
    }
    manager.alive();
    co_await net::sleep_for(*world.env, *manager.watchdog() / 2);
  }
}

net::Task<void> run(World& world, const config::Config& settings, const ServiceManager& manager,
                    int& code) {
  auto started = co_await world.hub->start();
  net::Scope watch(world.home.get_executor());
  if (started) {
    const char* scheme = settings.http.tls_certificate.empty() ? "http" : "https";
    config::ListenAddress bound = settings.http.listen;
    bound.port = world.server->port();
    log::info("Postern {} serves {}://{}/ with its data in {}", POSTERN_VERSION, scheme,
              listen_text(bound), settings.data_dir);
    const auto status = fmt::format("serves {}://{}/", scheme, listen_text(bound));
    manager.ready(status);
    watch.spawn(feed_watchdog(world, manager));
    int signal = SIGHUP;
    for (;;) {
      signal = co_await world.signals.async_wait(boost::asio::use_awaitable);
      if (signal != SIGHUP) break;
      manager.reloading();
      log::info("SIGHUP: reading the certificates again");
      world.server->reload_certificate();
      if (world.listener) world.listener->reload_certificate();
      flows::tell_own_certificate(*world.metrics, "[http]", settings.http.tls_certificate);
      flows::tell_own_certificate(*world.metrics, "[submission]", settings.submission.certificate);
      manager.ready(status);
    }
    manager.stopping();
    log::info("{}: stopping", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  } else {
    code = complain(started.error(), io_error);
  }
  if (world.listener) world.listener->begin_stop();  // both end within the same seconds
  world.server->stop();
  if (world.listener) world.listener->stop();
  co_await world.hub->stop();
  watch.stop();
  co_await watch.join();
}

}  // namespace

int serve(const config::Config& settings, const std::string& pages_dir) {
  log::Options logging;
  logging.level = settings.log.level;
  logging.format = settings.log.format;
  log::configure(std::move(logging));
  tell_of_idle_settings(settings);
  const auto manager = ServiceManager::of_environment();
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const int wanted = settings.limits.threads;
  World world(wanted > 0 ? static_cast<std::size_t>(wanted) : cores);
  int code = build(world, settings, pages_dir);
  if (code != ok) {
    if (world.listener) world.listener->stop();
    if (world.server) world.server->stop();
    if (world.store) world.store->close();
    return code;
  }
  world.shards.start();
  net::Scope scope(world.home.get_executor());
  scope.spawn(run(world, settings, manager, code));
  // Ends when the hub has stopped. This thread may wait for the server's last requests: the hub
  // lives on a shard.
  world.home.run();
  world.shards.stop();
  world.shards.join();
  world.listener.reset();
  world.server.reset();
  world.store->close();
  log::info("stopped");
  return code;
}

}  // namespace postern::cli
