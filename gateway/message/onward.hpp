// A raw mail on its way onwards, to a helpdesk or through a relay: the few things that are done to
// its header. What is stored is never touched; line ends and all other fields stay as they are.
// RFC 5322 §3.6.6 (Resent-*).
#pragma once

#include "core/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

/// Whether a helpdesk may take orders from a field of this name: X-Zammad-*, X-OTRS-*, X-Znuny-*,
/// X-RT-*, RT-*, X-GitLab-*, X-Redmine-*, X-FreeScout-*. X-RT-Loop-Prevention gives none: it keeps
/// Request Tracker from answering itself.
bool is_control_header(std::string_view name);

/// The mail without the fields that is_control_header() names, in time linear in its header.
std::string without_control_headers(std::string raw);

/// The header field that a mail relayed by us carries, so that it is known when it comes back.
inline constexpr std::string_view loop_mark_field = "X-Postern-Loop";

struct Resent {
  Instant date;
  std::string from;             // an addr-spec
  std::vector<std::string> to;  // addr-specs
  std::string message_id;       // with < >
  std::string loop_mark;        // visible ASCII
};

/// The block of fields to be put before the mail, CRLF lines. The addresses are valid ones.
std::string resent_fields(const Resent& resent);

/// A mail of `header` (with or without its empty line) and a text of ours in the place of the body
/// that is not here.
std::string header_with_notice(std::string_view header, std::string_view notice);

}  // namespace postern::message
