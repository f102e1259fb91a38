// Any bytes as a header field's value: what is decoded is UTF-8 on one line; written again by the
// composer and read back, as text, as encoded words and as a parameter, it is the same, and never
// two fields.
#include "core/result.hpp"
#include "core/utf8.hpp"
#include "message/header_writer.hpp"
#include "message/parameters.hpp"
#include "message/words.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace postern::message;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string decoded(std::string_view value) {
  CharsetDecoder charsets;
  bool clean = true;
  return decode_words(value, charsets, clean);
}

/// The value of the one field that `written` is.
std::string_view value_of(std::string_view written) {
  POSTERN_ASSERT(written.ends_with("\r\n"));
  for (std::size_t i = 0; i + 2 < written.size(); ++i) {
    const char c = written[i];
    POSTERN_ASSERT(static_cast<unsigned char>(c) < 0x80);
    if (c == '\r') POSTERN_ASSERT(written[i + 1] == '\n');
    if (c == '\n') POSTERN_ASSERT(written[i + 1] == ' ' || written[i + 1] == '\t');
  }
  written.remove_suffix(2);
  written.remove_prefix(written.find(':') + 1);
  while (written.starts_with(' ')) written.remove_prefix(1);
  return written;
}

void check_words(const std::string& text) {
  std::string joined;
  for (const auto& word : encode_words(text, "utf-8")) {
    POSTERN_ASSERT(word.size() <= encoded_word_octets_max);
    joined += (joined.empty() ? "" : "\r\n ") + word;
  }
  POSTERN_ASSERT(decoded(joined) == text);
}

void check_fields(const std::string& text) {
  std::string subject;
  HeaderWriter(subject, "utf-8").text("Subject", text);
  POSTERN_ASSERT(decoded(value_of(subject)) == text);

  std::string disposition;
  HeaderWriter(disposition, "utf-8")
      .with_parameters("Content-Disposition", "attachment", {{"filename", text}});
  const auto read = parse_parameterized(value_of(disposition));
  const auto* name = read.find("filename");
  POSTERN_ASSERT(read.value == "attachment" && name != nullptr && name->value == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(bytes), size);

  const auto text = decoded(value);
  POSTERN_ASSERT(postern::valid_utf8(text));
  POSTERN_ASSERT(std::ranges::none_of(text, is_control));
  if (text.size() < 4000) check_words(text);
  // Blanks at the ends and a few of them together are folding's.
  const bool folds = text.starts_with(' ') || text.ends_with(' ') || text.find("  ") != text.npos;
  if (!text.empty() && !folds && text.size() < 800) check_fields(text);

  const auto read = parse_parameterized(value);
  POSTERN_ASSERT(read.parameters.size() <= parameters_max);
  for (const auto& parameter : read.parameters) {
    POSTERN_ASSERT(!parameter.name.empty() && parameter.value.size() <= parameters_bytes_max);
    POSTERN_ASSERT(
        std::ranges::none_of(parameter.name, [](char c) { return c >= 'A' && c <= 'Z'; }));
  }
  return 0;
}
