#include "imap/mailbox_name.hpp"

#include "core/utf8.hpp"
#include "imap/letters.hpp"
#include "imap/utf8.hpp"

#include <optional>

namespace postern::imap {
namespace {

constexpr std::size_t name_bytes_max = 1000;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_printable(char32_t c) {
  return c >= 0x20 && c < 0x7f;
}

// Writes 16-bit units as modified base 64 between '&' and '-'.
class Shifted {
 public:
  explicit Shifted(std::string& out) : out_(out) {}

  void add(char32_t character) {
    if (!open_) out_ += '&';
    open_ = true;
    if (character < 0x10000) return unit(character);
    unit(0xd800U + ((character - 0x10000U) >> 10U));
    unit(0xdc00U + ((character - 0x10000U) & 0x3ffU));
  }

  void close() {
    if (!open_) return;
    if (bits_ > 0) out_ += alphabet[(buffer_ << (6 - bits_)) & 0x3fU];
    out_ += '-';
    open_ = false;
    bits_ = 0;
  }

 private:
  void unit(char32_t value) {
    buffer_ = (buffer_ << 16U) | value;
    for (bits_ += 16; bits_ >= 6; bits_ -= 6) out_ += alphabet[(buffer_ >> (bits_ - 6)) & 0x3fU];
    buffer_ &= (1U << bits_) - 1;
  }

  std::string& out_;
  std::uint32_t buffer_ = 0;
  unsigned bits_ = 0;
  bool open_ = false;
};

// Decodes what stands between '&' and '-'. Surrogates must come in pairs, left-over bits be 0.
std::optional<std::string> unshift(std::string_view base64) {
  std::string text;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  char32_t high = 0;
  for (const char c : base64) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 16) continue;
    bits -= 16;
    const char32_t unit = (buffer >> bits) & 0xffffU;
    buffer &= (1U << bits) - 1;
    const bool is_low = unit >= 0xdc00 && unit < 0xe000;
    if (is_low != (high != 0) || is_printable(unit)) return std::nullopt;
    if (unit >= 0xd800 && unit < 0xdc00) {
      high = unit;
      continue;
    }
    append_utf8(text, high == 0 ? unit : 0x10000 + ((high - 0xd800) << 10U) + (unit - 0xdc00));
    high = 0;
  }
  if (high != 0 || bits >= 6 || buffer != 0) return std::nullopt;
  return text;
}

std::optional<std::string> decode_utf7(std::string_view name) {
  std::string text;
  while (!name.empty()) {
    const char c = name.front();
    name.remove_prefix(1);
    if (!is_printable(static_cast<unsigned char>(c))) return std::nullopt;
    if (c != '&') {
      text += c;
      continue;
    }
    const auto end = name.find('-');
    if (end == std::string_view::npos) return std::nullopt;
    if (end == 0) {
      text += '&';
    } else {
      const auto shifted = unshift(name.substr(0, end));
      if (!shifted) return std::nullopt;
      text += *shifted;
    }
    name.remove_prefix(end + 1);
  }
  return text;
}

}  // namespace

Result<std::string> encode_mailbox(std::string_view utf8) {
  if (utf8.empty() || utf8.size() > name_bytes_max) {
    return failure(errc::bad_argument, "a folder name is empty or too long");
  }
  if (is_word(utf8, "INBOX")) return std::string("INBOX");
  std::string name;
  Shifted shifted(name);
  while (!utf8.empty()) {
    const auto character = take_utf8(utf8);
    if (!character) return failure(errc::bad_argument, "a folder name is not UTF-8");
    if (*character < 0x20 || *character == 0x7f) {
      return failure(errc::bad_argument, "a folder name has a control character");
    }
    if (!is_printable(*character)) {
      shifted.add(*character);
      continue;
    }
    shifted.close();
    name += static_cast<char>(*character);
    if (*character == '&') name += '-';
  }
  shifted.close();
  return name;
}

std::string mailbox_on_wire(std::string_view utf8, bool utf8_accepted) {
  if (utf8_accepted) return std::string(is_word(utf8, "INBOX") ? "INBOX" : utf8);
  auto name = encode_mailbox(utf8);
  POSTERN_ASSERT(name.has_value());
  return std::move(name.value());
}

std::string decode_mailbox(std::string_view name) {
  return decode_mailbox(name, MailboxNames::modified_utf7);
}

std::string decode_mailbox(std::string_view name, MailboxNames names) {
  if (is_word(name, "INBOX")) return "INBOX";
  if (names == MailboxNames::modified_utf7) {
    if (auto text = decode_utf7(name)) return *text;
  }
  std::string text(name);
  if (valid_utf8(name)) return text;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

}  // namespace postern::imap
