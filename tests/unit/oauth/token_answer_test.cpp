// What token endpoints answer, in the words of those there are.
#include "oauth/token_answer.hpp"

#include <gtest/gtest.h>

namespace postern::oauth {
namespace {

net::HttpResponse response(int status, std::string body, std::string retry_after = "") {
  net::HttpResponse made;
  made.status = status;
  made.body = std::move(body);
  if (!retry_after.empty()) made.headers.emplace_back("retry-after", std::move(retry_after));
  return made;
}

TokenFault fault_of(const net::HttpResponse& answered) {
  auto read = read_token_answer(answered);
  EXPECT_TRUE(std::holds_alternative<TokenFault>(read));
  return std::get<TokenFault>(std::move(read));
}

TEST(TokenAnswer, Gives_tokens_with_a_lifetime_that_may_be_a_string_or_missing) {
  const auto lifetime = [](const std::string& field) {
    auto read = read_token_answer(response(200, R"({"access_token":"a")" + field + "}"));
    return std::get<Tokens>(read).lifetime;
  };
  EXPECT_EQ(lifetime(R"(,"expires_in":3600)")->count(), 3600);
  EXPECT_EQ(lifetime(R"(,"expires_in":"3599")")->count(), 3599);
  EXPECT_EQ(lifetime(R"(,"expires_in":3599.0)")->count(), 3599);
  EXPECT_FALSE(lifetime(""));
  EXPECT_FALSE(lifetime(R"(,"expires_in":"soon")"));
  EXPECT_FALSE(lifetime(R"(,"expires_in":-1)"));
}

TEST(TokenAnswer, Keeps_scopes_and_leaves_an_absent_refresh_token_empty) {
  auto read = read_token_answer(
      response(200, R"({"access_token":"a","token_type":"bearer","scope":"mail offline"})"));
  const auto& tokens = std::get<Tokens>(read);
  EXPECT_TRUE(tokens.refresh_token.empty());
  EXPECT_EQ(tokens.scopes, (std::vector<std::string>{"mail", "offline"}));
}

struct Case {
  int status;
  const char* body;
  FaultKind kind;
};

TEST(TokenAnswer, Is_sorted_by_what_is_to_be_done) {
  const Case cases[] = {
      {400, R"({"error":"invalid_grant","error_description":"Token has been expired or revoked."})",
       FaultKind::consent},
      {400, R"({"error":"interaction_required","error_codes":[50076]})", FaultKind::consent},
      {400, R"({"error":"invalid_request","suberror":"basic_action"})", FaultKind::consent},
      {401, R"({"error":"invalid_client","error_codes":[7000222]})", FaultKind::app},
      {400, R"({"error":"unauthorized_client"})", FaultKind::app},
      {400, R"({"error":"invalid_scope"})", FaultKind::app},
      {400, R"({"error":"something_new"})", FaultKind::app},
      {400, R"({"error":"temporarily_unavailable"})", FaultKind::transient},
      {400, R"({"error":"invalid_grant","error_codes":[50196]})", FaultKind::transient},
      {400, R"({"error":"invalid_grant","error_description":"AADSTS50033: retry"})",
       FaultKind::transient},
      {503, R"({"error":"invalid_grant"})", FaultKind::transient},
      {502, "<html>Bad gateway</html>", FaultKind::transient},
      {200, "<html>Sign in to the wireless network</html>", FaultKind::transient},
      {407, "", FaultKind::transient},
      {200, R"({"token_type":"bearer"})", FaultKind::transient},
      {200, R"({"access_token":"a","token_type":"mac"})", FaultKind::app},
      {400, R"({"error":"authorization_pending"})", FaultKind::pending},
      {400, R"({"error":"slow_down"})", FaultKind::slow_down},
      {400, R"({"error":"authorization_declined"})", FaultKind::ended},
      {400, R"({"error":"expired_token"})", FaultKind::ended},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(fault_of(response(each.status, each.body)).kind, each.kind) << each.body;
  }
}

TEST(TokenAnswer, Heeds_retry_after) {
  const auto fault = fault_of(response(429, "", "120"));
  EXPECT_EQ(fault.wait, Duration(std::chrono::seconds(120)));
  const auto error = to_error(fault);
  EXPECT_EQ(error.code, errc::throttled);
  EXPECT_TRUE(error.detail.ends_with("retry after 120 seconds"));
  EXPECT_FALSE(fault_of(response(503, "", "Wed, 21 Oct 2026 07:28:00 GMT")).wait);
}

TEST(TokenAnswer, Names_what_an_admin_must_do_by_the_number) {
  const auto fault = fault_of(response(
      401, R"({"error":"invalid_client","error_description":"AADSTS7000222: The provided client )"
           R"(secret keys are expired.\r\nTrace ID: 1"})"));
  EXPECT_EQ(fault.words,
            "invalid_client: AADSTS7000222: The provided client secret keys are expired.");
  EXPECT_TRUE(fault.hint.starts_with("The client secret has run out"));
}

TEST(TokenAnswer, Survives_any_nesting) {
  EXPECT_EQ(fault_of(response(200, std::string(100000, '['))).kind, FaultKind::transient);
}

}  // namespace
}  // namespace postern::oauth
