// See first_start.hpp.
#include "web/first_start.hpp"

#include "web/token.hpp"

namespace postern::web {
namespace {

constexpr std::size_t code_characters = 12;  // of 32 each: 60 bits
constexpr std::size_t group_characters = 4;

/// Crockford's letters and digits, of which none looks like another.
std::string random_code() {
  constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto digits = sha256_hex(random_text(32));
  std::string code;
  for (std::size_t i = 0; i < code_characters; ++i) {
    const auto byte = std::stoul(digits.substr(i * 2, 2), nullptr, 16);
    code += letters[byte % letters.size()];
  }
  return code;
}

std::string in_groups(std::string_view code) {
  std::string result;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (i > 0 && i % group_characters == 0) result += '-';
    result += code[i];
  }
  return result;
}

std::string typed(std::string_view code) {
  std::string result;
  for (const char c : code) {
    if (c == ' ' || c == '-') continue;
    result += c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  }
  return result;
}

}  // namespace

void FirstStart::offer(Duration steady_now) {
  if (!code_.empty() && steady_now < ends_ && tries_left_ > 0) return;
  code_ = random_code();
  ends_ = steady_now + first_start_code_lifetime;
  tries_left_ = first_start_tries_max;
  if (tell_) tell_(Secret(in_groups(code_)));
}

bool FirstStart::fits(std::string_view code, Duration steady_now) {
  offer(steady_now);
  if (equal_in_constant_time(typed(code), code_)) return true;
  --tries_left_;
  offer(steady_now);
  return false;
}

void FirstStart::over() {
  code_.clear();
  tries_left_ = 0;
  if (tell_) tell_(Secret());
}

}  // namespace postern::web
