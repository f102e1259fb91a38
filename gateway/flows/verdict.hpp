// Verdict: what an Error means. ALL error policy of the flows is here: outcome for the schedule,
// result code for the caller, event kind, hint and field for people.
#pragma once

#include "core/delivery.hpp"
#include "core/outcome.hpp"
#include "core/result.hpp"
#include "core/result_codes.hpp"
#include "core/time.hpp"
#include "smtp/session.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::flows {

enum class Direction { incoming, outgoing };
std::string_view to_string(Direction direction);

struct Verdict {
  Outcome outcome = Outcome::transient;
  ResultCode result_code = ResultCode::internal;
  std::string kind;                       // imap.login_failed, smtp.connection_failed, …
  std::string hint;                       // what a person can do, one sentence
  std::string field;                      // JSON pointer of the setting to look at, or empty
  bool too_many_connections = false;      // the server takes no more of them
  std::optional<Duration> wait_at_least;  // what a throttling server asked for
  bool third_party = false;     // neither the server's nor the login's doing: never disables
  bool told_elsewhere = false;  // as an event of its own, once for all it concerns
};

/// `step` is where it happened: dns, tcp, tls, greeting, login, select, fetch, store, …
Verdict judge(const Error& error, Direction direction, std::string_view step);

/// How long to wait after the `failures`-th failure in a row that was judged so: what the server
/// asked for, at most limits::throttled_max, else a back-off of the outcome's own pace.
Duration pause_after(const Verdict& verdict, int failures, std::uint64_t random);

/// The same with the event kinds of `protocol`, "imap" or "pop3".
Verdict for_protocol(Verdict verdict, std::string_view protocol);

/// What a finished transaction means for the delivery. `retry_at` is when a temporary refusal may
/// be tried again, `ended` whether its time is up.
DeliveryOutcome judge_transaction(const smtp::TransactionDone& done, Instant retry_at, bool ended);

}  // namespace postern::flows
