// Every transcript of smtp_server/, played whole, in pieces, and cut at every line of the client.
#include "smtp_server_player.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace postern::smtp::test {
namespace {

constexpr std::size_t transcripts_min = 80;
constexpr std::size_t octets_for_bytewise_max = 8 * 1024;  // longer dialogues go in larger pieces
constexpr std::size_t large_piece_octets = 997;
constexpr std::size_t lines_for_cuts_max = 200;  // of longer dialogues the first ones are cut

std::vector<std::string> transcript_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(POSTERN_TRANSCRIPTS_DIR)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ServerTranscripts : public testing::TestWithParam<std::string> {
 protected:
  std::size_t octets() const {
    std::size_t count = 0;
    for (const auto& turn : transcript_.turns) {
      for (const auto& line : turn.lines) count += line.size();
    }
    return count;
  }
  std::vector<std::string> answers() const {
    std::vector<std::string> all;
    for (const auto& turn : transcript_.turns) all.push_back(turn.answer);
    return all;
  }
  static bool begins(const std::vector<std::string>& part, const std::vector<std::string>& all) {
    return part.size() <= all.size() && std::equal(part.begin(), part.end(), all.begin());
  }

  ServerTranscript transcript_ =
      read_server_transcript(std::string(POSTERN_TRANSCRIPTS_DIR) + "/" + GetParam() + ".txt");
};

TEST_P(ServerTranscripts, Go_as_written) {
  const auto result = play(transcript_, 0, {});

  EXPECT_FALSE(result.hangs);
  EXPECT_EQ(result.answers, answers());
  EXPECT_EQ(result.events, transcript_.expected);
}

TEST_P(ServerTranscripts, Go_the_same_way_in_pieces_of_any_size) {
  const bool bytewise = octets() <= octets_for_bytewise_max;
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    const auto result = play(transcript_, bytewise ? size : size * large_piece_octets, {});

    EXPECT_FALSE(result.hangs);
    if (transcript_.pieces_differ) {
      const auto mails = [](const auto& events) {
        return std::count_if(events.begin(), events.end(),
                             [](const auto& event) { return event.starts_with("mail "); });
      };
      EXPECT_LE(mails(result.events), mails(transcript_.expected));
    } else {
      EXPECT_EQ(result.answers, answers());
      EXPECT_EQ(result.events, transcript_.expected);
    }
  }
}

TEST_P(ServerTranscripts, Go_no_further_than_the_client_does) {
  const auto lines = std::min(transcript_.client_lines(), lines_for_cuts_max);
  for (std::size_t cut = 0; cut < lines; ++cut) {
    for (const bool half : {false, true}) {
      const auto result = play(transcript_, 0, {cut, half});

      SCOPED_TRACE("cut before line " + std::to_string(cut + 1) + (half ? ", half" : ""));
      EXPECT_FALSE(result.hangs);
      if (transcript_.pieces_differ) continue;
      EXPECT_TRUE(begins(result.events, transcript_.expected))
          << testing::PrintToString(result.events);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(SmtpServer, ServerTranscripts, testing::ValuesIn(transcript_names()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(ServerTranscriptCollection, Is_all_there) {
  EXPECT_GE(transcript_names().size(), transcripts_min);
}

}  // namespace
}  // namespace postern::smtp::test
