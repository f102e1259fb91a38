#include "message/scan.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/parameters.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <unordered_map>
#include <utility>

namespace postern::message {
namespace {

struct ViewHash : std::hash<std::string_view> {
  using is_transparent = void;
};

/// One line: where it begins, where its text ends, where the next begins.
struct Line {
  std::size_t begin = 0, end = 0, next = 0;
};

Line line_at(std::string_view raw, std::size_t begin) {
  const void* found = std::memchr(raw.data() + begin, '\n', raw.size() - begin);
  if (found == nullptr) return {begin, raw.size(), raw.size()};
  const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - raw.data());
  const bool carriage = feed > begin && raw[feed - 1] == '\r';
  return {begin, carriage ? feed - 1 : feed, feed + 1};
}

/// The length of a field's name in `line`, 0 when the line is none: ftext, blanks, a colon.
/// field = field-name *WSP ":" unstructured (RFC 5322 §4.5)
std::size_t field_name_length(std::string_view line) {
  std::size_t length = 0;
  while (length < line.size() && is_ftext(line[length])) ++length;
  std::size_t colon = length;
  while (colon < line.size() && is_blank(line[colon])) ++colon;
  return colon < line.size() && line[colon] == ':' ? length : 0;
}

TransferEncoding encoding_of(std::string_view value) {
  const std::string word = parse_parameterized(value.substr(0, 200)).value;
  if (word.empty() || word == "7bit" || word == "8bit" || word == "binary" || word == "8bits" ||
      word == "7-bit" || word == "8-bit" || word == "7bits") {
    return TransferEncoding::identity;
  }
  if (word == "base64") return TransferEncoding::base64;
  if (word == "quoted-printable") return TransferEncoding::quoted_printable;
  if (word == "x-uuencode" || word == "uuencode" || word == "x-uue" || word == "uue") {
    return TransferEncoding::uuencode;
  }
  return TransferEncoding::unknown;
}

bool is_mbox_line(std::string_view text) {
  return text.starts_with("From ") || text.starts_with(">From ");
}

bool is_media_type(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != text.npos && text.size() <= 127 && is_token(text.substr(0, slash)) &&
         is_token(text.substr(slash + 1));
}

/// Walks the lines once. Two states: in the header of parts.back(), or in a body, which is
/// current_'s, or nobody's (preamble and epilogue, current_ = none).
class Scanner {
 public:
  explicit Scanner(std::string_view raw) : raw_(raw) {}

  PartTree run() {
    add_part(-1, 0, "text/plain");
    std::size_t at = 0;
    while (at < raw_.size() && !stopped_) {
      const Line line = line_at(raw_, at);
      tree_.work_bytes += line.next - line.begin;
      take(line);
      at = line.next;
    }
    if (in_header_) end_header(raw_.size(), raw_.size());
    if (current_ != none) tree_.parts[current_].body.end = raw_.size();
    if (!open_.empty() && !stopped_) defect("mime.unclosed_multipart");
    close_down_to(0, raw_.size());
    return std::move(tree_);
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct Open {
    std::size_t part = 0;
    std::string boundary;      // empty: not declared, to be guessed from the first likely line
    std::size_t shadowed = 0;  // the outer one of the same boundary, none (-1) if there is none
    bool has_children = false;
  };

  void take(const Line& line) {
    const std::string_view text = raw_.substr(line.begin, line.end - line.begin);
    if (text.starts_with("--") && !open_.empty() && take_boundary(line, text.substr(2))) return;
    if (in_header_) take_header_line(line, text);
  }

  // --- boundaries -------------------------------------------------------------------------------

  /// delimiter := CRLF "--" boundary *LWSP; close-delimiter := delimiter "--". RFC 2046 §5.1.1.
  bool take_boundary(const Line& line, std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    if (text.size() > boundary_bytes_max + 2) return false;
    tree_.work_bytes += 2 * text.size();
    auto found = by_boundary_.find(text);
    const bool closes = found == by_boundary_.end() && text.ends_with("--");
    if (closes) found = by_boundary_.find(text.substr(0, text.size() - 2));
    if (found == by_boundary_.end()) return guess_boundary(line, text);
    pass_boundary(line, found->second, closes);
    return true;
  }

  bool guess_boundary(const Line& line, std::string_view text) {
    const bool likely = current_ == none && !in_header_ && open_.back().boundary.empty() &&
                        !text.empty() && text.size() <= boundary_bytes_max && text[0] != '-';
    if (!likely) return false;
    open_.back().boundary = text;
    by_boundary_.emplace(text, open_.size() - 1);  // no open one has it, or it would have matched
    pass_boundary(line, open_.size() - 1, false);
    return true;
  }

  void pass_boundary(const Line& line, std::size_t index, bool closes) {
    if (in_header_) end_header(line.begin, line.begin);
    end_current(line.begin);
    if (open_.size() > index + 1) defect("mime.unclosed_multipart");
    close_down_to(index + 1, line.begin);
    if (closes) {
      close_down_to(index, line.begin);
      stopped_ = open_.empty();  // only the epilogue is left
      return;
    }
    const std::size_t parent = open_[index].part;
    if (tree_.parts.size() >= mime_parts_max) {
      defect("mime.parts_limit");
      stopped_ = true;
      return;
    }
    open_[index].has_children = true;
    const bool digest = tree_.parts[parent].content_type == "multipart/digest";
    add_part(static_cast<int>(parent), line.next, digest ? "message/rfc822" : "text/plain");
  }

  /// The line end before a boundary belongs to the boundary.
  void end_current(std::size_t boundary) {
    if (current_ == none) return;
    Range& body = tree_.parts[current_].body;
    std::size_t end = boundary;
    if (end > body.begin && raw_[end - 1] == '\n') --end;
    if (end > body.begin && raw_[end - 1] == '\r') --end;
    body.end = std::max(end, body.begin);
    current_ = none;
  }

  void close_down_to(std::size_t size, std::size_t end) {
    while (open_.size() > size) {
      Part& part = tree_.parts[open_.back().part];
      part.body.end = std::max(end, part.body.begin);
      part.has_children = open_.back().has_children;
      if (!part.has_children) defect("mime.no_parts");
      if (open_.back().shadowed == none) {
        by_boundary_.erase(open_.back().boundary);
      } else {
        by_boundary_[open_.back().boundary] = open_.back().shadowed;
      }
      open_.pop_back();
    }
  }

  // --- headers ----------------------------------------------------------------------------------

  void add_part(int parent, std::size_t begin, std::string_view default_type) {
    Part part;
    part.parent = parent;
    part.depth = parent < 0 ? 0 : tree_.parts[static_cast<std::size_t>(parent)].depth + 1;
    part.header = {begin, begin};
    part.body = {begin, begin};
    part.content_type = default_type;
    tree_.parts.push_back(std::move(part));
    in_header_ = true;
    fields_ = 0;
    has_field_ = false;
  }

  void take_header_line(const Line& line, std::string_view text) {
    if (text.empty()) {
      end_header(line.begin, line.next);
      return;
    }
    if (is_blank(text[0]) && has_field_) {
      field_.value.end = line.end;
      return;
    }
    const std::size_t name_length = field_name_length(text);
    tree_.work_bytes += name_length;
    if (name_length == 0) {
      const bool first = line.begin == tree_.parts.back().header.begin;
      if (first && tree_.parts.size() == 1 && is_mbox_line(text)) return;
      defect("header.malformed_line");
      if (first || !header_goes_on(line.next)) end_header(line.begin, line.begin);
      return;
    }
    end_field();
    has_field_ = true;
    const std::size_t colon = raw_.find(':', line.begin + name_length);
    field_ = {{line.begin, line.begin + name_length}, {colon + 1, line.end}};
  }

  /// Whether a field follows at `at`. Then the line before was a fold without its blank; else the
  /// empty line is missing, and that line was the first of the text.
  bool header_goes_on(std::size_t at) {
    const Line next = line_at(raw_, at);
    tree_.work_bytes += next.next - at;
    const std::string_view text = raw_.substr(next.begin, next.end - next.begin);
    return field_name_length(text) > 0 || text.starts_with(' ');
  }

  void end_field() {
    if (!has_field_) return;
    has_field_ = false;
    Part& part = tree_.parts.back();
    if (field_.name.begin - part.header.begin >= header_block_bytes_max) {
      defect("header.block_limit");
      return;
    }
    if (++fields_ > header_fields_max) {
      defect("header.fields_limit");
      return;
    }
    if (field_.value.end - field_.name.begin > header_field_bytes_max) {
      defect("header.field_limit");
      field_.value.end = std::max(field_.value.begin, field_.name.begin + header_field_bytes_max);
      field_.name.end = std::min(field_.name.end, field_.value.end);
    }
    while (field_.value.begin < field_.value.end && is_blank(raw_[field_.value.begin])) {
      ++field_.value.begin;
    }
    note_content_field(part);
    if (part.parent < 0) tree_.fields.push_back(field_);
  }

  void note_content_field(Part& part) {
    const std::string_view name = field_.name.in(raw_);
    if (name.size() > 32 || lower(name[0]) != 'c') return;
    const std::string word = to_lower(name);
    Range* kept = word == "content-type"                ? &part.type_field
                  : word == "content-disposition"       ? &part.disposition_field
                  : word == "content-transfer-encoding" ? &part.encoding_field
                  : word == "content-id"                ? &part.id_field
                                                        : nullptr;
    if (kept != nullptr && kept->size() == 0) *kept = field_.value;
  }

  /// The header of parts.back() is over: learns what it is, and opens it if it is a multipart.
  void end_header(std::size_t end, std::size_t body) {
    end_field();
    in_header_ = false;
    current_ = tree_.parts.size() - 1;
    Part& part = tree_.parts.back();
    part.header.end = end;
    part.body = {body, raw_.size()};
    part.encoding = encoding_of(part.encoding_field.in(raw_));
    if (part.encoding == TransferEncoding::unknown) defect("mime.unknown_encoding");
    if (part.type_field.size() == 0) return;
    tree_.work_bytes += 2 * part.type_field.size();
    const ParameterizedValue type = parse_parameterized(part.type_field.in(raw_));
    if (is_media_type(type.value)) {
      part.content_type = type.value;
    } else if (type.value != "text") {  // "Content-Type: text" is old for text/plain
      defect("mime.bad_content_type");
      if (type.value.find('/') != std::string::npos) part.content_type = "application/octet-stream";
    }
    if (part.content_type.starts_with("multipart/")) open_multipart(type);
  }

  void open_multipart(const ParameterizedValue& type) {
    Part& part = tree_.parts[current_];
    if (part.depth >= mime_depth_max) {
      defect("mime.depth_limit");
      return;
    }
    if (const Parameter* boundary = type.find("boundary")) {
      std::string_view value = boundary->value;
      while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
      part.boundary = value.substr(0, boundary_bytes_max + 1);
    }
    if (part.boundary.size() > boundary_bytes_max) {
      defect("mime.boundary_limit");
      part.boundary.clear();
      return;
    }
    std::size_t shadowed = none;
    if (part.boundary.empty()) {
      defect("mime.missing_boundary");
    } else if (auto [known, fresh] = by_boundary_.emplace(part.boundary, open_.size()); !fresh) {
      // Outlook Express for the Mac did so. The lines are the inner one's until that is closed.
      defect("mime.boundary_reused");
      shadowed = std::exchange(known->second, open_.size());
    }
    open_.push_back({current_, part.boundary, shadowed});
    current_ = none;
  }

  void defect(std::string_view word) {
    auto& defects = tree_.defects;
    if (std::find(defects.begin(), defects.end(), word) == defects.end()) {
      defects.emplace_back(word);
    }
  }

  std::string_view raw_;
  PartTree tree_;
  std::vector<Open> open_;
  std::unordered_map<std::string, std::size_t, ViewHash, std::equal_to<>> by_boundary_;
  std::size_t current_ = none;
  HeaderField field_;
  std::size_t fields_ = 0;
  bool has_field_ = false;
  bool in_header_ = false;
  bool stopped_ = false;
};

}  // namespace

std::optional<std::string> message_id_of(std::string_view value) {
  const std::string unfolded = unfold(value.substr(0, 4096));
  std::string_view id = unfolded;
  const std::size_t open = id.find('<');
  const std::size_t close = open == id.npos ? open : id.find('>', open);
  id = close == id.npos ? id.substr(0, id.find(' ')) : id.substr(open + 1, close - open - 1);
  std::string clean = to_valid_utf8(id);
  std::erase_if(clean, [](char c) { return is_space(c) || is_control(c); });
  if (clean.empty()) return std::nullopt;
  return "<" + std::string(cut_utf8(clean, message_id_bytes_max - 2)) + ">";
}

PartTree scan(std::string_view raw) {
  return Scanner(raw).run();
}

std::optional<std::string> find_message_id(std::string_view raw) {
  raw = raw.substr(0, header_block_bytes_max);
  constexpr std::string_view name = "message-id";
  std::optional<Range> value;
  for (std::size_t at = 0; at < raw.size();) {
    const Line line = line_at(raw, at);
    const std::string_view text = raw.substr(line.begin, line.end - line.begin);
    at = line.next;
    if (text.empty()) break;
    if (is_blank(text[0])) {
      if (value) value->end = line.end;
      continue;
    }
    if (value) break;
    const std::size_t length = field_name_length(text);
    if (length == name.size() && equals_ignoring_case(text.substr(0, length), name)) {
      value = Range{raw.find(':', line.begin) + 1, line.end};
    }
  }
  if (!value) return std::nullopt;
  return message_id_of(value->in(raw));
}

std::optional<std::string_view> find_field(std::string_view raw, const PartTree& tree,
                                           std::string_view name) {
  for (const HeaderField& field : tree.fields) {
    if (equals_ignoring_case(field.name.in(raw), name)) return field.value.in(raw);
  }
  return std::nullopt;
}

}  // namespace postern::message
