// The smallest words: ids, instants, secrets, errors.
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace postern {
namespace {

TEST(Ids, Go_both_ways) {
  for (const std::int64_t value :
       {std::int64_t(1), std::int64_t(31), std::int64_t(32), std::int64_t(1) << 62,
        std::numeric_limits<std::int64_t>::max()}) {
    const auto text = MessageId{value}.str();
    EXPECT_EQ(text.size(), 17u);
    EXPECT_EQ(MessageId::parse(text), MessageId{value}) << text;
  }
}

TEST(Ids, Sort_as_texts_as_their_numbers_do) {
  EXPECT_LT(MessageId{31}.str(), MessageId{32}.str());
  EXPECT_LT(MessageId{1000}.str(), MessageId{std::int64_t(1) << 50}.str());
}

TEST(Ids, Refuse_texts_that_are_none) {
  for (const char* text :
       {"", "msg_", "msg_000000000000", "msg_00000000000001", "int_0000000000001",
        "msg-0000000000001", "msg_000000000000i", "msg_0000000000A01", "msg_0000000000000",
        "msg_zzzzzzzzzzzzz", "MSG_0000000000001"}) {
    EXPECT_FALSE(MessageId::parse(text)) << text;
  }
}

TEST(Time, Goes_both_ways) {
  const auto at = from_milliseconds(1'769'851'800'125);

  EXPECT_EQ(to_rfc3339(at), "2026-01-31T09:30:00.125Z");
  EXPECT_EQ(parse_rfc3339(to_rfc3339(at)), at);
  EXPECT_EQ(to_milliseconds(at), 1'769'851'800'125);
}

TEST(Time, Takes_offsets_and_whole_seconds) {
  EXPECT_EQ(parse_rfc3339("2026-01-31T10:30:00+01:00"), parse_rfc3339("2026-01-31T09:30:00Z"));
}

TEST(Time, Refuses_what_is_no_instant) {
  for (const char* text : {"", "2026-01-31", "2026-01-31T09:30:00", "2026-02-30T09:30:00Z",
                           "2026-01-31T25:00:00Z", "2026-01-31T09:30:00Z ", "now"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
  EXPECT_FALSE(parse_rfc3339("2026-01-31T09:30:00." + std::string(100, '0') + "Z"));
}

TEST(Secret, Prints_as_stars) {
  EXPECT_EQ(fmt::format("{}", Secret("hunter2")), "***");
  EXPECT_EQ(fmt::format("{}", Secret()), "***");
}

TEST(Secret, Leaves_nothing_behind_when_moved) {
  Secret first("hunter2");

  const Secret second(std::move(first));

  EXPECT_EQ(second.reveal(), "hunter2");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
}

TEST(Secret, Keeps_its_value_when_assigned_to_itself) {
  Secret secret("hunter2");
  auto& same = secret;

  secret = std::move(same);

  EXPECT_EQ(secret.reveal(), "hunter2");
}

TEST(Error, Is_described_with_and_without_detail) {
  const auto code = boost::system::errc::make_error_code(boost::system::errc::timed_out);

  EXPECT_EQ(describe(Error{code, ""}), code.message());
  EXPECT_EQ(describe(Error{code, "after 5 s"}), code.message() + ": after 5 s");
}

TEST(Assert, Ends_the_process_with_the_place) {
  EXPECT_DEATH(POSTERN_ASSERT(1 + 1 == 3), "1 \\+ 1 == 3 .*words_test.cpp");
}

}  // namespace
}  // namespace postern
