// Metrics: the counters and gauges of /metrics (prometheus-cpp), one method per fact.
#pragma once

#include "core/integration.hpp"
#include "flows/check_book.hpp"
#include "storage/gauges.hpp"

#include <chrono>
#include <functional>
#include <map>
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
  void last_check(const std::string& integration, std::string_view direction, Instant at);
  void check_took(Duration duration);
  void send_took(Duration duration);
  void state(const std::string& integration, std::string_view direction, DirectionState state);
  void last_success(const std::string& integration, std::string_view direction, Instant at);
  void integrations(std::string_view state, std::size_t count);
  /// What was counted in the store at `now`; `target_names` gives a target's name, or "".
  void counted(const storage::GaugeReading& reading, Instant now,
               const std::function<std::string(TargetId)>& target_names);
  void event(const std::string& kind);
  /// The certificate that a mail server showed last.
  void certificate(const std::string& server, Instant not_after);
  struct CertificateShown {
    Instant ends_at;
    std::uint64_t times = 0;  // counts up with each connection
  };
  /// The last of each server, by "host:port"; our own by names in brackets.
  std::map<std::string, CertificateShown> certificates() const;
  void ping(std::string_view result);
  /// By retention; `what` is messages, events or deliveries.
  void removed(std::string_view what, std::uint64_t count);
  /// An action of an event rule or a notice; `result`: ok, failed.
  void alert(std::string_view channel, std::string_view result);
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
