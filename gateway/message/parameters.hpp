// The values of Content-Type and Content-Disposition: a word and its parameters.
//
// Read leniently, since what is wrong here in practice is quoting: file names with blanks and no
// quotes, Windows paths, a quote that is never closed. Charsets are left to the caller.
// RFC 2045 §5.1, RFC 2183, RFC 2231.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::size_t parameters_max = 100;  // of one field, continuations counted singly

inline constexpr std::size_t parameters_bytes_max =
    16 * 1024;  // of one field; the rest is not read

struct Parameter {
  std::string name;       // lower-case
  std::string value;      // bytes, continuations joined, percent-decoded where extended
  std::string charset;    // what RFC 2231 named, else empty
  bool extended = false;  // RFC 2231: no encoded words inside
};

struct ParameterizedValue {
  std::string value;  // lower-case, without comments and blanks
  std::vector<Parameter> parameters;

  /// The parameter of that lower-case name, or null.
  const Parameter* find(std::string_view name) const;
};

/// Reads a folded or unfolded value. Linear; never fails: what makes no sense is passed over.
ParameterizedValue parse_parameterized(std::string_view raw);

}  // namespace postern::message
