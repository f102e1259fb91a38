// What a server says it can do: the answer to EHLO.
//
// Only the extensions we use are kept. Whoever negotiates TLS forgets this and asks again.
// RFC 5321 §4.1.1.1, RFC 1870 (SIZE), RFC 4954 (AUTH), RFC 2920 (PIPELINING), RFC 6152, RFC 6531.
#pragma once

#include "smtp/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

inline constexpr std::size_t mechanisms_max = 32;  // more AUTH words than these are not kept

struct Extensions {
  bool starttls = false;
  bool pipelining = false;
  bool eight_bit_mime = false;
  bool smtputf8 = false;
  bool size = false;                            // SIZE= may be declared
  std::optional<std::uint64_t> size_bytes_max;  // none: not told, or no limit (SIZE 0)
  std::vector<std::string> mechanisms;          // upper case, in the server's order

  bool offers(std::string_view mechanism) const;
};

/// The extensions in a positive reply to EHLO. Unknown words are ignored; `AUTH X Y` and the old
/// `AUTH=X Y` both count.
///
/// ABNF: ehlo-line = ehlo-keyword *( SP ehlo-param ). Source: RFC 5321 §4.1.1.1.
Extensions parse_ehlo(const Reply& reply);

}  // namespace postern::smtp
