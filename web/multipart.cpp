// See multipart.hpp.
#include "web/multipart.hpp"

#include "core/utf8.hpp"
#include "web/token.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::web {
namespace {

constexpr std::string_view line_end = "\r\n";

Problem malformed(std::string detail) {
  return {400, "malformed_form", "The form is malformed: " + std::move(detail) + ".",
          "Send multipart/form-data as RFC 7578 says; let the HTTP library write it."};
}

Problem malformed_part(std::size_t number, std::string_view detail) {
  return malformed(fmt::format("part {} {}", number, detail));
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// Reads `value *(";" name "=" (token / quoted-string))`, one parameter at a time.
class Parameters {
 public:
  explicit Parameters(std::string_view text) : rest_(text) {
    const auto end = std::min(rest_.find(';'), rest_.size());
    value_ = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(end);
  }

  std::string_view value() const { return value_; }
  bool broken() const { return broken_; }

  /// The next one; false at the end, or (broken) at what is none.
  bool next(std::string& name, std::string& text) {
    while (rest_.starts_with(';') || rest_.starts_with(' ') || rest_.starts_with('\t')) {
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) return false;
    const auto equals = rest_.find_first_of("=;\"");
    broken_ = equals == rest_.npos || rest_[equals] != '=';
    if (broken_) return false;
    name.assign(trimmed(rest_.substr(0, equals)));
    std::transform(name.begin(), name.end(), name.begin(), lower);
    rest_.remove_prefix(equals + 1);
    rest_ = rest_.substr(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    if (!rest_.starts_with('"')) {
      const auto end = std::min(rest_.find(';'), rest_.size());
      text.assign(trimmed(rest_.substr(0, end)));
      rest_.remove_prefix(end);
      return true;
    }
    return take_quoted(text);
  }

 private:
  /// A backslash counts before a quote or a backslash only: some browsers sent Windows paths.
  bool take_quoted(std::string& text) {
    text.clear();
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      const bool escapes =
          rest_[i] == '\\' && i + 1 < rest_.size() && (rest_[i + 1] == '"' || rest_[i + 1] == '\\');
      if (escapes) ++i;
      text.push_back(rest_[i]);
    }
    broken_ = true;
    return false;
  }

  std::string_view rest_, value_;
  bool broken_ = false;
};

int hex_value(char c) {
  const char l = lower(c);
  if (c >= '0' && c <= '9') return c - '0';
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// Browsers write %22 for a quote in a name (WHATWG's encoding of forms); all else stays.
std::string with_quotes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool quote = text.substr(i, 3) == "%22";
    out.push_back(quote ? '"' : text[i]);
    if (quote) i += 2;
  }
  return out;
}

std::string latin_to_utf8(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out += {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
    }
  }
  return out;
}

/// ext-value = charset "'" [language] "'" value-chars; UTF-8 and ISO-8859-1, as its RFC demands.
/// Source: RFC 5987 §3.2.
std::optional<std::string> extended_value(std::string_view text) {
  const auto first = text.find('\'');
  const auto second = first == text.npos ? first : text.find('\'', first + 1);
  if (second == text.npos) return std::nullopt;
  std::string bytes;
  for (std::size_t i = second + 1; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
    i += 2;
  }
  const auto charset = text.substr(0, first);
  if (same_word(charset, "iso-8859-1")) return latin_to_utf8(bytes);
  if (!same_word(charset, "utf-8") || !valid_utf8(bytes)) return std::nullopt;
  return bytes;
}

std::string without_folders(std::string_view path) {
  const auto slash = path.find_last_of("/\\");
  return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

/// The header of one part; `number` counts from 1.
class PartHeader {
 public:
  PartHeader(std::string_view text, std::size_t number) : text_(text), number_(number) {}

  Answer<FormPart> read() {
    while (!text_.empty()) {
      const auto end = std::min(text_.find(line_end), text_.size());
      const auto line = text_.substr(0, end);
      text_.remove_prefix(std::min(end + line_end.size(), text_.size()));
      POSTERN_TRY(field(line));
    }
    if (!named_) return malformed_part(number_, "has no Content-Disposition with a name");
    return std::move(part_);
  }

 private:
  Answer<void> field(std::string_view line) {
    const bool odd = std::ranges::any_of(line, [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
    const auto colon = line.find(':');
    if (odd || colon == line.npos || colon == 0 || line.front() == ' ' || line.front() == '\t') {
      return malformed_part(number_, "has a malformed header line");
    }
    const auto name = trimmed(line.substr(0, colon));
    const auto value = trimmed(line.substr(colon + 1));
    if (same_word(name, "content-disposition")) return disposition(value);
    if (same_word(name, "content-type")) return type(value);
    if (same_word(name, "content-transfer-encoding")) return encoding(value);
    if (same_word(name, "content-id")) part_.content_id = value;
    return success();
  }

  Answer<void> disposition(std::string_view value) {
    Parameters parameters(value);
    if (named_ || !same_word(parameters.value(), "form-data")) {
      return malformed_part(number_, "needs one Content-Disposition: form-data");
    }
    std::string name, text;
    bool extended = false;
    while (parameters.next(name, text)) {
      if (name == "name") {
        part_.name = with_quotes(text);
        named_ = true;
      } else if (name == "filename" && !extended) {
        part_.filename = without_folders(with_quotes(text));
      } else if (name == "filename*") {
        const auto decoded = extended_value(text);
        if (!decoded) return malformed_part(number_, "has a malformed filename*");
        part_.filename = without_folders(*decoded);
        extended = true;
      }
    }
    if (parameters.broken()) return malformed_part(number_, "has a malformed Content-Disposition");
    const std::size_t file_bytes = part_.filename ? part_.filename->size() : 0;
    if (part_.name.empty() || std::max(part_.name.size(), file_bytes) > form_name_bytes_max) {
      return malformed_part(number_, "has an empty name, or one over 255 bytes");
    }
    if (!valid_utf8(part_.name)) return malformed_part(number_, "has a name that is not UTF-8");
    return success();
  }

  Answer<void> type(std::string_view value) {
    if (same_word(value.substr(0, 10), "multipart/")) {
      return malformed_part(number_, "is itself a multipart; send each file as a part of its own");
    }
    part_.content_type = value;
    return success();
  }

  Answer<void> encoding(std::string_view value) {
    if (same_word(value, "binary") || same_word(value, "8bit") || same_word(value, "7bit")) {
      return success();
    }
    return malformed_part(number_, "has a Content-Transfer-Encoding; send its bytes as they are");
  }

  std::string_view text_;
  std::size_t number_;
  FormPart part_;
  bool named_ = false;
};

Answer<std::string> boundary_of(std::string_view content_type) {
  Parameters parameters(content_type);
  std::string name, text, boundary;
  while (parameters.next(name, text)) {
    if (name == "boundary") boundary = text;
  }
  const bool plain = std::ranges::all_of(boundary, [](char c) { return c >= 0x20 && c < 0x7F; });
  if (boundary.empty() || boundary.size() > form_boundary_bytes_max || !plain ||
      boundary.ends_with(' ')) {
    return malformed("Content-Type names no boundary of 1 to 70 characters");
  }
  return boundary;
}

enum class Delimiter { none, next, last };

/// What stands at the front of `text`, and how long it is.
/// delimiter = "--" boundary ["--"] *LWSP CRLF; the CRLF before it is the caller's. The end of the
/// body may stand for the last CRLF.
Delimiter delimiter_at(std::string_view text, std::string_view dashes, std::size_t& length) {
  if (!text.starts_with(dashes)) return Delimiter::none;
  length = dashes.size();
  const bool last = text.substr(length).starts_with("--");
  if (last) length += 2;
  while (length < text.size() && (text[length] == ' ' || text[length] == '\t')) ++length;
  if (last) return Delimiter::last;  // what follows is the epilogue, and nobody's
  if (!text.substr(length).starts_with(line_end)) return Delimiter::none;
  length += line_end.size();
  return Delimiter::next;
}

/// Takes the body apart at its delimiters.
class FormReader {
 public:
  FormReader(std::string_view body, const std::string& boundary)
      : body_(body), dashes_("--" + boundary), found_(std::string(line_end) + dashes_) {}

  Answer<std::vector<FormPart>> read() {
    // The first delimiter may stand at the very front, or behind a preamble.
    std::size_t length = 0;
    Delimiter kind = delimiter_at(body_, dashes_, length);
    std::string_view preamble;
    if (kind != Delimiter::none) {
      body_.remove_prefix(length);
    } else {
      kind = next(preamble);
    }
    if (kind == Delimiter::none) return malformed("the boundary does not occur in the body");
    while (kind == Delimiter::next) {
      if (parts_.size() >= form_parts_max) {
        return malformed(fmt::format("more than {} parts", form_parts_max));
      }
      POSTERN_TRY(auto part, header());
      kind = next(part.content);
      if (kind == Delimiter::none) return malformed("the closing boundary is missing");
      if (!part.filename && part.content.size() > form_field_bytes_max) {
        return malformed_part(number(), "is a field over 32 MiB");
      }
      parts_.push_back(std::move(part));
    }
    return std::move(parts_);
  }

 private:
  std::size_t number() const { return parts_.size() + 1; }

  Answer<FormPart> header() {
    if (body_.starts_with(line_end)) return malformed_part(number(), "has no header");
    const auto limited = body_.substr(0, form_header_bytes_max);
    const auto end = limited.find("\r\n\r\n");
    if (end == limited.npos) {
      return malformed_part(number(), "has a header that does not end, or over 8 KiB");
    }
    const auto text = body_.substr(0, end);
    body_.remove_prefix(end + line_end.size());  // the second CRLF may be the delimiter's
    return PartHeader(text, number()).read();
  }

  /// Moves behind the next delimiter; `content` is what stood before it.
  Delimiter next(std::string_view& content) {
    for (std::size_t at = body_.find(found_); at != body_.npos; at = body_.find(found_, at + 1)) {
      std::size_t length = 0;
      const auto kind = delimiter_at(body_.substr(at + line_end.size()), dashes_, length);
      if (kind == Delimiter::none) continue;  // a longer line that begins alike
      content = body_.substr(0, at);
      if (content.starts_with(line_end)) content.remove_prefix(line_end.size());
      body_.remove_prefix(at + line_end.size() + length);
      return kind;
    }
    return Delimiter::none;
  }

  std::string_view body_;
  std::string dashes_, found_;
  std::vector<FormPart> parts_;
};

}  // namespace

Answer<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body) {
  POSTERN_TRY(const auto boundary, boundary_of(content_type));
  return FormReader(body, boundary).read();
}

std::string form_sha256(const std::vector<FormPart>& parts) {
  std::string all;
  for (const auto& part : parts) {
    const auto filename = part.filename.value_or("");
    all += fmt::format("{} {} {} {} {} {};", part.name.size(), part.name, part.filename.has_value(),
                       filename.size(), filename, part.content_type);
    all +=
        fmt::format("{} {} {};", part.content_id.size(), part.content_id, sha256_hex(part.content));
  }
  return sha256_hex(all);
}

}  // namespace postern::web
