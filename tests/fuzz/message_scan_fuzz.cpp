// Any bytes: the scan ends, its ranges lie within the mail and within each other, its work is
// linear.
#include "core/result.hpp"
#include "message/scan.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace postern::message;
  const std::string_view raw(reinterpret_cast<const char*>(bytes), size);

  const PartTree tree = scan(raw);

  const auto inside = [&](const Range& range) {
    return range.begin <= range.end && range.end <= size;
  };
  POSTERN_ASSERT(!tree.parts.empty() && tree.parts.size() <= mime_parts_max);
  POSTERN_ASSERT(tree.work_bytes <= 4 * size + 1024);
  for (std::size_t i = 0; i < tree.parts.size(); ++i) {
    const Part& part = tree.parts[i];
    POSTERN_ASSERT(part.parent < static_cast<int>(i) && part.depth <= mime_depth_max);
    POSTERN_ASSERT(inside(part.header) && inside(part.body));
    POSTERN_ASSERT(part.header.end <= part.body.begin);
    POSTERN_ASSERT(inside(part.type_field) && inside(part.disposition_field));
    POSTERN_ASSERT(inside(part.encoding_field) && inside(part.id_field));
    if (part.parent >= 0) {
      const Part& parent = tree.parts[static_cast<std::size_t>(part.parent)];
      POSTERN_ASSERT(parent.has_children && parent.depth + 1 == part.depth);
      POSTERN_ASSERT(parent.body.begin <= part.header.begin && part.body.end <= parent.body.end);
    }
  }
  for (const HeaderField& field : tree.fields) {
    POSTERN_ASSERT(inside(field.name) && inside(field.value));
    POSTERN_ASSERT(field.value.size() <= header_field_bytes_max);
  }
  const auto id = find_message_id(raw);
  POSTERN_ASSERT(!id || (id->starts_with('<') && id->ends_with('>')));
  return 0;
}
