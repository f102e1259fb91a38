#include "imap/response.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

template <class Kind>
Kind parsed(std::string_view text) {
  auto response = parse_response(text);
  EXPECT_TRUE(response) << text << ": " << (response ? "" : response.error().detail);
  if (!response || !std::holds_alternative<Kind>(response.value())) {
    ADD_FAILURE() << text << " is another kind of response";
    return {};
  }
  return std::get<Kind>(std::move(response.value()));
}

TEST(Response, Tells_the_three_shapes_apart) {
  EXPECT_EQ(parsed<Continuation>("+").text, "");
  EXPECT_EQ(parsed<Continuation>("+ go on").text, "go on");
  EXPECT_EQ(parsed<Continuation>("+go on").text, "go on");
  EXPECT_EQ(parsed<Tagged>("A12 OK done").tag, "A12");
  EXPECT_EQ(parsed<Tagged>("A12 OK").status.text, "");
  EXPECT_EQ(parsed<Status>("* ok hi").text, "hi");
}

TEST(Response, Refuses_what_is_none_of_them) {
  for (const std::string_view text :
       {"", " ", "*", "* ", "A1", "A1 ", "A1 BYE x", "A1 PREAUTH x", "A1 OKAY", "A1 FETCH", "* 1",
        "* 1EXISTS", "* (", "a-tag-that-is-very-much-too-long-for-us OK x"}) {
    EXPECT_FALSE(parse_response(text)) << text;
  }
}

TEST(Response, Knows_response_codes) {
  const std::vector<std::pair<std::string, Code>> codes{
      {"ALERT", Code::alert},
      {"alreadyexists", Code::already_exists},
      {"AUTHENTICATIONFAILED", Code::authentication_failed},
      {"AUTHORIZATIONFAILED", Code::authorization_failed},
      {"BADCHARSET (\"]\")", Code::badcharset},
      {"CANNOT", Code::cannot},
      {"CLIENTBUG", Code::client_bug},
      {"CLOSED", Code::closed},
      {"CONTACTADMIN", Code::contact_admin},
      {"COPYUID 1 2 3", Code::copy_uid},
      {"CORRUPTION", Code::corruption},
      {"EXPIRED", Code::expired},
      {"EXPUNGEISSUED", Code::expunge_issued},
      {"INUSE", Code::in_use},
      {"LIMIT", Code::limit},
      {"NONEXISTENT", Code::nonexistent},
      {"NOMODSEQ", Code::no_mod_seq},
      {"NOPERM", Code::no_perm},
      {"OVERQUOTA", Code::overquota},
      {"PARSE", Code::parse},
      {"PRIVACYREQUIRED", Code::privacy_required},
      {"READ-ONLY", Code::read_only},
      {"READ-WRITE", Code::read_write},
      {"REFERRAL imap://x/", Code::referral},
      {"SERVERBUG", Code::server_bug},
      {"TRYCREATE", Code::try_create},
      {"UIDNOTSTICKY", Code::uid_not_sticky},
      {"UNAVAILABLE", Code::unavailable},
      {"WEBALERT https://x/", Code::web_alert},
      {"UIDVALIDITY x", Code::other},
      {"UIDVALIDITY 4294967296", Code::other},
      {"X-SOMETHING 1", Code::other},
      {"", Code::other},
  };
  for (const auto& [text, code] : codes) {
    const auto status = parsed<Tagged>("A1 NO [" + text + "] words").status;
    EXPECT_EQ(status.code, code) << text;
    EXPECT_EQ(status.code_text, text);
    EXPECT_EQ(status.text, "words") << text;
  }
}

TEST(Response, Reads_the_arguments_of_codes) {
  EXPECT_EQ(parsed<Status>("* OK [UIDVALIDITY 7] x").number, 7U);
  EXPECT_EQ(parsed<Status>("* OK [UIDNEXT 8]").number, 8U);
  EXPECT_EQ(parsed<Status>("* OK [HIGHESTMODSEQ 9223372036854775807] x").number,
            9223372036854775807U);
  EXPECT_EQ(parsed<Status>("* OK [PERMANENTFLAGS (\\Seen \\*)] x").words,
            (std::vector<std::string>{"\\Seen", "\\*"}));
  EXPECT_EQ(parsed<Status>("* OK [CAPABILITY IMAP4rev1 IDLE] x").words,
            (std::vector<std::string>{"IMAP4rev1", "IDLE"}));
}

TEST(Response, Takes_a_bracket_without_end_as_words) {
  const auto status = parsed<Status>("* NO [oh no");

  EXPECT_EQ(status.code, Code::none);
  EXPECT_EQ(status.text, "[oh no");
}

TEST(Response, Reads_mailbox_data) {
  EXPECT_EQ(parsed<Exists>("* 23 EXISTS").count, 23U);
  EXPECT_EQ(parsed<Recent>("* 0 RECENT").count, 0U);
  EXPECT_EQ(parsed<Expunged>("* 44 expunge").sequence, 44U);
  EXPECT_EQ(parsed<FlagsList>("* FLAGS (\\Seen a)").flags.size(), 2U);
  EXPECT_EQ(parsed<CapabilityList>("* CAPABILITY IMAP4rev1  IDLE ").names.size(), 2U);
  EXPECT_EQ(parsed<Vanished>("* VANISHED 41,43:116").uids.str(), "41,43:116");
  EXPECT_TRUE(parsed<Vanished>("* VANISHED (EARLIER) 1").earlier);
  EXPECT_EQ(parsed<SearchResult>("* SEARCH").numbers.str(), "");
  EXPECT_EQ(parsed<SearchResult>("* SEARCH 2 3 6 (MODSEQ 9)").numbers.str(), "2:3,6");
  EXPECT_EQ(parsed<SearchResult>("* ESEARCH (TAG \"A1\") UID COUNT 3 ALL 4:6").numbers.str(),
            "4:6");
  EXPECT_EQ(parsed<OtherResponse>("* LSUB () \"/\" x").name, "LSUB");
  EXPECT_EQ(parsed<OtherResponse>("* 3 X-THING y").name, "X-THING");
}

TEST(Response, Refuses_mailbox_data_that_is_not) {
  for (const std::string_view text :
       {"* 0 EXPUNGE", "* 4294967296 EXISTS", "* VANISHED", "* VANISHED 1:*", "* SEARCH x",
        "* SEARCH 0", "* FLAGS (a", "* LIST", "* LIST () \"/\"", "* LIST () \"ab\" c", "* STATUS x",
        "* STATUS x (MESSAGES)", "* STATUS x (MESSAGES -1)", "* ESEARCH ALL",
        "* STATUS x (UIDNEXT -1)"}) {
    EXPECT_FALSE(parse_response(text)) << text;
  }
}

TEST(Response, Reads_LIST_and_STATUS) {
  const auto folder = parsed<ListedFolder>("* LIST (\\HasNoChildren \\Sent) \"\\\\\" \"a b\"");
  EXPECT_EQ(folder.name, "a b");
  EXPECT_EQ(folder.delimiter, '\\');
  EXPECT_EQ(folder.attributes.size(), 2U);
  EXPECT_FALSE(parsed<ListedFolder>("* LIST () NIL x").delimiter);

  const auto status = parsed<FolderStatus>("* STATUS INBOX (MESSAGES 0 UIDNEXT 5 SIZE 77 )");
  EXPECT_EQ(status.folder, "INBOX");
  EXPECT_EQ(status.messages, 0U);
  EXPECT_EQ(status.uid_next, 5U);
  EXPECT_FALSE(status.uid_validity);
}

TEST(Response, Bounds_nesting_in_what_it_skips) {
  const auto text = "* 1 FETCH (ENVELOPE " + std::string(65, '(') + std::string(65, ')') + ")";

  const auto response = parse_response(text);

  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, errc::nesting_too_deep);
}

TEST(Fetch, Reads_the_facts) {
  const auto fetch = parsed<FetchResponse>(
      "* 12 FETCH (FLAGS (\\Seen $Forwarded) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
      "RFC822.SIZE 4286 UID 77 MODSEQ (65402))");

  EXPECT_EQ(fetch.facts.sequence, 12U);
  EXPECT_EQ(fetch.facts.uid, 77U);
  EXPECT_EQ(fetch.facts.rfc822_size, 4286U);
  EXPECT_EQ(fetch.facts.mod_seq, 65402U);
  EXPECT_EQ(fetch.facts.flags, (std::vector<std::string>{"\\Seen", "$Forwarded"}));
  ASSERT_TRUE(fetch.facts.internal_date);
  EXPECT_EQ(to_rfc3339(*fetch.facts.internal_date), "1996-07-17T09:44:25.000Z");
  EXPECT_FALSE(fetch.body);
}

TEST(Fetch, Reads_bodies) {
  EXPECT_EQ(parsed<FetchResponse>("* 1 FETCH (BODY[] NIL)").body->kind, StringToken::Kind::nil);
  EXPECT_EQ(parsed<FetchResponse>("* 1 FETCH (BODY[] \"a\\\\b\")").body->bytes, "a\\b");
  EXPECT_EQ(parsed<FetchResponse>("* 1 FETCH (BODY[] {3}\r\n)\r\n)").body->bytes, ")\r\n");
  EXPECT_EQ(
      parsed<FetchResponse>("* 1 FETCH (BODY[header.fields (\"a]\" B)]<0> \"\")").body->section,
      "HEADER.FIELDS (a] B)");
  const std::string_view streamed("* 1 FETCH (BODY[] {999999}\0 UID 3)", 34);
  EXPECT_EQ(parsed<FetchResponse>(streamed).body->size_bytes, 999999U);
}

TEST(Fetch, Reads_the_beginning_up_to_a_streamed_body) {
  const auto fetch = parse_fetch_begin(std::string_view("* 3 FETCH (UID 5 BODY[] {10}\0", 29));

  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch.value().facts.uid, 5U);
  EXPECT_EQ(fetch.value().body->size_bytes, 10U);
  EXPECT_FALSE(parse_fetch_begin("* 3 FETCH (UID 5 BODY[] \"x\""));
  EXPECT_FALSE(parse_fetch_begin("* 3 EXISTS"));
  EXPECT_FALSE(parse_fetch_begin("*"));
}

TEST(Fetch, Reads_dates_and_refuses_others) {
  EXPECT_EQ(to_rfc3339(*parse_date_time(" 1-Jan-2026 00:00:00 +0530")), "2025-12-31T18:30:00.000Z");
  EXPECT_EQ(to_rfc3339(*parse_date_time("1-jan-2026 00:00:00 +0000")), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(*parse_date_time("29-Feb-2024 23:59:60 -0000")), "2024-03-01T00:00:00.000Z");
  for (const std::string_view text :
       {"", "29-Feb-2026 00:00:00 +0000", "32-Jan-2026 00:00:00 +0000",
        "00-Jan-2026 00:00:00 +0000", "01-Foo-2026 00:00:00 +0000", "01-Jan-26 00:00:00 +0000",
        "01-Jan-2026 24:00:00 +0000", "01-Jan-2026 00:60:00 +0000", "01-Jan-2026 00:00:00",
        "01-Jan-2026 00:00:00 0000", "01-Jan-2026 00:00:00 +00", "01-Jan-2026 00:00:00 +0000x",
        "01-Jan-2026 00:00:00 +0060"}) {
    EXPECT_FALSE(parse_date_time(text)) << text;
  }
}

}  // namespace
}  // namespace postern::imap
