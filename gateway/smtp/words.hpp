// A server's words made fit to be shown: bounded, valid UTF-8, no control characters.
//
// Everything a peer says is untrusted text; details, statuses and logs take it through here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::smtp {

inline constexpr std::size_t words_bytes_max = 500;

/// `untrusted` with control characters and bytes that are not UTF-8 written as \xNN, and cut after
/// at most `limit_bytes` octets ("…" tells of a cut and comes on top).
std::string shown(std::string_view untrusted, std::size_t limit_bytes = words_bytes_max);

}  // namespace postern::smtp
