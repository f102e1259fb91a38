#include "flows/masking.hpp"

#include "core/base64.hpp"
#include "core/hex.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace postern::flows {
namespace {

constexpr std::string_view mark = "***";

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = is_word(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// What of `text` in base 64 does not depend on the bytes around it, when `before` bytes (0 to 2)
/// stand in front of it in its group of three.
std::string inner_base64(std::string_view text, std::size_t before, bool url) {
  std::string bytes(before, '\0');
  bytes += text;
  std::string encoded = url ? to_base64url(bytes) : to_base64(bytes);
  while (encoded.ends_with('=')) encoded.pop_back();
  if (bytes.size() % 3 != 0) encoded.pop_back();
  const std::size_t first = before == 0 ? 0 : before + 1;
  return encoded.size() > first ? encoded.substr(first) : std::string();
}

}  // namespace

Masking::Masking(const std::vector<Secret>& secrets) {
  for (const auto& secret : secrets) {
    const auto value = secret.reveal();
    if (value.empty()) continue;
    add(std::string(value));
    add(quoted(value));
    add(percent_encoded(value));
    add(to_hex(value));
    for (std::size_t before = 0; before < 3; ++before) {
      add(inner_base64(value, before, false));
      add(inner_base64(value, before, true));
    }
  }
  for (const auto& form : long_) {
    const auto text = form.reveal();
    for (std::size_t i = 0; i + part_bytes <= text.size(); ++i) {
      parts_.insert(text.substr(i, part_bytes));
    }
  }
}

void Masking::add(const std::string& form) {
  if (form.empty()) return;
  Secret lower(lower_case(form));
  auto& forms = lower.reveal().size() >= part_bytes ? long_ : short_;
  if (std::ranges::find(forms, lower) == forms.end()) forms.push_back(std::move(lower));
}

void Masking::mark_parts(std::string_view lower, std::vector<bool>& marks) const {
  if (parts_.empty()) return;
  for (std::size_t i = 0; i + part_bytes <= lower.size(); ++i) {
    if (!parts_.contains(lower.substr(i, part_bytes))) continue;
    for (std::size_t k = i; k < i + part_bytes; ++k) marks[k] = true;
  }
}

void Masking::mark_whole(std::string_view lower, std::vector<bool>& marks) const {
  for (const auto& form : short_) {
    const auto text = form.reveal();
    for (auto at = lower.find(text); at != std::string_view::npos; at = lower.find(text, at + 1)) {
      const auto end = at + text.size();
      const bool alone =
          (at == 0 || !is_word(lower[at - 1])) && (end == lower.size() || !is_word(lower[end]));
      if (text.size() < whole_bytes_min && !alone) continue;
      for (std::size_t k = at; k < end; ++k) marks[k] = true;
    }
  }
}

void Masking::mark_end(std::string_view lower, std::vector<bool>& marks) const {
  for (const auto* forms : {&long_, &short_}) {
    for (const auto& form : *forms) {
      const auto text = form.reveal();
      for (std::size_t n = std::min(text.size(), lower.size()); n > 0; --n) {
        if (!lower.ends_with(text.substr(0, n))) continue;
        for (std::size_t k = lower.size() - n; k < lower.size(); ++k) marks[k] = true;
        break;
      }
    }
  }
}

std::string Masking::mask(std::string_view text, bool cut) const {
  if (long_.empty() && short_.empty()) return std::string(text);
  const auto lower = lower_case(text);
  std::vector<bool> marks(text.size());
  mark_parts(lower, marks);
  mark_whole(lower, marks);
  if (cut) mark_end(lower, marks);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!marks[i]) {
      out += text[i];
    } else if (i == 0 || !marks[i - 1]) {
      out += mark;
    }
  }
  return out;
}

}  // namespace postern::flows
