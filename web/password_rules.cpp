// See password_rules.hpp.
#include "web/password_rules.hpp"

#include "web/password.hpp"

#include <algorithm>
#include <array>

namespace postern::web {
namespace {

// What guessers try first, of our length and above.
constexpr std::array<std::string_view, 28> guessed = {
    "12345678",  "123456789",  "1234567890",    "11111111", "87654321",  "123123123", "password",
    "password1", "password12", "password123",   "passw0rd", "p@ssw0rd",  "qwertyui",  "qwertyuiop",
    "qwerty123", "qwertz123",  "1q2w3e4r",      "1qaz2wsx", "iloveyou",  "sunshine",  "letmein1",
    "welcome1",  "admin123",   "administrator", "changeme", "changeme1", "postern1",  "trustno1"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return result;
}

}  // namespace

std::optional<std::string> password_fault(std::string_view password, std::string_view name) {
  if (password.size() < password_bytes_min) {
    return "is too short: it needs at least 8 characters; a few words in a row are good";
  }
  if (password.size() > password_bytes_max) return "is too long: at most 1024 bytes are taken";
  const auto other = [&](char c) { return c != password.front(); };
  if (std::ranges::none_of(password, other)) return "is one character again and again";
  const auto small = lower(password);
  if (small == lower(name)) return "is the name itself";
  if (std::ranges::find(guessed, small) != guessed.end()) {
    return "is one of those that are guessed first";
  }
  return std::nullopt;
}

std::vector<std::string_view> password_rules() {
  return {"At least 8 characters; a few words in a row are good.",
          "Not the name, not one character repeated, not one of those that are guessed first.",
          "No digits or signs are asked for."};
}

}  // namespace postern::web
