// What transcripts cannot say: the bounds that need many bytes, and the lifetime of the session.
#include "imap/session.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace postern::imap {
namespace {

// Feeds `input` and gives the first Error, or ok at the first NeedInput behind it.
Result<void> feed(Session& session, std::string_view input) {
  session.receive(input);
  for (;;) {
    POSTERN_TRY(const auto step, session.next());
    if (std::holds_alternative<NeedInput>(step)) return success();
  }
}

Session ready_session() {
  Options options;
  options.credentials = {Mechanism::password, "joe", Secret("secret"), {}, {}, 0};
  options.folder = "INBOX";
  Session session(std::move(options));
  EXPECT_TRUE(feed(session, "* OK [CAPABILITY IMAP4rev1 IDLE ESEARCH] hi\r\n"));
  EXPECT_TRUE(feed(session, "A1 OK [CAPABILITY IMAP4rev1 IDLE ESEARCH] in\r\n"));
  EXPECT_TRUE(feed(session, "* 3 EXISTS\r\nA2 OK [READ-WRITE] done\r\n"));
  return session;
}

std::string repeated(std::string_view line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

TEST(Session, Ends_a_flood_of_responses) {
  auto session = ready_session();
  session.noop();

  EXPECT_TRUE(feed(session, repeated("* 1 EXISTS\r\n", 100000)));
  const auto flooded = feed(session, "* 1 EXISTS\r\n");

  ASSERT_FALSE(flooded);
  EXPECT_EQ(flooded.error().code, errc::flooded);
  EXPECT_FALSE(session.alive());
}

TEST(Session, Counts_the_flood_anew_after_each_command) {
  auto session = ready_session();
  session.noop();
  session.noop();

  EXPECT_TRUE(feed(session, repeated("* 1 EXISTS\r\n", 100000)));
  EXPECT_TRUE(feed(session, "A3 OK done\r\n"));
  EXPECT_TRUE(feed(session, repeated("* 1 EXISTS\r\n", 100000)));
}

TEST(Session, Ends_a_flood_of_mails_nobody_asked_for) {
  auto session = ready_session();
  ASSERT_TRUE(session.fetch(NumberSet(1, 1), {false, true, false, false}));

  EXPECT_TRUE(feed(session, repeated("* 1 FETCH (UID 1 RFC822.SIZE 1)\r\n", 100001)));
  const auto flooded = feed(session, "* 1 FETCH (UID 1 RFC822.SIZE 1)\r\n");

  ASSERT_FALSE(flooded);
  EXPECT_EQ(flooded.error().code, errc::flooded);
}

TEST(Session, Bounds_what_a_search_finds) {
  auto session = ready_session();
  ASSERT_TRUE(session.search("ALL"));

  EXPECT_TRUE(feed(session, "* SEARCH" + repeated(" 1", 16384) + "\r\n"));
  const auto over = feed(session, "* SEARCH 1\r\n");

  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, errc::set_too_large);
}

TEST(Session, Keeps_a_bounded_number_of_half_told_mails) {
  auto session = ready_session();
  ASSERT_TRUE(session.fetch(NumberSet(1, 100), {true, true, true, true}));
  std::string input;
  for (int i = 1; i <= 100; ++i) {
    input += "* " + std::to_string(i) + " FETCH (UID " + std::to_string(i) + " RFC822.SIZE 1)\r\n";
  }
  session.receive(input);

  int told = 0;
  for (;;) {
    const auto step = session.next();
    ASSERT_TRUE(step);
    if (std::holds_alternative<NeedInput>(step.value())) break;
    told += std::holds_alternative<FetchedMail>(step.value()) ? 1 : 0;
  }

  EXPECT_EQ(told, 84) << "all but the last sixteen";
}

TEST(Session, Streams_a_body_without_gathering_it) {
  auto session = ready_session();
  ASSERT_TRUE(session.fetch(NumberSet(1, 1), {false, false, false, true}));
  ASSERT_TRUE(feed(session, "* 1 FETCH (UID 1 BODY[] {50000000}\r\n"));
  const std::string chunk(16384, 'x');

  session.receive(chunk);
  const auto step = session.next();

  ASSERT_TRUE(step);
  EXPECT_EQ(std::get<FetchedPiece>(step.value()).bytes, chunk);
  EXPECT_TRUE(std::holds_alternative<NeedInput>(session.next().value()));
}

TEST(Session, Refuses_arguments_before_anything_is_sent) {
  auto session = ready_session();
  NumberSet scattered;
  for (std::uint32_t uid = 1; uid < 8000; uid += 2) ASSERT_TRUE(scattered.add(uid));

  EXPECT_EQ(session.fetch({}, {}).error().code, errc::bad_argument);
  EXPECT_EQ(session.fetch(scattered, {}).error().code, errc::bad_argument);
  EXPECT_EQ(session.fetch_from(0, {}).error().code, errc::bad_argument);
  EXPECT_EQ(session.fetch_newest_headers(0).error().code, errc::bad_argument);
  EXPECT_EQ(session.select("a\nb", Access::read_only).error().code, errc::bad_argument);
  EXPECT_EQ(session.status("").error().code, errc::bad_argument);
  EXPECT_EQ(session.list("\r").error().code, errc::bad_argument);
  EXPECT_EQ(session.search("ALL\r\nA9 LOGOUT").error().code, errc::bad_argument);
  EXPECT_EQ(session.add_flags(NumberSet(1, 1), "\\Seen\n").error().code, errc::bad_argument);
  EXPECT_EQ(session.copy(NumberSet(1, 1), "\n").error().code, errc::bad_argument);
  EXPECT_FALSE(session.busy());
  EXPECT_TRUE(std::holds_alternative<NeedInput>(session.next().value()));
}

TEST(Session, Gives_its_last_error_again) {
  auto session = ready_session();
  session.end_of_input();

  const auto first = session.next();
  const auto second = session.next();

  ASSERT_FALSE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(first.error().code, errc::connection_closed);
  EXPECT_EQ(second.error().code, errc::connection_closed);
}

TEST(Session, Is_closed_when_the_server_hangs_up_on_a_logout) {
  auto session = ready_session();
  session.logout();
  ASSERT_TRUE(std::holds_alternative<Send>(session.next().value()));
  session.end_of_input();

  EXPECT_TRUE(std::holds_alternative<Closed>(session.next().value()));
  EXPECT_FALSE(session.alive());
}

TEST(Session, Bounds_the_servers_words_in_errors) {
  auto session = ready_session();

  const auto bye = feed(session, "* BYE " + std::string(5000, 'x') + "\r\n");

  ASSERT_FALSE(bye);
  EXPECT_EQ(bye.error().detail.size(), detail_bytes_max);
}

TEST(Session, Has_a_sentence_for_every_code) {
  for (int code = 1; code <= static_cast<int>(errc::connection_closed); ++code) {
    EXPECT_NE(category().message(code), "unknown IMAP error") << code;
  }
  EXPECT_EQ(category().message(0), "unknown IMAP error");
}

}  // namespace
}  // namespace postern::imap
