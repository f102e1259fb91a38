#include "message/tnef.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"

#include <cstdint>
#include <optional>

namespace postern::message {
namespace {

constexpr std::uint32_t signature = 0x223E9F78;
constexpr std::size_t word_bytes_max = 1024;  // of a name, a type

enum Attribute : std::uint32_t {
  attach_rend_data = 0x00069002,  // a file begins
  attach_title = 0x00018010,
  attach_data = 0x0006800F,
  attachment = 0x00069005,  // its properties
  oem_codepage = 0x00069007
};
enum Property : std::uint32_t { long_filename = 0x3707, mime_tag = 0x370E, content_id = 0x3712 };

/// Takes little-endian numbers and pieces off the front; nothing when there is too little.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  std::optional<std::uint32_t> number(std::size_t octets) {
    const auto taken = piece(octets);
    if (!taken) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < octets; ++i) {
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>((*taken)[i])) << (8 * i);
    }
    return value;
  }
  std::optional<std::string_view> piece(std::size_t octets) {
    if (octets > bytes_.size()) return std::nullopt;
    const auto taken = bytes_.substr(0, octets);
    bytes_.remove_prefix(octets);
    return taken;
  }
  /// A piece and what fills it up to four octets.
  std::optional<std::string_view> padded(std::size_t octets) {
    const auto taken = piece(octets);
    if (taken) piece(std::min((4 - octets % 4) % 4, bytes_.size()));
    return taken;
  }

 private:
  std::string_view bytes_;
};

std::string_view before_nul(std::string_view text) {
  return text.substr(0, std::min(text.find('\0'), word_bytes_max));
}

/// The octets of a value of a type whose values have all the same size; 0 for others.
std::size_t fixed_octets(std::uint32_t type) {
  switch (type) {
    case 0x0002:  // 16 bits, filled up
    case 0x0003:
    case 0x0004:
    case 0x000A:
    case 0x000B:
      return 4;
    case 0x0005:
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case 0x0040:
      return 8;
    case 0x0048:
      return 16;
    default:
      return 0;
  }
}

bool is_variable(std::uint32_t type) {
  return type == 0x001E || type == 0x001F || type == 0x0102 || type == 0x000D;
}

class Reader {
 public:
  Reader(std::string_view bytes, CharsetDecoder& charsets) : bytes_(bytes), charsets_(charsets) {}

  Tnef run() {
    if (bytes_.number(4) != signature || !bytes_.number(2)) {
      out_.broken = true;
      return std::move(out_);
    }
    while (!bytes_.empty() && !out_.broken) {
      if (!take_attribute()) out_.broken = true;
    }
    if (out_.broken && open_) out_.files.pop_back();
    return std::move(out_);
  }

 private:
  bool take_attribute() {
    const auto level = bytes_.number(1);
    const auto id = bytes_.number(4);
    const auto length = bytes_.number(4);
    if (!level || !id || !length) return false;
    const auto data = bytes_.piece(*length);
    if (!data || !bytes_.number(2)) return false;  // the checksum is nothing to go by
    switch (*id) {
      case oem_codepage:
        if (const auto page = Bytes(*data).number(4)) set_codepage(*page);
        return true;
      case attach_rend_data:
        if (out_.files.size() == tnef_files_max) return false;
        out_.files.emplace_back();
        open_ = true;
        return true;
      case attach_title:
        if (!out_.files.empty()) out_.files.back().filename = words(before_nul(*data), codepage_);
        return true;
      case attach_data:
        if (!out_.files.empty()) out_.files.back().content = *data;
        open_ = false;
        return true;
      case attachment:
        if (!out_.files.empty()) take_properties(Bytes(*data));
        return true;
      default:
        return true;
    }
  }

  void set_codepage(std::uint32_t page) {
    if (page == 65001) codepage_ = "utf-8";
    if (page >= 1250 && page <= 1258) codepage_ = "windows-" + std::to_string(page);
    if (page == 932) codepage_ = "shift_jis";
    if (page == 936) codepage_ = "gbk";
    if (page == 949) codepage_ = "euc-kr";
    if (page == 950) codepage_ = "big5";
  }

  std::string words(std::string_view bytes, std::string_view charset) {
    return charsets_.to_utf8(bytes, charset).utf8;
  }

  /// Until the first that cannot be read: names are a comfort, the file is there without them.
  void take_properties(Bytes properties) {
    const auto count = properties.number(4);
    for (std::uint32_t i = 0; count && i < *count; ++i) {
      if (!take_property(properties)) return;
    }
  }

  bool take_property(Bytes& from) {
    const auto type = from.number(2);
    const auto id = from.number(2);
    if (!type || !id || (*id >= 0x8000 && !pass_name(from))) return false;
    if (const auto octets = fixed_octets(*type)) return from.piece(octets).has_value();
    if (!is_variable(*type)) return false;  // lists of values are none of ours
    const auto values = from.number(4);
    for (std::uint32_t i = 0; values && i < *values; ++i) {
      const auto length = from.number(4);
      const auto value = length ? from.padded(*length) : std::nullopt;
      if (!value) return false;
      keep(*id, *type, *value);
    }
    return values.has_value();
  }

  static bool pass_name(Bytes& from) {
    const auto guid = from.piece(16);
    const auto kind = from.number(4);
    const auto number_or_length = from.number(4);
    if (!guid || !kind || !number_or_length) return false;
    return *kind == 0 || from.padded(*number_or_length).has_value();
  }

  void keep(std::uint32_t id, std::uint32_t type, std::string_view value) {
    if (id != long_filename && id != mime_tag && id != content_id) return;
    if (type != 0x001E && type != 0x001F) return;
    auto text = type == 0x001F ? words(value.substr(0, word_bytes_max), "utf-16le")
                               : words(before_nul(value), codepage_);
    const std::string_view replaced_nul = "\xEF\xBF\xBD";
    if (text.ends_with(replaced_nul)) text.resize(text.size() - replaced_nul.size());
    text = text.substr(0, text.find('\0'));
    auto& file = out_.files.back();
    if (id == long_filename && !text.empty()) file.filename = text;
    if (id == content_id) file.content_id = text;
    const auto slash = text.find('/');
    const bool is_type = slash != std::string::npos && is_token(text.substr(0, slash)) &&
                         is_token(text.substr(slash + 1));
    if (id == mime_tag && is_type) file.content_type = to_lower(text);
  }

  Bytes bytes_;
  CharsetDecoder& charsets_;
  std::string codepage_ = "windows-1252";
  Tnef out_;
  bool open_ = false;  // the last file has begun, and its bytes have not come
};

}  // namespace

Tnef read_tnef(std::string_view bytes, CharsetDecoder& charsets) {
  return Reader(bytes, charsets).run();
}

bool is_tnef(std::string_view content_type, std::string_view filename) {
  return content_type == "application/ms-tnef" || content_type == "application/vnd.ms-tnef" ||
         (content_type == "application/octet-stream" &&
          equals_ignoring_case(filename, "winmail.dat"));
}

}  // namespace postern::message
