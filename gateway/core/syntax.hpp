// The shapes of what people type and protocols carry: hosts, addresses, URLs, dates. All of them
// refuse control characters, so that nothing typed becomes a command or a header of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// A DNS name in ASCII (underscore allowed, a dot at the end not), or an IP address without
/// brackets. Source: RFC 1123 §2.1, RFC 1035 §2.3.4 (253 and 63 octets).
bool valid_host(std::string_view host);

bool valid_ipv4(std::string_view text);
/// Groups of hex digits, one "::", an IPv4 tail; no zone. Source: RFC 4291 §2.2.
bool valid_ipv6(std::string_view text);

/// "localhost", a name under it, 127.0.0.0/8 or ::1: the line does not leave the machine.
bool is_loopback_host(std::string_view host);

/// local-part "@" domain, where the domain is a host or an address literal; UTF-8 beyond ASCII is
/// allowed (RFC 6531). Source: RFC 5321 §4.1.2, §4.5.3.1 (64 and 255 octets).
bool valid_addr_spec(std::string_view address);

/// "Sales <sales@example.com>" → "sales@example.com"; any other text as it is.
std::string_view without_name(std::string_view address);

/// The addresses in a list as people type it, split at comma, semicolon and line break; empty
/// places are left out, blanks around one too.
std::vector<std::string> split_addresses(std::string_view list);

/// What is wrong with an absolute http or https URL, a sentence; nothing when it is well. No user
/// information and no fragment are allowed in one.
std::optional<std::string> http_url_problem(std::string_view url);

/// "2026-01-31": a day that was or will be. Source: RFC 3339 §5.6 (full-date).
bool valid_date(std::string_view date);

/// A field name of HTTP or mail: tokens only. Source: RFC 9110 §5.6.2.
bool valid_token(std::string_view name);

}  // namespace postern
