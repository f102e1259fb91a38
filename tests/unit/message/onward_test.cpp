// A raw mail on its way onwards: what is taken off its header, and what is put before it.
#include "message/onward.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

TEST(ControlHeaders, Are_those_by_which_helpdesks_are_steered) {
  for (const char* name :
       {"X-Zammad-Ticket-Owner", "x-zammad-x", "X-OTRS-Queue", "X-Znuny-State", "X-RT-Action",
        "RT-Send-CC", "X-GitLab-Token", "X-Redmine-Project", "X-FreeScout-Mailbox"}) {
    EXPECT_TRUE(is_control_header(name)) << name;
  }
  for (const char* name : {"X-RT-Loop-Prevention", "X-Zammad", "Subject", "X-Priority", "Received",
                           "DKIM-Signature", "Auto-Submitted"}) {
    EXPECT_FALSE(is_control_header(name)) << name;
  }
}

TEST(ControlHeaders, Go_with_their_folded_lines_and_nothing_else_changes) {
  const std::string mail =
      "Received: by a\r\n\tid 1\r\nX-Zammad-Ticket-Owner: a@b\r\n folded\r\n\tagain\r\n"
      "Subject: x\r\nx-otrs-queue : Raw\r\nX-RT-Loop-Prevention: rt\r\n\r\n"
      "X-Zammad-Body: stays\r\n";
  EXPECT_EQ(without_control_headers(mail),
            "Received: by a\r\n\tid 1\r\nSubject: x\r\nX-RT-Loop-Prevention: rt\r\n\r\n"
            "X-Zammad-Body: stays\r\n");
}

TEST(ControlHeaders, Leave_a_mail_without_them_as_it_is) {
  for (const std::string& mail :
       {std::string("Subject: x\r\n\r\nbody"), std::string("Subject: x\nA: b\n\nbody\n"),
        std::string(""), std::string("\r\nno header"), std::string("no colon at all"),
        std::string(" starts folded\r\nA: b\r\n\r\n"), std::string("A: \0b\r\n\r\n\0", 10)}) {
    EXPECT_EQ(without_control_headers(mail), mail);
  }
}

TEST(ControlHeaders, Are_found_with_bare_line_feeds_and_in_a_header_without_an_end) {
  EXPECT_EQ(without_control_headers("A: b\nX-OTRS-Queue: 1\nC: d\n\nbody\n"),
            "A: b\nC: d\n\nbody\n");
  EXPECT_EQ(without_control_headers("A: b\r\nX-OTRS-Queue: 1"), "A: b\r\n");
}

TEST(Resent, Is_a_block_before_the_mail_that_names_who_when_and_whom) {
  Resent resent;
  resent.date = parse_rfc3339("2026-01-31T12:00:00Z").value();
  resent.from = "relay@example.com";
  resent.to = {"a@example.com", "b@example.com"};
  resent.message_id = "<hnd_1@host.example>";
  resent.loop_mark = "host.example";
  EXPECT_EQ(resent_fields(resent),
            "Resent-Date: Sat, 31 Jan 2026 12:00:00 +0000\r\n"
            "Resent-From: relay@example.com\r\n"
            "Resent-To: a@example.com,\r\n b@example.com\r\n"
            "Resent-Message-ID: <hnd_1@host.example>\r\n"
            "X-Postern-Loop: host.example\r\n");
}

TEST(Notice, Stands_in_the_place_of_the_body_under_the_mails_own_header) {
  const auto mail = header_with_notice(
      "Subject: large\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\nMIME-Version: 1.0\r\n"
      "Content-Transfer-Encoding: base64\r\nFrom: a@b\r\n\r\n",
      "It is large.\r\n");
  EXPECT_EQ(mail,
            "Subject: large\r\nFrom: a@b\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
            "X-Postern-Notice: too_large\r\n\r\nIt is large.\r\n");
  EXPECT_TRUE(header_with_notice("", "n").starts_with("MIME-Version"));
  EXPECT_TRUE(header_with_notice("A: b", "n").starts_with("A: b\r\nMIME-Version"));
}

}  // namespace
}  // namespace postern::message
