// Every mail of tests/corpus, and MESSAGE as it should be beside it.
#include "message/digest.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace postern::message {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::size_t mails_min = 150;

std::string file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Corpus, Each_mail_is_told_as_its_rfc_has_it) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(POSTERN_SOURCE_DIR "/tests/corpus/mails")) {
    if (entry.path().extension() != ".eml") continue;
    ++count;
    auto beside = entry.path();
    const auto expected = json::parse(file(beside.replace_extension(".json"))).as_object();

    const auto told = to_json(digest(file(entry.path())));

    const auto name = entry.path().stem().string();
    for (const auto& [key, value] : expected.at("message").as_object()) {
      const auto* found = told.if_contains(key);
      ASSERT_NE(nullptr, found) << name << ": " << key;
      EXPECT_TRUE(value == *found) << json::serialize(value) << "\n"
                                   << json::serialize(*found) << "\n"
                                   << name << ": " << key << " (" << expected.at("why") << ")";
    }
    EXPECT_EQ(expected.at("message").as_object().size(), told.size()) << name;
  }
  EXPECT_GE(count, mails_min);
}

}  // namespace
}  // namespace postern::message
