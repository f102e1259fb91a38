// Every dialogue in tests/transcripts/imap, three ways, without being asked.
#include "transcripts/imap_player.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace postern::imap {
namespace {

std::vector<std::string> all_dialogues() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(POSTERN_TRANSCRIPTS_DIR)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}

std::string listed(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += "\n  " + line;
  return text;
}

void check_events(const Transcript& transcript, const Play& result) {
  EXPECT_EQ(result.problem, "") << "events:" << listed(result.events);
  ASSERT_EQ(result.events.size(), transcript.expected.size())
      << "events:" << listed(result.events) << "\nexpected:" << listed(transcript.expected);
  for (std::size_t i = 0; i < result.events.size(); ++i) {
    EXPECT_TRUE(result.events[i].starts_with(transcript.expected[i]))
        << "event:    " << result.events[i] << "\nexpected: " << transcript.expected[i];
  }
}

// Byte by byte costs a call a byte; long dialogues are cut at some of their lines only.
constexpr std::size_t cuts_max = 200;

class ImapTranscript : public testing::TestWithParam<std::string> {};

TEST_P(ImapTranscript, Plays_whole) {
  const auto transcript = read_transcript(GetParam());

  check_events(transcript, play(transcript, {}));
}

TEST_P(ImapTranscript, Plays_byte_by_byte) {
  const auto transcript = read_transcript(GetParam());
  PlayOptions how;
  how.byte_by_byte = transcript.split;

  check_events(transcript, play(transcript, how));
}

TEST_P(ImapTranscript, Ends_cleanly_when_cut_at_every_server_line) {
  const auto transcript = read_transcript(GetParam());
  const auto whole = play(transcript, {});
  const auto lines = transcript.server_items();
  const auto stride = std::max<std::size_t>(1, lines / cuts_max);

  for (std::size_t cut = 0; cut < lines; cut += stride) {
    PlayOptions how;
    how.server_items_max = cut;
    const auto result = play(transcript, how);

    EXPECT_EQ(result.problem, "") << "cut after " << cut << " server lines";
    EXPECT_TRUE(result.ended) << "cut after " << cut << " server lines";
    if (result.events == whole.events) continue;  // what was cut off did not matter
    ASSERT_FALSE(result.events.empty()) << "cut after " << cut << " server lines";
    ASSERT_LE(result.events.size(), whole.events.size() + 1) << listed(result.events);
    const bool same_until_the_cut =
        std::equal(result.events.begin(), result.events.end() - 1, whole.events.begin());
    EXPECT_TRUE(same_until_the_cut) << "cut after " << cut << ": " << listed(result.events);
    EXPECT_TRUE(result.ended_well || result.events.back().starts_with("error "))
        << listed(result.events);
  }
}

INSTANTIATE_TEST_SUITE_P(Dialogue, ImapTranscript, testing::ValuesIn(all_dialogues()), test_name);

}  // namespace
}  // namespace postern::imap
