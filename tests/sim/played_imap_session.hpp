// What PlayedImap's two files share: one connection to it.
#pragma once

#include "sim/played_imap.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace postern::sim {

inline bool takes_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

struct PlayedImap::Session {
  explicit Session(std::unique_ptr<net::Stream> stream) : dialogue(std::move(stream)) {}
  Dialogue dialogue;
  std::string folder;  // the one that is selected, or empty
  bool read_only = true;
  bool idling = false;
  bool qresync = false;  // enabled
  bool logged_in = false;
  std::size_t told = 0;  // mails
  int commands = 0;
  std::size_t fetched = 0;
};

}  // namespace postern::sim
