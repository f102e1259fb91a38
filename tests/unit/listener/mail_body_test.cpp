// A message on its way in: header prepared, then memory, then a file; and what goes wrong.
#include "listener/mail_body.hpp"

#include "message/errc.hpp"
#include "net/scope.hpp"
#include "unit/listener/fake_desk.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

namespace postern::listener {
namespace {

net::Task<void> keep(MailBody& body, std::optional<Result<flows::RawMail>>& out) {
  out.emplace(co_await body.finish());
}

Result<flows::RawMail> finished(MailBody& body) {
  boost::asio::io_context io;
  net::Scope scope(io.get_executor());
  std::optional<Result<flows::RawMail>> result;
  scope.spawn(keep(body, result));
  io.run();
  return std::move(*result);
}

message::RawHeaderPolicy policy() {
  message::RawHeaderPolicy made;
  made.own.address = "own@example.com";
  made.allowed = {"own@example.com"};
  made.random_hex = "1";
  return made;
}

constexpr std::string_view head =
    "From: own@example.com\r\nDate: Sat, 31 Jan 2026 09:10:00 +0000\r\nMessage-ID: <a@b>\r\n\r\n";

TEST(MailBody, Is_the_same_in_pieces_of_any_size) {
  const std::string mail = std::string(head) + "one\r\n\r\ntwo\r\n";
  for (const std::size_t at_once : {1U, 3U, 1000U}) {
    FakeDesk desk;
    const Limits limits;
    std::uint64_t in_memory = 0;
    MailBody body(policy(), desk, limits, in_memory);
    for (std::size_t i = 0; i < mail.size(); i += at_once) body.push(mail.substr(i, at_once));

    const auto result = finished(body);

    ASSERT_TRUE(result);
    EXPECT_EQ(result.value().bytes, mail);
    EXPECT_EQ(result.value().size_bytes, mail.size());
    EXPECT_EQ(result.value().message_id, "<a@b>");
    EXPECT_EQ(in_memory, 0u);
  }
}

TEST(MailBody, Goes_into_a_file_when_it_is_large_or_memory_is_scarce) {
  Limits limits;
  limits.body_in_memory = 1000;
  limits.bodies_in_memory = 10'000;
  limits.small_body = 200;
  const std::pair<std::uint64_t, std::size_t> cases[] = {{0, 2000}, {10'000, 500}};
  for (const auto& [others, size] : cases) {
    FakeDesk desk;
    std::uint64_t in_memory = others;
    MailBody body(policy(), desk, limits, in_memory);
    const std::string text(size, 'x');
    body.push(head);
    body.push(text);
    body.push("end");

    const auto result = finished(body);

    ASSERT_TRUE(result);
    EXPECT_TRUE(result.value().bytes.empty());
    EXPECT_EQ(desk.file, std::string(head) + text + "end");
    EXPECT_TRUE(desk.finished);
    EXPECT_EQ(in_memory, others);
  }
}

TEST(MailBody, Tells_at_its_end_what_went_wrong) {
  Limits limits;
  limits.body_in_memory = 10;
  FakeDesk desk;
  desk.disk_full = true;
  std::uint64_t in_memory = 0;
  MailBody body(policy(), desk, limits, in_memory);
  body.push(head);
  body.push("more");
  auto strict = policy();
  strict.refuse_foreign = true;
  MailBody foreign(strict, desk, limits, in_memory);
  foreign.push("From: a@else.test\r\n\r\nx\r\n");

  EXPECT_EQ(finished(body).error().code, storage::errc::disk_full);
  EXPECT_EQ(finished(foreign).error().code, message::errc::from_not_allowed);
}

}  // namespace
}  // namespace postern::listener
