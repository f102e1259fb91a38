#include "message/address_field.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/words.hpp"

#include <algorithm>
#include <optional>

namespace postern::message {
namespace {

class FieldReader {
 public:
  FieldReader(std::string_view text, std::size_t addresses_max, CharsetDecoder& charsets)
      : text_(text), addresses_max_(addresses_max), charsets_(charsets) {}

  AddressField run() {
    while (at_ < text_.size() && !field_.nesting_limit && !field_.count_limit) take();
    if (!field_.nesting_limit) end_address();
    return std::move(field_);
  }

 private:
  void take() {
    const char c = text_[at_];
    if (c == '"') {
      take_quoted();
    } else if (c == '(') {
      take_comment();
    } else if (c == '<') {
      take_angle();
    } else if (c == '[') {
      take_literal();
    } else {
      ++at_;
      if (c == ',' || c == ';') {
        end_address();
        if (c == ';' && groups_ > 0) --groups_;
      } else if (c == ':') {
        begin_group();
      } else {
        bare_.push_back(c);
        phrase_.push_back(c);
      }
    }
  }

  void take_quoted() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      phrase_.push_back(text_[at_++]);
    }
    field_.malformed = field_.malformed || at_ >= text_.size();
    at_ = std::min(at_ + 1, text_.size());
    bare_ += text_.substr(begin, at_ - begin);
  }

  void take_comment() {
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '(' && ++depth > address_nesting_max) {
        field_.nesting_limit = true;
        return;
      }
      if (c == ')' && --depth == 0) {
        ++at_;
        return;
      }
      if (c == '\\' && at_ + 1 < text_.size()) ++at_;
      if (c != '(') comment_.push_back(text_[at_]);
    }
  }

  void take_angle() {
    const std::size_t begin = ++at_;
    bool quoted = false;
    while (at_ < text_.size() && (quoted || text_[at_] != '>')) {
      if (text_[at_] == '"') quoted = !quoted;
      if (quoted && text_[at_] == '\\') ++at_;  // quoted-pair: no quote ends there
      ++at_;
    }
    at_ = std::min(at_, text_.size());
    field_.malformed = field_.malformed || at_ >= text_.size() || angle_.has_value();
    if (!angle_) angle_ = text_.substr(begin, at_ - begin);
    at_ = std::min(at_ + 1, text_.size());
  }

  void take_literal() {  // an address literal may hold colons: a@[IPv6:::1]
    const std::size_t close = text_.find_first_of("],;<", at_);
    const std::size_t end = close == text_.npos || text_[close] != ']' ? at_ + 1 : close + 1;
    bare_ += text_.substr(at_, end - at_);
    phrase_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  /// group = display-name ":" [group-list] ";" — names are dropped, members kept.
  void begin_group() {
    if (angle_) return;
    if (++groups_ > 1) field_.malformed = true;
    if (groups_ > address_nesting_max) field_.nesting_limit = true;
    phrase_.clear();
    bare_.clear();
    comment_.clear();
  }

  void end_address() {
    std::string_view address = trim(angle_ ? std::string_view(*angle_) : std::string_view(bare_));
    std::string_view name = angle_ ? trim(phrase_) : std::string_view();
    if (angle_ && address.starts_with('@') && address.find(':') != address.npos) {
      address.remove_prefix(address.find(':') + 1);  // obs-route: <@a,@b:c@d>
    }
    if (!angle_) split_bare(address, name);
    if (name.empty()) name = trim(comment_);
    if (!address.empty() || !name.empty()) add(name, address);
    phrase_.clear();
    bare_.clear();
    comment_.clear();
    angle_.reset();
  }

  /// "John Doe john@example.com", without the angle brackets it should have.
  void split_bare(std::string_view& address, std::string_view& name) {
    if (address.find(' ') == address.npos || address.starts_with('"')) return;
    const std::size_t at = address.rfind('@');
    const std::size_t blank = at == address.npos ? at : address.rfind(' ', at);
    const bool around_at = at != address.npos && at + 1 < address.size() && address[at + 1] == ' ';
    if (around_at || (at != address.npos && blank == at - 1)) return;  // a @ b: blanks go in add()
    field_.malformed = true;
    if (at == address.npos) {
      name = address;
      address = {};
    } else if (blank != address.npos) {
      name = trim(address.substr(0, blank));
      address = trim(address.substr(blank + 1));
    }
  }

  void add(std::string_view name, std::string_view address) {
    if (field_.addresses.size() >= addresses_max_) {
      field_.count_limit = true;
      return;
    }
    bool clean = true;
    MailAddress result;
    result.name = name.empty() ? std::string() : decode_words(name, charsets_, clean);
    result.address = charsets_.to_utf8(address, "").utf8;
    if (!address.starts_with('"')) std::erase(result.address, ' ');
    std::erase_if(result.address, is_control);
    result.name = cut_utf8(result.name, address_bytes_max);
    result.address = cut_utf8(result.address, address_bytes_max);
    field_.malformed = field_.malformed || !clean;
    field_.addresses.push_back(std::move(result));
  }

  std::string_view text_;
  std::size_t addresses_max_;
  CharsetDecoder& charsets_;
  std::size_t at_ = 0;
  int groups_ = 0;
  // Of the address being read: as it stands; its words without quotes; comment; inside < >.
  std::string bare_, phrase_, comment_;
  std::optional<std::string> angle_;
  AddressField field_;
};

}  // namespace

AddressField parse_address_field(std::string_view value, std::size_t addresses_max,
                                 CharsetDecoder& charsets) {
  const std::string text = unfold(value);
  return FieldReader(text, addresses_max, charsets).run();
}

}  // namespace postern::message
