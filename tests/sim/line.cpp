#include "sim/line.hpp"

#include <algorithm>
#include <array>
#include <deque>

namespace postern::sim {
namespace {

using net::errc;
using net::Stream;
using net::Task;

struct Piece {
  Duration arrives;
  std::string bytes;
};

// One direction of a line. The alarms are those of the ends, while they wait.
struct Flow {
  std::deque<Piece> pieces;
  std::size_t bytes = 0;
  Duration last_arrival{0};
  bool ended = false;  // the writer closed
  Alarm* reader = nullptr;
  Alarm* writer = nullptr;

  void wake() const {
    if (reader != nullptr) reader->ring();
    if (writer != nullptr) writer->ring();
  }
};

struct Line {
  LineSetting setting;
  std::array<Flow, 2> flows;  // [0] from client to server
  bool broken = false;
  bool tls = false;
  explicit Line(LineSetting given) : setting(std::move(given)) {}

  void wake() const {
    for (const auto& flow : flows) flow.wake();
  }
  // Breaks the line by chance.
  bool breaks() {
    if (!broken && draw(setting.faults.cut, setting.chance)) {
      broken = true;
      wake();
    }
    return broken;
  }
};

class LineEnd final : public Stream {
 public:
  LineEnd(std::shared_ptr<Line> line, bool is_client)
      : line_(std::move(line)),
        in_(line_->flows[is_client ? 1 : 0]),
        out_(line_->flows[is_client ? 0 : 1]),
        is_client_(is_client),
        read_alarm_(line_->setting.clock, line_->setting.executor),
        write_alarm_(line_->setting.clock, line_->setting.executor) {
    in_.reader = &read_alarm_;
    out_.writer = &write_alarm_;
  }
  ~LineEnd() override {
    close();
    in_.reader = nullptr;
    out_.writer = nullptr;
  }

  Task<Result<std::size_t>> read_some(std::span<char> buffer, Duration limit) override;
  void end_read() noexcept override;
  Task<Result<void>> write_all(std::string_view bytes, Duration limit) override;
  Task<Result<void>> start_tls(std::string host, TlsPolicy policy, Duration limit) override;
  std::optional<net::TlsFacts> tls_facts() const override;
  std::string peer_address() const override { return line_->setting.peer_address; }
  void close() noexcept override;

 private:
  Duration now() const { return line_->setting.clock.now(); }
  Task<Result<void>> hear_tls(Duration limit);
  std::size_t take(std::span<char> buffer);
  void put(std::string_view bytes);

  std::shared_ptr<Line> line_;  // shared by its two ends
  Flow& in_;
  Flow& out_;
  bool is_client_;
  bool closed_ = false;
  bool reading_ = false, read_ended_ = false;
  Alarm read_alarm_, write_alarm_;
};

std::size_t LineEnd::take(std::span<char> buffer) {
  auto& piece = in_.pieces.front();
  std::size_t count = std::min(buffer.size(), piece.bytes.size());
  if (line_->setting.faults.split_reads) count = 1 + line_->setting.chance() % count;
  std::copy_n(piece.bytes.begin(), count, buffer.begin());
  piece.bytes.erase(0, count);
  if (piece.bytes.empty()) in_.pieces.pop_front();
  in_.bytes -= count;
  if (in_.writer != nullptr) in_.writer->ring();
  return count;
}

void LineEnd::put(std::string_view bytes) {
  const auto latency = draw_latency(line_->setting.faults, line_->setting.chance);
  out_.last_arrival = std::max(out_.last_arrival, now() + latency);
  out_.pieces.push_back({out_.last_arrival, std::string(bytes)});
  out_.bytes += bytes.size();
  if (out_.reader != nullptr) out_.reader->ring();
}

Task<Result<std::size_t>> LineEnd::read_some(std::span<char> buffer, Duration limit) {
  const auto deadline = now() + limit;
  read_ended_ = false;
  for (;;) {
    if (closed_) co_return Error{errc::closed, "by us"};
    const bool here = !in_.pieces.empty() && in_.pieces.front().arrives <= now();
    if ((here && line_->breaks()) || line_->broken) co_return Error{errc::reset, "cut"};
    if (here) co_return take(buffer);
    if (in_.pieces.empty() && in_.ended) co_return Error{errc::closed, ""};
    if (now() >= deadline) co_return Error{errc::timeout, ""};
    if (read_ended_) co_return Error{errc::timeout, ""};
    const auto arrival = in_.pieces.empty() ? deadline : in_.pieces.front().arrives;
    reading_ = true;
    co_await read_alarm_.wait(std::min(arrival, deadline) - now());
    reading_ = false;
  }
}

void LineEnd::end_read() noexcept {
  if (!reading_) return;
  read_ended_ = true;
  read_alarm_.ring();
}

Task<Result<void>> LineEnd::write_all(std::string_view bytes, Duration limit) {
  const auto deadline = now() + limit;
  while (!bytes.empty()) {
    if (closed_) co_return Error{errc::closed, "by us"};
    if (line_->breaks() || in_.ended) co_return Error{errc::reset, "cut"};
    const auto room = line_bytes_max - std::min(line_bytes_max, out_.bytes);
    if (room > 0) {
      put(bytes.substr(0, room));
      bytes.remove_prefix(std::min(bytes.size(), room));
      continue;
    }
    if (now() >= deadline) co_return Error{errc::timeout, ""};
    co_await write_alarm_.wait(deadline - now());
  }
  co_return success();
}

// There is no TLS here: two journeys, then both ends know. What real TLS would trip over fails.
Task<Result<void>> LineEnd::start_tls(std::string host, TlsPolicy policy, Duration limit) {
  if (!is_client_) co_return co_await hear_tls(limit);
  POSTERN_ASSERT(!line_->tls);
  const auto& setting = line_->setting;
  if (closed_) co_return Error{errc::closed, "by us"};
  const auto journeys = 2 * draw_latency(setting.faults, setting.chance);
  const bool silent = setting.silent;
  co_await write_alarm_.wait(silent ? limit : std::min(limit, journeys));
  if (silent || journeys > limit) {
    close();
    co_return Error{errc::timeout, ""};
  }
  std::optional<errc> failure = setting.tls_failure;
  if (policy.pinned_sha256 && *policy.pinned_sha256 != std::string(64, 'a')) {
    failure = errc::certificate_pin;
  }
  if (in_.ended && in_.pieces.empty()) failure = errc::closed;
  if (!in_.pieces.empty()) failure = errc::tls_not_spoken;  // plain bytes where TLS must begin
  if (line_->breaks()) failure = errc::reset;
  if (failure) {
    close();
    co_return Error{*failure, "simulated for " + host};
  }
  line_->tls = true;
  line_->wake();
  co_return success();
}

// The server's part: until the client has made its handshake.
Task<Result<void>> LineEnd::hear_tls(Duration limit) {
  const auto deadline = now() + limit;
  while (!line_->tls) {
    if (closed_ || in_.ended) co_return Error{errc::closed, ""};
    if (line_->broken) co_return Error{errc::reset, "cut"};
    if (now() >= deadline) co_return Error{errc::timeout, ""};
    co_await read_alarm_.wait(deadline - now());
  }
  co_return success();
}

std::optional<net::TlsFacts> LineEnd::tls_facts() const {
  if (!line_->tls || closed_) return std::nullopt;
  net::TlsFacts facts;
  facts.version = "TLSv1.3";
  facts.subject = "CN=" + line_->setting.host;
  facts.issuer = "CN=simulated";
  facts.chain = {facts.subject};
  facts.not_after = line_->setting.certificate_ends;
  facts.sha256 = std::string(64, 'a');
  return facts;
}

void LineEnd::close() noexcept {
  if (std::exchange(closed_, true)) return;
  out_.ended = true;
  in_.ended = true;
  in_.pieces.clear();
  in_.bytes = 0;
  line_->wake();
}

}  // namespace

bool draw(double probability, std::mt19937_64& chance) {
  if (probability <= 0) return false;
  return static_cast<double>(chance() >> 11) * 0x1.0p-53 < probability;
}

Duration draw_latency(const Faults& faults, std::mt19937_64& chance) {
  const auto span = (faults.latency_max - faults.latency_min).count();
  if (span <= 0) return faults.latency_min;
  const auto extra = chance() % static_cast<std::uint64_t>(span + 1);
  return faults.latency_min + Duration(static_cast<Duration::rep>(extra));
}

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_line(LineSetting setting) {
  auto line = std::make_shared<Line>(std::move(setting));
  return {std::make_unique<LineEnd>(line, true), std::make_unique<LineEnd>(line, false)};
}

}  // namespace postern::sim
