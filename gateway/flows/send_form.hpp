// POST /send as a form: the same names as in JSON, files as attachments.
//
//   to=a@x&to=b@x        repeated fields, or one with a JSON array, for a list
//   headers={"X-A":"1"}  JSON for headers and variables
//   attachments=@a.pdf   each file a part of its own; a JSON array of attachments may stand beside
//   inline=@logo.png     a file shown in the HTML: its Content-ID is the part's own, or its name
//
// An empty field that is no text counts as absent, as browsers send those.
#pragma once

#include "core/form_part.hpp"
#include "flows/send_request.hpp"

#include <variant>
#include <vector>

namespace postern::flows {

/// As parse_send_request. A text in another charset than UTF-8 says so in its part's Content-Type,
/// or all of them in the field _charset_. Source: RFC 7578 §4.4, §4.6.
std::variant<SendRequest, Refusal> parse_send_form(const std::vector<FormPart>& parts);

}  // namespace postern::flows
