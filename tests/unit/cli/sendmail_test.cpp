// What the programs that call sendmail say to it, and what Postern's stand-in makes of that.
#include "cli/sendmail.hpp"

#include <gtest/gtest.h>

namespace postern::cli {
namespace {

using Words = std::vector<std::string>;

SendmailFlags parsed(const Words& arguments) {
  auto result = parse_sendmail(arguments);
  if (const auto* wrong = std::get_if<std::string>(&result)) {
    ADD_FAILURE() << *wrong;
    return {};
  }
  return std::get<SendmailFlags>(result);
}

std::string complaint(const Words& arguments) {
  auto result = parse_sendmail(arguments);
  const auto* wrong = std::get_if<std::string>(&result);
  return wrong == nullptr ? "" : *wrong;
}

TEST(Sendmail, Understands_what_cron_says) {
  const auto flags =
      parsed({"-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root", "-B8BITMIME"});

  EXPECT_EQ(flags.full_name, "CronDaemon");
  EXPECT_EQ(flags.from, "root");
  EXPECT_TRUE(flags.header_recipients);
  EXPECT_TRUE(flags.dot_is_text);
  EXPECT_TRUE(flags.to.empty());
}

TEST(Sendmail, Takes_a_value_from_the_same_word_or_the_next) {
  for (const Words& words : {Words{"-fa@b.test", "c@d.test"}, Words{"-f", "a@b.test", "c@d.test"},
                             Words{"-ra@b.test", "c@d.test"}, Words{"-tifa@b.test", "c@d.test"}}) {
    EXPECT_EQ(parsed(words).from, "a@b.test");
    EXPECT_EQ(parsed(words).to, Words{"c@d.test"});
  }
}

TEST(Sendmail, Passes_on_what_is_wanted_of_notifications) {
  const auto flags = parsed({"-N", "failure,delay", "-Rhdrs", "-V", "id1", "a@b.test"});

  EXPECT_EQ(flags.notify, "failure,delay");
  EXPECT_EQ(flags.returned, "headers");
  EXPECT_EQ(flags.envelope_id, "id1");
  EXPECT_EQ(flags.to, Words{"a@b.test"});
}

TEST(Sendmail, Takes_the_dot_as_text_by_each_of_its_flags) {
  EXPECT_TRUE(parsed({"-i", "a@b.test"}).dot_is_text);
  EXPECT_TRUE(parsed({"-oi", "a@b.test"}).dot_is_text);
  EXPECT_TRUE(parsed({"-o", "i", "a@b.test"}).dot_is_text);
  EXPECT_TRUE(parsed({"-ti"}).dot_is_text);
  EXPECT_FALSE(parsed({"-oem", "a@b.test"}).dot_is_text);
}

TEST(Sendmail, Takes_flags_of_two_letters_apart) {
  const auto flags = parsed({"-it"});

  EXPECT_TRUE(flags.dot_is_text);
  EXPECT_TRUE(flags.header_recipients);
}

TEST(Sendmail, Takes_addresses_between_and_behind_flags) {
  EXPECT_EQ(parsed({"a@b.test", "-i", "c@d.test"}).to, (Words{"a@b.test", "c@d.test"}));
  EXPECT_EQ(parsed({"--", "-odd@b.test"}).to, Words{"-odd@b.test"});
}

TEST(Sendmail, Passes_over_what_only_another_sendmail_obeys) {
  const auto flags = parsed({"-G", "-n", "-U", "-v", "-N", "never", "-Rhdrs", "-Venv", "-X/log",
                             "-Am", "-h", "3", "-LTag", "-p", "x", "-q", "a@b.test"});

  EXPECT_EQ(flags.to, Words{"a@b.test"});
}

TEST(Sendmail, Knows_its_own_long_flags_in_both_forms) {
  const auto flags = parsed({"--integration", "int_1", "--url=http://here", "--ca-file=/ca", "-t"});

  EXPECT_EQ(flags.integration, "int_1");
  EXPECT_EQ(flags.url, "http://here");
  EXPECT_EQ(flags.ca_file, "/ca");
}

TEST(Sendmail, Says_what_is_wrong) {
  EXPECT_EQ(complaint({}), "name a recipient, or say -t to take them from the mail");
  EXPECT_EQ(complaint({"-i"}), "name a recipient, or say -t to take them from the mail");
  EXPECT_NE(complaint({"-bs"}).find("submission listener"), std::string::npos);
  EXPECT_NE(complaint({"-bp"}).find("-bp"), std::string::npos);
  EXPECT_EQ(complaint({"-bm", "a@b.test"}), "");
  EXPECT_NE(complaint({"-Z", "a@b.test"}).find("-Z is not known"), std::string::npos);
  EXPECT_NE(complaint({"--unknown", "a@b.test"}).find("--unknown"), std::string::npos);
  EXPECT_EQ(complaint({"a@b.test", "--integration"}), "--integration wants a value");
}

TEST(Sendmail, A_flag_at_the_end_without_its_value_has_an_empty_one) {
  EXPECT_EQ(parsed({"a@b.test", "-f"}).from, "");
}

}  // namespace
}  // namespace postern::cli
