// What PlayedImap's files share: one connection to it.
#pragma once

#include "sim/played_imap.hpp"

#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace postern::sim {

inline bool takes_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// The number that `text` begins with.
inline std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct PlayedImap::Session {
  explicit Session(std::unique_ptr<net::Stream> stream) : dialogue(std::move(stream)) {}
  Dialogue dialogue;
  std::string folder;  // the one that is selected, or empty
  bool read_only = true;
  bool idling = false;
  bool qresync = false;      // enabled
  bool tells_gmail = false;  // X-GM-MSGID was asked for
  bool tells_body = true;
  bool logged_in = false;
  std::size_t told = 0;  // mails
  int commands = 0;
  std::size_t fetched = 0;
};

}  // namespace postern::sim
