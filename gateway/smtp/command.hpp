// The commands that carry foreign text: checked, then written.
//
// Nothing that comes from an API call can become a second command or a parameter (promise 20).
#pragma once

#include "core/mail.hpp"
#include "core/result.hpp"
#include "smtp/ehlo.hpp"
#include "smtp/error.hpp"

#include <cstddef>
#include <cstdint>
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
};

/// Whether `transaction` may be sent to a server with `extensions`.
///
/// Errors: bad_address (CR, LF, NUL, other control characters, < or >, an unquoted blank, no UTF-8,
/// over path_bytes_max, no recipient or over recipients_max), smtputf8_not_offered, too_large.
Result<void> check(const Transaction& transaction, const Extensions& extensions);

/// Errors: bad_address. An empty `sender` is fine.
Result<void> check_sender(std::string_view sender, const Extensions& extensions);

/// Errors: bad_address (empty, blanks, control characters, not ASCII, over ehlo_name_bytes_max).
Result<void> check_ehlo_name(std::string_view name);

/// "MAIL FROM:<a@example.com> SIZE=1234 BODY=8BITMIME\r\n", with what `extensions` offer.
/// Needs: check(). Source: RFC 5321 §4.1.1.2, RFC 1870, RFC 6152, RFC 6531 §3.4.
std::string mail_command(const Transaction& transaction, const Extensions& extensions);

/// "RCPT TO:<b@example.com>\r\n". Needs: check().
std::string rcpt_command(std::string_view recipient);

}  // namespace postern::smtp
