// A refusal that is about the account and not about the mail: the login, a sending limit, too many
// connections. It counts against the integration and suspends its queue; the mail waits.
#pragma once

#include "flows/verdict.hpp"

#include <optional>

namespace postern::flows {

/// What a transaction that was not accepted says of the account; nothing when it is the mail that
/// was refused. `wait_at_least` is what the server asked for, or what is known of this limit.
/// Source: RFC 5321 §3.8 (421), RFC 4954 §6 (530); Exchange, Gmail, Yahoo in words.
std::optional<Verdict> judge_sender(const smtp::TransactionDone& done);

}  // namespace postern::flows
