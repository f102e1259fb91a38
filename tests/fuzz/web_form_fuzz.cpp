// Any bytes as a form: what is found are views into the body within their limits, whatever the
// boundary; and a form written of the parts reads back to the same.
#include "core/result.hpp"
#include "web/multipart.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

constexpr const char* own_boundary = "=_boundary-that-the-fuzzer-does-not-guess_=";

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace postern::web;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const auto line = input.substr(0, input.find('\n'));
  const auto body = input.substr(std::min(line.size() + 1, input.size()));
  const auto any = parse_form(line, body);
  POSTERN_ASSERT(!any || any.value().size() <= form_parts_max);

  const auto form = parse_form("multipart/form-data; boundary=XX", body);
  if (!form) return 0;
  POSTERN_ASSERT(form.value().size() <= form_parts_max);
  std::string again;
  bool plain = true;
  for (const auto& part : form.value()) {
    POSTERN_ASSERT(part.content.data() >= body.data());
    POSTERN_ASSERT(part.content.data() + part.content.size() <= body.data() + body.size());
    POSTERN_ASSERT(!part.name.empty() && part.name.size() <= form_name_bytes_max);
    const auto filename = part.filename.value_or("");
    POSTERN_ASSERT(filename.find_first_of("/\\") == std::string::npos || plain);
    plain = plain && filename.find_first_of(std::string_view("\r\n\0%", 4)) == std::string::npos &&
            part.name.find('%') == std::string::npos && part.name.find('\n') == std::string::npos &&
            part.name.find('\r') == std::string::npos;
    again += std::string("--") + own_boundary +
             "\r\nContent-Disposition: form-data; name=" + quoted(part.name);
    if (part.filename) again += "; filename=" + quoted(filename);
    again += "\r\n\r\n";
    again += part.content;
    again += "\r\n";
  }
  if (!plain || input.find("=_boundary") != std::string_view::npos) return 0;
  again += std::string("--") + own_boundary + "--\r\n";
  const auto second =
      parse_form(std::string("multipart/form-data; boundary=\"") + own_boundary + '"', again);
  POSTERN_ASSERT(second.has_value());
  POSTERN_ASSERT(second.value().size() == form.value().size());
  for (std::size_t i = 0; i < form.value().size(); ++i) {
    POSTERN_ASSERT(second.value()[i].name == form.value()[i].name);
    POSTERN_ASSERT(second.value()[i].content == form.value()[i].content);
    POSTERN_ASSERT(second.value()[i].filename == form.value()[i].filename);
  }
  return 0;
}
