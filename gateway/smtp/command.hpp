// The commands that carry foreign text: checked, then written.
//
// Nothing that comes from an API call can become a second command or a parameter (promise 20).
#pragma once

#include "core/dsn.hpp"
#include "core/mail.hpp"
#include "core/result.hpp"
#include "smtp/ehlo.hpp"
#include "smtp/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

inline constexpr std::size_t path_bytes_max = 256;       // with < >; RFC 5321 §4.5.3.1.3
inline constexpr std::size_t ehlo_name_bytes_max = 255;  // RFC 5321 §4.5.3.1.2
inline constexpr std::size_t recipients_max = 1000;      // a transaction

/// One mail to be sent.
struct Transaction {
  Envelope envelope;  // an empty sender is the null path: MAIL FROM:<>
  std::uint64_t size_bytes =
      0;  // with CRLF line ends, before dot-stuffing (RFC 1870 §6.3); 0: unknown
  bool body_is_8bit = false;      // declared where the server offers 8BITMIME, else sent as it is
  bool headers_are_utf8 = false;  // needs SMTPUTF8 even if every address is ASCII
  bool in_one_chunk = false;      // goes by BDAT where the server offers it: lines end with CRLF,
                                  // size_bytes is exact. RFC 3030
  bool require_tls = false;       // TLS on all of its way, or back. RFC 8689 §2
  DsnRequest dsn;                 // left out where the server does not offer DSN
};

/// Whether `transaction` may be sent to a server with `extensions`.
///
/// Errors: bad_address (CR, LF, NUL, other control characters, < or >, an unquoted blank, no UTF-8,
/// over path_bytes_max, no recipient or over recipients_max; an envelope id that is empty of
/// sense), smtputf8_not_offered, too_large, require_tls_not_offered.
Result<void> check(const Transaction& transaction, const Extensions& extensions);

/// Errors: bad_address. An empty `sender` is fine.
Result<void> check_sender(std::string_view sender, const Extensions& extensions);

/// Errors: bad_address (empty, blanks, control characters, not ASCII, over ehlo_name_bytes_max).
Result<void> check_ehlo_name(std::string_view name);

/// "MAIL FROM:<a@example.com> SIZE=1234 BODY=8BITMIME\r\n", with what `extensions` offer.
/// Needs: check(). Source: RFC 5321 §4.1.1.2, RFC 1870, RFC 6152, RFC 6531 §3.4, RFC 3461 §4.3 and
/// §4.4, RFC 8689 §4.1.
std::string mail_command(const Transaction& transaction, const Extensions& extensions);

/// "RCPT TO:<b@example.com> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@example.com\r\n", the parameters
/// where `extensions` has DSN. Needs: check(). Source: RFC 3461 §4.1 and §4.2, RFC 6533 §3 (utf-8).
std::string rcpt_command(std::string_view recipient, const DsnRequest& dsn,
                         const Extensions& extensions);

/// "BDAT 1234 LAST\r\n". Source: RFC 3030 §2.
std::string last_chunk_command(std::uint64_t size_bytes);

/// ABNF: xtext = *( xchar / hexchar ); hexchar = "+" 2HEXDIG, upper case. Source: RFC 3461 §4.
std::string xtext(std::string_view text);
/// What xtext() made, or nothing where `text` is no xtext.
std::optional<std::string> from_xtext(std::string_view text);

}  // namespace postern::smtp
