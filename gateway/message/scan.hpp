// The structure of a mail, found in one linear pass over its bytes: which part is where.
//
// Nothing is decoded and nothing is copied but small Content-Type words. vmime is quadratic on
// nesting and can overflow its stack, so it never sees structure; it gets leaves only. No input
// makes the scan fail: past a limit it stops going deeper and says so in `defects`.
// RFC 5322 §2, RFC 2045, RFC 2046 §5.1. Line ends: CRLF or a bare LF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr int mime_depth_max = 50;                          // multiparts inside each other
inline constexpr std::size_t mime_parts_max = 1000;                // the root counted
inline constexpr std::size_t header_block_bytes_max = 256 * 1024;  // of one part
inline constexpr std::size_t header_fields_max = 2000;             // of one part
inline constexpr std::size_t header_field_bytes_max = 64 * 1024;   // name, colon, folded value
inline constexpr std::size_t boundary_bytes_max = 200;             // RFC 2046 says 70
inline constexpr std::size_t message_id_bytes_max = 998;

/// Bytes [begin, end) of the raw mail.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
  std::string_view in(std::string_view raw) const { return raw.substr(begin, end - begin); }
};

/// One header field; `value` is still folded, without the blank before it and its last line end.
struct HeaderField {
  Range name;
  Range value;
};

enum class TransferEncoding { identity, base64, quoted_printable, uuencode, unknown };

/// One part. Parts are listed in the order of their first byte, so a parent precedes its children.
struct Part {
  int parent = -1;  // index into PartTree::parts; -1 for the root
  int depth = 0;
  bool has_children = false;  // a multipart that was descended into
  Range header;               // up to, not including, the empty line
  Range body;                 // without the line end that belongs to the next boundary
  std::string content_type;   // lower-case "type/subtype"; the default where none is given
  std::string boundary;       // of a multipart
  TransferEncoding encoding = TransferEncoding::identity;
  // The raw values; empty ranges where the field is missing. The first of each counts.
  Range type_field, disposition_field, encoding_field, id_field;
};

struct PartTree {
  std::vector<Part> parts;           // never empty; parts[0] is the mail itself
  std::vector<HeaderField> fields;   // of the mail itself
  std::vector<std::string> defects;  // each once: "mime.depth_limit", "header.field_limit", …
  std::uint64_t work_bytes = 0;      // bytes looked at, for the test that this is linear
};

/// The part tree of `raw`, in time and memory linear in its size. Never fails.
PartTree scan(std::string_view raw);

/// The first `<…>` of a Message-ID or In-Reply-To value as valid UTF-8 without blanks or controls;
/// a bare word gets its angle brackets. Nothing when the value is empty.
std::optional<std::string> message_id_of(std::string_view value);

/// The `<…>` of the first Message-ID field, looking at the header block alone and at no more than
/// header_block_bytes_max. Nothing when there is none: such a mail is known by its hash only.
std::optional<std::string> find_message_id(std::string_view raw);

/// The folded value of the mail's first field called `name` (any case), or nothing.
std::optional<std::string_view> find_field(std::string_view raw, const PartTree& tree,
                                           std::string_view name);

}  // namespace postern::message
