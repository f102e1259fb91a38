#include "core/provider_message_id.hpp"

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::size_t message_id_bytes_max = 998;

bool is_name_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

/// The word of letters, digits and "-" behind `before`.
std::string_view word_behind(std::string_view text, std::string_view before) {
  const auto at = text.find(before);
  if (at == text.npos) return {};
  text.remove_prefix(at + before.size());
  const auto* end = std::ranges::find_if_not(text, is_name_char);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

bool is_uuid(std::string_view word) {
  if (word.size() != 36) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (word[i] == '-')) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> provider_alias_in(std::string_view words, std::string_view message_id) {
  const auto open = words.find('<');
  const auto close = open == words.npos ? open : words.find('>', open);
  if (close != words.npos && close - open < message_id_bytes_max) {
    const auto id = words.substr(open, close - open + 1);
    if (id.find('@') != id.npos && id.find(' ') == id.npos) {
      return id == message_id ? std::nullopt : std::optional<std::string>(id);
    }
  }
  const auto text = to_lower(words);
  const auto ses = word_behind(text, "ok ");
  if (ses.size() >= 50 && ses.ends_with("-000000")) return "ses:" + std::string(ses);
  const auto queued = word_behind(text, "queued as ");
  if (is_uuid(queued)) return "postmark:" + std::string(queued);
  return std::nullopt;
}

std::string provider_alias_of(std::string_view id) {
  if (id.size() < 3 || !id.starts_with('<') || !id.ends_with('>')) return std::string(id);
  const auto inner = to_lower(id.substr(1, id.size() - 2));
  const auto at = inner.rfind('@');
  if (at == std::string::npos) return std::string(id);
  const auto local = inner.substr(0, at);
  const auto domain = std::string_view(inner).substr(at + 1);
  if (domain.ends_with(".amazonses.com")) return "ses:" + local;
  if (domain == "mtasv.net") return "postmark:" + local;
  return std::string(id);
}

}  // namespace postern
