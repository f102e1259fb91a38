// The files that event rules write: below one directory, whatever is asked for or lies there.
#include "storage/log_folder.hpp"

#include "unit/storage/kit.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace postern::storage {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class LogFolderTest : public testing::Test {
 protected:
  fs::path inside() const { return fs::path(directory_.path()) / "logs"; }
  fs::path outside() const { return fs::path(directory_.path()) / "outside"; }

  TemporaryDirectory directory_;
  LogFolder folder_{inside()};
};

TEST_F(LogFolderTest, Adds_lines_and_makes_what_is_missing) {
  ASSERT_TRUE(folder_.append("mail/failures.log", "one"));
  ASSERT_TRUE(folder_.append("mail/failures.log", "two\r\nforged \x1b[31m"));

  EXPECT_EQ(content(inside() / "mail/failures.log"), "one\ntwo  forged  [31m\n");
}

TEST_F(LogFolderTest, Makes_a_file_anew_that_was_moved_away) {
  ASSERT_TRUE(folder_.append("a.log", "one"));
  fs::rename(inside() / "a.log", inside() / "a.old");

  ASSERT_TRUE(folder_.append("a.log", "two"));

  EXPECT_EQ(content(inside() / "a.log"), "two\n");
}

TEST_F(LogFolderTest, Goes_nowhere_else) {
  fs::create_directories(inside());
  fs::create_directories(outside());
  fs::create_directory_symlink(outside(), inside() / "way-out");
  fs::create_symlink(outside() / "file", inside() / "link.log");
  std::ofstream(outside() / "twin") << "x";
  fs::create_hard_link(outside() / "twin", inside() / "twin.log");
  ASSERT_EQ(::mkfifo((inside() / "pipe.log").c_str(), 0600), 0);

  for (const char* path : {"../outside/file", "/etc/passwd", "a/../../outside/file", "", "a//b",
                           "way-out/file", "link.log", "twin.log", "pipe.log", "."}) {
    EXPECT_FALSE(folder_.append(path, "line")) << path;
  }
  EXPECT_FALSE(fs::exists(outside() / "file"));
  EXPECT_EQ(content(outside() / "twin"), "x");
}

TEST_F(LogFolderTest, Writes_nowhere_without_a_directory) {
  EXPECT_FALSE(LogFolder("").append("a.log", "line"));
}

TEST_F(LogFolderTest, Sets_a_file_that_has_grown_aside_and_keeps_five) {
  const LogFolder small(inside(), 20);
  for (int i = 0; i < 9; ++i)
    ASSERT_TRUE(small.append("a.log", "line number " + std::to_string(i)));

  EXPECT_EQ(content(inside() / "a.log"), "line number 8\n");
  EXPECT_EQ(content(inside() / "a.log.1"), "line number 7\n");
  EXPECT_EQ(content(inside() / "a.log.5"), "line number 3\n");
  EXPECT_FALSE(fs::exists(inside() / "a.log.6"));
}

}  // namespace
}  // namespace postern::storage
