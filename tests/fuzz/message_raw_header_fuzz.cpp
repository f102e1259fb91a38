// Any bytes as a mail that is sent as it is: its prepared header is one, tells no Bcc and comes
// from an allowed address; prepared again nothing changes; what stood behind the header stays
// behind it.
#include "core/result.hpp"
#include "message/digest.hpp"
#include "message/raw_header.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace postern;
using namespace postern::message;

/// Whole lines, as the intake of mails makes them.
std::string with_crlf(std::string_view bytes) {
  std::string made;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\0') continue;
    const bool pair = bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n';
    if (pair) ++i;
    if (pair || bytes[i] == '\r' || bytes[i] == '\n') {
      made += "\r\n";
    } else {
      made += bytes[i];
    }
  }
  return made;
}

bool has_field(std::string_view header, std::string_view name) {
  for (std::size_t at = 0; at < header.size();) {
    const auto line = header.substr(at, header.find("\r\n", at) - at);
    bool same = line.size() > name.size();
    for (std::size_t i = 0; same && i < name.size(); ++i) same = (line[i] | 0x20) == name[i];
    if (same &&
        line.substr(name.size()).find_first_not_of(" \t") == line.substr(name.size()).find(':')) {
      return true;
    }
    at += line.size() + 2;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const auto mail = with_crlf({reinterpret_cast<const char*>(bytes) + 1, size - 1});
  RawHeaderPolicy policy;
  policy.own = {"Example Support", "support@example.com"};
  policy.allowed = {"support@example.com", "sales@example.com"};
  policy.refuse_foreign = (bytes[0] & 1) != 0;
  policy.random_hex = "00ff";

  const auto first = prepare_header(mail, policy);
  if (!first) return 0;
  const auto& header = first.value();
  POSTERN_ASSERT(header.consumed <= mail.size());
  POSTERN_ASSERT(header.bytes.ends_with("\r\n\r\n"));
  POSTERN_ASSERT(header.bytes.find("\r\n\r\n") == header.bytes.size() - 4);
  POSTERN_ASSERT(!has_field(header.bytes, "bcc") && has_field(header.bytes, "from"));
  POSTERN_ASSERT(has_field(header.bytes, "date") && has_field(header.bytes, "message-id"));
  POSTERN_ASSERT(header.subject.size() <= raw_subject_bytes_max);
  const auto told = digest(header.bytes + "x\r\n");
  POSTERN_ASSERT(!told.from.empty());

  const auto again = prepare_header(header.bytes, policy);
  POSTERN_ASSERT(again.has_value());
  POSTERN_ASSERT(again.value().bytes == header.bytes);
  POSTERN_ASSERT(again.value().consumed == header.bytes.size());
  return 0;
}
