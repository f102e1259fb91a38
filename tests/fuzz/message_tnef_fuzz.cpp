// Any bytes as a winmail.dat: bounded, no more bytes out than in, and every word UTF-8.
#include "core/result.hpp"
#include "core/utf8.hpp"
#include "message/tnef.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace postern::message;
  CharsetDecoder charsets;
  const auto tnef = read_tnef({reinterpret_cast<const char*>(bytes), size}, charsets);
  std::size_t held = 0;
  for (const auto& each : tnef.files) {
    held += each.content.size();
    POSTERN_ASSERT(postern::valid_utf8(each.filename) && postern::valid_utf8(each.content_id));
  }
  POSTERN_ASSERT(held <= size && tnef.files.size() <= tnef_files_max);
  return 0;
}
