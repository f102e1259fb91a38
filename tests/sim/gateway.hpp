// Gateway: one life of Postern's flows in the World: store, hub and all, over a data directory that
// outlives it. It can be killed at any act (a commit, bytes that leave): from then on nothing it
// does reaches the network or the disk.
#pragma once

#include "flows/hub.hpp"
#include "flows/metrics.hpp"
#include "net/worker_pool.hpp"
#include "sim/world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace postern::sim {

/// Answers as a MIME worker would, in process; sometimes it crashes or is late.
class PlayedWorkers final : public net::Workers {
 public:
  PlayedWorkers(World& world, std::uint64_t seed) : world_(world), chance_(seed) {}
  net::Task<Result<net::WorkerFrame>> ask(net::WorkerFrame request, Duration deadline) override;

  double crashes = 0, hangs = 0;  // chances, of digests alone
  std::string poison;             // a mail that holds it always kills its worker
  bool composes = true;           // false: every worker that is to compose dies
  std::size_t digests = 0;        // requests for them, of one mail or several

 private:
  World& world_;
  std::mt19937_64 chance_;
};

/// The World as one life sees it: counts what is open, and ends with that life.
class LifeEnv final : public net::Env {
 public:
  explicit LifeEnv(World& world) : world_(world) {}

  Instant now() override { return world_.now(); }
  Duration steady() override { return world_.steady(); }
  std::uint64_t random() override { return world_.random(); }
  std::unique_ptr<net::Timer> make_timer(boost::asio::any_io_executor executor) override {
    return world_.make_timer(std::move(executor));
  }
  net::Task<Result<std::vector<std::string>>> resolve(std::string host, Duration limit) override {
    return world_.resolve(std::move(host), limit);
  }
  net::Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint endpoint,
                                                          Duration limit) override;

  /// Nothing goes out any more, and every open line ends.
  void die();
  bool alive() const { return alive_; }
  /// Counts an act; at the one that was asked for it all ends, after the act.
  void act();
  void die_in_acts(std::uint64_t acts) { acts_left_ = acts; }

  std::size_t open_count() const { return open_.size(); }
  std::size_t open_max(const std::string& host) const;

  std::function<void()> on_death;

 private:
  class Line;
  World& world_;
  bool alive_ = true;
  std::uint64_t acts_left_ = 0;  // 0: none is the last
  std::set<Line*> open_;
  std::map<std::string, std::size_t> open_now_, open_max_;
};

class Gateway {
 public:
  Gateway(World& world, const std::string& data_dir, PlayedWorkers& workers,
          flows::FlowOptions options);
  /// After stop() or kill().
  ~Gateway();

  void start();
  void stop();
  /// The end of a life that did not stop: also after a death by die_in_acts.
  void kill();

  bool alive() const { return env_.alive(); }
  LifeEnv& env() { return env_; }
  storage::Store& store() { return *store_; }
  flows::Metrics& metrics() { return metrics_; }
  flows::Hub& hub() { return *hub_; }
  /// Runs with this life: a client's call.
  void spawn(net::Task<void> task) { clients_->spawn(std::move(task)); }

  /// A read or a short write, to its end.
  template <class T>
  T ask(net::Task<Result<T>> task) {
    auto result = world_.run(std::move(task));
    POSTERN_ASSERT(result.has_value());
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
  }

 private:
  void end();

  World& world_;
  LifeEnv env_;
  std::unique_ptr<storage::Store> store_;
  flows::Metrics metrics_;
  std::unique_ptr<flows::Context> context_;
  std::unique_ptr<flows::Hub> hub_;
  std::unique_ptr<net::Scope> clients_;
};

}  // namespace postern::sim
