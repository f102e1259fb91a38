// Stories of sessions that fail: what was said is there afterwards, without its secrets.
#include "sim/stage.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

std::optional<Transcript> kept(Stage& stage, const Account& account, const std::string& direction) {
  return stage.gateway->ask(stage.gateway->store().activity().transcript(account.id, direction));
}

std::string text_of(const Transcript& transcript) {
  return boost::json::serialize(to_json(transcript));
}

TEST(Transcript, Of_a_refused_login_stays_over_a_crash) {
  Stage stage(11);
  auto& account = stage.add_account("anna");
  account.imap->manners.refuses_login = true;
  account.smtp->manners.refuses_login = true;
  stage.start();
  stage.send(account, {"one@else.test"});
  stage.run_for(1min);
  stage.restart();

  for (const std::string direction : {"incoming", "outgoing"}) {
    const auto transcript = kept(stage, account, direction);
    ASSERT_TRUE(transcript) << direction;
    const auto text = text_of(*transcript);
    EXPECT_EQ("login", transcript->step) << text;
    EXPECT_EQ(direction == "incoming" ? "imap" : "smtp", transcript->protocol);
    EXPECT_NE(std::string::npos, text.find("***")) << text;
    EXPECT_EQ(std::string::npos, text.find(account.password)) << text;
    EXPECT_EQ(Side::server, transcript->lines.back().from) << text;
  }
  stage.stop();
}

TEST(Transcript, Tells_that_there_was_no_connection) {
  Stage stage(12);
  auto& account = stage.add_account("anna");
  stage.world.refuse(account.imap->host());
  stage.start();
  stage.run_for(1min);

  const auto transcript = kept(stage, account, "");
  ASSERT_TRUE(transcript);
  EXPECT_EQ("tcp", transcript->step);
  ASSERT_EQ(1U, transcript->lines.size());
  EXPECT_TRUE(transcript->lines[0].text.starts_with("[connecting to imap.anna.test port "));
  stage.stop();
}

TEST(Transcript, Is_recorded_on_demand_and_for_so_long) {
  Stage stage(13);
  stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  EXPECT_FALSE(kept(stage, account, ""));

  auto& hub = stage.gateway->hub();
  stage.gateway->ask(hub.record(account.id, flows::Direction::incoming, 5min));
  stage.offer(account);
  stage.run_for(1min);
  const auto first = stage.gateway->ask(hub.recorded(account.id, flows::Direction::incoming));
  stage.run_for(10min);
  const auto after = stage.gateway->ask(hub.recorded(account.id, flows::Direction::incoming));
  stage.offer(account);
  stage.run_for(1min);
  const auto later = stage.gateway->ask(hub.recorded(account.id, flows::Direction::incoming));

  const auto text = text_of(first.transcript);
  EXPECT_NE(std::string::npos, text.find("UID FETCH")) << text;
  EXPECT_NE(std::string::npos, text.find(" bytes]")) << text;
  EXPECT_EQ(after.transcript.lines.size(), later.transcript.lines.size());
  EXPECT_FALSE(stage.gateway->ask(hub.recorded(account.id, flows::Direction::outgoing)).begun);
  stage.stop();
}

TEST(Activity, Tells_checks_mails_and_sends_newest_first) {
  Stage stage(14);
  auto& hook = stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  stage.run_for(1min);
  const auto sha256 = stage.offer(account);
  stage.send(account, {"one@else.test"});
  stage.run_for(1h);
  EXPECT_EQ(1U, hook.ids_of(sha256).size());

  const auto remembered = stage.gateway->ask(stage.gateway->hub().remembered(account.id));
  ASSERT_FALSE(remembered.empty());
  EXPECT_LE(remembered.size(), 10U) << "idle checks are counted, not listed";
  EXPECT_EQ("check.succeeded", remembered.back().kind);
  EXPECT_GT(remembered.back().data.at("count").as_int64(), 3);

  const auto rows = stage.gateway->ask(stage.gateway->store().activity().recent(account.id));
  const auto has = [&](std::string_view kind) {
    return std::ranges::any_of(rows, [&](const auto& each) { return each.kind == kind; });
  };
  EXPECT_TRUE(has("messages.stored"));
  EXPECT_TRUE(has("delivery.sent"));
  EXPECT_TRUE(has("handover.acknowledged"));
  EXPECT_TRUE(std::ranges::is_sorted(rows, newer));
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
