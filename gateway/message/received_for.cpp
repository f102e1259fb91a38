#include "message/received_for.hpp"

#include "core/hex.hpp"
#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/transfer.hpp"

namespace postern::message {
namespace {

constexpr std::size_t field_bytes_max = 4096;
constexpr std::size_t address_bytes = 320;
constexpr std::size_t root_octets = 22;  // a time and a GUID; each answer adds five

}  // namespace

std::optional<std::string> received_for(std::string_view value) {
  const auto text = unfold(value.substr(0, field_bytes_max));
  int depth = 0;  // of comments
  bool awaited = false;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '(' || c == ')') {
      depth += c == '(' ? 1 : (depth > 0 ? -1 : 0);
      ++at;
      continue;
    }
    if (depth > 0 || is_blank(c)) {
      ++at;
      continue;
    }
    if (c == ';') return std::nullopt;  // the date follows
    const auto end = std::min(text.find_first_of(" \t(;", at), text.size());
    auto word = std::string_view(text).substr(at, end - at);
    at = end;
    if (!awaited) {
      awaited = equals_ignoring_case(word, "for");
      continue;
    }
    if (word.starts_with('<') && word.ends_with('>')) word = word.substr(1, word.size() - 2);
    if (word.find('@') == word.npos || word.size() > address_bytes) return std::nullopt;
    return to_valid_utf8(word);
  }
  return std::nullopt;
}

std::optional<std::string> thread_index_root(std::string_view value) {
  const auto text = unfold(value.substr(0, field_bytes_max));
  const auto decoded = decode_transfer(text, TransferEncoding::base64, text.size());
  if (!decoded.clean || decoded.bytes.size() < root_octets) return std::nullopt;
  return to_hex(std::string_view(decoded.bytes).substr(0, root_octets));
}

}  // namespace postern::message
