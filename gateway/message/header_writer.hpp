// Header fields of a mail that we compose: folded at 76, encoded where they must be, CRLF.
//
// Values come here checked (draft_check): no control characters, addresses that are addresses.
// RFC 5322 §2.2.3, RFC 2047 §5, RFC 2231.
#pragma once

#include "core/mail.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::message {

inline constexpr std::size_t header_line_octets_max = 76;    // where folding is possible
inline constexpr std::size_t header_token_octets_max = 900;  // longer tokens become encoded words

class HeaderWriter {
 public:
  /// Appends to `out`; encoded words are in `charset`, which holds every value given (from_utf8).
  HeaderWriter(std::string& out, std::string charset) : out_(out), charset_(std::move(charset)) {}

  /// Unstructured text, UTF-8.
  void text(std::string_view name, std::string_view value);

  /// An address list; domains as A-labels. Nothing is written for an empty list.
  void addresses(std::string_view name, const std::vector<MailAddress>& list);

  /// Words as they are, separated by blanks where the line may be folded.
  void words(std::string_view name, const std::vector<std::string>& values);

  /// `value; name="text"`, with RFC 2231 for what is not short ASCII.
  void with_parameters(std::string_view name, std::string_view value,
                       const std::vector<std::pair<std::string, std::string>>& parameters);

 private:
  std::string& out_;
  std::string charset_;
};

}  // namespace postern::message
