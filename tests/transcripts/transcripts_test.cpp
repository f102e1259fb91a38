// Every script of a protocol, played whole, in small pieces, and cut at every line of the peer.
#include "transcripts/stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace postern::transcripts {
namespace {

constexpr std::size_t octets_for_bytewise_max = 8 * 1024;  // longer dialogues go in larger pieces
constexpr std::size_t large_piece_octets = 997;
constexpr std::size_t cuts_max = 200;  // a longer dialogue is cut at some of its lines

using Events = std::vector<std::string>;

const std::string dialogues = POSTERN_TRANSCRIPTS_DIR "/" POSTERN_TRANSCRIPTS "/";

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(dialogues)) {
    if (entry.path().extension() == ".txt") all.push_back(entry.path().stem().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

bool meets(const std::string& event, std::string_view expected) {
  if (!expected.ends_with("...")) return event == expected;
  expected.remove_suffix(3);
  return event.starts_with(expected);
}

bool begins(const Events& part, const Events& expected) {
  return part.size() <= expected.size() &&
         std::equal(part.begin(), part.end(), expected.begin(), meets);
}

std::ptrdiff_t feats(const Events& events) {
  return std::ranges::count_if(events, [](const auto& e) { return e.starts_with(protocol.feat); });
}

bool is_end(const std::string& event) {
  return event.starts_with("closed") || event.starts_with("error ");
}

class Transcripts : public testing::TestWithParam<std::string> {
 protected:
  void expect_as_written(const Play& result) {
    EXPECT_EQ(result.mistakes, Events());
    EXPECT_TRUE(result.events.size() == script_.expected.size() &&
                begins(result.events, script_.expected))
        << testing::PrintToString(result.events) << '\n'
        << testing::PrintToString(script_.expected) << '\n'
        << result.detail;
  }

  Script script_ = read_script(dialogues + GetParam() + ".txt", protocol.peer);
};

TEST_P(Transcripts, Go_as_written) {
  const auto result = protocol.play(script_, {});

  expect_as_written(result);
  for (const auto& words : script_.details) {
    EXPECT_NE(result.detail.find(words), std::string::npos) << result.detail;
  }
}

TEST_P(Transcripts, Go_the_same_way_in_pieces_of_any_size) {
  const bool bytewise = script_.peer_octets() <= octets_for_bytewise_max;
  for (const std::size_t octets : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    const auto result =
        protocol.play(script_, {.octets_at_once = bytewise ? octets : octets * large_piece_octets});

    if (!script_.pieces_differ) expect_as_written(result);
    EXPECT_LE(feats(result.events), feats(script_.expected));
  }
}

TEST_P(Transcripts, End_cleanly_wherever_the_line_is_cut) {
  const auto lines = script_.peer_lines();
  const auto stride = std::max<std::size_t>(1, lines / cuts_max);
  for (std::size_t cut = 0; cut < lines; cut += stride) {
    for (const bool half : {false, true}) {
      auto result = protocol.play(script_, {.peer_lines = cut, .half_of_next = half});

      SCOPED_TRACE("cut before line " + std::to_string(cut + 1) + (half ? ", half" : ""));
      EXPECT_LE(feats(result.events), feats(script_.expected));
      if (script_.pieces_differ && protocol.peer == 'C') continue;
      EXPECT_EQ(result.mistakes, Events());
      if (begins(result.events, script_.expected) &&
          (protocol.peer == 'C' || result.events.size() == script_.expected.size())) {
        continue;  // a server waits for its client; and what was cut off may not matter
      }
      ASSERT_FALSE(result.events.empty());
      EXPECT_TRUE(is_end(result.events.back())) << result.events.back();
      result.events.pop_back();
      EXPECT_TRUE(begins(result.events, script_.expected)) << testing::PrintToString(result.events);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, Transcripts, testing::ValuesIn(names()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(TranscriptCollection, Is_all_there) {
  EXPECT_GE(names().size(), protocol.scripts_min);
}

}  // namespace
}  // namespace postern::transcripts
