// What a server says it can do: the answer to EHLO.
//
// Only the extensions we use are kept. Whoever negotiates TLS forgets this and asks again.
// RFC 5321 §4.1.1.1, RFC 1870 (SIZE), RFC 4954 (AUTH), RFC 2920 (PIPELINING), RFC 6152, RFC 6531,
// RFC 3030 (CHUNKING), RFC 3461 (DSN), RFC 8689 (REQUIRETLS), RFC 9422 (LIMITS).
#pragma once

#include "smtp/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

inline constexpr std::size_t mechanisms_max = 32;  // more AUTH words than these are not kept

/// What a server takes at most; none: not told. RFC 9422 §4.
struct ServerLimits {
  std::optional<std::uint64_t> mails;              // MAILMAX: transactions of one connection
  std::optional<std::uint64_t> recipients;         // RCPTMAX: of one transaction
  std::optional<std::uint64_t> recipient_domains;  // RCPTDOMAINMAX: of one transaction
};

struct Extensions {
  bool starttls = false;
  bool pipelining = false;
  bool eight_bit_mime = false;
  bool smtputf8 = false;
  bool chunking = false;
  bool dsn = false;
  bool require_tls = false;
  bool size = false;                            // SIZE= may be declared
  std::optional<std::uint64_t> size_bytes_max;  // none: not told, or no limit (SIZE 0)
  ServerLimits limits;
  std::vector<std::string> mechanisms;  // upper case, in the server's order

  bool offers(std::string_view mechanism) const;
};

/// The extensions in a positive reply to EHLO. Unknown words are ignored; `AUTH X Y` and the old
/// `AUTH=X Y` both count.
///
/// ABNF: ehlo-line = ehlo-keyword *( SP ehlo-param ). Source: RFC 5321 §4.1.1.1.
Extensions parse_ehlo(const Reply& reply);

}  // namespace postern::smtp
