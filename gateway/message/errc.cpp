#include "message/errc.hpp"

#include <array>
#include <utility>

namespace postern::message {
namespace {

const char* sentence(int value) {
  switch (static_cast<errc>(value)) {
    case errc::bad_request:
      return "this cannot be made into a mail";
    case errc::bad_header_name:
      return "header name not allowed";
    case errc::bad_address:
      return "bad address";
    case errc::message_too_big:
      return "message too big";
    case errc::charset_does_not_fit:
      return "the text does not fit the charset";
    case errc::unknown_charset:
      return "unknown charset";
    case errc::header_injection:
      return "control character in a header value";
    case errc::no_such_part:
      return "the message has no such part";
    case errc::bad_worker_reply:
      return "the MIME worker gave an unreadable reply";
    case errc::header_too_big:
      return "the header is too big";
    case errc::from_not_allowed:
      return "this From is not allowed";
    case errc::signed_eight_bit:
      return "the mail is signed and can't be re-encoded";
    case errc::not_seven_bit:
      return "the mail can't be re-encoded";
    case errc::bad_worker_request:
      return "the MIME worker got an unreadable request";
  }
  return "unknown error of message";
}

constexpr std::array<std::pair<errc, std::string_view>, 14> names{{
    {errc::bad_request, "bad_request"},
    {errc::bad_header_name, "bad_header_name"},
    {errc::bad_address, "bad_address"},
    {errc::message_too_big, "message_too_big"},
    {errc::charset_does_not_fit, "charset_does_not_fit"},
    {errc::unknown_charset, "unknown_charset"},
    {errc::header_injection, "header_injection"},
    {errc::no_such_part, "no_such_part"},
    {errc::bad_worker_reply, "bad_worker_reply"},
    {errc::bad_worker_request, "bad_worker_request"},
    {errc::header_too_big, "header_too_big"},
    {errc::from_not_allowed, "from_not_allowed"},
    {errc::signed_eight_bit, "signed_eight_bit"},
    {errc::not_seven_bit, "not_seven_bit"},
}};

}  // namespace

error_code make_error_code(errc code) {
  static const SentenceCategory category("postern.message", sentence);
  return {static_cast<int>(code), category};
}

std::string_view name_of(errc code) {
  for (const auto& [value, name] : names) {
    if (value == code) return name;
  }
  return "unknown";
}

std::optional<errc> errc_from_name(std::string_view name) {
  for (const auto& [value, known] : names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace postern::message
