// Any bytes: what comes out is 7-bit, is its own 7-bit form, and has as many parts; or nothing
// does.
#include "core/result.hpp"
#include "message/ascii.hpp"
#include "message/scan.hpp"
#include "message/seven_bit.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace postern::message;
  const std::string_view raw(reinterpret_cast<const char*>(bytes), size);

  const auto changed = to_seven_bit(raw);

  if (!changed) return 0;
  const auto& text = changed.value();
  POSTERN_ASSERT(std::none_of(text.begin(), text.end(), is_eight_bit));
  POSTERN_ASSERT(scan(text).parts.size() == scan(raw).parts.size());
  const auto again = to_seven_bit(text);
  POSTERN_ASSERT(again && again.value() == text);
  if (std::none_of(raw.begin(), raw.end(), is_eight_bit)) POSTERN_ASSERT(text == raw);
  return 0;
}
