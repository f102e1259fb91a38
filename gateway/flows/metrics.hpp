// Metrics: the counters and gauges of /metrics (prometheus-cpp), one method per fact.
#pragma once

#include "core/integration.hpp"
#include "flows/check_book.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace postern::flows {

class Metrics {
 public:
  explicit Metrics(std::string_view version = "0");
  ~Metrics();

  // From any thread.
  void messages_stored(std::size_t count);
  void handover(const std::string& target,
                std::string_view result);  // acknowledged, retried, parked
  void handovers_waiting(const std::string& target, std::uint64_t count);
  void delivery(int result_code);
  void deliveries_waiting(std::uint64_t count);
  /// `result`: ok, failed.
  void check(const std::string& integration, std::string_view direction, std::string_view result);
  void consecutive_errors(const std::string& integration, std::string_view direction, int count);
  void last_success(const std::string& integration, std::string_view direction, Instant at);
  void integrations(std::string_view state, std::size_t count);
  void quarantined(std::uint64_t count);
  /// By retention; `what` is messages, events or deliveries.
  void removed(std::string_view what, std::uint64_t count);
  void store_commit(std::chrono::microseconds duration);
  void digest(std::chrono::microseconds duration);
  void forget_integration(const std::string& integration);
  void forget_target(const std::string& target);

  /// The text exposition format, version 0.0.4.
  std::string text() const;

  /// How the last checks ended, beside what is counted of them.
  CheckBook& checks() { return checks_; }

 private:
  struct State;
  CheckBook checks_;
  std::unique_ptr<State> state_;
};

}  // namespace postern::flows
