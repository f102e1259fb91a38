// Journal: what the flows remember of one integration for people to see: its latest checks and
// connections, and, when somebody asked for it, everything that is said for some minutes. Lives on
// the integration's shard, and longer than its supervisors; lost with the process, on purpose: what
// must survive is a row (storage/activity.hpp).
#pragma once

#include "core/activity.hpp"
#include "flows/tape.hpp"
#include "flows/verdict.hpp"
#include "net/env.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

/// What is said on the connections of one direction, for a while.
class Recording final : public LineTaker {
 public:
  static constexpr std::size_t lines_max = 2000;
  static constexpr std::size_t bytes_max = 256 * 1024;

  explicit Recording(net::Env& env) : env_(env) {}

  /// Begins afresh.
  void begin(Duration duration);
  bool begun() const { return begun_at_.has_value(); }
  Instant begun_at() const { return begun_at_.value_or(Instant{}); }
  /// When it ends or ended, by the wall clock of its begin.
  Instant ends_at() const { return ends_at_; }
  /// Past its bounds it takes nothing more.
  bool full() const { return lines_.size() >= lines_max || bytes_ >= bytes_max; }
  const std::vector<TranscriptLine>& lines() const { return lines_; }

  bool wants() override { return begun() && env_.steady() < until_ && !full(); }
  int connection_opened() override { return ++connections_; }
  void take(TranscriptLine line) override;

 private:
  net::Env& env_;
  std::optional<Instant> begun_at_;
  Instant ends_at_;
  Duration until_{0};
  int connections_ = 0;
  std::size_t bytes_ = 0;
  std::vector<TranscriptLine> lines_;
};

class Journal {
 public:
  static constexpr std::size_t entries_max = 64;

  explicit Journal(net::Env& env) : env_(env), incoming_(env), outgoing_(env) {}

  /// Something happened now. The same as the last time (kind, text) is counted there, so that a
  /// mailbox where nothing happens stays one entry.
  void note(std::string kind, std::string text, boost::json::object data = {});

  /// Oldest first, at most entries_max.
  const std::vector<Activity>& entries() const { return entries_; }
  Recording& recording(Direction direction) {
    return direction == Direction::incoming ? incoming_ : outgoing_;
  }

 private:
  net::Env& env_;
  Recording incoming_, outgoing_;
  std::vector<Activity> entries_;
  std::uint64_t number_ = 0;
};

}  // namespace postern::flows
