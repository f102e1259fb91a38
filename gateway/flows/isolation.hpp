// Which errors a single mail can be the cause of. Part of the policy, like verdict.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

namespace postern::flows {

/// Connections that may break at mails one after the other, with none taken between, before it is
/// the server's failure and not the mails'.
inline constexpr int breaks_in_a_row_max = 4;
/// So often a mail breaks its connection before it is quarantined.
inline constexpr int breaks_before_quarantine = 2;
/// Mails refused one after the other, with none taken between, before the server is to blame.
inline constexpr int refused_in_a_row_max = 16;
/// Mails asked for one by one after a break at an unknown one.
inline constexpr std::size_t cautious_mails_max = 64;

/// A mailbox that breaks at its mails for so long is in a trouble that is told.
inline constexpr Duration breaks_untold_max = std::chrono::seconds(30);

/// What the end of a connection is put down to.
enum class Blame {
  server,   // it counts as a failed check
  mail,     // one of them perhaps: the next connection follows at once, and finds out
  stalled,  // the same, and no mail has come for so long that people are told
};

/// A refusal (NO, BAD) of a FETCH that may be about one of its mails, and not about the server.
bool is_of_a_mail(const Error& refusal);

/// An end of the connection that the bytes of a mail may have caused.
bool may_be_broken_by_a_mail(const Error& error);

}  // namespace postern::flows
