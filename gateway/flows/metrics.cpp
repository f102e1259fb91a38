#include "flows/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace postern::flows {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::MetricFamily;
using prometheus::MetricType;

const prometheus::Histogram::BucketBoundaries long_buckets = {0.05, 0.1, 0.25, 0.5, 1,   2.5,
                                                              5,    10,  30,   60,  300, 600};
const prometheus::Histogram::BucketBoundaries seconds_buckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

constexpr std::size_t certificates_max = 10000;

std::string text_of(std::string_view text) {
  return std::string(text);
}

constexpr std::array<const char*, 2> directions = {"incoming", "outgoing"};

/// One direction of an integration.
struct Standing {
  std::uint64_t good = 0;  // checks
  std::uint64_t bad = 0;
  int errors = -1;  // since the last success; not known yet
  std::optional<Instant> last_success, last_check;
  std::optional<DirectionState> state;
};

using Labels = std::vector<prometheus::ClientMetric::Label>;

MetricFamily family(std::string name, std::string help, MetricType type) {
  return {std::move(name), std::move(help), type, {}};
}

Labels with_result(Labels labels, std::string result) {
  labels.push_back({"result", std::move(result)});
  return labels;
}

void add(MetricFamily& to, Labels labels, double value) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  (to.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  to.metric.push_back(std::move(metric));
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
  prometheus::Family<prometheus::Counter>& alerts =
      BuildCounter()
          .Name("postern_alerts_total")
          .Help("Actions of event rules and notices that were tried, by how they ended")
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
  prometheus::Histogram& check_took = BuildHistogram()
                                          .Name("postern_check_duration_seconds")
                                          .Help("Time of a check of a mailbox that went well")
                                          .Register(registry)
                                          .Add({}, long_buckets);
  prometheus::Histogram& send_took = BuildHistogram()
                                         .Name("postern_send_duration_seconds")
                                         .Help("Time of an attempt to send a mail")
                                         .Register(registry)
                                         .Add({}, long_buckets);
  prometheus::Family<prometheus::Counter>& events =
      BuildCounter().Name("postern_events_total").Help("Events told, by kind").Register(registry);
  prometheus::Family<prometheus::Counter>& pings =
      BuildCounter()
          .Name("postern_dead_man_pings_total")
          .Help("Calls of [monitoring] ping_url, by how they ended")
          .Register(registry);
  prometheus::Gauge& parked = BuildGauge()
                                  .Name("postern_handovers_parked")
                                  .Help("Hand-overs that were given up")
                                  .Register(registry)
                                  .Add({});
  prometheus::Gauge& runs_waiting = BuildGauge()
                                        .Name("postern_alerts_waiting")
                                        .Help("Actions of event rules still to be done")
                                        .Register(registry)
                                        .Add({});
  prometheus::Gauge& db_bytes = BuildGauge()
                                    .Name("postern_db_bytes")
                                    .Help("Size of the database, spool files not counted")
                                    .Register(registry)
                                    .Add({});
  prometheus::Gauge& oldest_delivery =
      BuildGauge()
          .Name("postern_deliveries_oldest_age_seconds")
          .Help("Age of the oldest mail still to be sent; 0: none waits")
          .Register(registry)
          .Add({});
  prometheus::Family<prometheus::Gauge>& build_info =
      BuildGauge().Name("postern_build_info").Help("The running version").Register(registry);

  // Not of the registry, which takes over a kilobyte for the four of an integration.
  mutable std::mutex mutex;
  std::map<std::string, std::array<Standing, directions.size()>> standings;  // by integration
  std::map<std::string, Metrics::CertificateShown> certificates;             // by server
  std::map<std::string, double> oldest_handovers;                            // by target, seconds
  std::vector<storage::GaugeReading::Grant> grants;

  Standing& standing(const std::string& integration, std::string_view direction);
  std::vector<prometheus::MetricFamily> collect() const;
  std::vector<prometheus::MetricFamily> collect_dates() const;
};

/// Of `mutex`'s.
Standing& Metrics::State::standing(const std::string& integration, std::string_view direction) {
  return standings[integration][direction == directions[0] ? 0 : 1];
}

std::vector<prometheus::MetricFamily> Metrics::State::collect() const {
  auto checks = family("postern_checks_total", "Checks of a mailbox", MetricType::Counter);
  auto errors =
      family("postern_consecutive_errors", "Errors since the last success", MetricType::Gauge);
  auto last = family("postern_last_success_timestamp_seconds",
                     "When it last went well, in seconds since 1970", MetricType::Gauge);
  auto up = family("postern_integration_up",
                   "1: this direction works; 0: it fails, is disabled or needs consent",
                   MetricType::Gauge);
  auto checked =
      family("postern_last_check_timestamp_seconds",
             "When it was last checked, well or not, in seconds since 1970", MetricType::Gauge);
  const std::lock_guard lock(mutex);
  for (const auto& [integration, both] : standings) {
    for (std::size_t i = 0; i < directions.size(); ++i) {
      const auto& now = both[i];
      const Labels labels = {{"direction", directions[i]}, {"integration", integration}};
      if (now.good > 0) add(checks, with_result(labels, "ok"), static_cast<double>(now.good));
      if (now.bad > 0) add(checks, with_result(labels, "failed"), static_cast<double>(now.bad));
      if (now.errors >= 0) add(errors, labels, now.errors);
      if (now.state && *now.state != DirectionState::off) {
        const bool works =
            *now.state == DirectionState::ok || *now.state == DirectionState::waiting;
        add(up, labels, works ? 1 : 0);
      }
      if (now.last_check) {
        add(checked, labels, static_cast<double>(to_milliseconds(*now.last_check)) / 1000);
      }
      if (now.last_success) {
        add(last, labels, static_cast<double>(to_milliseconds(*now.last_success)) / 1000);
      }
    }
  }
  auto families = registry.Collect();
  for (auto* each : {&checks, &errors, &last, &up, &checked}) {
    if (!each->metric.empty()) families.push_back(std::move(*each));
  }
  for (auto& each : collect_dates()) families.push_back(std::move(each));
  return families;
}

/// Of `mutex`'s.
std::vector<prometheus::MetricFamily> Metrics::State::collect_dates() const {
  auto tls = family("postern_tls_cert_expiry_timestamp_seconds",
                    "When the certificate that a mail server showed last ends", MetricType::Gauge);
  for (const auto& [server, shown] : certificates) {
    add(tls, {{"server", server}}, static_cast<double>(to_milliseconds(shown.ends_at)) / 1000);
  }
  auto tokens = family("postern_oauth_token_expiry_timestamp_seconds",
                       "When a grant's access token ends", MetricType::Gauge);
  for (const auto& grant : grants) {
    add(tokens, {{"grant", grant.id}, {"identity", grant.identity}},
        static_cast<double>(to_milliseconds(grant.token_expires_at)) / 1000);
  }
  auto oldest = family("postern_handovers_oldest_age_seconds",
                       "Age of the oldest mail that a target has not yet taken", MetricType::Gauge);
  for (const auto& [target, age] : oldest_handovers) add(oldest, {{"target", target}}, age);
  std::vector<prometheus::MetricFamily> families;
  for (auto* each : {&tls, &tokens, &oldest}) {
    if (!each->metric.empty()) families.push_back(std::move(*each));
  }
  return families;
}

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
  const std::lock_guard lock(state_->mutex);
  auto& now = state_->standing(integration, direction);
  ++(result == "ok" ? now.good : now.bad);
}

void Metrics::consecutive_errors(const std::string& integration, std::string_view direction,
                                 int count) {
  const std::lock_guard lock(state_->mutex);
  state_->standing(integration, direction).errors = count;
}

void Metrics::last_success(const std::string& integration, std::string_view direction, Instant at) {
  const std::lock_guard lock(state_->mutex);
  state_->standing(integration, direction).last_success = at;
}

void Metrics::integrations(std::string_view state, std::size_t count) {
  state_->integrations.Add({{"state", text_of(state)}}).Set(static_cast<double>(count));
}

void Metrics::last_check(const std::string& integration, std::string_view direction, Instant at) {
  const std::lock_guard lock(state_->mutex);
  state_->standing(integration, direction).last_check = at;
}

void Metrics::state(const std::string& integration, std::string_view direction,
                    DirectionState state) {
  const std::lock_guard lock(state_->mutex);
  state_->standing(integration, direction).state = state;
}

void Metrics::check_took(Duration duration) {
  state_->check_took.Observe(seconds(duration));
}

void Metrics::send_took(Duration duration) {
  state_->send_took.Observe(seconds(duration));
}

void Metrics::event(const std::string& kind) {
  state_->events.Add({{"kind", kind}}).Increment();
}

void Metrics::ping(std::string_view result) {
  state_->pings.Add({{"result", text_of(result)}}).Increment();
}

void Metrics::certificate(const std::string& server, Instant not_after) {
  const std::lock_guard lock(state_->mutex);
  auto& known = state_->certificates;
  if (known.size() >= certificates_max && !known.contains(server)) known.erase(known.begin());
  auto& shown = known[server];
  shown.ends_at = not_after;
  ++shown.times;
}

std::map<std::string, Metrics::CertificateShown> Metrics::certificates() const {
  const std::lock_guard lock(state_->mutex);
  return state_->certificates;
}

void Metrics::counted(const storage::GaugeReading& reading, Instant now,
                      const std::function<std::string(TargetId)>& target_names) {
  const auto age = [now](Instant since) {
    return std::max(0.0, static_cast<double>((now - since).count()) / 1000);
  };
  state_->quarantined.Set(static_cast<double>(reading.quarantined));
  state_->parked.Set(static_cast<double>(reading.parked));
  state_->runs_waiting.Set(static_cast<double>(reading.waiting_runs));
  state_->db_bytes.Set(static_cast<double>(reading.database_bytes));
  state_->oldest_delivery.Set(reading.oldest_delivery ? age(*reading.oldest_delivery) : 0);
  const std::lock_guard lock(state_->mutex);
  state_->grants = reading.grants;
  state_->oldest_handovers.clear();
  for (const auto& each : reading.targets) {
    const auto name = target_names(each.target);
    if (!name.empty()) state_->oldest_handovers[name] = age(each.oldest_handover);
  }
}

void Metrics::removed(std::string_view what, std::uint64_t count) {
  state_->removed.Add({{"what", text_of(what)}}).Increment(static_cast<double>(count));
}

void Metrics::alert(std::string_view channel, std::string_view result) {
  state_->alerts.Add({{"channel", text_of(channel)}, {"result", text_of(result)}}).Increment();
}

void Metrics::store_commit(std::chrono::microseconds duration) {
  state_->store_commit.Observe(seconds(duration));
}

void Metrics::digest(std::chrono::microseconds duration) {
  state_->digest.Observe(seconds(duration));
}

void Metrics::forget_integration(const std::string& integration) {
  const std::lock_guard lock(state_->mutex);
  state_->standings.erase(integration);
}

void Metrics::forget_target(const std::string& target) {
  state_->handovers_waiting.Remove(&state_->handovers_waiting.Add({{"target", target}}));
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(state_->collect());
}

}  // namespace postern::flows
