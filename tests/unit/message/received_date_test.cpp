#include "message/received_date.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

std::string found(std::string_view raw) {
  const auto at = find_received_date(raw);
  return at ? to_rfc3339(*at).substr(0, 19) : "none";
}

TEST(ReceivedDate, Is_that_of_the_first_Received_field) {
  EXPECT_EQ(found("Received: from a by b; id 7\r\n\tfor <x@y>; Sat, 31 Jan 2026 10:00:00 +0100\r\n"
                  "Received: from c; Fri, 30 Jan 2026 10:00:00 +0000\r\n"
                  "Date: Thu, 29 Jan 2026 10:00:00 +0000\r\n\r\nbody\r\n"),
            "2026-01-31T09:00:00");
}

TEST(ReceivedDate, Is_else_that_of_the_Date_field) {
  EXPECT_EQ(found("Date: Thu, 29 Jan 2026 10:00:00 +0000\n\nReceived: x; 31 Jan 2026 1:00 +0000\n"),
            "2026-01-29T10:00:00");
  EXPECT_EQ(found("Received: by hand\r\nDate: Thu, 29 Jan 2026 10:00:00 +0000\r\n\r\n"),
            "2026-01-29T10:00:00");
  EXPECT_EQ(found("Received: by hand; soon\r\nDate: Thu, 29 Jan 2026 10:00:00 +0000\r\n\r\n"),
            "2026-01-29T10:00:00");
}

TEST(ReceivedDate, Is_nothing_where_neither_can_be_read) {
  EXPECT_EQ(found(""), "none");
  EXPECT_EQ(found("Subject: x\r\n\r\nDate: Thu, 29 Jan 2026 10:00:00 +0000\r\n"), "none");
  EXPECT_EQ(found("Date: yesterday\r\n\r\n"), "none");
}

}  // namespace
}  // namespace postern::message
