// A received mail relayed to a target's recipients by SMTP: its own header as it came, with a block
// of Resent-* fields before it, and the result read per recipient.
#pragma once

#include "flows/context.hpp"
#include "flows/target_kinds.hpp"
#include "flows/target_lines.hpp"
#include "smtp/session.hpp"

#include <string>
#include <vector>

namespace postern::flows {

/// What the attempts so far have come to; kept between them, so that nobody is given it twice.
struct RelayProgress {
  std::vector<std::string> accepted;
  std::vector<std::string> refused;  // "address: the server's words"
  std::vector<std::string> refused_addresses;
};
std::string to_text(const RelayProgress& progress);
/// What cannot be read is nothing.
RelayProgress relay_progress(std::string_view text);

/// Those that no reply has decided yet.
std::vector<std::string> recipients_left(const std::vector<std::string>& all,
                                         const RelayProgress& progress);

/// What a finished transaction with the recipients left means: taken when all are decided and at
/// least one has the mail, refused when none will ever have it, put off while some may.
TargetAnswer judge_relay(RelayProgress progress, const smtp::TransactionDone& done);

/// An Error before a transaction ended. `unknown`: the mail may have been taken.
TargetAnswer judge_relay_error(const Error& error, std::string_view step, bool unknown);

/// Whether the mail carries the mark of a relay of ours: it came back.
bool carries_loop_mark(std::string_view bytes, std::string_view hostname);

/// `mail.bytes` to the target's recipients, in the name of `sender` (empty: the null sender).
net::Task<TargetAnswer> relay_mail(Context& context, TargetLines& lines, TargetMail& mail,
                                   std::string sender, std::string progress);

}  // namespace postern::flows
