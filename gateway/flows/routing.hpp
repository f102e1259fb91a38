// From digested mails to their fate: thread and references, then the integration's ignore lists,
// then the rules. The digester's second half; and the rules asked again.
#pragma once

#include "core/ignore_list.hpp"
#include "flows/context.hpp"

namespace postern::flows {

/// What an integration says of its mail, compiled once.
struct IntegrationWords {
  explicit IntegrationWords(const Integration& of)
      : integration(of), ignore(of.incoming.ignore), references(of.incoming.reference_patterns) {}

  const Integration& integration;  // must outlive this
  IgnoreList ignore;
  ReferencePatterns references;
};

/// A mail that was looked at.
struct SeenMail {
  MessageId id;
  std::uint64_t size_bytes = 0;  // of the raw mail
  Instant received_at;
  MessageSummary summary;
};

/// Notes for each its thread, where it goes, and the event of its coming: in one transaction, but
/// for those that belong to one before them, which are asked about after that is noted. Gives
/// whether one of them goes out nowhere. Once more for the same mail changes nothing, so after an
/// error each may be tried alone. Only one at a time for an integration.
/// Errors: storage's. `context` and `words` outlive the task.
net::Task<Result<bool>> settle_mails(Context& context, const IntegrationWords& words,
                                     std::vector<SeenMail> mails);

/// What the rules there are make of a stored mail now, and why: for POST /rules/try. With `rule`
/// that one alone is asked. Nothing is changed. Errors: storage's.
net::Task<Result<Routing>> try_rules(storage::Store& store, MessageId id, std::optional<Rule> rule);

/// Asks the rules again about a stored mail that no target has taken, and does what they say now.
/// Errors: storage's (Messages::route_anew).
net::Task<Result<void>> route_anew(storage::Store& store, MessageId id, Instant now);

}  // namespace postern::flows
