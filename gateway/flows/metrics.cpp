#include "flows/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace postern::flows {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries seconds_buckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

std::string text_of(std::string_view text) {
  return std::string(text);
}

double seconds(std::chrono::microseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;

  prometheus::Counter& messages_stored = BuildCounter()
                                             .Name("postern_messages_stored_total")
                                             .Help("Received mails made durable")
                                             .Register(registry)
                                             .Add({});
  prometheus::Family<prometheus::Counter>& handovers =
      BuildCounter()
          .Name("postern_handovers_total")
          .Help("Attempts to hand a mail over, by how they ended")
          .Register(registry);
  prometheus::Family<prometheus::Gauge>& handovers_waiting =
      BuildGauge()
          .Name("postern_handovers_waiting")
          .Help("Mails that a target has not yet taken")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& deliveries =
      BuildCounter()
          .Name("postern_deliveries_total")
          .Help("Mails whose sending ended, by result code")
          .Register(registry);
  prometheus::Gauge& deliveries_waiting = BuildGauge()
                                              .Name("postern_deliveries_waiting")
                                              .Help("Mails still to be sent")
                                              .Register(registry)
                                              .Add({});
  prometheus::Family<prometheus::Counter>& checks =
      BuildCounter().Name("postern_checks_total").Help("Checks of a mailbox").Register(registry);
  prometheus::Family<prometheus::Gauge>& consecutive_errors =
      BuildGauge()
          .Name("postern_consecutive_errors")
          .Help("Errors since the last success")
          .Register(registry);
  prometheus::Family<prometheus::Gauge>& last_success =
      BuildGauge()
          .Name("postern_last_success_timestamp_seconds")
          .Help("When it last went well, in seconds since 1970")
          .Register(registry);
  prometheus::Family<prometheus::Gauge>& integrations =
      BuildGauge().Name("postern_integrations").Help("Integrations by state").Register(registry);
  prometheus::Gauge& quarantined = BuildGauge()
                                       .Name("postern_quarantined")
                                       .Help("Mails in quarantine")
                                       .Register(registry)
                                       .Add({});
  prometheus::Family<prometheus::Counter>& removed = BuildCounter()
                                                         .Name("postern_retention_removed_total")
                                                         .Help("Rows removed by retention")
                                                         .Register(registry);
  prometheus::Histogram& store_commit = BuildHistogram()
                                            .Name("postern_store_commit_seconds")
                                            .Help("Time of a commit of the store")
                                            .Register(registry)
                                            .Add({}, seconds_buckets);
  prometheus::Histogram& digest = BuildHistogram()
                                      .Name("postern_digest_seconds")
                                      .Help("Time to digest a mail, waiting included")
                                      .Register(registry)
                                      .Add({}, seconds_buckets);
  prometheus::Family<prometheus::Gauge>& build_info =
      BuildGauge().Name("postern_build_info").Help("The running version").Register(registry);
};

Metrics::Metrics(std::string_view version) : state_(std::make_unique<State>()) {
  state_->build_info.Add({{"version", text_of(version)}}).Set(1);
}

Metrics::~Metrics() = default;

void Metrics::messages_stored(std::size_t count) {
  state_->messages_stored.Increment(static_cast<double>(count));
}

void Metrics::handover(const std::string& target, std::string_view result) {
  state_->handovers.Add({{"target", target}, {"result", text_of(result)}}).Increment();
}

void Metrics::handovers_waiting(const std::string& target, std::uint64_t count) {
  state_->handovers_waiting.Add({{"target", target}}).Set(static_cast<double>(count));
}

void Metrics::delivery(int result_code) {
  state_->deliveries.Add({{"result_code", std::to_string(result_code)}}).Increment();
}

void Metrics::deliveries_waiting(std::uint64_t count) {
  state_->deliveries_waiting.Set(static_cast<double>(count));
}

void Metrics::check(const std::string& integration, std::string_view direction,
                    std::string_view result) {
  state_->checks
      .Add({{"integration", integration},
            {"direction", text_of(direction)},
            {"result", text_of(result)}})
      .Increment();
}

void Metrics::consecutive_errors(const std::string& integration, std::string_view direction,
                                 int count) {
  state_->consecutive_errors.Add({{"integration", integration}, {"direction", text_of(direction)}})
      .Set(count);
}

void Metrics::last_success(const std::string& integration, std::string_view direction, Instant at) {
  state_->last_success.Add({{"integration", integration}, {"direction", text_of(direction)}})
      .Set(static_cast<double>(to_milliseconds(at)) / 1000);
}

void Metrics::integrations(std::string_view state, std::size_t count) {
  state_->integrations.Add({{"state", text_of(state)}}).Set(static_cast<double>(count));
}

void Metrics::quarantined(std::uint64_t count) {
  state_->quarantined.Set(static_cast<double>(count));
}

void Metrics::removed(std::string_view what, std::uint64_t count) {
  state_->removed.Add({{"what", text_of(what)}}).Increment(static_cast<double>(count));
}

void Metrics::store_commit(std::chrono::microseconds duration) {
  state_->store_commit.Observe(seconds(duration));
}

void Metrics::digest(std::chrono::microseconds duration) {
  state_->digest.Observe(seconds(duration));
}

void Metrics::forget_integration(const std::string& integration) {
  for (const char* direction : {"incoming", "outgoing"}) {
    const prometheus::Labels labels = {{"integration", integration}, {"direction", direction}};
    state_->consecutive_errors.Remove(&state_->consecutive_errors.Add(labels));
    state_->last_success.Remove(&state_->last_success.Add(labels));
  }
}

void Metrics::forget_target(const std::string& target) {
  state_->handovers_waiting.Remove(&state_->handovers_waiting.Add({{"target", target}}));
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace postern::flows
