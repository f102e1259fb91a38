// Stories of the account that carries the notices: what they meet on their way is shown, and counts
// nowhere; and what it could not send goes out as one mail when it can again.
#include "sim/duty.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

TEST(NoticeCarrier, Is_not_disabled_by_notices_that_it_could_not_send) {
  Duty duty(301);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.stage.world.refuse(duty.post->smtp->host());
  duty.down(*duty.anna);
  duty.stage.run_for(12h);
  duty.stage.restart();
  duty.stage.run_for(12h);

  const auto status = duty.stage.status(*duty.post);
  EXPECT_EQ(status.outgoing_state, DirectionState::waiting);  // nobody has sent by it yet
  EXPECT_EQ(status.consecutive_outgoing_errors, 0);
  ASSERT_TRUE(status.last_outgoing_error.has_value());
  EXPECT_EQ(status.last_outgoing_error->kind, "smtp.connection_failed");
  // It is seen all the same: the way of the notices is a problem of its own.
  const auto problems = duty.problems(ProblemState::open);
  EXPECT_TRUE(std::any_of(problems.begin(), problems.end(),
                          [](const auto& each) { return each.key.of == ProblemClass::channel; }));

  // A user's mail waits as ever, and goes when the server is back.
  duty.stage.send(*duty.post, {"one@else.test"});
  duty.stage.run_for(30min);
  EXPECT_GT(duty.stage.status(*duty.post).consecutive_outgoing_errors, 0);
  duty.post->smtp->serve();
  duty.stage.run_for(1h);
  EXPECT_EQ(duty.stage.status(*duty.post).consecutive_outgoing_errors, 0);
  EXPECT_EQ(told(*duty.post->smtp).front(), "SUMMARY");
  duty.stage.stop();
}

TEST(NoticeCarrier, That_refuses_the_login_is_not_asked_by_notices_more_than_once_an_hour) {
  for (const bool with_transport : {false, true}) {
    Duty duty(302, with_transport);
    duty.post->smtp->manners.refuses_login = true;
    duty.stage.start();
    duty.stage.run_for(1min);
    const auto before = duty.stage.world.connection_count(duty.post->smtp->host());
    duty.down(*duty.anna);
    duty.stage.run_for(12h);
    duty.stage.restart();
    duty.stage.run_for(12h);

    const auto asked = duty.stage.world.connection_count(duty.post->smtp->host()) - before;
    EXPECT_GE(asked, 1U);
    EXPECT_LE(asked, 25U);
    const auto status = duty.stage.status(*duty.post);
    EXPECT_NE(status.outgoing_state, DirectionState::disabled);
    EXPECT_EQ(told(duty.alerts).empty(), !with_transport);

    duty.post->smtp->manners.refuses_login = false;
    duty.stage.run_for(3h);
    if (!with_transport) EXPECT_FALSE(told(*duty.post->smtp).empty());
    duty.stage.stop();
  }
}

TEST(NoticeCarrier, Whose_own_sending_was_the_trouble_sends_one_summary) {
  Duty duty(303);
  duty.stage.start();
  duty.stage.run_for(1min);
  duty.stage.world.refuse(duty.post->smtp->host());
  duty.stage.send(*duty.post, {"one@else.test"});
  duty.down(*duty.anna);
  duty.stage.run_for(20min);
  duty.stage.restart();
  duty.stage.run_for(20min);
  const auto failing = duty.problems(ProblemState::open);
  ASSERT_TRUE(std::any_of(failing.begin(), failing.end(), [&](const auto& each) {
    return each.key.integration == duty.post->id && each.key.direction == "outgoing";
  }));
  ASSERT_TRUE(told(*duty.post->smtp).empty());

  duty.post->smtp->serve();
  duty.stage.run_for(2h);
  const auto lines = told(*duty.post->smtp);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "SUMMARY"), 1) << lines.size();
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.front(), "SUMMARY");
  const auto& text = duty.post->smtp->taken();
  const auto summary = std::find_if(text.begin(), text.end(), [](const auto& mail) {
    return field(mail.bytes, "Subject").find("SUMMARY") != std::string::npos;
  });
  ASSERT_NE(summary, text.end());
  EXPECT_NE(summary->bytes.find("post (outgoing)"), std::string::npos);
  EXPECT_NE(summary->bytes.find("anna (incoming)"), std::string::npos);
  duty.stage.stop();
}

}  // namespace
}  // namespace postern::sim
