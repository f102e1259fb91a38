// A received mail put into a folder by IMAP, as it came: its bytes and the time of its arrival. A
// folder that is not there is made. After an attempt whose end is not known the folder is searched
// by Message-ID first, so that the mail is not there twice.
#pragma once

#include "flows/context.hpp"
#include "flows/target_kinds.hpp"
#include "flows/target_lines.hpp"

#include <string>

namespace postern::flows {

/// The progress that is noted before the APPEND of a mail begins.
inline constexpr std::string_view append_begun = "append_begun";

/// What an Error of the dialogue means. `step` is the line's.
TargetAnswer judge_append_error(const Error& error, std::string_view step);

/// `mail.bytes` into the target's folder; `handover` has `append_begun` before the APPEND is said.
/// `search`: it may be there already.
net::Task<TargetAnswer> append_mail(Context& context, TargetLines& lines, TargetMail& mail,
                                    Instant received_at, std::string message_id, bool search,
                                    HandoverId handover);

}  // namespace postern::flows
