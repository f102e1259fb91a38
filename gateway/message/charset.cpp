#include "message/charset.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/vmime_setup.hpp"

#include <algorithm>
#include <array>
#include <vmime/vmime.hpp>

namespace postern::message {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// windows-1252 for 0x80–0x9F; the five holes are C1 controls as the WHATWG maps them.
constexpr std::array<std::uint16_t, 32> windows_1252_high{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_utf8(std::uint32_t point, std::string& out) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | point >> 6));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xE0 | point >> 12));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  }
}

std::string windows_1252_to_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(byte >= 0x80 && byte < 0xA0 ? windows_1252_high[byte - 0x80u] : byte, out);
  }
  return out;
}

/// `text` with every occurrence of the byte `from` as U+FFFD; whether there was one.
bool replace_byte(std::string& text, char from) {
  if (text.find(from) == std::string::npos) return false;
  std::string out;
  for (const char c : text) {
    if (c == from) {
      out += replacement;
    } else {
      out.push_back(c);
    }
  }
  text = std::move(out);
  return true;
}

bool is_utf8_name(std::string_view name) {
  return name == "utf-8" || name == "utf8" || name == "unicode-1-1-utf-8";
}

bool is_ascii_name(std::string_view name) {
  return name.empty() || name == "us-ascii" || name == "ascii" || name == "ansi_x3.4-1968";
}

bool is_latin_name(std::string_view name) {
  return name == "iso-8859-1" || name == "iso8859-1" || name == "latin1" || name == "iso_8859-1" ||
         name == "windows-1252" || name == "cp1252" || name == "cp-1252";
}

/// ICU takes options after a comma and opens files by name: only plain names get there.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= charset_name_bytes_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':' ||
                  c == '+';
         });
}

std::optional<std::string> through_vmime(std::string_view bytes, const std::string& source,
                                         const std::string& destination) {
  if (bytes.empty()) return std::string();  // vmime reads beyond an empty buffer
  setup_vmime();
  try {
    std::string out;
    vmime::charset::convert(std::string(bytes), out, vmime::charset(source),
                            vmime::charset(destination));
    return out;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

CharsetDecoder::Text CharsetDecoder::to_utf8(std::string_view bytes, std::string_view charset) {
  const std::string name = to_lower(trim(charset));
  Text text;
  const bool multibyte = name.starts_with("utf-16") || name.starts_with("utf-32") ||
                         name.starts_with("iso-2022") || name == "utf-7" || name == "hz-gb-2312" ||
                         name.starts_with("ucs-") || name.find("ebcdic") != name.npos ||
                         name.starts_with("ibm");  // where plain-looking bytes are not ASCII
  if (!multibyte && std::none_of(bytes.begin(), bytes.end(), is_eight_bit)) {
    text.utf8 = bytes;
  } else if (is_latin_name(name)) {
    text.utf8 = windows_1252_to_utf8(bytes);
  } else if (is_utf8_name(name)) {
    text.clean = valid_utf8(bytes);
    text.utf8 = text.clean ? std::string(bytes) : to_valid_utf8(bytes);
  } else if (auto converted = is_ascii_name(name) ? std::nullopt : convert(bytes, name)) {
    text.utf8 = std::move(*converted);
    text.clean = !replace_byte(text.utf8, '\x1A') &&  // ICU's other substitution
                 text.utf8.find(replacement) == std::string::npos;
  } else {
    const bool valid = valid_utf8(bytes);
    text.clean = valid && name.empty();
    text.utf8 = valid ? std::string(bytes) : windows_1252_to_utf8(bytes);
  }
  replace_byte(text.utf8, '\0');
  return text;
}

std::optional<std::string> CharsetDecoder::convert(std::string_view bytes,
                                                   const std::string& charset) {
  if (!is_plain_name(charset) || unknown_.contains(charset) || conversions_left_ == 0) {
    return std::nullopt;
  }
  --conversions_left_;
  auto converted = through_vmime(bytes, charset, "utf-8");
  if (!converted) {
    unknown_.insert(charset);
    return std::nullopt;
  }
  return to_valid_utf8(*converted);
}

bool is_mail_charset(const std::string& charset) {
  const std::string name = to_lower(charset);
  if (is_utf8_name(name)) return true;
  if (!is_plain_name(name)) return false;
  // Asked as a source first: vmime leaks its other converter when the destination is unknown.
  if (!through_vmime("a", name, "utf-8")) return false;
  constexpr std::string_view ascii = "Aa09 ~@=";
  return through_vmime(ascii, "utf-8", name) == ascii;
}

std::optional<std::string> from_utf8(std::string_view utf8, const std::string& charset) {
  const std::string name = to_lower(charset);
  if (is_utf8_name(name)) return std::string(utf8);
  if (!is_mail_charset(name)) return std::nullopt;
  auto converted = through_vmime(utf8, "utf-8", name);
  if (!converted || through_vmime(*converted, name, "utf-8") != utf8) return std::nullopt;
  return converted;
}

}  // namespace postern::message
