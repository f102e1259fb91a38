// From, To and the like of received mail: read leniently, without recursion, bounded.
//
// vmime overflows its stack on 16,000 nested groups and invents host names for bare words; this
// reads in one pass with counters instead. RFC 5322 §3.4, §4.4 (routes, bare commas, empty groups).
#pragma once

#include "core/mail.hpp"
#include "message/charset.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr int address_nesting_max = 10;  // groups in groups, comments in comments
inline constexpr std::size_t address_bytes_max = 998;

struct AddressField {
  std::vector<MailAddress> addresses;
  bool malformed = false;      // something was guessed or passed over
  bool nesting_limit = false;  // deeper than address_nesting_max: the rest was not read
  bool count_limit = false;    // more than `addresses_max`: the rest was not read
};

/// All addresses of one field's folded value, of groups as well. Names are decoded; an address is
/// UTF-8 without control characters, and as it stands where it is no addr-spec ("root", "").
AddressField parse_address_field(std::string_view value, std::size_t addresses_max,
                                 CharsetDecoder& charsets);

}  // namespace postern::message
