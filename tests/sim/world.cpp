#include "sim/world.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace postern::sim {
namespace asio = boost::asio;

using net::Endpoint;
using net::errc;
using net::Stream;
using net::Task;

namespace {

constexpr Duration begin_of_time{1'767'225'600'000};  // 2026-01-01T00:00:00Z
// More steps than that without time passing are a loop that would never end.
constexpr std::size_t steps_per_instant_max = 10'000'000;

class WorldTimer final : public net::Timer {
 public:
  WorldTimer(VirtualClock& clock, asio::any_io_executor executor)
      : alarm_(clock, std::move(executor)) {}
  Task<bool> wait(Duration duration) override { return alarm_.wait(duration); }
  void cancel() override { alarm_.ring(); }

 private:
  Alarm alarm_;
};

Task<void> play(std::shared_ptr<const ServerPart> part, std::unique_ptr<Stream> stream) {
  co_await (*part)(std::move(stream));
}

}  // namespace

World::World(std::uint64_t seed)
    : chance_(seed),
      random_(seed ^ 0x9e3779b97f4a7c15),
      wall_offset_(begin_of_time),
      servers_(std::make_unique<net::Scope>(io_.get_executor())) {}

World::~World() {
  servers_->stop();
  run_what_is_ready();
  clock_.drop_sleepers();
  run_what_is_ready();
}

asio::any_io_executor World::executor() {
  return io_.get_executor();
}

void World::run_what_is_ready() {
  io_.restart();
  std::size_t steps = 0;
  while (io_.poll_one() > 0) POSTERN_ASSERT(++steps < steps_per_instant_max);
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const auto end = clock_.now() + limit;
  for (;;) {
    run_what_is_ready();
    if (done()) return true;
    const auto next = clock_.next();
    if (!next || *next > end) break;
    clock_.advance_to(*next);
    clock_.ring_next();
  }
  clock_.advance_to(end);
  return false;
}

void World::run_for(Duration duration) {
  run_until([] { return false; }, duration);
}

void World::run_task(Task<void> task, Duration limit) {
  net::Scope scope(executor());
  scope.spawn(std::move(task));
  const bool ended = run_until([&] { return scope.running() == 0; }, limit);
  POSTERN_ASSERT(ended);
}

Instant World::now() {
  return Instant(wall_offset_ + clock_.now());
}
Duration World::steady() {
  return clock_.now();
}
std::uint64_t World::random() {
  return random_();
}

std::unique_ptr<net::Timer> World::make_timer(asio::any_io_executor on) {
  return std::make_unique<WorldTimer>(clock_, std::move(on));
}

void World::spawn(Task<void> task) {
  servers_->spawn(std::move(task));
}

void World::stop_servers() {
  servers_->stop();
  run_what_is_ready();
}

void World::jump_wall_clock(Duration by) {
  wall_offset_ += by;
}

Task<void> World::pass(Duration duration) {
  Alarm alarm(clock_, co_await asio::this_coro::executor);
  co_await alarm.wait(duration);
}

Task<Result<std::vector<std::string>>> World::resolve(std::string host, Duration limit) {
  co_await pass(std::min(draw_latency(faults_of(host), chance_), limit));
  const auto broken = names_.find(host);
  if (broken == names_.end()) co_return std::vector<std::string>{"192.0.2.1"};
  if (broken->second == errc::resolve_timeout) co_await pass(limit);
  co_return Error{broken->second, host};
}

Task<Result<std::unique_ptr<Stream>>> World::connect(Endpoint endpoint, Duration limit) {
  auto stream = co_await attempt(endpoint, limit);
  Connection connection;
  connection.at = clock_.now();
  connection.host = endpoint.host;
  connection.port = endpoint.port;
  auto line = "connect " + endpoint.host + ":" + std::to_string(endpoint.port);
  if (!stream) {
    connection.failure = static_cast<errc>(stream.error().code.value());
    line += ": " + stream.error().code.message();
  }
  connections_.push_back(std::move(connection));
  note(line);
  co_return stream;
}

Task<Result<std::unique_ptr<Stream>>> World::attempt(Endpoint endpoint, Duration limit) {
  POSTERN_CO_TRY(co_await resolve(endpoint.host, limit));
  const auto faults = faults_of(endpoint.host);
  const bool vanishes = draw(faults.unreachable, chance_);
  const bool refuses = draw(faults.refuse, chance_);
  const auto journey = draw_latency(faults, chance_);
  co_await pass(std::min(journey, limit));
  auto host = host_at(endpoint);
  if (vanishes || host.manner == Manner::blackhole || journey > limit) {
    co_await pass(limit - std::min(journey, limit));
    co_return Error{errc::connect_timeout, endpoint.host};
  }
  if (refuses || host.manner == Manner::refuse) co_return Error{errc::refused, endpoint.host};
  if (draw(faults.silence, chance_)) host.manner = Manner::silence;
  co_return open(endpoint, host);
}

std::unique_ptr<Stream> World::open(const Endpoint& endpoint, const Host& host) {
  LineSetting setting{clock_,        io_.get_executor(),
                      chance_,       faults_of(endpoint.host),
                      endpoint.host, "192.0.2.1:" + std::to_string(endpoint.port),
                      std::nullopt,  host.manner == Manner::silence};
  if (const auto shown = certificates_.find(endpoint.host); shown != certificates_.end()) {
    setting.certificate_ends = shown->second;
  }
  if (const auto failure = tls_failures_.find(endpoint.host); failure != tls_failures_.end()) {
    setting.tls_failure = failure->second;
  }
  auto [client, server] = make_line(std::move(setting));
  if (host.manner == Manner::silence) {
    silent_ends_.push_back(std::move(server));
  } else {
    servers_->spawn(play(host.part, std::move(server)));
  }
  return std::move(client);
}

void World::set_host(std::string where, Manner manner, ServerPart part) {
  names_.erase(where.substr(0, where.find(':')));
  Host host;
  host.manner = manner;
  if (part) host.part = std::make_shared<const ServerPart>(std::move(part));
  // What is said of all ports of a host replaces what was said of one.
  if (where.find(':') == std::string::npos) {
    std::erase_if(hosts_, [&](const auto& entry) { return entry.first.starts_with(where + ":"); });
  }
  hosts_[std::move(where)] = std::move(host);
}

World::Host World::host_at(const Endpoint& endpoint) const {
  auto found = hosts_.find(endpoint.host + ":" + std::to_string(endpoint.port));
  if (found == hosts_.end()) found = hosts_.find(endpoint.host);
  return found == hosts_.end() ? Host{} : found->second;
}

void World::serve(std::string where, ServerPart part) {
  set_host(std::move(where), Manner::serve, std::move(part));
}
void World::refuse(std::string where) {
  set_host(std::move(where), Manner::refuse, nullptr);
}
void World::silence(std::string where) {
  set_host(std::move(where), Manner::silence, nullptr);
}
void World::blackhole(std::string where) {
  set_host(std::move(where), Manner::blackhole, nullptr);
}
void World::forget_name(std::string host) {
  names_[std::move(host)] = errc::resolve_failed;
}
void World::mute_name(std::string host) {
  names_[std::move(host)] = errc::resolve_timeout;
}
void World::fail_tls(std::string host, errc code) {
  tls_failures_[std::move(host)] = code;
}
void World::set_certificate_end(std::string host, Instant at) {
  certificates_[std::move(host)] = at;
}

void World::mend_tls(std::string host) {
  tls_failures_.erase(host);
}
void World::set_faults(Faults faults) {
  faults_ = faults;
}
void World::set_faults(std::string host, Faults faults) {
  faults_by_host_[std::move(host)] = faults;
}

const Faults& World::faults_of(const std::string& host) const {
  const auto found = faults_by_host_.find(host);
  return found == faults_by_host_.end() ? faults_ : found->second;
}

std::size_t World::connection_count(const std::string& host) const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [&](const auto& one) { return one.host == host; }));
}

void World::note(std::string_view line) {
  auto fraction = std::to_string(clock_.now().count() % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  journal_ += std::to_string(clock_.now().count() / 1000) + "." + fraction + " ";
  journal_.append(line);
  journal_ += '\n';
}

}  // namespace postern::sim
