#include "imap/mailbox_name.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace postern::imap {
namespace {

const std::vector<std::pair<std::string, std::string>> names{
    {"INBOX", "INBOX"},
    {"Sent Items", "Sent Items"},
    {"a & b", "a &- b"},
    {"Entwürfe", "Entw&APw-rfe"},
    {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
    {"Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"},
    {"😀", "&2D3eAA-"},
    {"ü-", "&APw--"},
    {"&", "&-"},
    {"äöü", "&AOQA9gD8-"},
};

TEST(MailboxName, Is_encoded_as_modified_UTF_7) {
  for (const auto& [utf8, wire] : names) EXPECT_EQ(encode_mailbox(utf8).value(), wire);
}

TEST(MailboxName, Is_decoded_from_modified_UTF_7) {
  for (const auto& [utf8, wire] : names) EXPECT_EQ(decode_mailbox(wire), utf8);
}

TEST(MailboxName, Knows_the_inbox_in_any_case) {
  EXPECT_EQ(encode_mailbox("inBox").value(), "INBOX");
  EXPECT_EQ(decode_mailbox("Inbox"), "INBOX");
  EXPECT_EQ(encode_mailbox("Inbox/x").value(), "Inbox/x");
}

TEST(MailboxName, Refuses_what_cannot_be_a_name) {
  EXPECT_FALSE(encode_mailbox(""));
  EXPECT_FALSE(encode_mailbox("a\r\nA2 LOGOUT"));
  EXPECT_FALSE(encode_mailbox(std::string("a\0b", 3)));
  EXPECT_FALSE(encode_mailbox("\xff"));
  EXPECT_FALSE(encode_mailbox("\xed\xa0\x80")) << "a surrogate";
  EXPECT_FALSE(encode_mailbox("\xc0\xaf")) << "an overlong form";
  EXPECT_TRUE(encode_mailbox(std::string(1000, 'x')));
  EXPECT_FALSE(encode_mailbox(std::string(1001, 'x')));
}

TEST(MailboxName, Is_given_as_it_is_when_it_is_no_modified_UTF_7) {
  EXPECT_EQ(decode_mailbox("a & b"), "a & b");
  EXPECT_EQ(decode_mailbox("&AA"), "&AA");
  EXPECT_EQ(decode_mailbox("&2D0-"), "&2D0-") << "half a surrogate pair";
  EXPECT_EQ(decode_mailbox("&3gA-"), "&3gA-") << "the other half";
  EXPECT_EQ(decode_mailbox("&AGE-"), "&AGE-") << "ASCII must not be shifted";
  EXPECT_EQ(decode_mailbox("&!!!-"), "&!!!-");
  EXPECT_EQ(decode_mailbox("Entwürfe"), "Entwürfe") << "UTF8=ACCEPT";
  EXPECT_EQ(decode_mailbox("Entw\xfcrfe"), "Entw?rfe");
}

}  // namespace
}  // namespace postern::imap
