#include "message/seven_bit.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/errc.hpp"
#include "message/scan.hpp"
#include "message/transfer.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace postern::message {
namespace {

bool has_eight_bit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_eight_bit);
}

Error broken(const char* why) {
  return {errc::not_seven_bit, why};
}

/// `text` stands for the octets of `range`.
struct Edit {
  Range range;
  std::string text;
};

/// A mail in the mail, the outermost first.
struct Mail {
  Range range;                          // of the raw mail
  std::vector<std::string> boundaries;  // of the multiparts around it
};

Range moved(Range range, std::size_t by) {
  return {range.begin + by, range.end + by};
}

/// One mail, whose parts are scanned: what is to be changed in it.
class Recoder {
 public:
  Recoder(std::string_view raw, Mail mail, std::vector<Edit>& edits, std::vector<Mail>& nested)
      : mail_(std::move(mail)),
        raw_(mail_.range.in(raw)),
        tree_(scan(raw_)),
        signed_(tree_.parts.size(), false),
        edits_(edits),
        nested_(nested) {}

  Result<void> run() {
    if (beyond_a_limit()) return broken("too large a header, or too many parts");
    if (find_field(raw_, tree_, "dkim-signature") && mail_.range.begin == 0) {
      return Error{errc::signed_eight_bit, "it has a DKIM-Signature"};
    }
    for (std::size_t i = 0; i < tree_.parts.size(); ++i) {
      const Part& part = tree_.parts[i];
      const auto parent = static_cast<std::size_t>(part.parent);
      signed_[i] = part.content_type == "multipart/signed" || (part.parent >= 0 && signed_[parent]);
      if (has_eight_bit(part.header.in(raw_))) return broken("8-bit octets in a header");
      if (has_eight_bit(part.body.in(raw_))) {
        POSTERN_TRY(take(i));
      }
    }
    // Behind the last boundary of all: no part's.
    if (tree_.parts.front().has_children) blank_out(tree_.parts.front().body.end, raw_.size());
    return success();
  }

 private:
  bool beyond_a_limit() const {
    return std::any_of(tree_.defects.begin(), tree_.defects.end(), [](std::string_view defect) {
      return defect.ends_with("_limit") && defect != "mime.depth_limit";  // its part is refused
    });
  }

  Result<void> take(std::size_t index) {
    const Part& part = tree_.parts[index];
    if (signed_[index]) return Error{errc::signed_eight_bit, "a part of it is signed"};
    if (part.has_children) {
      if (part.encoding != TransferEncoding::identity) return broken("an encoded multipart");
      label(part, "7bit");
      blank_out_gaps(index);
      return success();
    }
    const std::string& type = part.content_type;
    if (type.starts_with("multipart/")) return broken("a multipart that can't be taken apart");
    const bool whole = type == "message/rfc822" && part.encoding == TransferEncoding::identity;
    if (whole) return look_into(index);
    if (type == "message/partial" || type == "message/external-body") {
      return broken("8-bit octets in a part that may not be encoded");
    }
    return encode(index);
  }

  Result<void> look_into(std::size_t index) {
    if (nested_.size() >= nested_mails_max) return broken("too many mails in it");
    const Part& part = tree_.parts[index];
    label(part, "7bit");
    nested_.push_back({moved(part.body, mail_.range.begin), boundaries_around(index)});
    return success();
  }

  Result<void> encode(std::size_t index) {
    const Part& part = tree_.parts[index];
    const std::string_view body = part.body.in(raw_);
    std::string decoded;
    switch (part.encoding) {
      case TransferEncoding::identity:
        decoded = body;
        break;
      case TransferEncoding::quoted_printable:
      case TransferEncoding::base64:
        // 8-bit octets where there should be none: said properly what a reader makes of them.
        decoded = decode_transfer(body, part.encoding, body.size()).bytes;
        break;
      case TransferEncoding::uuencode:
      case TransferEncoding::unknown:
        return broken("8-bit octets in a part of another encoding");
    }
    const bool quoted = part.encoding != TransferEncoding::base64 && is_text(part) &&
                        is_mostly_ascii(decoded) && !holds_boundary(index, decoded);
    std::string encoded;
    if (quoted) {
      append_quoted_printable(decoded, encoded);
    } else {
      append_base64_lines(decoded, encoded);
      if (part.parent >= 0 && encoded.ends_with("\r\n")) encoded.resize(encoded.size() - 2);
    }
    label(part, quoted ? "quoted-printable" : "base64");
    if (part.type_field.size() == 0 && part.content_type == "text/plain") name_charset(part, body);
    change(part.body, std::move(encoded));
    return success();
  }

  static bool is_text(const Part& part) {
    return part.content_type.starts_with("text/") || part.content_type.starts_with("message/");
  }

  /// Three octets for each that is not ASCII, against four for every three.
  static bool is_mostly_ascii(std::string_view text) {
    const auto eight_bit =
        static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_eight_bit));
    return eight_bit < text.size() / 6 + 1;
  }

  std::vector<std::string> boundaries_around(std::size_t index) const {
    auto all = mail_.boundaries;
    for (int at = tree_.parts[index].parent; at >= 0;) {
      const Part& part = tree_.parts[static_cast<std::size_t>(at)];
      all.push_back(part.boundary);
      at = part.parent;
    }
    return all;
  }

  /// A soft line break might put a boundary at a line's begin.
  bool holds_boundary(std::size_t index, std::string_view text) const {
    const auto all = boundaries_around(index);
    return std::any_of(all.begin(), all.end(), [&](const std::string& boundary) {
      return text.find("--" + boundary) != text.npos;
    });
  }

  /// The part's Content-Transfer-Encoding becomes `word`; where it says nothing, 7bit goes without.
  void label(const Part& part, std::string_view word) {
    if (part.encoding_field.size() > 0) return change(part.encoding_field, std::string(word));
    if (word == "7bit") return;
    std::string field = "Content-Transfer-Encoding: " + std::string(word) + "\r\n";
    if (part.parent < 0 && !find_field(raw_, tree_, "mime-version")) {
      field = "MIME-Version: 1.0\r\n" + field;
    }
    add_field(part, std::move(field));
  }

  void name_charset(const Part& part, std::string_view body) {
    const char* charset = valid_utf8(body) ? "utf-8" : "unknown-8bit";
    add_field(part, std::string("Content-Type: text/plain; charset=") + charset + "\r\n");
  }

  /// At the end of the part's header; with the empty line behind it where there was none.
  void add_field(const Part& part, std::string field) {
    const Range end{part.header.end, part.header.end};
    const auto at = end.begin + mail_.range.begin;
    if (!edits_.empty() && edits_.back().range.begin == at && edits_.back().range.size() == 0) {
      edits_.back().text.insert(0, field);
      return;
    }
    if (part.header.end == part.body.begin) field += "\r\n";
    change(end, std::move(field));
  }

  /// What is neither a part's header nor its body: before, between and behind the parts.
  void blank_out_gaps(std::size_t index) {
    std::size_t at = tree_.parts[index].body.begin;
    for (std::size_t i = index + 1; i < tree_.parts.size(); ++i) {
      const Part& part = tree_.parts[i];
      if (part.parent != static_cast<int>(index)) continue;
      blank_out(at, part.header.begin);
      at = std::max(at, part.body.end);
    }
    blank_out(at, tree_.parts[index].body.end);
  }

  void blank_out(std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at) {
      if (is_eight_bit(raw_[at])) change({at, at + 1}, "?");
    }
  }

  void change(Range range, std::string text) {
    edits_.push_back({moved(range, mail_.range.begin), std::move(text)});
  }

  const Mail mail_;
  const std::string_view raw_;
  const PartTree tree_;
  std::vector<bool> signed_;
  std::vector<Edit>& edits_;
  std::vector<Mail>& nested_;
};

std::string applied(std::string_view raw, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.range.begin < b.range.begin; });
  std::string out;
  out.reserve(raw.size() + raw.size() / 3);
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    out += raw.substr(at, edit.range.begin - at);
    out += edit.text;
    at = edit.range.end;
  }
  return out += raw.substr(at);
}

/// Whether both have the same parts with the same contents; mails in them are put into `pairs`.
bool same_leaves(std::string_view before, std::string_view after,
                 std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  const PartTree old_tree = scan(before);
  const PartTree new_tree = scan(after);
  if (old_tree.parts.size() != new_tree.parts.size()) return false;
  for (std::size_t i = 0; i < old_tree.parts.size(); ++i) {
    const Part& a = old_tree.parts[i];
    const Part& b = new_tree.parts[i];
    const bool alike = a.parent == b.parent && a.content_type == b.content_type &&
                       a.has_children == b.has_children;
    if (!alike) return false;
    if (a.has_children) continue;
    const auto body = a.body.in(before);
    const auto changed = b.body.in(after);
    if (a.content_type == "message/rfc822" && a.encoding == TransferEncoding::identity) {
      if (body != changed) pairs.emplace_back(body, changed);
    } else if (decode_transfer(body, a.encoding, body.size()).bytes !=
               decode_transfer(changed, b.encoding, changed.size()).bytes) {
      return false;
    }
  }
  return true;
}

bool says_the_same(std::string_view raw, std::string_view changed) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs{{raw, changed}};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto [before, after] = pairs[i];
    if (!same_leaves(before, after, pairs)) return false;
  }
  return true;
}

}  // namespace

Result<std::string> to_seven_bit(std::string_view raw) {
  std::vector<Edit> edits;
  std::vector<Mail> mails{{Range{0, raw.size()}, {}}};
  for (std::size_t i = 0; i < mails.size(); ++i) {  // grows by the mails in them
    POSTERN_TRY(Recoder(raw, mails[i], edits, mails).run());
  }
  auto changed = applied(raw, std::move(edits));
  if (has_eight_bit(changed) || !says_the_same(raw, changed)) {
    return broken("its structure does not allow it");
  }
  return changed;
}

}  // namespace postern::message
