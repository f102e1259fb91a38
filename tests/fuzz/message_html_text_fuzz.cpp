// Any bytes as HTML: text comes out that is UTF-8, bounded, and holds no control characters that
// the HTML did not.
#include "core/result.hpp"
#include "core/utf8.hpp"
#include "message/html_text.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace postern::message;
  const std::string_view html(reinterpret_cast<const char*>(bytes), size);
  const HtmlText made = text_of_html(html);
  POSTERN_ASSERT(postern::valid_utf8(made.text));
  POSTERN_ASSERT(made.text.size() <= html_text_bytes_max + html_text_source_bytes_max);
  POSTERN_ASSERT(made.text.empty() || made.text.ends_with('\n'));
  POSTERN_ASSERT(made.text.find('\r') == std::string::npos || html.find("&#") != html.npos);
  return 0;
}
