#include "message/address.hpp"

#include "core/syntax.hpp"
#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/errc.hpp"

#include <algorithm>
#include <optional>

namespace postern::message {
namespace {

constexpr std::size_t quoted_bytes_max = 80;  // of the offending text in a detail

Error bad_address(std::string_view text, std::string_view why) {
  std::string shown = to_valid_utf8(cut_utf8(text, quoted_bytes_max));
  for (char& c : shown) {
    if (is_control(c)) c = '?';
  }
  return {errc::bad_address, "\"" + shown + "\" " + std::string(why)};
}

/// Walks a string and knows whether it is inside quotes, a comment or brackets.
class Nesting {
 public:
  bool outside() const { return !quoted_ && comment_ == 0 && !angle_ && !literal_; }
  bool quoted() const { return quoted_; }
  bool commented() const { return comment_ > 0; }
  bool too_deep() const { return comment_ > comment_nesting_max; }

  void pass(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\' && (quoted_ || comment_ > 0)) {
      escaped_ = true;
    } else if (c == '"' && comment_ == 0) {
      quoted_ = !quoted_;
    } else if (quoted_) {
      return;
    } else if (c == '(') {
      ++comment_;
    } else if (c == ')') {
      comment_ = std::max(0, comment_ - 1);
    } else if (comment_ == 0 && (c == '<' || c == '>')) {
      angle_ = c == '<';
    } else if (comment_ == 0 && (c == '[' || c == ']')) {
      literal_ = c == '[';
    }
  }

 private:
  bool quoted_ = false, angle_ = false, literal_ = false, escaped_ = false;
  int comment_ = 0;
};

/// An address without its comments, and the last of them.
struct Uncommented {
  std::string text;
  std::optional<std::string> comment;
};

/// comment = "(" *(ctext / quoted-pair / comment) ")"; nothing when one is not closed, or is too
/// deep in others.
std::optional<Uncommented> without_comments(std::string_view text) {
  Uncommented result;
  Nesting nesting;
  for (const char c : text) {
    const bool was_inside = nesting.commented();
    nesting.pass(c);
    if (nesting.too_deep()) return std::nullopt;
    if (!was_inside && !nesting.commented()) {
      result.text.push_back(c);
    } else if (!was_inside) {
      result.comment.emplace();
    } else if (nesting.commented()) {
      result.comment->push_back(c);
    }
  }
  if (nesting.commented()) return std::nullopt;
  return result;
}

/// One blank for each run of them, at the ends none.
std::string single_blanks(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    if (!is_blank(c) || !is_blank(out.back())) out.push_back(c);
  }
  return out;
}

/// phrase = 1*word, lenient about dots and @ between the words; nothing when a special is bare.
std::optional<std::string> display_name(std::string_view text) {
  std::string name;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted && c == '\\' && i + 1 < text.size()) {
      name.push_back(text[++i]);
    } else if (!quoted && std::string_view("()<>[]:;\\,").find(c) != std::string_view::npos) {
      return std::nullopt;
    } else {
      name.push_back(c);
    }
  }
  name = std::string(trim(name));
  if (quoted || name.size() > display_name_bytes_max || !valid_utf8(name)) return std::nullopt;
  return name;
}

/// Where the `<` of a name-addr is, outside quotes.
std::size_t angle_at(std::string_view text) {
  Nesting nesting;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<' && nesting.outside()) return i;
    nesting.pass(text[i]);
  }
  return text.npos;
}

bool is_group_name(std::string_view text) {
  if (text.find('@') != text.npos) return false;  // lenient display_name would let it pass
  const auto name = display_name(text);
  return name && !name->empty();
}

}  // namespace

bool is_addr_spec(std::string_view text) {
  return text.find_first_of("<>") == text.npos && valid_addr_spec(text);
}

Result<MailAddress> parse_address(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; })) {
    return bad_address(text, "holds a control character");
  }
  const auto bare = without_comments(text);
  if (!bare) return bad_address(text, "has a comment that is not closed");
  std::string_view item = trim(bare->text);
  MailAddress result;
  if (item.ends_with('>')) {  // name-addr = [display-name] "<" addr-spec ">"
    const std::size_t angle = angle_at(item);
    if (angle == item.npos) return bad_address(text, "has no opening angle bracket");
    const std::string_view phrase = item.substr(0, angle);
    auto name = display_name(bare->comment ? single_blanks(phrase) : phrase);
    if (!name) return bad_address(text, "has a name that must be put in quotes");
    result.name = std::move(*name);
    item = trim(item.substr(angle + 1, item.size() - angle - 2));
  } else if (bare->comment) {  // old: addr-spec (name)
    result.name = display_name(*bare->comment).value_or("");
  }
  if (!is_addr_spec(item)) return bad_address(text, "is not an e-mail address");
  result.address = item;
  return result;
}

Result<std::vector<MailAddress>> parse_address_list(std::string_view text) {
  if (text.size() > address_list_bytes_max) return bad_address(text, "…: the list is too long");
  std::vector<MailAddress> list;
  Nesting nesting;
  bool in_group = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool ends = i == text.size();
    const char c = ends ? ';' : text[i];
    if (!ends &&
        !(std::string_view(";,:").find(c) != std::string_view::npos && nesting.outside())) {
      nesting.pass(c);
      continue;
    }
    const std::string_view item = text.substr(begin, i - begin);
    begin = i + 1;
    if (c == ':') {  // group = display-name ":" [group-list] ";"
      if (in_group || !is_group_name(item)) return bad_address(item, "is no name of a group");
      in_group = true;
      continue;
    }
    if (ends && in_group) return bad_address(text, "has a group without its semicolon");
    in_group = in_group && c != ';';
    if (std::all_of(item.begin(), item.end(), is_blank)) continue;
    if (ends && nesting.quoted()) return bad_address(item, "has a quote that is not closed");
    if (list.size() >= address_list_max) return bad_address(item, "is one address too many");
    POSTERN_TRY(auto address, parse_address(item));
    list.push_back(std::move(address));
  }
  return list;
}

}  // namespace postern::message
