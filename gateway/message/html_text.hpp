// The plain text of a mail that was given as HTML alone, for its multipart/alternative.
//
// libxml2 reads the HTML (SAX: no tree, no recursion, no network) and this file writes what it
// says: blocks as lines, lists with their bullets, quotations with ">", links with their address
// behind them. It is for people with a text reader, not for the look of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::message {

inline constexpr std::size_t html_text_source_bytes_max = 4 * 1024 * 1024;  // the rest is not read
inline constexpr std::size_t html_text_bytes_max = 1024 * 1024;             // about, of the text
inline constexpr int html_nesting_max = 512;  // elements in each other; deeper, reading ends
inline constexpr int html_indent_max = 10;    // lists and quotations in each other that still show

struct HtmlText {
  std::string text;  // UTF-8, lines ended with '\n'; empty when the HTML shows no words
  bool cut = false;  // a limit was reached
};

/// What `html` (UTF-8) says. Never fails: of bad HTML it makes what a browser would.
HtmlText text_of_html(std::string_view html);

}  // namespace postern::message
