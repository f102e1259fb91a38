#include "flows/metrics.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

bool has(const std::string& text, const char* line) {
  return text.find(line) != std::string::npos;
}

TEST(Metrics, Tells_what_is_counted_and_how_long_things_take) {
  Metrics metrics("1.2.3");
  const Instant now(std::chrono::hours(500000));
  storage::GaugeReading reading;
  reading.quarantined = 7;
  reading.parked = 2;
  reading.database_bytes = 4096;
  reading.oldest_delivery = now - std::chrono::minutes(2);
  reading.targets.push_back({TargetId{5}, now - std::chrono::seconds(30)});
  reading.grants.push_back({"grt_x", "anna@example.com", now});
  metrics.counted(reading, now, [](TargetId) { return std::string("desk"); });
  metrics.alert("webhook", "failed");
  metrics.event("imap.login_failed");
  metrics.ping("ok");
  metrics.certificate("imap.example.com:993", now);
  metrics.state("Support", "incoming", DirectionState::failing);
  metrics.last_check("Support", "incoming", now);
  metrics.check_took(std::chrono::milliseconds(80));
  metrics.send_took(std::chrono::seconds(2));

  const auto text = metrics.text();

  EXPECT_TRUE(has(text, "postern_quarantined 7"));
  EXPECT_TRUE(has(text, "postern_handovers_parked 2"));
  EXPECT_TRUE(has(text, "postern_db_bytes 4096"));
  EXPECT_TRUE(has(text, "postern_deliveries_oldest_age_seconds 120"));
  EXPECT_TRUE(has(text, "postern_handovers_oldest_age_seconds{target=\"desk\"} 30"));
  EXPECT_TRUE(has(text,
                  "postern_oauth_token_expiry_timestamp_seconds{grant=\"grt_x\","
                  "identity=\"anna@example.com\"}"));
  EXPECT_TRUE(has(text, "postern_alerts_total{channel=\"webhook\",result=\"failed\"} 1"));
  EXPECT_TRUE(has(text, "postern_events_total{kind=\"imap.login_failed\"} 1"));
  EXPECT_TRUE(has(text, "postern_dead_man_pings_total{result=\"ok\"} 1"));
  EXPECT_TRUE(
      has(text, "postern_tls_cert_expiry_timestamp_seconds{server=\"imap.example.com:993\"}"));
  EXPECT_TRUE(
      has(text, "postern_integration_up{direction=\"incoming\",integration=\"Support\"} 0"));
  EXPECT_TRUE(has(text, "postern_last_check_timestamp_seconds{direction=\"incoming\""));
  EXPECT_TRUE(has(text, "postern_check_duration_seconds_bucket{le=\"0.1\"} 1"));
  EXPECT_TRUE(has(text, "postern_send_duration_seconds_count 1"));
}

TEST(Metrics, Holds_every_name_of_the_contract) {
  Metrics metrics("1.2.3");
  metrics.messages_stored(2);
  metrics.handover("Desk", "acknowledged");
  metrics.handovers_waiting("Desk", 3);
  metrics.delivery(0);
  metrics.deliveries_waiting(4);
  metrics.check("Support", "incoming", "ok");
  metrics.check("Support", "incoming", "failed");
  metrics.consecutive_errors("Support", "incoming", 5);
  metrics.last_success("Support", "outgoing", Instant(Duration(1500)));
  metrics.integrations("ok", 6);
  metrics.store_commit(std::chrono::microseconds(900));
  metrics.digest(std::chrono::microseconds(900));

  const auto text = metrics.text();

  EXPECT_TRUE(has(text, "postern_messages_stored_total 2"));
  EXPECT_TRUE(has(text, "postern_handovers_total{result=\"acknowledged\",target=\"Desk\"} 1"));
  EXPECT_TRUE(has(text, "postern_handovers_waiting{target=\"Desk\"} 3"));
  EXPECT_TRUE(has(text, "postern_deliveries_total{result_code=\"0\"} 1"));
  EXPECT_TRUE(has(text, "postern_deliveries_waiting 4"));
  EXPECT_TRUE(has(text,
                  "postern_checks_total{direction=\"incoming\",integration=\"Support\","
                  "result=\"ok\"} 1"));
  EXPECT_TRUE(has(text,
                  "postern_checks_total{direction=\"incoming\",integration=\"Support\","
                  "result=\"failed\"} 1"));
  EXPECT_TRUE(has(text, "# TYPE postern_checks_total counter"));
  EXPECT_TRUE(has(text,
                  "postern_consecutive_errors{direction=\"incoming\","
                  "integration=\"Support\"} 5"));
  EXPECT_TRUE(has(text,
                  "postern_last_success_timestamp_seconds{direction=\"outgoing\","
                  "integration=\"Support\"} 1.5"));
  EXPECT_TRUE(has(text, "postern_integrations{state=\"ok\"} 6"));
  EXPECT_TRUE(has(text, "postern_store_commit_seconds_count 1"));
  EXPECT_TRUE(has(text, "postern_digest_seconds_count 1"));
  EXPECT_TRUE(has(text, "postern_build_info{version=\"1.2.3\"} 1"));
}

TEST(Metrics, Forgets_an_integration_that_is_gone) {
  Metrics metrics;
  metrics.consecutive_errors("Support", "incoming", 5);
  metrics.check("Support", "incoming", "ok");

  metrics.forget_integration("Support");

  EXPECT_FALSE(has(metrics.text(), "Support"));
}

}  // namespace
}  // namespace postern::flows
