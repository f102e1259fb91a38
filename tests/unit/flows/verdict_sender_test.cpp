#include "flows/verdict_sender.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

using namespace std::chrono_literals;

smtp::TransactionDone refusal(int code, std::string enhanced, std::string text, smtp::Stage stage) {
  smtp::TransactionDone done;
  done.reply.code = code;
  done.reply.enhanced_code = std::move(enhanced);
  done.reply.lines.push_back(std::move(text));
  done.decided_at = stage;
  return done;
}

struct Case {
  int code;
  const char* enhanced;
  const char* text;
  smtp::Stage stage;
  Outcome outcome;
  ResultCode result;
};

TEST(Judge_sender, Knows_what_is_the_account_s_and_not_the_mail_s) {
  const Case cases[] = {
      {554, "5.2.0", "STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed",
       smtp::Stage::end_of_data, Outcome::throttled, ResultCode::rate_limited},
      {550, "5.4.5", "Daily user sending limit exceeded.", smtp::Stage::data, Outcome::throttled,
       ResultCode::rate_limited},
      {432, "4.3.2", "Concurrent connections limit exceeded. Visit https://aka.ms/x",
       smtp::Stage::mail, Outcome::throttled, ResultCode::rate_limited},
      {530, "5.7.57", "Client not authenticated to send mail.", smtp::Stage::mail,
       Outcome::auth_rejected, ResultCode::login_refused},
      {535, "", "Authentication required", smtp::Stage::mail, Outcome::auth_rejected,
       ResultCode::login_refused},
      {421, "4.3.2", "Service shutting down", smtp::Stage::rcpt, Outcome::transient,
       ResultCode::unreachable},
      {451, "4.3.0", "Temporary system problem", smtp::Stage::mail, Outcome::throttled,
       ResultCode::retries_ended},
  };
  for (const auto& row : cases) {
    const auto trouble = judge_sender(refusal(row.code, row.enhanced, row.text, row.stage));
    ASSERT_TRUE(trouble) << row.text;
    EXPECT_EQ(trouble->outcome, row.outcome) << row.text;
    EXPECT_EQ(trouble->result_code, row.result) << row.text;
    EXPECT_FALSE(trouble->hint.empty()) << row.text;
  }
}

TEST(Judge_sender, Leaves_the_mail_s_own_refusals_to_the_mail) {
  EXPECT_FALSE(judge_sender(refusal(550, "5.1.1", "No such user", smtp::Stage::rcpt)));
  EXPECT_FALSE(judge_sender(refusal(554, "5.7.1", "Spam", smtp::Stage::end_of_data)));
  EXPECT_FALSE(judge_sender(refusal(550, "5.7.60", "SendAsDenied", smtp::Stage::mail)));
  EXPECT_FALSE(judge_sender(
      refusal(450, "4.2.1", "The user you are trying to contact is receiving mail too quickly",
              smtp::Stage::rcpt)));
  auto sent = refusal(250, "2.0.0", "queued", smtp::Stage::end_of_data);
  sent.accepted = true;
  EXPECT_FALSE(judge_sender(sent));
}

TEST(Judge_sender, Waits_as_long_as_it_is_asked_to) {
  const auto asked =
      judge_sender(refusal(451, "4.7.0", "Too fast, try again in 7 minutes", smtp::Stage::mail));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->wait_at_least, 7min);
  const auto known =
      judge_sender(refusal(550, "5.4.5", "Daily sending quota exceeded", smtp::Stage::data));
  ASSERT_TRUE(known);
  EXPECT_EQ(known->wait_at_least, 1h);
}

}  // namespace
}  // namespace postern::flows
