// Every transcript of smtp/, played whole, in small pieces, and cut at every server line.
#include "smtp_player.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

namespace postern::smtp::test {
namespace {

constexpr std::size_t transcripts_min = 100;
constexpr std::size_t octets_for_bytewise_max = 8 * 1024;  // longer dialogues go in larger pieces
constexpr std::size_t large_piece_octets = 997;

std::vector<std::string> transcript_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(POSTERN_TRANSCRIPTS_DIR)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::size_t server_octets(const Transcript& transcript) {
  std::size_t octets = 0;
  for (const auto& line : transcript.dialogue) octets += line.server ? line.text.size() : 0;
  return octets;
}

std::ptrdiff_t accepted(const std::vector<std::string>& events) {
  return std::count_if(events.begin(), events.end(),
                       [](const auto& e) { return e.starts_with("done accepted"); });
}

class Transcripts : public testing::TestWithParam<std::string> {
 protected:
  Transcript transcript_ =
      read_transcript(std::string(POSTERN_TRANSCRIPTS_DIR) + "/" + GetParam() + ".txt");
};

TEST_P(Transcripts, Go_as_written) {
  const Play result = play(transcript_, 0, {});

  EXPECT_EQ(result.mistakes, std::vector<std::string>());
  EXPECT_EQ(result.events, transcript_.expected) << result.detail;
  EXPECT_EQ(result.challenge, transcript_.expected_challenge);
  for (const auto& words : transcript_.expected_detail) {
    EXPECT_NE(result.detail.find(words), std::string::npos) << result.detail;
  }
}

TEST_P(Transcripts, Go_the_same_way_in_pieces_of_any_size) {
  const bool bytewise = server_octets(transcript_) <= octets_for_bytewise_max;
  for (const std::size_t octets : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    const Play result = play(transcript_, bytewise ? octets : octets * large_piece_octets, {});

    EXPECT_EQ(result.mistakes, std::vector<std::string>());
    if (!result.diverged) {
      EXPECT_EQ(result.events, transcript_.expected) << result.detail;
    }
    EXPECT_LE(accepted(result.events), accepted(transcript_.expected));
  }
}

TEST_P(Transcripts, End_cleanly_wherever_the_line_is_cut) {
  const std::size_t lines = transcript_.server_lines();
  for (std::size_t cut = 0; cut < lines; ++cut) {
    for (const bool half : {false, true}) {
      Play result = play(transcript_, 0, {cut, half});

      SCOPED_TRACE("cut before server line " + std::to_string(cut + 1) + (half ? ", half" : ""));
      EXPECT_EQ(result.mistakes, std::vector<std::string>());
      ASSERT_FALSE(result.events.empty());
      const std::string last = result.events.back();
      const bool left = !transcript_.quit && result.events == transcript_.expected;
      EXPECT_TRUE(left || last == "closed" || last.starts_with("error ")) << last;
      if (!left) result.events.pop_back();
      ASSERT_LE(result.events.size(), transcript_.expected.size());
      EXPECT_TRUE(
          std::equal(result.events.begin(), result.events.end(), transcript_.expected.begin()));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Smtp, Transcripts, testing::ValuesIn(transcript_names()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(TranscriptCollection, Is_all_there) {
  EXPECT_GE(transcript_names().size(), transcripts_min);
}

}  // namespace
}  // namespace postern::smtp::test
