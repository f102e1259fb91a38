// The leaves of a part tree: which is the text, which the HTML, which are attachments, in order.
//
// One place decides, so that attachment 3 of a summary is attachment 3 of the API. An attached
// mail (message/rfc822) is one attachment; nothing inside it is looked at.
#pragma once

#include "message/charset.hpp"
#include "message/scan.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::size_t filename_bytes_max = 255;

enum class LeafRole { text, html, attachment };

struct Leaf {
  std::size_t part = 0;  // index into PartTree::parts
  LeafRole role = LeafRole::attachment;
  std::string charset;     // declared, lower-case, may be empty
  std::string filename;    // decoded, without folders and control characters, may be empty
  std::string content_id;  // without < >
  bool inline_disposition = false;
  // Of a file inside the TNEF of `part`: its bytes and type. Behind the TNEF's own leaf.
  std::optional<std::string> content;
  std::string content_type;
  bool broken_tnef = false;
};

/// At most one leaf is the text and one the HTML: the first text/plain and text/html that are
/// neither called attachments nor have a file name.
std::vector<Leaf> leaves_of(std::string_view raw, const PartTree& tree, CharsetDecoder& charsets);

/// The text of a leaf: transfer encoding and charset undone, line ends as LF, at most `bytes_max`
/// of whole UTF-8 characters.
struct LeafText {
  std::string utf8;
  bool truncated = false;
  bool encoding_clean = true;
  bool charset_clean = true;
};
LeafText text_of(std::string_view raw, const Part& part, std::string_view charset,
                 std::size_t bytes_max, CharsetDecoder& charsets);

}  // namespace postern::message
