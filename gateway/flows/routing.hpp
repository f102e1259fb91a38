// From a digested mail to its fate: thread and references, then the integration's ignore lists,
// then the rules. The digester's second half, which writes nothing; and the rules asked again.
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

/// `summary` with its thread, where the mail goes, and the event of its coming. `size_bytes` is the
/// raw mail's. All arguments outlive the task.
net::Task<Result<storage::DigestedMail>> settle_mail(Context& context,
                                                     const IntegrationWords& words, MessageId id,
                                                     MessageSummary summary,
                                                     std::uint64_t size_bytes);

/// What the rules there are make of a stored mail now, and why: for POST /rules/try. With `rule`
/// that one alone is asked. Nothing is changed. Errors: storage's.
net::Task<Result<Routing>> try_rules(storage::Store& store, MessageId id, std::optional<Rule> rule);

/// Asks the rules again about a stored mail that no target has taken, and does what they say now.
/// Errors: storage's (Messages::route_anew).
net::Task<Result<void>> route_anew(storage::Store& store, MessageId id, Instant now);

}  // namespace postern::flows
