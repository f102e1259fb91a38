// Secrets: sealed, bound to their place; the key's file.
#include "storage/secret_box.hpp"

#include "core/base64.hpp"
#include "core/hex.hpp"
#include "unit/storage/kit.hpp"

#include <sys/stat.h>

#include <fstream>

namespace postern::storage {
namespace {

Secret key(char fill) {
  return Secret(std::string(key_bytes, fill));
}

void write_file(const std::string& path, const std::string& text, mode_t mode = 0600) {
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
}

TEST(SecretBox, Opens_what_it_sealed) {
  const SecretBox box(key('k'));
  const SecretPlace place{"integration", 7, "incoming_password"};

  for (const std::string text : {"", "hunter2", "with \xff and more than one block of bytes"}) {
    EXPECT_EQ(box.open(box.seal(Secret(text), place), place).value().reveal(), text);
  }
}

TEST(SecretBox, Seals_the_same_text_differently_each_time_and_shows_none_of_it) {
  const SecretBox box(key('k'));
  const SecretPlace place{"integration", 7, "incoming_password"};

  const auto first = box.seal(Secret("hunter2"), place);

  EXPECT_NE(first, box.seal(Secret("hunter2"), place));
  EXPECT_EQ(first.find("hunter2"), std::string::npos);
  EXPECT_EQ(first.size(), 12 + 7 + 16u);
}

TEST(SecretBox, Notices_every_changed_byte_and_every_cut) {
  const SecretBox box(key('k'));
  const SecretPlace place{"integration", 7, "incoming_password"};
  const auto sealed = box.seal(Secret("hunter2"), place);

  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(box.open(changed, place).error().code, errc::corrupt) << i;
    EXPECT_EQ(box.open(sealed.substr(0, i), place).error().code, errc::corrupt) << i;
  }
}

TEST(SecretBox, Does_not_open_in_another_row_field_or_table_or_with_another_key) {
  const SecretBox box(key('k')), other(key('o'));
  const auto sealed = box.seal(Secret("x"), {"integration", 7, "incoming_password"});

  EXPECT_TRUE(box.open(sealed, {"integration", 8, "incoming_password"}).has_error());
  EXPECT_TRUE(box.open(sealed, {"integration", 7, "outgoing_password"}).has_error());
  EXPECT_TRUE(box.open(sealed, {"target", 7, "incoming_password"}).has_error());
  const auto refused = other.open(sealed, {"integration", 7, "incoming_password"});
  EXPECT_NE(refused.error().detail.find("integration 7"), std::string::npos);
}

TEST(SecretBox, Names_its_key_without_telling_it) {
  EXPECT_EQ(SecretBox(key('k')).key_id(), SecretBox(key('k')).key_id());
  EXPECT_NE(SecretBox(key('k')).key_id(), SecretBox(key('o')).key_id());
  EXPECT_EQ(SecretBox(key('k')).key_id().size(), 16u);
}

TEST(KeyFile, Is_made_for_its_owner_alone_and_read_again) {
  const TemporaryDirectory directory;
  const auto path = directory.path() + "/secret.key";
  write_file(path + ".new", "left by a crash", 0644);

  const auto made = make_key_file(path).value();

  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  EXPECT_EQ(read_key_file(path).value().at(0).reveal(), made.reveal());
  EXPECT_TRUE(read_key_file(directory.path() + "/none").value().empty());
}

TEST(KeyFile, May_be_base_64_or_hexadecimal_with_a_line_end) {
  const TemporaryDirectory directory;
  const auto path = directory.path() + "/key";
  const std::string bytes = "0123456789abcdef0123456789ABCDEF";

  for (const auto& text : {to_base64(bytes), to_hex(bytes) + "\n", to_base64(bytes) + "\r\n"}) {
    write_file(path, text);
    EXPECT_EQ(read_key_file(path).value().at(0).reveal(), bytes) << text;
  }
}

TEST(KeyFile, Is_refused_when_it_is_no_key) {
  const TemporaryDirectory directory;
  const auto path = directory.path() + "/key";

  for (const std::string& text :
       {std::string(), to_base64("short"), std::string(64, 'z'), to_hex(std::string(31, 'a')),
        std::string(2000, 'a'), to_base64(std::string(key_bytes, 'k')) + "\nmore"}) {
    write_file(path, text);
    const auto refused = read_key_file(path);
    ASSERT_TRUE(refused.has_error()) << text;
    EXPECT_EQ(refused.error().code, errc::corrupt);
    EXPECT_NE(refused.error().detail.find(path), std::string::npos);
  }
}

TEST(KeyFile, Is_refused_when_others_have_any_right_to_it) {
  const TemporaryDirectory directory;
  const auto path = directory.path() + "/key";

  for (const mode_t mode : {0640u, 0604u, 0620u, 0601u, 0644u}) {
    write_file(path, to_base64(std::string(key_bytes, 'k')), mode);
    const auto refused = read_key_file(path);
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, errc::key_file_mode);
    EXPECT_NE(refused.error().detail.find(path), std::string::npos);
  }
}

TEST(KeyFile, Of_a_credential_may_show_an_access_list_s_mask_as_the_group_s_right) {
  const TemporaryDirectory directory;
  const auto path = directory.path() + "/secret.key";
  write_file(path, to_base64(std::string(key_bytes, 'k')), 0440);
  EXPECT_EQ(read_key_file(path).error().code, errc::key_file_mode);
  ::setenv("CREDENTIALS_DIRECTORY", directory.path().c_str(), 1);

  const auto read = read_key_file(path);
  ::chmod(path.c_str(), 0444);
  const auto refused = read_key_file(path);
  ::unsetenv("CREDENTIALS_DIRECTORY");

  EXPECT_TRUE(read.has_value());
  EXPECT_EQ(refused.error().code, errc::key_file_mode);
}

}  // namespace
}  // namespace postern::storage
