// The integration's JSON: what is written reads back equal, and every rule of the contract holds.
#include "core/integration_json.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern {
namespace {

boost::json::value parsed(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text));
}

/// An integration with nothing wrong, both directions on.
boost::json::object good() {
  return parsed(R"({
    "name": "Support", "address": "support@example.com", "display_name": "Example Support",
    "incoming": {"enabled": true, "protocol": "imap", "host": "imap.example.com", "port": 993,
      "security": "tls", "auth": {"method": "password", "username": "support@example.com",
      "password": "x y"}, "start_from": "2026-01-31"},
    "outgoing": {"enabled": true, "protocol": "smtp", "host": "smtp.example.com", "port": 587,
      "security": "starttls", "auth": {"method": "oauth2", "username": "support@example.com"},
      "from_addresses": ["support@example.com"]}})")
      .as_object();
}

/// Sets the field a pointer names, making objects on the way.
void put(boost::json::object& json, std::string_view pointer, boost::json::value value) {
  boost::json::object* at = &json;
  pointer.remove_prefix(1);
  for (auto slash = pointer.find('/'); slash != std::string_view::npos; slash = pointer.find('/')) {
    auto& inner = (*at)[pointer.substr(0, slash)];
    if (!inner.is_object()) inner.emplace_object();
    at = &inner.get_object();
    pointer.remove_prefix(slash + 1);
  }
  (*at)[pointer] = std::move(value);
}

FieldProblems problems_of(const boost::json::value& json) {
  const auto result = parse_integration(json);
  const auto* problems = std::get_if<FieldProblems>(&result);
  return problems != nullptr ? *problems : FieldProblems{};
}

/// Everything told about good() with one field changed, as "pointer: detail" lines.
std::string told(std::string_view pointer, std::string_view value) {
  auto json = good();
  put(json, pointer, parsed(value));
  std::string out;
  for (const auto& problem : problems_of(json)) {
    out += problem.pointer + ": " + problem.detail + "\n";
  }
  return out;
}

bool complains(std::string_view pointer, std::string_view value) {
  return told(pointer, value).starts_with(std::string(pointer) + ": ");
}

TEST(IntegrationJson, A_good_one_is_read) {
  const auto result = parse_integration(good());

  ASSERT_TRUE(std::holds_alternative<IntegrationDraft>(result))
      << std::get<FieldProblems>(result)[0].pointer << std::get<FieldProblems>(result)[0].detail;
  const auto& draft = std::get<IntegrationDraft>(result);
  EXPECT_EQ(draft.value.name, "Support");
  EXPECT_EQ(draft.value.incoming.server.host, "imap.example.com");
  EXPECT_EQ(draft.value.outgoing.server.security, Security::starttls);
  EXPECT_EQ(draft.value.outgoing.auth.method, AuthMethod::oauth2);
  EXPECT_EQ(draft.incoming_password, Secret("x y"));
  EXPECT_FALSE(draft.outgoing_password);
}

TEST(IntegrationJson, A_name_alone_is_enough) {
  const auto result = parse_integration(parsed(R"({"name": "A"})"));

  ASSERT_TRUE(std::holds_alternative<IntegrationDraft>(result));
  const auto& value = std::get<IntegrationDraft>(result).value;
  EXPECT_TRUE(value.enabled);
  EXPECT_FALSE(value.incoming.enabled);
  EXPECT_EQ(value.incoming.folder, "INBOX");
}

TEST(IntegrationJson, What_is_written_reads_back_equal) {
  auto json = good();
  put(json, "/incoming/auth/grant", "grant_1");
  put(json, "/incoming/after_fetch", parsed(R"({"action": "move", "folder": "Done", "days": 3})"));
  put(json, "/incoming/after_ignored", parsed(R"({"action": "keyword", "keyword": "$Ignored"})"));
  put(json, "/incoming/after_too_large", parsed(R"({"action": "seen"})"));
  put(json, "/incoming/after_quarantined", parsed(R"({"action": "delete", "days": 30})"));
  put(json, "/incoming/mode", "poll");
  put(json, "/incoming/poll_interval_s", 5);
  put(json, "/incoming/message_bytes_max", 1000);
  put(json, "/incoming/compress", true);
  put(json, "/incoming/tls", parsed(R"({"verify": false, "allow_plain_password": true,
      "ca_pem": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"})"));
  put(json, "/outgoing/tls/pinned_sha256", boost::json::string(64, 'a'));
  put(json, "/outgoing/reply_to_mode", "from");
  put(json, "/outgoing/default_reply_to", "reply@example.com");
  put(json, "/outgoing/encoding", "iso-8859-15");
  put(json, "/outgoing/timeout_ms", 100);
  put(json, "/outgoing/connections_max", 50);
  put(json, "/outgoing/on_unknown", "report");
  put(json, "/outgoing/from_policy", "refuse");
  put(json, "/monitoring", parsed(R"({"notify_after": 2, "disable_after": 9})"));
  put(json, "/notifications", parsed(R"({"on_failure": "a@b.example; c@d.example"})"));
  put(json, "/is_default", true);
  put(json, "/enabled", false);
  put(json, "/provider", "office365");
  put(json, "/description", "two\nlines");
  const auto first = parse_integration(json);
  ASSERT_TRUE(std::holds_alternative<IntegrationDraft>(first));

  const auto written = to_json(std::get<IntegrationDraft>(first).value);
  const auto second = parse_integration(written);

  ASSERT_TRUE(std::holds_alternative<IntegrationDraft>(second));
  EXPECT_EQ(boost::json::serialize(written),
            boost::json::serialize(to_json(std::get<IntegrationDraft>(second).value)));
  EXPECT_EQ(written.at("notifications").at("on_failure").as_array().size(), 2u);
  EXPECT_EQ(written.at("incoming").at("after_fetch").at("folder"), "Done");
  EXPECT_EQ(written.at("incoming").at("compress"), true);
  EXPECT_EQ(written.at("incoming").at("after_ignored").at("keyword"), "$Ignored");
  EXPECT_EQ(written.at("incoming").at("after_too_large").at("action"), "seen");
  EXPECT_EQ(written.at("incoming").at("after_quarantined").at("days"), 30);
  EXPECT_EQ(written.at("outgoing").at("on_unknown"), "report");
  EXPECT_EQ(written.at("outgoing").at("from_policy"), "refuse");
}

TEST(IntegrationJson, Writes_no_password) {
  const auto draft = std::get<IntegrationDraft>(parse_integration(good()));

  EXPECT_EQ(boost::json::serialize(to_json(draft.value)).find("x y"), std::string::npos);
}

TEST(IntegrationJson, Tells_every_mistake_at_once) {
  auto json = good();
  put(json, "/naem", 1);
  put(json, "/incoming/port", 70000);
  put(json, "/incoming/auth/usrname", "x");
  put(json, "/outgoing/security", "sll");
  put(json, "/outgoing/connections_max", 51);

  const auto problems = problems_of(json);

  std::vector<std::string> pointers;
  for (const auto& problem : problems) pointers.push_back(problem.pointer);
  EXPECT_EQ(pointers,
            (std::vector<std::string>{"/incoming/port", "/incoming/auth/usrname",
                                      "/outgoing/security", "/outgoing/connections_max", "/naem"}));
  EXPECT_NE(problems[1].detail.find("did you mean \"username\"?"), std::string::npos);
  EXPECT_NE(problems[4].detail.find("did you mean \"name\"?"), std::string::npos);
}

struct Bad {
  std::string_view pointer, value;
};

class BadField : public testing::TestWithParam<Bad> {};

TEST_P(BadField, Is_told_at_its_pointer) {
  EXPECT_TRUE(complains(GetParam().pointer, GetParam().value))
      << GetParam().pointer << " " << GetParam().value << " gave "
      << told(GetParam().pointer, GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadField,
    testing::Values(
        Bad{"/name", "\"\""}, Bad{"/name", "null"}, Bad{"/name", "\" a\""},
        Bad{"/name", "\"a\\nb\""}, Bad{"/name", "\"int_0000000000001\""}, Bad{"/enabled", "1"},
        Bad{"/enabled", "\"true\""}, Bad{"/address", "\"nobody\""},
        Bad{"/display_name", "\"a\\r\\nBcc: b\""}, Bad{"/incoming/enabled", "null"},
        Bad{"/incoming/protocol", "\"http\""}, Bad{"/incoming/host", "\"\""},
        Bad{"/incoming/host", "\"a b\""}, Bad{"/incoming/host", "\"a\\r\\nQUIT\""},
        Bad{"/incoming/host", "\"a\\u0000b\""}, Bad{"/incoming/host", "\"http://a\""},
        Bad{"/incoming/host", "\"a:993\""}, Bad{"/incoming/host", "\"1.2.3\""},
        Bad{"/incoming/port", "0"}, Bad{"/incoming/port", "65536"},
        Bad{"/incoming/port", "\"993\""}, Bad{"/incoming/security", "\"true\""},
        Bad{"/incoming/security", "true"}, Bad{"/incoming/security", "\"none\""},
        Bad{"/incoming/auth/method", "\"oauth\""}, Bad{"/incoming/auth/username", "\"\""},
        Bad{"/incoming/auth/username", "\"a\\nb\""}, Bad{"/incoming/auth/password", "\"\""},
        Bad{"/incoming/auth/password", "1"}, Bad{"/incoming/auth/password", "\"a\\u0000b\""},
        Bad{"/outgoing/auth/password", "\"x\""}, Bad{"/incoming/folder", "\"\""},
        Bad{"/incoming/folder", "\"a\\r\\nb\""}, Bad{"/incoming/more_folders", "[\"INBOX\"]"}));

INSTANTIATE_TEST_SUITE_P(
    More_rules, BadField,
    testing::Values(
        Bad{"/incoming/mode", "\"push\""}, Bad{"/incoming/poll_interval_s", "4"},
        Bad{"/incoming/poll_interval_s", "86401"}, Bad{"/incoming/start_from", "\"yesterday\""},
        Bad{"/incoming/start_from", "\"2026-02-30\""}, Bad{"/incoming/start_from", "\"2026-1-1\""},
        Bad{"/incoming/after_fetch/action", "\"remove\""}, Bad{"/incoming/after_fetch/days", "-1"},
        Bad{"/incoming/after_fetch/days", "3651"}, Bad{"/incoming/message_bytes_max", "0"},
        Bad{"/incoming/compress", "1"}, Bad{"/incoming/message_bytes_max", "1073741825"},
        Bad{"/incoming/tls/verify", "\"no\""}, Bad{"/incoming/tls/ca_pem", "\"MIIB\""},
        Bad{"/incoming/tls/pinned_sha256", "\"abcd\""}, Bad{"/outgoing/protocol", "\"lmtp\""},
        Bad{"/outgoing/reply_to_mode", "\"to\""}, Bad{"/outgoing/default_reply_to", "\"a@\""},
        Bad{"/outgoing/default_reply_to", "\"a@b\\r\\nBcc: c@d\""},
        Bad{"/outgoing/encoding", "\"utf 8\""}, Bad{"/outgoing/encoding", "\"\""},
        Bad{"/outgoing/timeout_ms", "99"}, Bad{"/outgoing/timeout_ms", "3600001"},
        Bad{"/outgoing/connections_max", "0"}, Bad{"/outgoing/connections_max", "51"},
        Bad{"/outgoing/messages_per_minute", "0"}, Bad{"/outgoing/save_to_sent", "0"},
        Bad{"/outgoing/on_unknown", "\"again\""}, Bad{"/outgoing/from_policy", "\"keep\""},
        Bad{"/monitoring/notify_after", "0"}, Bad{"/monitoring/disable_after", "0"},
        Bad{"/monitoring/disable_afterr", "1"}));

TEST(IntegrationJson, A_bad_item_of_a_list_is_named_by_its_place) {
  EXPECT_EQ(told("/outgoing/from_addresses", R"(["a@example.com", "b"])"),
            "/outgoing/from_addresses/1: must be an e-mail address\n");
  EXPECT_EQ(told("/notifications", R"({"on_failure": ["a@example.com", "b"]})"),
            "/notifications/on_failure/1: must be an e-mail address\n");
}

TEST(IntegrationJson, Understands_the_aliases_of_security) {
  for (const auto& [word, security] : {std::pair{"ssl", Security::tls},
                                       {"SSL/TLS", Security::tls},
                                       {"TLS", Security::tls},
                                       {"STARTTLS", Security::starttls}}) {
    auto json = good();
    put(json, "/incoming/security", word);

    const auto result = parse_integration(json);

    ASSERT_TRUE(std::holds_alternative<IntegrationDraft>(result)) << word;
    EXPECT_EQ(std::get<IntegrationDraft>(result).value.incoming.server.security, security);
  }
}

TEST(IntegrationJson, An_open_line_takes_a_login_only_to_loopback_or_when_allowed) {
  auto json = good();
  put(json, "/incoming/security", "none");
  EXPECT_EQ(problems_of(json).size(), 1u);
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1", "LOCALHOST"}) {
    put(json, "/incoming/host", host);
    EXPECT_TRUE(problems_of(json).empty()) << host;
  }
  for (const char* host : {"127.example.com", "localhost.example.com", "10.0.0.1"}) {
    put(json, "/incoming/host", host);
    EXPECT_EQ(problems_of(json).size(), 1u) << host;
  }
  put(json, "/incoming/tls/allow_plain_password", true);
  EXPECT_TRUE(problems_of(json).empty());
}

TEST(IntegrationJson, An_open_line_without_a_login_is_allowed) {
  auto json = good();
  put(json, "/outgoing/security", "none");
  put(json, "/outgoing/auth", parsed(R"({"method": "none"})"));

  EXPECT_TRUE(problems_of(json).empty());
}

TEST(IntegrationJson, A_direction_that_is_off_is_held_to_types_only) {
  const auto off = [](std::string_view outgoing) {
    auto json = good();
    json["outgoing"] = parsed(outgoing);
    return problems_of(json).size();
  };
  EXPECT_EQ(off(R"({"enabled": false, "host": "", "port": 0, "auth": {"username": ""},
                    "timeout_ms": 0, "connections_max": 0, "encoding": "", "security": "none",
                    "default_reply_to": "nobody", "from_addresses": ["x"]})"),
            0u);
  EXPECT_EQ(off(R"({"enabled": false, "port": "25"})"), 1u);
  EXPECT_EQ(off(R"({"enabled": false, "hots": "a"})"), 1u);
}

TEST(IntegrationJson, Null_clears_a_password_and_absence_keeps_it) {
  auto json = good();
  put(json, "/incoming/auth/password", nullptr);
  auto draft = std::get<IntegrationDraft>(parse_integration(json));
  ASSERT_TRUE(draft.incoming_password);
  EXPECT_TRUE(draft.incoming_password->empty());

  json["incoming"].as_object()["auth"].as_object().erase("password");
  draft = std::get<IntegrationDraft>(parse_integration(json));
  EXPECT_FALSE(draft.incoming_password);
}

TEST(IntegrationJson, What_GET_shows_may_be_PUT) {
  auto json = to_json(std::get<IntegrationDraft>(parse_integration(good())).value);
  json["id"] = "int_0000000000001";
  json["status"] = to_json(IntegrationStatus{});
  json["created_at"] = json["modified_at"] = "2026-01-31T00:00:00.000Z";
  json["modified_by"] = "admin";
  json["incoming"].as_object()["auth"].as_object()["password_set"] = true;

  EXPECT_TRUE(problems_of(json).empty());
}

TEST(IntegrationJson, Normalises_a_pinned_fingerprint) {
  auto json = good();
  std::string pin;
  for (int i = 0; i < 32; ++i) pin += i == 0 ? "AB" : ":AB";
  put(json, "/incoming/tls/pinned_sha256", boost::json::string(pin));

  const auto draft = std::get<IntegrationDraft>(parse_integration(json));

  std::string plain;
  for (int i = 0; i < 32; ++i) plain += "ab";
  EXPECT_EQ(draft.value.incoming.tls.pinned_sha256, plain);
}

TEST(IntegrationJson, A_move_needs_a_folder_that_is_not_watched) {
  const auto none = told("/incoming/after_fetch", R"({"action": "move"})");
  const auto same = told("/incoming/after_fetch", R"({"action": "move", "folder": "INBOX"})");

  EXPECT_TRUE(
      none.starts_with("/incoming/after_fetch/folder: is required when the action is \"move\"\n"));
  EXPECT_TRUE(same.starts_with(
      "/incoming/after_fetch/folder: is itself a folder that mail is fetched from\n"));
}

TEST(IntegrationJson, A_keyword_must_be_one) {
  const auto none = told("/incoming/after_ignored", R"({"action": "keyword"})");
  const auto flag =
      told("/incoming/after_quarantined", R"({"action": "keyword", "keyword": "\\Seen"})");
  const auto two = told("/incoming/after_fetch", R"({"action": "keyword", "keyword": "a b"})");

  EXPECT_TRUE(none.starts_with(
      "/incoming/after_ignored/keyword: is required when the action is \"keyword\"\n"));
  EXPECT_TRUE(flag.starts_with("/incoming/after_quarantined/keyword: is not an IMAP keyword"));
  EXPECT_TRUE(two.starts_with("/incoming/after_fetch/keyword: is not an IMAP keyword"));
}

TEST(IntegrationJson, A_copy_of_sent_mail_needs_a_mailbox_to_put_it_into) {
  auto json = good();
  put(json, "/outgoing/save_to_sent", true);
  EXPECT_TRUE(std::holds_alternative<IntegrationDraft>(parse_integration(json)));

  put(json, "/incoming/enabled", false);
  const auto refused = parse_integration(json);

  ASSERT_TRUE(std::holds_alternative<FieldProblems>(refused));
  EXPECT_EQ(std::get<FieldProblems>(refused).front().pointer, "/outgoing/save_to_sent");
}

TEST(IntegrationJson, Holds_lists_to_their_length) {
  boost::json::array folders, addresses;
  for (int i = 0; i < 101; ++i) {
    folders.push_back(boost::json::string("f" + std::to_string(i)));
    addresses.push_back("a@example.com");
  }
  auto json = good();
  put(json, "/incoming/more_folders", folders);
  put(json, "/outgoing/from_addresses", addresses);

  const auto problems = problems_of(json);

  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].detail, "has too many items: 101, at most 100");
}

TEST(IntegrationStatusJson, Reads_back_what_it_wrote) {
  IntegrationStatus status;
  status.incoming_state = DirectionState::disabled;
  status.outgoing_state = DirectionState::needs_consent;
  status.disabled_reason = "10 failures";
  status.last_check = from_milliseconds(1'700'000'000'123);
  status.last_successful_outgoing = from_milliseconds(1'700'000'000'000);
  status.last_incoming_error = LastError{from_milliseconds(1), "imap.login_failed", "login",
                                         "NO [AUTHENTICATIONFAILED]\r\nbad", "Check it"};
  status.consecutive_incoming_errors = 10;

  const auto read = integration_status_from_json(to_json(status));

  EXPECT_EQ(boost::json::serialize(to_json(read)), boost::json::serialize(to_json(status)));
  EXPECT_EQ(read.incoming_state, DirectionState::disabled);
  EXPECT_EQ(read.last_check, status.last_check);
  EXPECT_FALSE(read.last_successful_check);
  ASSERT_TRUE(read.last_incoming_error);
  EXPECT_EQ(read.last_incoming_error->message, "NO [AUTHENTICATIONFAILED]\r\nbad");
  EXPECT_EQ(read.consecutive_incoming_errors, 10);
}

TEST(IntegrationStatusJson, Keeps_defaults_where_a_row_is_not_well) {
  const auto read = integration_status_from_json(
      parsed(R"({"incoming_state": "odd", "last_check": "noon", "later": 1})").as_object());

  EXPECT_EQ(read.incoming_state, DirectionState::waiting);
  EXPECT_FALSE(read.last_check);
}

}  // namespace
}  // namespace postern
