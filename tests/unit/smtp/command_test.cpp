#include "smtp/command.hpp"

#include "smtp/auth.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace postern::smtp {
namespace {

Transaction mail_to(std::string recipient) {
  Transaction transaction;
  transaction.envelope.sender = "bob@example.com";
  transaction.envelope.recipients.push_back(std::move(recipient));
  return transaction;
}

Extensions everything() {
  Extensions extensions;
  extensions.eight_bit_mime = extensions.smtputf8 = extensions.size = true;
  return extensions;
}

error_code check_of(const Transaction& transaction, const Extensions& extensions = {}) {
  auto checked = check(transaction, extensions);
  return checked ? error_code() : checked.error().code;
}

std::string address_of(std::size_t octets) {
  return std::string(octets - 12, 'a') + "@example.org";
}

TEST(Command, Refuses_addresses_that_could_become_something_else) {
  using namespace std::string_literals;
  for (const auto& address : {"a@b\r\nDATA"s, "a@b\n"s, "a@b\r"s, "a\0b@c"s, "a@b> SIZE=1"s,
                              "<a@b"s, "a@b SIZE=1"s, "a\tb@c"s, "a@b\x7f"s, "\x1b@b"s, ""s}) {
    EXPECT_EQ(check_of(mail_to(address)), errc::bad_address) << address;
  }
  for (const auto& sender : {"a@b\r\nDATA"s, "a>b"s, "a b@c"s}) {
    auto transaction = mail_to("a@example.org");
    transaction.envelope.sender = sender;
    EXPECT_EQ(check_of(transaction), errc::bad_address) << sender;
    EXPECT_FALSE(check_sender(sender, {}));
  }
}

TEST(Command, Accepts_ordinary_addresses_and_the_null_sender) {
  for (const char* address : {"a@example.org", "postmaster", "\"a b\"@example.org",
                              "a+b=c@[192.0.2.1]", "o'brien/x@example.org"}) {
    EXPECT_FALSE(check_of(mail_to(address))) << address;
  }
  auto bounce = mail_to("a@example.org");
  bounce.envelope.sender.clear();
  EXPECT_FALSE(check_of(bounce));
  EXPECT_EQ(mail_command(bounce, {}), "MAIL FROM:<>\r\n");
}

TEST(Command, Keeps_paths_within_256_octets) {
  EXPECT_FALSE(check_of(mail_to(address_of(path_bytes_max - 2))));
  EXPECT_EQ(check_of(mail_to(address_of(path_bytes_max - 1))), errc::bad_address);
}

TEST(Command, Keeps_the_longest_lines_within_512_octets) {
  auto transaction = mail_to(address_of(path_bytes_max - 2));
  transaction.envelope.sender = transaction.envelope.recipients[0];
  transaction.size_bytes = std::numeric_limits<std::uint64_t>::max();
  transaction.body_is_8bit = transaction.headers_are_utf8 = true;

  ASSERT_FALSE(check_of(transaction, everything()));
  EXPECT_LE(mail_command(transaction, everything()).size(), command_bytes_max);
  EXPECT_LE(rcpt_command(transaction.envelope.recipients[0], {}, everything()).size(),
            command_bytes_max);
}

TEST(Command, Keeps_recipients_within_their_number) {
  auto transaction = mail_to("a@example.org");
  transaction.envelope.recipients.assign(recipients_max, "a@example.org");
  EXPECT_FALSE(check_of(transaction));

  transaction.envelope.recipients.push_back("a@example.org");
  EXPECT_EQ(check_of(transaction), errc::bad_address);

  transaction.envelope.recipients.clear();
  EXPECT_EQ(check_of(transaction), errc::bad_address);
}

TEST(Command, Demands_smtputf8_for_addresses_and_headers_that_need_it) {
  EXPECT_EQ(check_of(mail_to("jörg@example.org")), errc::smtputf8_not_offered);
  EXPECT_FALSE(check_of(mail_to("jörg@example.org"), everything()));
  EXPECT_EQ(check_of(mail_to("j\xf6rg@example.org"), everything()), errc::bad_address);
  auto transaction = mail_to("a@example.org");
  transaction.headers_are_utf8 = true;
  EXPECT_EQ(check_of(transaction), errc::smtputf8_not_offered);
}

TEST(Command, Declares_only_what_is_offered_and_needed) {
  auto transaction = mail_to("a@example.org");
  transaction.size_bytes = 1234;
  transaction.body_is_8bit = true;

  EXPECT_EQ(mail_command(transaction, {}), "MAIL FROM:<bob@example.com>\r\n");
  EXPECT_EQ(mail_command(transaction, everything()),
            "MAIL FROM:<bob@example.com> SIZE=1234 BODY=8BITMIME\r\n");
  transaction.envelope.recipients.push_back("jörg@example.org");
  EXPECT_EQ(mail_command(transaction, everything()),
            "MAIL FROM:<bob@example.com> SIZE=1234 BODY=8BITMIME SMTPUTF8\r\n");
}

TEST(Command, Writes_what_notifications_are_wanted) {
  auto transaction = mail_to("a b+c=@example.org");
  transaction.dsn.notify.failure = transaction.dsn.notify.delay = true;
  transaction.dsn.returned = DsnRequest::Return::full;
  transaction.dsn.envelope_id = "id 1";
  transaction.dsn.original_recipients = true;
  Extensions extensions;
  extensions.dsn = true;

  EXPECT_EQ(mail_command(transaction, extensions),
            "MAIL FROM:<bob@example.com> RET=FULL ENVID=id+201\r\n");
  EXPECT_EQ(rcpt_command("a b+c=@example.org", transaction.dsn, extensions),
            "RCPT TO:<a b+c=@example.org> NOTIFY=FAILURE,DELAY "
            "ORCPT=rfc822;a+20b+2Bc+3D@example.org\r\n");
  EXPECT_EQ(rcpt_command("a@example.org", transaction.dsn, {}), "RCPT TO:<a@example.org>\r\n");
}

TEST(Command, Asks_for_each_recipient_in_its_own_words) {
  DsnRequest dsn;
  dsn.notify.failure = true;
  dsn.own.push_back({"a@example.org", {.never = true}, ""});
  dsn.own.push_back({"b@example.org", {.success = true}, "rfc822;Bob+2Bx@example.org"});
  Extensions extensions;
  extensions.dsn = true;

  EXPECT_EQ(rcpt_command("a@example.org", dsn, extensions),
            "RCPT TO:<a@example.org> NOTIFY=NEVER\r\n");
  EXPECT_EQ(rcpt_command("b@example.org", dsn, extensions),
            "RCPT TO:<b@example.org> NOTIFY=SUCCESS ORCPT=rfc822;Bob+2Bx@example.org\r\n");
  EXPECT_EQ(rcpt_command("c@example.org", dsn, extensions),
            "RCPT TO:<c@example.org> NOTIFY=FAILURE\r\n");
}

TEST(Command, Keeps_an_envelope_id_within_its_characters_and_length) {
  const auto refused = [](std::string id) {
    auto transaction = mail_to("a@example.org");
    transaction.dsn.envelope_id = std::move(id);
    return check_of(transaction, everything());
  };
  EXPECT_FALSE(refused(std::string(envelope_id_bytes_max, 'x')));
  EXPECT_EQ(refused(std::string(envelope_id_bytes_max + 1, 'x')), errc::bad_address);
  EXPECT_EQ(refused("a\tb"), errc::bad_address);
  EXPECT_EQ(refused("j\xc3\xb6rg"), errc::bad_address);
}

TEST(Command, Reads_the_xtext_it_writes) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);

  EXPECT_EQ(from_xtext(xtext(all)), all);
  for (const auto* bad : {"a b", "a=b", "+4", "+", "+4g", "+4a", "\x7f", "j\xc3\xb6rg"}) {
    EXPECT_FALSE(from_xtext(bad)) << bad;
  }
}

TEST(Command, Refuses_a_mail_over_the_announced_size) {
  auto extensions = everything();
  extensions.size_bytes_max = 1000;
  auto transaction = mail_to("a@example.org");

  transaction.size_bytes = 1000;
  EXPECT_FALSE(check_of(transaction, extensions));
  transaction.size_bytes = 1001;
  EXPECT_EQ(check_of(transaction, extensions), errc::too_large);
}

TEST(Command, Checks_the_name_for_ehlo) {
  EXPECT_TRUE(check_ehlo_name("mail.example.com"));
  EXPECT_TRUE(check_ehlo_name("[IPv6:2001:db8::1]"));
  EXPECT_TRUE(check_ehlo_name(std::string(ehlo_name_bytes_max, 'a')));
  for (const auto& name : {std::string(), std::string("a b"), std::string("a\r\nQUIT"),
                           std::string("jörg"), std::string(ehlo_name_bytes_max + 1, 'a')}) {
    EXPECT_FALSE(check_ehlo_name(name)) << name;
  }
}

}  // namespace
}  // namespace postern::smtp
