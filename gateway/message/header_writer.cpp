#include "message/header_writer.hpp"

#include "message/ascii.hpp"
#include "message/domain.hpp"
#include "message/words.hpp"

#include <algorithm>

namespace postern::message {
namespace {

constexpr std::size_t parameter_octets_max = 60;  // of one parameter's text in one line
constexpr std::size_t quoted_octets_max = 60;

bool is_atom_char(char c) {
  return is_letter(c) || is_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

/// Splits before the first blank of a run, so that "a  b" stays so when folded and unfolded.
std::vector<std::string> split_at_blanks(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t word = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = std::min(text.find(' ', word), text.size());
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

/// Whether unstructured text may stand as it is: it survives folding and looks like no encoded
/// word.
bool may_stand(std::string_view text) {
  if (!is_plain_ascii(text) || text.find("=?") != text.npos) return false;
  if (text.starts_with(' ') || text.ends_with(' ')) return false;
  const auto pieces = split_at_blanks(text);
  return std::all_of(pieces.begin(), pieces.end(), [](const std::string& piece) {
    return piece.size() <= header_token_octets_max;
  });
}

std::vector<std::string> phrase(std::string_view name, const std::string& charset,
                                std::size_t first_octets_max) {
  const bool atoms =
      std::all_of(name.begin(), name.end(), [](char c) { return c == ' ' || is_atom_char(c); });
  if (atoms && may_stand(name)) return split_at_blanks(name);
  if (is_plain_ascii(name) && name.find("=?") == name.npos && name.size() <= quoted_octets_max) {
    return {quoted(name)};
  }
  return encode_words(name, charset, first_octets_max);
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

std::vector<std::string> parameter(const std::string& name, const std::string& text) {
  if (is_plain_ascii(text) && text.size() <= parameter_octets_max &&
      text.find("=?") == std::string::npos) {
    return {name + "=" + (is_token(text) ? text : quoted(text))};
  }
  const std::string encoded = "utf-8''" + percent_encoded(text);
  if (encoded.size() <= parameter_octets_max) return {name + "*=" + encoded};
  std::vector<std::string> sections;
  for (std::size_t at = 0; at < encoded.size();) {
    std::size_t length = std::min(parameter_octets_max - 10, encoded.size() - at);
    const std::size_t percent = encoded.rfind('%', at + length - 1);
    const bool splits = percent != std::string::npos && percent >= at && percent + 3 > at + length;
    if (splits) length = percent - at;
    sections.push_back(name + "*" + std::to_string(sections.size()) +
                       "*=" + encoded.substr(at, length));
    at += length;
  }
  return sections;
}

}  // namespace

void HeaderWriter::words(std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out_ += name;
  out_ += ':';
  std::size_t column = name.size() + 1;
  bool first = true;
  for (const std::string& word : values) {
    // Never before the first word: a line with nothing but the name confuses some readers.
    if (!first && column + 1 + word.size() > header_line_octets_max) {
      out_ += "\r\n";
      column = 0;
    }
    out_ += ' ';
    out_ += word;
    column += 1 + word.size();
    first = false;
  }
  out_ += "\r\n";
}

void HeaderWriter::text(std::string_view name, std::string_view value) {
  if (may_stand(value)) return words(name, split_at_blanks(value));
  const std::size_t used = std::min(name.size() + 2, header_line_octets_max);
  words(name, encode_words(value, charset_, header_line_octets_max - used));
}

void HeaderWriter::addresses(std::string_view name, const std::vector<MailAddress>& list) {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::size_t at = list[i].address.rfind('@');
    const std::string domain = list[i].address.substr(at + 1);
    std::string address =
        list[i].address.substr(0, at + 1) + to_ascii_domain(domain).value_or(domain);
    if (!list[i].name.empty()) {
      const std::size_t used = i == 0 ? name.size() + 2 : 1;
      const auto words = phrase(list[i].name, charset_, header_line_octets_max - used);
      pieces.insert(pieces.end(), words.begin(), words.end());
      address.insert(0, 1, '<') += '>';
    }
    if (i + 1 < list.size()) address += ',';
    pieces.push_back(std::move(address));
  }
  words(name, pieces);
}

void HeaderWriter::with_parameters(
    std::string_view name, std::string_view value,
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::vector<std::string> pieces{std::string(value)};
  for (const auto& [key, text] : parameters) {
    for (std::string& section : parameter(key, text)) {
      pieces.back() += ';';
      pieces.push_back(std::move(section));
    }
  }
  words(name, pieces);
}

}  // namespace postern::message
