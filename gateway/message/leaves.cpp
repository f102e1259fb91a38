#include "message/leaves.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/parameters.hpp"
#include "message/tnef.hpp"
#include "message/transfer.hpp"
#include "message/words.hpp"

#include <algorithm>

namespace postern::message {
namespace {

/// No folder, no control character, no "..": a name is shown and stored by others, and never a way.
std::string harmless_filename(std::string name) {
  std::erase_if(name, is_control);
  const std::size_t slash = name.find_last_of("/\\");
  if (slash != std::string::npos) name.erase(0, slash + 1);
  name = std::string(trim(name));
  if (name == "." || name == "..") name.clear();
  if (name.size() <= filename_bytes_max) return name;
  const std::size_t dot = name.rfind('.');  // keep a short ending, it says what to open it with
  const std::string ending = name.size() - dot <= 16 ? name.substr(dot) : std::string();
  return std::string(cut_utf8(name, filename_bytes_max - ending.size())) + ending;
}

std::string filename_in(const ParameterizedValue& value, std::string_view name,
                        CharsetDecoder& charsets) {
  const Parameter* parameter = value.find(name);
  if (parameter == nullptr) return {};
  bool clean = true;
  return harmless_filename(parameter->extended && !parameter->charset.empty()
                               ? charsets.to_utf8(parameter->value, parameter->charset).utf8
                               : decode_words(parameter->value, charsets, clean));
}

Leaf leaf_of(std::string_view raw, const PartTree& tree, std::size_t index,
             CharsetDecoder& charsets) {
  const Part& part = tree.parts[index];
  Leaf leaf;
  leaf.part = index;
  const ParameterizedValue type = parse_parameterized(part.type_field.in(raw));
  const ParameterizedValue disposition = parse_parameterized(part.disposition_field.in(raw));
  if (const Parameter* charset = type.find("charset")) leaf.charset = to_lower(charset->value);
  leaf.filename = filename_in(disposition, "filename", charsets);
  if (leaf.filename.empty()) leaf.filename = filename_in(type, "name", charsets);
  if (const auto id = message_id_of(part.id_field.in(raw))) {
    leaf.content_id = id->substr(1, id->size() - 2);
  }
  const bool related =
      part.parent >= 0 &&
      tree.parts[static_cast<std::size_t>(part.parent)].content_type == "multipart/related";
  leaf.inline_disposition = disposition.value == "inline" ||
                            (disposition.value.empty() && related && !leaf.content_id.empty());
  const bool is_root = part.parent < 0;
  // A multipart without any part in it is, for people, the text that stands there.
  const bool hollow = is_root && part.content_type.starts_with("multipart/");
  const bool may_be_text = disposition.value != "attachment" && (leaf.filename.empty() || is_root);
  if (may_be_text && (part.content_type == "text/plain" || hollow)) leaf.role = LeafRole::text;
  if (may_be_text && part.content_type == "text/html") leaf.role = LeafRole::html;
  return leaf;
}

/// The files inside the last leaf, which is a TNEF, behind it.
void add_tnef(std::string_view raw, const Part& part, std::vector<Leaf>& leaves,
              CharsetDecoder& charsets) {
  const auto decoded = decode_transfer(part.body.in(raw), part.encoding, tnef_bytes_max);
  auto tnef = read_tnef(decoded.bytes, charsets);
  leaves.back().broken_tnef = tnef.broken || decoded.cut;
  const auto index = leaves.back().part;
  for (auto& file : tnef.files) {
    Leaf& leaf = leaves.emplace_back();
    leaf.part = index;
    leaf.filename = harmless_filename(std::move(file.filename));
    leaf.content_id = std::move(file.content_id);
    leaf.content_type = std::move(file.content_type);
    leaf.content = std::move(file.content);
  }
}

void to_line_feeds(std::string& text) {
  if (text.find('\r') == std::string::npos) return;
  std::size_t out = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      text[out++] = text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      text[out++] = '\n';
    }
  }
  text.resize(out);
}

}  // namespace

std::vector<Leaf> leaves_of(std::string_view raw, const PartTree& tree, CharsetDecoder& charsets) {
  std::vector<Leaf> leaves;
  bool has_text = false, has_html = false;
  for (std::size_t i = 0; i < tree.parts.size(); ++i) {
    const Part& part = tree.parts[i];
    if (part.has_children) continue;
    // Two boundaries with nothing between: sloppy, but no part that anyone sent.
    if (part.parent >= 0 && part.header.size() + part.body.size() == 0) continue;
    Leaf leaf = leaf_of(raw, tree, i, charsets);
    bool* taken = leaf.role == LeafRole::text   ? &has_text
                  : leaf.role == LeafRole::html ? &has_html
                                                : nullptr;
    if (taken != nullptr && *taken) {
      leaf.role = LeafRole::attachment;
      leaf.inline_disposition = true;
    } else if (taken != nullptr) {
      *taken = true;
    }
    leaves.push_back(std::move(leaf));
    if (leaves.back().role != LeafRole::attachment) continue;
    if (is_tnef(part.content_type, leaves.back().filename)) add_tnef(raw, part, leaves, charsets);
  }
  return leaves;
}

LeafText text_of(std::string_view raw, const Part& part, std::string_view charset,
                 std::size_t bytes_max, CharsetDecoder& charsets) {
  // No charset has more than four bytes for what is one byte of UTF-8.
  const std::size_t decoded_max = bytes_max * 4 + 64;
  Decoded decoded = decode_transfer(part.body.in(raw), part.encoding, decoded_max);
  if (decoded.cut) {  // the last character may be half a one
    decoded.bytes = cut_utf8(decoded.bytes, decoded.bytes.size() - 1);
  }
  CharsetDecoder::Text text = charsets.to_utf8(decoded.bytes, charset);
  LeafText result;
  result.utf8 = std::move(text.utf8);
  if (result.utf8.starts_with("\xEF\xBB\xBF")) result.utf8.erase(0, 3);
  to_line_feeds(result.utf8);
  result.truncated = decoded.cut || result.utf8.size() > bytes_max;
  result.utf8.resize(cut_utf8(result.utf8, bytes_max).size());
  result.encoding_clean = decoded.clean;
  result.charset_clean = text.clean;
  return result;
}

}  // namespace postern::message
