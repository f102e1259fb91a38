#include "smtp/error.hpp"

namespace postern::smtp {
namespace {

const char* sentence(int value) {
  switch (static_cast<errc>(value)) {
    case errc::not_smtp:
      return "this is not an SMTP server";
    case errc::greeting_refused:
      return "the SMTP server refuses the connection";
    case errc::starttls_not_offered:
      return "the SMTP server does not offer STARTTLS";
    case errc::starttls_refused:
      return "the SMTP server refuses STARTTLS";
    case errc::bytes_before_tls:
      return "the SMTP server sent bytes before the TLS handshake";
    case errc::plaintext_auth_refused:
      return "no login without TLS";
    case errc::no_mechanism:
      return "the SMTP server offers no login mechanism we can use";
    case errc::auth_refused:
      return "the SMTP server refuses the login";
    case errc::auth_deferred:
      return "the SMTP server cannot check the login now";
    case errc::malformed_reply:
      return "malformed SMTP reply";
    case errc::reply_too_long:
      return "SMTP reply too long";
    case errc::unexpected_reply:
      return "unexpected SMTP reply";
    case errc::service_closing:
      return "the SMTP server ends the connection";
    case errc::closed:
      return "the SMTP server closed the line";
    case errc::too_large:
      return "the message is larger than the SMTP server takes";
    case errc::smtputf8_not_offered:
      return "the SMTP server does not take UTF-8 addresses";
    case errc::bad_address:
      return "an address or name cannot be sent by SMTP";
    case errc::nul_in_message:
      return "the message contains a NUL";
    case errc::require_tls_not_offered:
      return "the SMTP server does not offer REQUIRETLS";
    case errc::eight_bit_not_offered:
      return "the SMTP server takes no 8-bit text";
    case errc::chunk_not_understood:
      return "the SMTP server offers CHUNKING and does not know BDAT";
  }
  return "unknown SMTP error";
}

}  // namespace

const boost::system::error_category& category() {
  static const SentenceCategory instance("postern.smtp", sentence);
  return instance;
}

}  // namespace postern::smtp
