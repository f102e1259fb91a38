// International domains: what people type → what the DNS, SMTP and header fields carry.
//
// libidn2 does the mapping (case, width, normal form) and the coding; this file holds it to what a
// mail domain may be. IDNA2008 with the mapping of UTS #46, so that "ß" stays a letter of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

/// A domain's A-label form ("Bücher.example" → "xn--bcher-kva.example"); ASCII, and so an address
/// literal, stays as it is. Nothing when it cannot be one. Source: RFC 5890, RFC 5891, UTS #46.
std::optional<std::string> to_ascii_domain(std::string_view domain);

/// `address` with its domain as A-labels: the form of it for an envelope. The local part stays, and
/// an address whose domain is none comes back as it is. Source: RFC 6531 §3.2.
std::string with_ascii_domain(std::string_view address);

/// Whether `address` needs a server with SMTPUTF8: its local part is beyond ASCII.
/// Source: RFC 6531 §3.1.
bool needs_smtputf8(std::string_view address);

}  // namespace postern::message
