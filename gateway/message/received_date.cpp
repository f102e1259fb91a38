#include "message/received_date.hpp"

#include "message/mail_date.hpp"
#include "message/scan.hpp"

namespace postern::message {
namespace {

/// Up to the empty line, which stays in; a mail without one is all header.
std::string_view header_of(std::string_view raw) {
  raw = raw.substr(0, header_block_bytes_max);
  const auto crlf = raw.find("\r\n\r\n");
  const auto lf = raw.find("\n\n");
  if (crlf < lf) return raw.substr(0, crlf + 2);
  return lf == std::string_view::npos ? raw : raw.substr(0, lf + 1);
}

}  // namespace

std::optional<Instant> find_received_date(std::string_view raw) {
  const auto header = header_of(raw);
  const auto tree = scan(header);
  if (const auto received = find_field(header, tree, "Received")) {
    const auto semicolon = received->rfind(';');
    if (semicolon != std::string_view::npos) {
      if (const auto at = parse_mail_date(received->substr(semicolon + 1))) return at;
    }
  }
  const auto date = find_field(header, tree, "Date");
  return date ? parse_mail_date(*date) : std::nullopt;
}

}  // namespace postern::message
