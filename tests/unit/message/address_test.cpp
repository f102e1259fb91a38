// Addresses given to us (strict) and found in mail (lenient).
#include "message/address.hpp"

#include "message/address_field.hpp"
#include "message/errc.hpp"
#include "unit/message/mail_text.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

using Addresses = std::vector<MailAddress>;

TEST(Address_list, Splits_at_comma_and_semicolon_outside_of_quotes) {
  const auto list = parse_address_list(
      "a@example.com; \"Doe, Jane; Dr.\" <jane@example.com>,Bob B. <b@example.com> ;; , c@x.org "
      "(Cy)");

  ASSERT_TRUE(list) << describe(list.error());
  EXPECT_EQ(list.value(), (Addresses{{"", "a@example.com"},
                                     {"Doe, Jane; Dr.", "jane@example.com"},
                                     {"Bob B.", "b@example.com"},
                                     {"Cy", "c@x.org"}}));
}

TEST(Address_list, Is_empty_for_an_empty_string) {
  EXPECT_TRUE(parse_address_list("").value().empty());
  EXPECT_TRUE(parse_address_list(" ; ,").value().empty());
}

TEST(Address_list, Takes_international_names_and_addresses) {
  const auto list = parse_address_list("Jörg Müller <jörg@bücher.example>, \"日本\" <a@b.jp>");

  ASSERT_TRUE(list) << describe(list.error());
  EXPECT_EQ(list.value()[0], (MailAddress{"Jörg Müller", "jörg@bücher.example"}));
  EXPECT_EQ(list.value()[1], (MailAddress{"日本", "a@b.jp"}));
}

TEST(Address_list, Refuses_control_characters_anywhere) {
  for (const std::string& text :
       {std::string("a@x.org\r\nBcc: b@x.org"), std::string("a@x.org\nb@x.org"),
        std::string("A\x01 <a@x.org>"), std::string("a@x.org\0", 8),
        std::string("\"a\r\n\" <a@x.org>"), std::string("a@x.org\x7F")}) {
    const auto list = parse_address_list(text);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, errc::bad_address);
    EXPECT_EQ(list.error().detail.find_first_of("\r\n"), std::string::npos);
  }
}

TEST(Address_list, Refuses_what_is_no_address_and_names_it) {
  for (const char* text : {"plain",
                           "a@",
                           "@b.org",
                           "a b@x.org",
                           "a@x..org",
                           "a@-x.org",
                           "<a@x.org",
                           "a@x.org>",
                           "Doe, Jane <j@x.org>",
                           "\"open <a@x.org>",
                           "Team: a@x.org",
                           "a@x.org b@x.org",
                           "A: b: c@x.org;;",
                           "a@x.org: b@x.org;",
                           ": a@x.org;",
                           "mailto:a@x.org",
                           "a@x.org (open",
                           "a@x.org close)",
                           "a(x)b@x.org(y",
                           "A: a@x.org; b@x.org (c",
                           "a@x.org> NOTIFY=NEVER <b@x.org",
                           "\"a> RCPT\"@x.org",
                           "<<a@x.org>>",
                           "A <a@x.org> B"}) {
    const auto list = parse_address_list(text);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, errc::bad_address) << text;
  }
  EXPECT_NE(parse_address_list("ok@x.org, nonsense").error().detail.find("nonsense"),
            std::string::npos);
}

TEST(Address_list, Takes_the_members_of_groups) {
  const auto list = parse_address_list(
      "Team: a@x.org, B <b@x.org>; c@x.org; \"Odd: one\": d@[IPv6:::1];undisclosed-recipients:;");

  ASSERT_TRUE(list) << describe(list.error());
  EXPECT_EQ(list.value(),
            (Addresses{{"", "a@x.org"}, {"B", "b@x.org"}, {"", "c@x.org"}, {"", "d@[IPv6:::1]"}}));
}

TEST(Address_list, Leaves_comments_out_but_for_a_name_behind_the_address) {
  const auto list = parse_address_list(
      "John (the, (other); one) Doe <j@x.org>, a@x.org (Ann \\) B), \"(no comment)\"@x.org, "
      "<b@x.org (work)>, c@(where)x.org");

  ASSERT_TRUE(list) << describe(list.error());
  EXPECT_EQ(list.value(), (Addresses{{"John Doe", "j@x.org"},
                                     {"", "a@x.org"},
                                     {"", "\"(no comment)\"@x.org"},
                                     {"", "b@x.org"},
                                     {"where", "c@x.org"}}));
}

TEST(Address_list, Reads_nested_comments_up_to_its_limit) {
  const std::string deep = repeat("(", comment_nesting_max) + repeat(")", comment_nesting_max);

  EXPECT_TRUE(parse_address_list("a@x.org " + deep));
  EXPECT_FALSE(parse_address_list("a@x.org (" + deep + ")"));
}

TEST(Address_list, Takes_five_thousand_addresses_and_no_more) {
  const std::string full = repeat("a@x.org,", address_list_max);

  EXPECT_EQ(parse_address_list(full).value().size(), address_list_max);
  EXPECT_FALSE(parse_address_list(full + "b@x.org"));
}

TEST(Address_list, Is_bounded_in_bytes_and_in_the_length_of_names) {
  EXPECT_TRUE(parse_address_list(std::string(address_list_bytes_max, ' ')));
  EXPECT_FALSE(parse_address_list(std::string(address_list_bytes_max + 1, ' ')));
  EXPECT_TRUE(parse_address(std::string(display_name_bytes_max, 'n') + " <a@x.org>"));
  EXPECT_FALSE(parse_address(std::string(display_name_bytes_max + 1, 'n') + " <a@x.org>"));
}

AddressField field(std::string_view value, std::size_t max = 100) {
  CharsetDecoder charsets;
  return parse_address_field(value, max, charsets);
}

TEST(Address_field, Reads_names_in_all_their_forms) {
  EXPECT_EQ(
      field("=?utf-8?q?J=C3=B6rg?= M <j@x.org>,\r\n \"Doe, \\\"J\\\"\" <d@x.org>, c@x.org (Cy)")
          .addresses,
      (Addresses{{"Jörg M", "j@x.org"}, {"Doe, \"J\"", "d@x.org"}, {"Cy", "c@x.org"}}));
}

TEST(Address_field, Reads_a_quoted_local_part_with_a_quote_in_it) {
  const AddressField read = field("A <\"q\\\"\"@x.org>, b@x.org");

  EXPECT_EQ(read.addresses, (Addresses{{"A", "\"q\\\"\"@x.org"}, {"", "b@x.org"}}));
  EXPECT_FALSE(read.malformed);
  EXPECT_TRUE(field("<\"open\\").malformed);
}

TEST(Address_field, Keeps_every_address_of_a_group_and_none_of_an_empty_one) {
  EXPECT_EQ(field("Team: a@x.org, B <b@x.org>; c@x.org").addresses,
            (Addresses{{"", "a@x.org"}, {"B", "b@x.org"}, {"", "c@x.org"}}));
  EXPECT_TRUE(field("undisclosed-recipients:;").addresses.empty());
  EXPECT_TRUE(field("<>").addresses.empty());
}

TEST(Address_field, Invents_no_domain_for_a_bare_word) {
  EXPECT_EQ(field("root").addresses, (Addresses{{"", "root"}}));
  EXPECT_EQ(field("MAILER-DAEMON <>").addresses, (Addresses{{"MAILER-DAEMON", ""}}));
}

TEST(Address_field, Reads_obsolete_forms) {
  EXPECT_EQ(field("<@a.org,@b.org:c@d.org>").addresses, (Addresses{{"", "c@d.org"}}));
  EXPECT_EQ(field("a @ b.org").addresses, (Addresses{{"", "a@b.org"}}));
  EXPECT_EQ(field("a@[IPv6:::1], ,, b@x.org").addresses,
            (Addresses{{"", "a@[IPv6:::1]"}, {"", "b@x.org"}}));
  EXPECT_EQ(field("\"a b\"@x.org").addresses, (Addresses{{"", "\"a b\"@x.org"}}));
}

TEST(Address_field, Guesses_when_brackets_are_missing_and_says_so) {
  const AddressField bare = field("John Doe john@x.org");
  EXPECT_EQ(bare.addresses, (Addresses{{"John Doe", "john@x.org"}}));
  EXPECT_TRUE(bare.malformed);
  EXPECT_EQ(field("A <a@x.org").addresses, (Addresses{{"A", "a@x.org"}}));
}

TEST(Address_field, Reads_twenty_thousand_nested_groups_up_to_its_limit) {
  const AddressField deep = field(repeat("g:", 20'000) + "a@x.org" + repeat(";", 20'000));
  EXPECT_TRUE(deep.nesting_limit);

  const AddressField allowed =
      field(repeat("g:", address_nesting_max) + "a@x.org" + repeat(";", address_nesting_max));
  EXPECT_FALSE(allowed.nesting_limit);
  EXPECT_EQ(allowed.addresses, (Addresses{{"", "a@x.org"}}));
}

TEST(Address_field, Reads_nested_comments_up_to_its_limit) {
  EXPECT_FALSE(field(repeat("(", address_nesting_max) + repeat(")", address_nesting_max) + "a@x")
                   .nesting_limit);
  EXPECT_TRUE(field(repeat("(", address_nesting_max + 1)).nesting_limit);
}

TEST(Address_field, Stops_at_the_number_asked_for) {
  EXPECT_FALSE(field(repeat("a@x,", 100)).count_limit);
  const AddressField many = field(repeat("a@x,", 101));
  EXPECT_EQ(many.addresses.size(), 100u);
  EXPECT_TRUE(many.count_limit);
}

TEST(Address_field, Bounds_an_endless_address) {
  EXPECT_LE(field(std::string(5000, 'a') + "@x.org").addresses.at(0).address.size(),
            address_bytes_max);
}

}  // namespace
}  // namespace postern::message
