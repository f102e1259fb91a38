// What can go wrong between us and an SMTP server, as codes to branch on.
//
// The detail of an Error quotes the server's words, bounded and escaped (words.hpp); it never holds
// a secret. Refusals of one mail or one recipient are no errors: session.hpp reports them as
// TransactionDone.
#pragma once

#include "core/result.hpp"

#include <string>

namespace postern::smtp {

enum class errc {
  not_smtp = 1,      // the greeting is not SMTP's: IMAP, POP3, HTTP, TLS … (named in the detail)
  greeting_refused,  // 4yz or 5yz as greeting, or to EHLO and HELO
  starttls_not_offered,    // TLS was demanded and EHLO does not list STARTTLS
  starttls_refused,        // STARTTLS was offered and then refused
  bytes_before_tls,        // plain bytes behind the 220 of STARTTLS: an injection
  plaintext_auth_refused,  // we refuse to send a credential without TLS
  no_mechanism,  // no AUTH mechanism that is offered, that we can use, and that fits the credential
  auth_refused,  // 5yz at AUTH: 535, 534, 530, 538 …
  auth_deferred,         // 4yz at AUTH: 454, 432, 451 …
  malformed_reply,       // not a reply of RFC 5321 §4.2
  reply_too_long,        // a reply over the limit
  unexpected_reply,      // a reply that nothing asked for, or of a class that cannot be there
  service_closing,       // 421 outside a transaction: the server ends the connection
  closed,                // the server closed the line
  too_large,             // the message is over the size the server announced (nothing was sent)
  smtputf8_not_offered,  // an address needs SMTPUTF8 and the server has it not (nothing was sent)
  bad_address,           // an address, name or number of them cannot be sent (nothing was sent)
  nul_in_message,        // a NUL in the message: dot_stuff sends none
  require_tls_not_offered,  // REQUIRETLS was demanded, and is not there (nothing was sent)
  eight_bit_not_offered,  // 8-bit text, no 8BITMIME, and it can't be re-encoded (nothing was sent)
  chunk_not_understood,   // BDAT was offered, and then unknown (500 to 504): DATA may do
};

const boost::system::error_category& category();
inline error_code make_error_code(errc code) {
  return {static_cast<int>(code), category()};
}

}  // namespace postern::smtp

template <>
struct boost::system::is_error_code_enum<postern::smtp::errc> : std::true_type {};
