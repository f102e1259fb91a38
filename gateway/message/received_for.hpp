// The recipient that a Received field names: "… id 4F1 for <support@example.org>; Sat, 31 Jan …".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

/// The address behind "for" outside comments, without < >; nothing when there is none with an "@".
/// Source: RFC 5321 §4.4: For = CFWS "FOR" FWS ( Path / Mailbox ).
std::optional<std::string> received_for(std::string_view value);

/// What all mails of one conversation share of an Exchange Thread-Index: its first 22 octets, hex.
std::optional<std::string> thread_index_root(std::string_view value);

}  // namespace postern::message
