// The pieces of the OAuth engine that need no server.
#include "core/base64.hpp"
#include "core/hex.hpp"
#include "oauth/assertion.hpp"
#include "oauth/authorization.hpp"
#include "oauth/device.hpp"
#include "oauth/discovery.hpp"
#include "oauth/identity.hpp"
#include "oauth/token_request.hpp"

#include <gtest/gtest.h>

namespace postern::oauth {
namespace {

OAuthApp app() {
  OAuthApp made;
  made.client_id = "gate";
  return made;
}

// Source: RFC 7636 appendix B.
TEST(Pkce, Makes_the_challenge_of_the_standards_example) {
  EXPECT_EQ(challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Pkce, Gives_256_bits_as_43_characters) {
  EXPECT_EQ(random_token({1, 2, 3, 4}).size(), 43U);
  EXPECT_NE(random_token({1, 2, 3, 4}), random_token({1, 2, 3, 5}));
}

TEST(AuthorizationUrl, Holds_everything_percent_encoded) {
  Endpoints endpoints;
  endpoints.authorization = "https://login.example.com/a?x=1";
  AuthorizationRequest request;
  request.redirect_uri = "https://gate.example.com/api/v1/oauth/callback";
  request.state = "st";
  request.verifier = "v";
  request.scopes = {"openid", "offline_access", "https://mail.example.com/a b"};
  request.login_hint = "ann@example.com";
  request.nonce = "n";

  const auto url = authorization_url(custom_provider(), endpoints, app(), request);

  EXPECT_TRUE(url.starts_with("https://login.example.com/a?x=1&response_type=code&client_id=gate"));
  EXPECT_NE(url.find("code_challenge_method=S256"), std::string::npos);
  EXPECT_NE(url.find("login_hint=ann%40example.com"), std::string::npos);
  EXPECT_NE(url.find("prompt=consent"), std::string::npos);
  EXPECT_NE(url.find("a%20b"), std::string::npos);
  EXPECT_EQ(url.find("code_verifier"), std::string::npos);
}

TEST(AuthorizationAnswer, Is_refused_from_another_issuer) {
  Endpoints endpoints;
  endpoints.issuer = "https://login.example.com";
  AuthorizationAnswer answer;
  answer.code = "c";
  answer.issuer = "https://evil.example.com";

  EXPECT_EQ(code_in(answer, endpoints).error().code, errc::bad_identity_token);
  answer.issuer = endpoints.issuer;
  EXPECT_EQ(code_in(answer, endpoints).value(), "c");
}

TEST(AuthorizationAnswer, Quotes_the_persons_no) {
  AuthorizationAnswer answer;
  answer.error = "access_denied";
  answer.error_description = "the person\x01 said no";

  const auto code = code_in(answer, {});

  EXPECT_EQ(code.error().code, errc::refused);
  EXPECT_EQ(code.error().detail, "access_denied: the person  said no");
}

TEST(Issuer, Takes_any_one_segment_for_a_tenant) {
  const auto* pattern = "https://login.example.com/{tenant}/v2.0";
  EXPECT_TRUE(issuer_fits(pattern, "https://login.example.com/9188040d/v2.0"));
  EXPECT_FALSE(issuer_fits(pattern, "https://login.example.com/a/b/v2.0"));
  EXPECT_FALSE(issuer_fits(pattern, "https://login.example.com//v2.0"));
  EXPECT_FALSE(issuer_fits(pattern, "https://evil.example.com/a/v2.0"));
}

Secret id_token(const std::string& claims) {
  return Secret("e30." + to_base64url(claims) + ".c2ln");
}

IdentityDemand demand() {
  IdentityDemand made;
  made.issuer = "https://login.example.com";
  made.client_id = "gate";
  made.nonce = "n";
  made.now = from_milliseconds(1'000'000'000);
  return made;
}

TEST(IdToken, Tells_who_authorised) {
  const auto identity =
      identity_in(id_token(R"({"iss":"https://login.example.com","aud":["x","gate"],"nonce":"n",)"
                           R"("exp":1000100,"sub":"17","preferred_username":"Ann@Example.com"})"),
                  demand());

  ASSERT_TRUE(identity);
  EXPECT_EQ(identity.value().shown(), "Ann@Example.com");
  EXPECT_EQ(fit(identity.value(), {"ann@example.com"}), Fit::fits);
  EXPECT_EQ(fit(identity.value(), {"support@example.com"}), Fit::differs);
  EXPECT_EQ(fit(identity.value(), {"support"}), Fit::unknown);
  EXPECT_EQ(fit(Identity{}, {"support@example.com"}), Fit::unknown);
}

TEST(IdToken, Is_not_taken_from_elsewhere_or_for_another) {
  for (const auto* claims :
       {R"({"iss":"https://evil.example.com","aud":"gate","nonce":"n","exp":1000100})",
        R"({"iss":"https://login.example.com","aud":"other","nonce":"n","exp":1000100})",
        R"({"iss":"https://login.example.com","aud":"gate","nonce":"m","exp":1000100})",
        R"({"iss":"https://login.example.com","aud":"gate","nonce":"n","exp":900000})", "[]", ""}) {
    EXPECT_EQ(identity_in(id_token(claims), demand()).error().code, errc::bad_identity_token);
  }
  EXPECT_FALSE(identity_in(Secret("no token"), demand()));
}

TEST(Discovery, Completes_what_is_not_known) {
  Endpoints known;
  known.issuer = "https://login.example.com";
  known.token = "https://login.example.com/mine";

  const auto found = with_discovered(
      known, R"({"issuer":"https://login.example.com","token_endpoint":"https://x.example.com/t",)"
             R"("authorization_endpoint":"https://login.example.com/a"})");

  ASSERT_TRUE(found);
  EXPECT_EQ(found.value().token, "https://login.example.com/mine");
  EXPECT_EQ(found.value().authorization, "https://login.example.com/a");
}

TEST(Discovery, Takes_no_other_issuers_document_and_no_plain_endpoint) {
  Endpoints known;
  known.issuer = "https://login.example.com";
  EXPECT_FALSE(with_discovered(known, R"({"issuer":"https://evil.example.com"})"));
  EXPECT_FALSE(with_discovered(known, R"({"issuer":"https://login.example.com",)"
                                      R"("token_endpoint":"http://login.example.com/t"})"));
  EXPECT_FALSE(with_discovered(known, "<html>"));
}

TEST(TokenRequest, Proves_the_app_by_its_secret_in_the_form_or_by_basic) {
  const auto made = app();
  OAuthAppSecrets secrets;
  secrets.client_secret = Secret("s&cret");
  Endpoints endpoints;
  endpoints.token = "https://login.example.com/t";
  Client client{made, secrets, endpoints, false, Instant(), "id"};

  const auto form = to_endpoint(client, endpoints.token, refresh_form(Secret("r t"))).value();
  client.secret_by_basic = true;
  const auto basic = to_endpoint(client, endpoints.token, refresh_form(Secret("r t"))).value();

  EXPECT_EQ(form.body,
            "grant_type=refresh_token&refresh_token=r%20t&client_id=gate&client_secret=s%26cret");
  EXPECT_EQ(basic.body, "grant_type=refresh_token&refresh_token=r%20t");
  EXPECT_EQ(basic.headers.back().second, "Basic " + to_base64("gate:s%26cret"));
}

TEST(Device, Slows_down_as_it_is_told_and_ends_when_it_is_declined) {
  DevicePace pace(std::chrono::seconds(5));
  TokenFault fault;
  fault.kind = FaultKind::pending;
  EXPECT_TRUE(pace.after(fault));
  EXPECT_EQ(pace.interval().count(), 5);
  fault.kind = FaultKind::slow_down;
  EXPECT_TRUE(pace.after(fault));
  EXPECT_EQ(pace.interval().count(), 10);
  fault.kind = FaultKind::ended;
  EXPECT_FALSE(pace.after(fault));
}

TEST(Key, That_is_none_is_told) {
  EXPECT_EQ(check_key(Secret("-----BEGIN PRIVATE KEY-----"), "").error().code, errc::bad_key);
  EXPECT_FALSE(thumbprint_of("no certificate"));
}

}  // namespace
}  // namespace postern::oauth
