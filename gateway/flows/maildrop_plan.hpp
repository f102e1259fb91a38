// The maildrop plan: from what a POP3 server lists and what is known of it to what is to be done.
// Pure; the flow asks once a visit, since a maildrop does not change while it is visited.
#pragma once

#include "pop3/reply.hpp"
#include "storage/maildrops.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::flows {

/// One mail of a visit. RFC 1939 §11: numbers hold for one session only.
struct ListedMail {
  std::uint32_t number = 0;
  std::uint64_t size_bytes = 0;  // by LIST; 0: not told
  std::string key;               // empty: to be made of its header
  int attempts = 0;              // downloads that failed before
};

/// What UIDL and LIST told, by number; a number told twice counts once.
std::vector<ListedMail> join_listings(std::vector<pop3::SizeEntry> sizes,
                                      std::vector<pop3::UidEntry> uids);

/// The key of a mail with this unique-id.
std::string key_of_uid(std::string_view uid);

bool is_key_of_uid(std::string_view key);

/// The key of a mail whose server has no unique-ids: of its header, but for the fields in which
/// mailbox files keep their marks, and its size.
std::string key_of_header(std::string_view head, std::uint64_t size_bytes);

/// Mails of one header and size get keys of their own; their bytes decide whether they are one.
void number_copies(std::vector<ListedMail>& listed);

/// One more try of a mail that is quarantined, or was too large.
struct MaildropRetry {
  ListedMail mail;
  storage::Trouble trouble;
};

struct MaildropPlan {
  // The server gave every mail another unique-id: with what is new there is, in `undated`, what was
  // to be passed over. To be written down before all else, with its event.
  bool renumbered = false;
  std::vector<ListedMail> undated;     // to be dated, then fetched or passed over
  std::vector<ListedMail> fetch;       // in order; those that failed before come last
  std::vector<ListedMail> too_large;   // by LIST, and not known to be so
  std::vector<MaildropRetry> retry;    // whose time has come; each alone, after the others
  std::vector<std::string> gone;       // known, and listed no longer
  std::vector<std::string> back;       // were gone, and are listed again
  std::vector<storage::Trouble> lost;  // of those gone: what was to be tried again
  std::optional<Instant> next_try;     // the first of those whose time has not come
};

struct PlanLimits {
  std::uint64_t message_bytes_max = 0;
  bool quarantined_too = false;  // a person asked for a check: they are tried once more
  Instant now{};
};

/// Every mail of `listed` has its key. Of two with the same key the first counts.
MaildropPlan plan_maildrop(const std::vector<ListedMail>& listed, const storage::Maildrop& known,
                           const PlanLimits& limits);

}  // namespace postern::flows
