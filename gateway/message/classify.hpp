// What kind of mail it is, with the evidence: loop, bounce, disposition notice, out of office,
// auto-reply, list, or normal; the first of these that holds.
//
// A report or a header field that only a program writes is believed; words of absence count only
// beside such, or at the front of a subject. Nothing is dropped by its class: rules decide.
// RFC 3834 §5, RFC 5230 §5.6, RFC 2919, RFC 2369, RFC 8098, RFC 3464.
#pragma once

#include "core/mail.hpp"
#include "message/scan.hpp"

#include <string_view>

namespace postern::message {

/// A field of ours in what is sent by itself (notices, relayed mail): a mail with it is a loop.
inline constexpr std::string_view loop_mark = "X-Postern-Loop";
inline constexpr int hops_max = 50;  // Received fields of a mail that is not yet a loop

/// Writes `mail_class` and `class_evidence` of a mail whose other fields are there, bounce too.
void classify(std::string_view raw, const PartTree& tree, MessageSummary& mail);

}  // namespace postern::message
