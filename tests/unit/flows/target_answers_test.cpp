// What each kind of target means by its answer, as a table.
#include "flows/target_answers.hpp"
#include "unit/flows/target_kit.hpp"

#include <gtest/gtest.h>

namespace postern::flows {
namespace {

using enum TargetFate;

struct Row {
  const char* type;
  int status;
  const char* body;
  TargetFate fate;
};

constexpr const char* no_body = "";

const Row rows[] = {
    {"webhook", 200, no_body, taken},
    {"webhook", 204, no_body, taken},
    {"webhook", 410, no_body, gone},
    {"webhook", 302, no_body, paused},
    {"webhook", 400, no_body, put_off},
    {"webhook", 401, no_body, put_off},
    {"webhook", 422, no_body, put_off},
    {"webhook", 500, no_body, put_off},
    {"raw", 202, no_body, taken},
    {"raw", 410, no_body, gone},
    {"raw", 413, no_body, refused},
    {"raw", 415, no_body, refused},
    {"raw", 422, no_body, refused},
    {"raw", 503, no_body, put_off},
    {"osticket", 201, "123456", taken},
    {"osticket", 400, "Unable to parse", refused},
    {"osticket", 401, "Valid API key required", paused},
    {"osticket", 403, "Ticket denied", refused},
    {"osticket", 404, "Unsupported", paused},
    {"osticket", 500, "Unable to create", put_off},
    {"rt", 200, "ok\nTicket: 7\n", taken},
    {"rt", 200, "\n\nok\nTicket: 7\n", taken},
    {"rt", 200, "not ok - RT could not load a valid user", refused},
    {"rt", 200, "temporary failure - try again", put_off},
    {"rt", 200, "<html>Login</html>", put_off},
    {"rt", 200, "", put_off},
    {"rt", 302, no_body, paused},
    {"rt", 401, no_body, paused},
    {"rt", 403, no_body, paused},
    {"rt", 404, no_body, paused},
    {"rt", 500, "ok", put_off},
    {"redmine", 201, no_body, taken},
    {"redmine", 422, no_body, refused},
    {"redmine", 403, "Access denied", paused},
    {"redmine", 404, no_body, paused},
    {"redmine", 502, no_body, put_off},
    {"zammad", 201, R"({"id":12,"number":"31012"})", taken},
    {"zammad", 201, "<html>", paused},
    {"zammad", 401, no_body, paused},
    {"zammad", 403, no_body, paused},
    {"zammad", 404, no_body, paused},
    {"zammad", 422, R"({"error":"No lookup value found for 'group': \"X\""})", paused},
    {"zammad", 422, R"({"error":"Invalid email"})", refused},
    {"zammad", 500, no_body, put_off},
    {"rails_relay", 204, no_body, taken},
    {"rails_relay", 401, no_body, paused},
    {"rails_relay", 404, no_body, paused},
    {"rails_relay", 415, no_body, refused},
    {"rails_relay", 422, no_body, refused},
    {"rails_relay", 500, no_body, put_off},
};

TEST(TargetAnswers, Are_read_as_each_product_means_them) {
  for (const auto& row : rows) {
    const TargetKit kit(row.type);

    const auto answer = kit.judge(row.status, row.body);

    EXPECT_EQ(answer.fate, row.fate) << row.type << " " << row.status << " " << row.body;
    EXPECT_EQ(answer.status, row.status);
    if (row.fate == refused || row.fate == paused) {
      EXPECT_NE(answer.hint, "") << row.type << " " << row.status;
    }
  }
}

TEST(TargetAnswers, Of_probes_that_find_fault_with_the_missing_mail_alone_are_good) {
  const Row probes[] = {
      {"osticket", 400, "", taken},          {"osticket", 401, "", paused},
      {"rt", 200, "not ok - x", taken},      {"rt", 200, "<html>", put_off},
      {"redmine", 422, "", taken},           {"redmine", 403, "", paused},
      {"zammad", 200, R"({"id":3})", taken}, {"zammad", 200, "hello", paused},
      {"zammad", 401, "", paused},           {"rails_relay", 415, "", taken},
      {"rails_relay", 401, "", paused},      {"rails_relay", 404, "", paused},
  };
  for (const auto& row : probes) {
    EXPECT_EQ(TargetKit(row.type).judge_probe(row.status, row.body).fate, row.fate)
        << row.type << " " << row.status << " " << row.body;
  }
}

TEST(TargetAnswers, Honour_retry_after_and_pause_the_target_for_it) {
  const TargetKit kit("webhook");
  net::HttpResponse response;
  response.status = 429;
  response.headers.emplace_back("retry-after", "120");

  const auto answer = judge_webhook(kit.mail, response);

  EXPECT_EQ(answer.fate, paused);
  EXPECT_EQ(answer.wait_at_least, std::chrono::seconds(120));
  for (const char* bad : {"", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    response.headers.front().second = bad;
    EXPECT_EQ(retry_after(response), Duration(0)) << bad;
  }
  response.headers.front().second = "999999999";
  EXPECT_EQ(retry_after(response), std::chrono::hours(24));
}

TEST(TargetAnswers, Quote_the_server_bounded_and_without_control_characters) {
  const auto answer = TargetKit("webhook").judge(500, "a\r\nb\x01\xff" + std::string(9000, 'x'));

  EXPECT_LE(answer.words.size(), 220U);
  EXPECT_TRUE(answer.words.starts_with("HTTP 500 a  b "));
}

TEST(TargetAnswers, Of_zammad_keep_the_ticket_of_a_thread_and_forget_one_that_is_gone) {
  TargetKit kit("zammad");
  auto answer = kit.judge(201, R"({"id":12,"number":"31012"})");
  ASSERT_TRUE(answer.ticket);
  EXPECT_EQ(answer.ticket->thread, "<0@a>");
  EXPECT_EQ(answer.ticket->ticket, "12");

  kit.mail.ticket = "12";
  answer = kit.judge(201, R"({"id":99,"ticket_id":12})");
  EXPECT_EQ(answer.ticket->ticket, "12");
  for (const int status : {404, 422}) {
    answer = kit.judge(status, "{}");
    EXPECT_EQ(answer.fate, put_off);
    EXPECT_EQ(answer.ticket->ticket, "");
  }
}

}  // namespace
}  // namespace postern::flows
