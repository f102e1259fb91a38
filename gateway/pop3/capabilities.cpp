#include "pop3/capabilities.hpp"

#include "pop3/letters.hpp"

#include <algorithm>
#include <charconv>

namespace postern::pop3 {
namespace {

constexpr std::chrono::seconds login_delay_max{86400};

const std::vector<std::string>* find_line(const std::vector<std::vector<std::string>>& lines,
                                          std::string_view name) {
  for (const auto& words : lines) {
    if (words.front() == name) return &words;
  }
  return nullptr;
}

}  // namespace

void Capabilities::add(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const auto word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    if (!word.empty()) words.push_back(to_upper(word));
  }
  if (!words.empty()) lines_.push_back(std::move(words));
}

bool Capabilities::has(std::string_view name) const {
  return find_line(lines_, name) != nullptr;
}

bool Capabilities::has(std::string_view name, std::string_view parameter) const {
  const auto* words = find_line(lines_, name);
  return words != nullptr && std::find(words->begin() + 1, words->end(), parameter) != words->end();
}

std::optional<std::chrono::seconds> Capabilities::login_delay() const {
  const auto* words = find_line(lines_, "LOGIN-DELAY");
  if (words == nullptr || words->size() < 2) return std::nullopt;
  const auto& text = (*words)[1];
  int seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || seconds < 0) {
    return std::nullopt;
  }
  const std::chrono::seconds delay(seconds);
  return delay <= login_delay_max ? std::optional(delay) : std::nullopt;
}

std::string Capabilities::words() const {
  std::string text;
  for (const auto& line : lines_) {
    if (!text.empty()) text += ',';
    for (const auto& word : line) text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

}  // namespace postern::pop3
