// The lines of POP3 taken apart: a status, the numbers behind it, an entry of LIST or UIDL.
//
// RFC 1939 §3, §5 (STAT, LIST), §7 (UIDL); RFC 2449 §8 and RFC 3206 (response codes).
#pragma once

#include "pop3/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::pop3 {

enum class Indicator {
  ok,         // +OK
  err,        // -ERR
  challenge,  // "+ ": the server waits for a line of SASL
};

/// The first line of a response.
struct Status {
  Indicator indicator = Indicator::ok;
  std::string code;  // "IN-USE", "SYS/TEMP", upper case; empty: none we know
  std::string text;  // all behind the indicator, the code too, as it came
};

/// Nothing when `line`, without its line end, is no status. A code counts when it is one of
/// RFC 2449's and RFC 3206's; any other bracket is text.
///
///     response = single-line = "+OK" / "-ERR" [SP text]    ; RFC 2449 §9
///     text     = resp-text = [ "[" resp-code "]" SP ] …
std::optional<Status> parse_status(std::string_view line);

/// What STAT answers behind +OK.
struct Drop {
  std::uint32_t count = 0;
  std::uint64_t size_bytes = 0;
};
/// "nn mm", anything behind a blank is ignored. Source: RFC 1939 §5, drop listing.
std::optional<Drop> parse_drop(std::string_view text);

struct SizeEntry {
  std::uint32_t number = 0;      // from 1
  std::uint64_t size_bytes = 0;  // 0: not told in a way that can be read
};
/// "nn mm", anything behind a blank is ignored. Source: RFC 1939 §5, scan listing.
std::optional<SizeEntry> parse_size(std::string_view line);

struct UidEntry {
  std::uint32_t number = 0;  // from 1
  std::string uid;           // empty: what the server gave is no unique-id
};
inline constexpr std::size_t uid_bytes_max = 70;
/// "nn uid" with 1 to 70 characters from 0x21 to 0x7E. Source: RFC 1939 §7, unique-id listing.
std::optional<UidEntry> parse_uid(std::string_view line);

/// not_pop3, naming the protocol that `greeting` looks like.
Error foreign_greeting(std::string_view greeting);

}  // namespace postern::pop3
