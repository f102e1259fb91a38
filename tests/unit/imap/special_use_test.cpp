#include "imap/special_use.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

ListedFolder folder(std::string name, std::vector<std::string> attributes = {}) {
  return {std::move(name), '/', std::move(attributes)};
}

std::string found(const std::vector<ListedFolder>& folders, SpecialUse use) {
  const auto result = find_folder(folders, use);
  return result ? result->name : "none";
}

TEST(SpecialUse, Is_what_the_server_says_before_what_a_name_says) {
  const std::vector<ListedFolder> folders{folder("Sent"), folder("Gesendet", {"\\sent"})};

  EXPECT_EQ(found(folders, SpecialUse::sent), "Gesendet");
}

TEST(SpecialUse, Goes_by_usual_names_where_nothing_is_said) {
  const std::vector<ListedFolder> folders{folder("INBOX"), folder("INBOX/sent items"),
                                          folder("Gelöschte Elemente"), folder("Bulk Mail")};

  EXPECT_EQ(found(folders, SpecialUse::sent), "INBOX/sent items");
  EXPECT_EQ(found(folders, SpecialUse::trash), "Gelöschte Elemente");
  EXPECT_EQ(found(folders, SpecialUse::junk), "Bulk Mail");
  EXPECT_EQ(found(folders, SpecialUse::archive), "none");
}

TEST(SpecialUse, Passes_over_folders_that_hold_no_mail) {
  const std::vector<ListedFolder> folders{folder("Sent", {"\\Sent", "\\NoSelect"}),
                                          folder("Trash", {"\\NonExistent"})};

  EXPECT_EQ(found(folders, SpecialUse::sent), "none");
  EXPECT_EQ(found(folders, SpecialUse::trash), "none");
}

TEST(SpecialUse, Knows_the_words_of_XLIST) {
  EXPECT_EQ(told_use(folder("x", {"\\Spam"})), SpecialUse::junk);
  EXPECT_EQ(told_use(folder("x", {"\\HasNoChildren", "\\AllMail"})), SpecialUse::all);
  EXPECT_EQ(told_use(folder("x", {"\\Starred"})), SpecialUse::flagged);
  EXPECT_FALSE(told_use(folder("Sent")));
}

}  // namespace
}  // namespace postern::imap
