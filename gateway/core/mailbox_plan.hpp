// The mailbox plan: from where we stand in a folder and what the server says of it to the UIDs to
// fetch. Pure; the flow asks once after each SELECT and after each EXISTS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// Everything below next_uid under this uid_validity is ours. next_uid is 64-bit because a mail
/// with the last UID there is, 2^32 - 1, moves it past what a UID can be. 0: a search_since was
/// begun and is not finished; it is begun again.
struct MailboxPosition {
  std::uint32_t uid_validity = 0;
  std::uint64_t next_uid = 1;
  bool operator==(const MailboxPosition&) const = default;
};

/// What SELECT or EXAMINE told. RFC 9051 §2.3.1.1.
struct MailboxState {
  std::uint32_t uid_validity = 0;
  std::optional<std::uint32_t> uid_next;  // some servers leave it out
  std::uint32_t exists = 0;
  /// The server gives UIDs anew without a new UIDVALIDITY: UIDNEXT went back.
  bool renumbered = false;
};

enum class PlanStep {
  nothing,       // no mail can be new
  fetch,         // fetch UIDs from first_uid to last_uid
  search_since,  // first UID SEARCH SINCE `since`; fetch what it finds, then keep `position`
};

struct MailboxPlan {
  PlanStep step = PlanStep::nothing;
  /// The folder's UIDs are no longer those we know (a new UIDVALIDITY): an event of its own. The
  /// duplicate rule keeps what was handed over before from being so again.
  bool restarted = false;
  std::uint32_t first_uid = 0;
  std::uint32_t last_uid = 0;  // uid_max: open, ask for first_uid:*
  std::string since;           // "2026-01-31"
  /// nothing, fetch: where we stand now, to be stored if it differs from what was given.
  /// search_since: where we stand once all that SEARCH found is stored. Until then next_uid is
  /// stored as 0, else a cut line would lose what was found and not yet fetched.
  MailboxPosition position;
};

/// The last UID there can be. RFC 9051 §2.3.1.1: UIDs are 32-bit and not zero.
inline constexpr std::uint32_t uid_max = 4294967295U;

/// The plan for a folder where we stand at `position`, nothing if it was never seen.
///
/// `start_from` is "now", "all" or a date. It decides where a folder never seen begins, and a
/// restarted one too: with "now" the latter begins at the date `watched_since` (a day before the
/// integration's first look, to be safe of time zones), so that old mail it never wanted does not
/// come in; with an empty `watched_since` everything is fetched.
///
/// Ask STATUS for UIDNEXT first if SELECT did not tell it: without it "now" is as "all".
///
/// A server answers `UID FETCH 999:*` with its last message even when that one's UID is below 999
/// (RFC 9051 §9, seq-range). Hence nothing is planned when UIDNEXT says that nothing is new, and
/// whoever fetches an open range drops what is_new() refuses.
MailboxPlan plan_mailbox(const std::optional<MailboxPosition>& position, const MailboxState& state,
                         std::string_view start_from, std::string_view watched_since = "");

/// Whether a UID told in answer to the plan is one that was asked for.
bool is_new(const MailboxPlan& plan, std::uint32_t uid);

/// The position after everything up to and including `uid` is stored; never goes back.
MailboxPosition advanced(MailboxPosition position, std::uint32_t uid);

}  // namespace postern
