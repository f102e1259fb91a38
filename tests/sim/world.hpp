// World: an Env in which nothing is left to chance but what the seed says. A virtual clock, streams
// in memory, servers played by coroutines; the same seed gives the same journal, to the byte.
//
//   sim::World world(seed);
//   world.serve("imap.test:993", plays_a_good_server);
//   …                                            spawn what is tested on world.executor()
//   world.run_for(2h);                           takes milliseconds
//   world.refuse("imap.test");
//   world.run_for(24h * 30);
#pragma once

#include "net/env.hpp"
#include "net/scope.hpp"
#include "sim/line.hpp"
#include "sim/virtual_clock.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace postern::sim {

/// Plays the server's part on one connection. A lambda that is a coroutine may capture: it is kept
/// as long as a connection it plays.
using ServerPart = std::function<net::Task<void>(std::unique_ptr<net::Stream>)>;

/// One connect, as it came out.
struct Connection {
  Duration at;  // since the World's start
  std::string host;
  std::uint16_t port = 0;
  std::optional<net::errc> failure;
};

class World final : public net::Env {
 public:
  explicit World(std::uint64_t seed);
  ~World() override;  // stops the servers; what else still waits is dropped where it stands

  boost::asio::any_io_executor executor();

  /// Lets `duration` pass: everything that is due in it happens, in the same order every time.
  void run_for(Duration duration);
  /// Runs until `done` holds, at most for `limit`; gives whether it does.
  bool run_until(const std::function<bool()>& done, Duration limit);
  /// Runs `task` to its end, at most for `limit` (asserted).
  template <class T>
  T run(net::Task<T> task, Duration limit = std::chrono::hours(1)) {
    std::optional<T> result;
    run_task(net::detail::keep_result(std::move(task), result), limit);
    return std::move(*result);
  }

  // Env
  Instant now() override;  // begins at 2026-01-01T00:00:00Z
  Duration steady() override;
  std::uint64_t random() override;
  std::unique_ptr<net::Timer> make_timer(boost::asio::any_io_executor executor) override;
  net::Task<Result<std::vector<std::string>>> resolve(std::string host, Duration limit) override;
  net::Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint endpoint,
                                                          Duration limit) override;

  /// The wall clock jumps; the steady one, and all that waits, does not.
  void jump_wall_clock(Duration by);

  // What the hosts do from now on; connections that stand are left as they are. `where` is
  // "host:port", or "host" for all its ports. A host nobody serves refuses.
  void serve(std::string where, ServerPart part);
  void refuse(std::string where);
  void silence(std::string where);     // accepts, and never says a word
  void blackhole(std::string where);   // does not answer the connect
  void forget_name(std::string host);  // its name does not exist; serve() brings it back
  void mute_name(std::string host);    // its name servers do not answer
  void fail_tls(std::string host, net::errc code);
  void mend_tls(std::string host);
  /// The certificate that the host shows at handshakes from now on.
  void set_certificate_end(std::string host, Instant at);
  void set_faults(Faults faults);  // of all hosts without their own
  void set_faults(std::string host, Faults faults);

  const std::vector<Connection>& connections() const { return connections_; }
  std::size_t connection_count(const std::string& host) const;

  /// Runs `task` as part of the servers: it ends with the World.
  void spawn(net::Task<void> task);
  /// Ends all servers for good: before what they play for goes.
  void stop_servers();

  /// A line of the journal, with the virtual time before it.
  void note(std::string_view line);
  const std::string& journal() const { return journal_; }

 private:
  enum class Manner { serve, refuse, silence, blackhole };
  struct Host {
    Manner manner = Manner::refuse;
    std::shared_ptr<const ServerPart> part;  // shared with the connections it plays
  };

  void run_task(net::Task<void> task, Duration limit);
  void run_what_is_ready();
  void set_host(std::string where, Manner manner, ServerPart part);
  Host host_at(const net::Endpoint& endpoint) const;
  const Faults& faults_of(const std::string& host) const;
  net::Task<void> pass(Duration duration);
  net::Task<Result<std::unique_ptr<net::Stream>>> attempt(net::Endpoint endpoint, Duration limit);
  std::unique_ptr<net::Stream> open(const net::Endpoint& endpoint, const Host& host);

  std::mt19937_64 chance_;  // of the faults
  std::mt19937_64 random_;  // of what is tested
  VirtualClock clock_;
  boost::asio::io_context io_{1};
  Duration wall_offset_;
  std::unique_ptr<net::Scope> servers_;
  std::vector<std::unique_ptr<net::Stream>> silent_ends_;
  std::map<std::string, Host> hosts_;
  std::map<std::string, net::errc> names_;  // those that do not resolve, and how
  std::map<std::string, net::errc> tls_failures_;
  std::map<std::string, Instant> certificates_;  // their ends
  std::map<std::string, Faults> faults_by_host_;
  Faults faults_;
  std::vector<Connection> connections_;
  std::string journal_;
};

}  // namespace postern::sim
