// Stories of certificates that end: told once a stage, over restarts, and over when they are
// renewed.
#include "flows/metrics.hpp"
#include "sim/duty.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* kind = "certificate.expiring";

Lines days_told(Stage& stage) {
  Lines days;
  for (const auto& event : stage.events(kind)) {
    days.push_back(std::to_string(event.data.at("days").as_int64()));
  }
  return days;
}

std::size_t about(const PlayedSmtp& smtp, const std::string& word) {
  const auto& mails = smtp.taken();
  return static_cast<std::size_t>(std::count_if(mails.begin(), mails.end(), [&](const auto& mail) {
    const auto subject = field(mail.bytes, "Subject");
    return subject.find(":993") != std::string::npos && subject.find(word) != std::string::npos;
  }));
}

TEST(Certificates, Are_told_once_a_stage_over_restarts_and_are_over_when_renewed) {
  Duty duty(501);
  auto& world = duty.stage.world;
  const auto host = duty.anna->imap->host();
  world.set_certificate_end(host, world.now() + 24h * 8);
  duty.stage.start();
  duty.stage.run_for(20h);
  EXPECT_TRUE(duty.stage.events(kind).empty());

  duty.stage.run_for(6h);
  duty.stage.restart();
  duty.stage.run_for(12h);
  ASSERT_EQ(duty.stage.events(kind).size(), 1U);
  const auto event = duty.stage.events(kind).front();
  EXPECT_EQ(event.server, host);
  EXPECT_EQ(event.port, 993);
  EXPECT_EQ(event.integration, duty.anna->id);
  EXPECT_EQ(about(*duty.post->smtp, "FAILING"), 1U);
  duty.stage.run_for(24h * 5);
  duty.stage.restart();
  EXPECT_EQ(duty.stage.events(kind).size(), 1U);
  duty.stage.run_for(24h);
  EXPECT_EQ(days_told(duty.stage), (Lines{"1", "7"}));  // newest first
  EXPECT_EQ(about(*duty.post->smtp, "STILL FAILING"), 1U);
  auto problems = duty.problems();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].key.of, ProblemClass::certificate);

  world.set_certificate_end(host, world.now() + 24h * 365);
  duty.stage.run_for(24h);  // a fresh look is taken by itself
  EXPECT_TRUE(duty.problems().empty());
  EXPECT_EQ(about(*duty.post->smtp, "RECOVERED"), 1U);
  EXPECT_EQ(duty.stage.events(kind).size(), 2U);
  duty.stage.stop();
}

TEST(Certificates, Of_one_server_with_many_accounts_are_one_event_and_one_notice) {
  Duty duty(502);
  auto& world = duty.stage.world;
  const auto host = duty.anna->imap->host();
  for (int i = 1; i < 10; ++i) {
    IntegrationDraft draft;
    draft.value.name = "anna-" + std::to_string(i);
    draft.value.address = "anna@example.test";
    draft.value.incoming.enabled = true;
    draft.value.incoming.server.host = host;
    draft.value.incoming.auth.username = "anna@example.test";
    draft.incoming_password = Secret(duty.anna->password);
    duty.stage.gateway->ask(
        duty.stage.gateway->store().integrations().create(std::move(draft), "story", world.now()));
  }
  world.set_certificate_end(host, world.now() + 24h * 6);
  duty.stage.start();
  duty.stage.run_for(1h);

  const auto events = duty.stage.events(kind);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].data.at("integrations").as_array().size(), 10U);
  EXPECT_EQ(days_told(duty.stage), Lines{"5"});
  EXPECT_EQ(about(*duty.post->smtp, "FAILING"), 1U);
  duty.stage.stop();
}

TEST(Certificates, That_were_made_lately_are_no_news_before_their_last_week) {
  Duty duty(505);
  auto& world = duty.stage.world;
  world.set_certificate_end(duty.anna->imap->host(), world.now() + 24h * 12);
  duty.stage.start();
  duty.stage.run_for(24h * 2);
  duty.stage.restart();
  duty.stage.run_for(24h);
  EXPECT_TRUE(duty.stage.events(kind).empty());
  EXPECT_TRUE(duty.problems().empty());

  duty.stage.run_for(36h);  // by now it was seen for half of what is left
  ASSERT_EQ(duty.stage.events(kind).size(), 1U);
  EXPECT_EQ(days_told(duty.stage), Lines{"7"});
  duty.stage.stop();
}

TEST(Certificates, Of_ones_own_are_watched_too) {
  Duty duty(503);
  auto& world = duty.stage.world;
  duty.stage.start();
  duty.stage.gateway->metrics().certificate("[submission]", world.now() + 24h * 6);
  duty.stage.run_for(10min);
  ASSERT_EQ(duty.problems().size(), 1U);
  EXPECT_EQ(duty.problems()[0].title, "[submission]");

  duty.stage.gateway->metrics().certificate("[submission]", world.now() + 24h * 90);
  duty.stage.run_for(10min);
  EXPECT_TRUE(duty.problems().empty());
  EXPECT_EQ(duty.stage.events(kind).size(), 1U);
  duty.stage.stop();
}

TEST(Certificates, Of_a_server_that_nobody_uses_any_more_are_no_problem) {
  Duty duty(504);
  auto& world = duty.stage.world;
  world.set_certificate_end(duty.anna->imap->host(), world.now() + 24h * 3);
  duty.stage.start();
  duty.stage.run_for(10min);
  EXPECT_EQ(duty.problems().size(), 1U);

  duty.stage.set_enabled(*duty.anna, false);
  duty.stage.run_for(10min);
  EXPECT_TRUE(duty.problems().empty());
  EXPECT_EQ(about(*duty.post->smtp, "RECOVERED"), 0U);
  duty.stage.stop();
}

}  // namespace
}  // namespace postern::sim
