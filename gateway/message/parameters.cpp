#include "message/parameters.hpp"

#include "message/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace postern::message {
namespace {

/// One `name*2*=value` as written.
struct Piece {
  std::string name;
  int section = -1;  // -1: no continuation
  bool extended = false;
  std::string value;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }

  std::string take_value() {
    std::string out;
    while (!at_end() && text_[at_] != ';') {
      if (text_[at_] == '(') {
        skip_comment();
        continue;
      }
      if (!is_blank(text_[at_])) out.push_back(lower(text_[at_]));
      ++at_;
    }
    return out;
  }

  std::optional<Piece> take_piece() {
    skip_to_name();
    const std::size_t begin = at_;
    while (!at_end() && text_[at_] != '=' && text_[at_] != ';') ++at_;
    Piece piece;
    piece.name = to_lower(trim(text_.substr(begin, at_ - begin)));
    if (at_end() || text_[at_] != '=') return std::nullopt;
    ++at_;
    while (!at_end() && is_blank(text_[at_])) ++at_;
    const bool is_file_name = piece.name.starts_with("name") || piece.name.starts_with("filename");
    piece.value = !at_end() && text_[at_] == '"' ? take_quoted() : take_bare(is_file_name);
    read_name_suffix(piece);
    return piece;
  }

 private:
  void skip_comment() {
    int depth = 0;  // comments nest; counted, not recursed into
    for (; !at_end(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '(') {
        ++depth;
      } else if (text_[at_] == ')' && --depth == 0) {
        ++at_;
        return;
      }
    }
    at_ = text_.size();
  }

  void skip_to_name() {
    while (!at_end() && (is_blank(text_[at_]) || text_[at_] == ';' || text_[at_] == '(')) {
      if (text_[at_] == '(') {
        skip_comment();
      } else {
        ++at_;
      }
    }
  }

  // A backslash escapes only a quote or a backslash: "C:\temp" is meant as it stands.
  std::string take_quoted() {
    std::string out;
    for (++at_; !at_end() && text_[at_] != '"'; ++at_) {
      const bool escapes = text_[at_] == '\\' && at_ + 1 < text_.size() &&
                           (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
      if (escapes) ++at_;
      out.push_back(text_[at_]);
    }
    while (!at_end() && text_[at_] != ';') ++at_;
    return out;
  }

  std::string take_bare(bool is_file_name) {
    const std::size_t begin = at_;
    while (!at_end() && text_[at_] != ';') ++at_;
    std::string_view value = text_.substr(begin, at_ - begin);
    if (!is_file_name) value = value.substr(0, value.find('('));
    return std::string(trim(value));
  }

  static void read_name_suffix(Piece& piece) {
    if (piece.name.ends_with('*')) {
      piece.extended = true;
      piece.name.pop_back();
    }
    const std::size_t star = piece.name.find('*');
    if (star == std::string::npos) return;
    int section = 0;
    const char* end = piece.name.data() + piece.name.size();
    const auto read = std::from_chars(piece.name.data() + star + 1, end, section);
    if (read.ec != std::errc() || read.ptr != end || section < 0) return;
    piece.section = section;
    piece.name.resize(star);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void append_percent_decoded(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
}

void append_piece(const Piece& piece, bool first, Parameter& parameter) {
  if (!piece.extended) {
    parameter.value += piece.value;
    return;
  }
  std::string_view text = piece.value;
  if (first) {  // charset'language'text
    const std::size_t one = text.find('\'');
    const std::size_t two = one == text.npos ? one : text.find('\'', one + 1);
    if (two != text.npos) {
      parameter.charset = to_lower(text.substr(0, one));
      text.remove_prefix(two + 1);
    }
  }
  append_percent_decoded(text, parameter.value);
}

}  // namespace

const Parameter* ParameterizedValue::find(std::string_view name) const {
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [&](const Parameter& p) { return p.name == name; });
  return at == parameters.end() ? nullptr : &*at;
}

ParameterizedValue parse_parameterized(std::string_view raw) {
  const std::string text = unfold(raw.substr(0, parameters_bytes_max));
  Reader reader(text);
  ParameterizedValue result;
  result.value = reader.take_value();

  std::vector<Piece> pieces;
  for (std::size_t n = 0; n < parameters_max && !reader.at_end(); ++n) {
    if (auto piece = reader.take_piece(); piece && !piece->name.empty()) {
      pieces.push_back(std::move(*piece));
    }
  }
  // Extended forms first, so that filename* wins over filename; then sections in their order.
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    const bool rich_a = a.extended || a.section >= 0, rich_b = b.extended || b.section >= 0;
    if (rich_a != rich_b) return rich_a;
    return a.section < b.section;
  });
  std::vector<int> last_section;  // of each parameter: a second section 0 is another's, dropped
  for (const Piece& piece : pieces) {
    const Parameter* known = result.find(piece.name);
    if (known == nullptr) {
      Parameter fresh{piece.name, {}, {}, piece.extended || piece.section >= 0};
      append_piece(piece, true, fresh);
      result.parameters.push_back(std::move(fresh));
      last_section.push_back(piece.section);
      continue;
    }
    const auto index = static_cast<std::size_t>(known - result.parameters.data());
    if (piece.section > last_section[index] && last_section[index] >= 0) {
      append_piece(piece, false, result.parameters[index]);
      last_section[index] = piece.section;
    }
  }
  return result;
}

}  // namespace postern::message
