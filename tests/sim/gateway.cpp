#include "sim/gateway.hpp"

#include "message/mime_protocol.hpp"

namespace postern::sim {

using net::errc;
using net::Task;

Task<Result<net::WorkerFrame>> PlayedWorkers::ask(net::WorkerFrame request, Duration deadline) {
  if (request.kind == message::mime_digest_kind) {
    ++digests;
    const bool poisoned = !poison.empty() && request.payload.find(poison) != std::string::npos;
    if (poisoned || draw(crashes, chance_)) co_return Error{errc::worker_died, "simulated"};
    if (draw(hangs, chance_)) {
      co_await net::sleep_for(world_, deadline);
      co_return Error{errc::worker_deadline, "simulated"};
    }
  }
  if (request.kind == message::mime_compose_kind && !composes) {
    co_return Error{errc::worker_died, "simulated"};
  }
  net::WorkerFrame reply;
  reply.kind = request.kind;
  reply.payload = message::answer(request.kind, request.payload);
  co_return reply;
}

/// One end of a connection, counted.
class LifeEnv::Line final : public net::Stream {
 public:
  Line(LifeEnv& env, std::string host, std::unique_ptr<net::Stream> stream)
      : env_(env), host_(std::move(host)), stream_(std::move(stream)) {
    env_.open_.insert(this);
    const auto now = ++env_.open_now_[host_];
    env_.open_max_[host_] = std::max(env_.open_max_[host_], now);
  }
  ~Line() override { leave(); }

  Task<Result<std::size_t>> read_some(std::span<char> buffer, Duration limit) override {
    return stream_->read_some(buffer, limit);
  }
  void end_read() noexcept override { stream_->end_read(); }
  Task<Result<void>> write_all(std::string_view bytes, Duration limit) override {
    auto written = co_await stream_->write_all(bytes, limit);
    env_.act();
    co_return written;
  }
  Task<Result<void>> start_tls(std::string host, TlsPolicy policy, Duration limit) override {
    return stream_->start_tls(std::move(host), std::move(policy), limit);
  }
  std::optional<net::TlsFacts> tls_facts() const override { return stream_->tls_facts(); }
  std::string peer_address() const override { return stream_->peer_address(); }
  void close() noexcept override {
    stream_->close();
    leave();
  }

 private:
  void leave() {
    if (env_.open_.erase(this) > 0) --env_.open_now_[host_];
  }
  LifeEnv& env_;
  std::string host_;
  std::unique_ptr<net::Stream> stream_;
};

Task<Result<std::unique_ptr<net::Stream>>> LifeEnv::connect(net::Endpoint endpoint,
                                                            Duration limit) {
  if (!alive_) co_return Error{errc::refused, "dead"};
  auto host = endpoint.host;
  auto stream = co_await world_.connect(std::move(endpoint), limit);
  if (!stream) co_return std::move(stream).error();
  if (!alive_) co_return Error{errc::refused, "dead"};
  std::unique_ptr<net::Stream> line =
      std::make_unique<Line>(*this, std::move(host), std::move(stream).value());
  co_return line;
}

void LifeEnv::die() {
  if (!std::exchange(alive_, false)) return;
  world_.note("the gateway dies");
  const auto open = open_;
  for (auto* line : open) line->close();
  if (on_death) on_death();
}

void LifeEnv::act() {
  if (acts_left_ > 0 && --acts_left_ == 0) die();
}

std::size_t LifeEnv::open_max(const std::string& host) const {
  const auto found = open_max_.find(host);
  return found == open_max_.end() ? 0 : found->second;
}

Gateway::Gateway(World& world, const std::string& data_dir, PlayedWorkers& workers,
                 flows::FlowOptions options)
    : world_(world), env_(world), clients_(std::make_unique<net::Scope>(world.executor())) {
  storage::StoreOptions storing;
  storing.data_dir = data_dir;
  storing.inline_mode = true;
  storing.now = [&world] { return world.now(); };
  storing.random = [&world] { return world.random(); };
  storing.on_commit = [this](std::chrono::microseconds) { env_.act(); };
  auto opened = storage::open_store(std::move(storing));
  POSTERN_ASSERT(opened.has_value());
  store_ = std::move(opened).value();
  env_.on_death = [this] { store_->close(); };
  context_.reset(new flows::Context{env_, *store_, workers, metrics_, std::move(options)});
  const auto executor = world.executor();
  hub_ = std::make_unique<flows::Hub>(*context_, executor,
                                      [executor](std::uint64_t) { return executor; });
}

Gateway::~Gateway() = default;

void Gateway::start() {
  static_cast<void>(world_.run(hub_->start()));  // fails only when it dies of it
}

namespace {

Task<bool> end_all(net::Scope& clients, flows::Hub& hub) {
  clients.stop();
  co_await clients.join();
  co_await hub.stop();
  co_return true;
}

}  // namespace

void Gateway::end() {
  world_.run(end_all(*clients_, *hub_), std::chrono::minutes(1));
  hub_.reset();
}

void Gateway::stop() {
  end();
  world_.note("the gateway stops");
  store_->close();
}

void Gateway::kill() {
  env_.die();
  end();
}

}  // namespace postern::sim
