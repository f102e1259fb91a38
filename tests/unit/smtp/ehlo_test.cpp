#include "smtp/ehlo.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

Extensions extensions_of(std::string_view text) {
  auto reply = take_reply(text);
  EXPECT_TRUE(reply && reply.value());
  return reply && reply.value() ? parse_ehlo(*reply.value()) : Extensions();
}

TEST(Ehlo, Knows_what_it_needs_in_any_case) {
  const Extensions e = extensions_of(
      "250-mx Hello\r\n250-starttls\r\n250-Pipelining\r\n250-8bitMIME\r\n250-SMTPUTF8\r\n"
      "250-XWHATEVER 1 2 3\r\n250 SIZE 35882577\r\n");

  EXPECT_TRUE(e.starttls && e.pipelining && e.eight_bit_mime && e.smtputf8 && e.size);
  EXPECT_EQ(e.size_bytes_max, 35882577U);
}

TEST(Ehlo, Takes_no_extension_from_the_greeting_line) {
  EXPECT_FALSE(extensions_of("250-PIPELINING\r\n250 HELP\r\n").pipelining);
  EXPECT_FALSE(extensions_of("250 STARTTLS\r\n").starttls);
}

TEST(Ehlo, Takes_no_word_for_another_that_it_begins_with) {
  const Extensions e = extensions_of("250-mx\r\n250-STARTTLSX\r\n250-XSIZE 1\r\n250 SIZEX 2\r\n");

  EXPECT_FALSE(e.starttls);
  EXPECT_FALSE(e.size);
}

TEST(Ehlo, Understands_every_form_of_size) {
  EXPECT_EQ(extensions_of("250-mx\r\n250 SIZE 1000\r\n").size_bytes_max, 1000U);
  for (const char* text :
       {"250-mx\r\n250 SIZE\r\n", "250-mx\r\n250 SIZE 0\r\n", "250-mx\r\n250 SIZE 1M\r\n",
        "250-mx\r\n250 SIZE -1\r\n", "250-mx\r\n250 SIZE 99999999999999999999999\r\n"}) {
    EXPECT_TRUE(extensions_of(text).size) << text;
    EXPECT_EQ(extensions_of(text).size_bytes_max, std::nullopt) << text;
  }
  EXPECT_FALSE(extensions_of("250-mx\r\n250 HELP\r\n").size);
}

TEST(Ehlo, Adds_up_both_forms_of_auth) {
  const Extensions e =
      extensions_of("250-mx\r\n250-AUTH=LOGIN plain\r\n250-AUTH  PLAIN\tXOAUTH2\r\n250 AUTH=\r\n");

  EXPECT_EQ(e.mechanisms, (std::vector<std::string>{"LOGIN", "PLAIN", "XOAUTH2"}));
  EXPECT_TRUE(e.offers("PLAIN"));
  EXPECT_FALSE(e.offers("PLAI"));
}

TEST(Ehlo, Knows_the_extensions_of_sending) {
  const Extensions e = extensions_of("250-mx\r\n250-CHUNKING\r\n250-dsn\r\n250 REQUIRETLS\r\n");

  EXPECT_TRUE(e.chunking && e.dsn && e.require_tls);
  EXPECT_FALSE(extensions_of("250-mx\r\n250 XDSN\r\n").dsn);
}

TEST(Ehlo, Reads_the_limits_of_rfc_9422) {
  const auto all =
      extensions_of("250-mx\r\n250 LIMITS MAILMAX=5 rcptmax=20  RCPTDOMAINMAX=1 X=2\r\n");
  EXPECT_EQ(all.limits.mails, 5U);
  EXPECT_EQ(all.limits.recipients, 20U);
  EXPECT_EQ(all.limits.recipient_domains, 1U);

  const auto none =
      extensions_of("250-mx\r\n250 LIMITS MAILMAX=0 RCPTMAX=x RCPTDOMAINMAX MAILMAX=\r\n");
  EXPECT_FALSE(none.limits.mails || none.limits.recipients || none.limits.recipient_domains);
}

TEST(Ehlo, Keeps_a_bounded_number_of_mechanisms) {
  std::string text = "250-mx\r\n250 AUTH";
  for (std::size_t i = 0; i < mechanisms_max + 5; ++i) text += " M" + std::to_string(i);

  EXPECT_EQ(extensions_of(text + "\r\n").mechanisms.size(), mechanisms_max);
}

}  // namespace
}  // namespace postern::smtp
