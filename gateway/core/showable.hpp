// Which characters of foreign text must not be shown as they are: they would move the cursor, end
// the line, or turn the direction of what follows, and a line would say other than it holds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern {

/// The octets of the character at the front of `text`, valid UTF-8 and not empty, where it is one
/// of those: C0, DEL and C1 controls, the line and paragraph separators, the controls and marks of
/// the bidirectional algorithm. 0 for all others. Source: Unicode UAX #9 §2, UTR #36 §2.5.
std::size_t unshowable(std::string_view text);

/// The code point of the character of `length` octets at the front of `text`, valid UTF-8; 1 to 3
/// octets, which is what unshowable() finds.
char32_t code_point(std::string_view text, std::size_t length);

/// `text` fit for a line of a log: \u and four digits for what is unshowable, U+FFFD for what is no
/// UTF-8.
std::string as_one_line(std::string_view text);

}  // namespace postern
