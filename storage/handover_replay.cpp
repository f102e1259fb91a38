// Replay: new hand-overs for mails that were handed over before, a page a transaction.
#include "storage/columns.hpp"
#include "storage/handover_rows.hpp"
#include "storage/handovers_table.hpp"
#include "storage/id_source.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

struct Found {
  MessageId message;
  bool waits = false;
};

Result<void> require_enabled(Transaction& transaction, TargetId target) {
  auto query = transaction.query(
      "SELECT name, json_extract(config, '$.enabled') FROM target "
      "WHERE id = ?1 AND removed_at IS NULL",
      target);
  if (!query.step()) return Error{errc::not_found, "target " + target.str()};
  std::string name;
  bool enabled = false;
  query.read(name, enabled);
  if (enabled) return success();
  return Error{errc::wrong_state, "The target " + name + " is disabled; enable it first."};
}

/// Ids follow the time a mail was stored, so the span's begin is found by id; the margin is for a
/// clock that was set between the two.
MessageId first_id(const ReplaySpan& span) {
  constexpr auto margin = std::chrono::hours(24);
  MessageId id;
  id.value = IdSource::first_at(span.since - margin);
  return std::max(id, span.after);
}

std::vector<Found> find_mails(Transaction& transaction, TargetId target, const ReplaySpan& span,
                              int limit) {
  std::vector<Found> found;
  auto query = transaction.query(
      "SELECT m.id, EXISTS (SELECT 1 FROM handover h WHERE h.message = m.id AND h.target = ?5 "
      "AND h.state = 'waiting') FROM message m WHERE m.id > ?1 AND m.stored_at >= ?2 "
      "AND m.stored_at < ?3 AND m.digested = 1 AND m.state IN ('stored', 'handed_over') "
      "ORDER BY m.id LIMIT ?4",
      first_id(span), span.since, span.until, limit, target);
  while (query.step()) {
    auto& mail = found.emplace_back();
    query.read(mail.message, mail.waits);
  }
  return found;
}

}  // namespace

net::Task<Result<ReplayPage>> HandoversTable::replay(TargetId target, ReplaySpan span, int limit,
                                                     Instant now) {
  return engine_.write([target, span, limit, now](Transaction& transaction) -> Result<ReplayPage> {
    POSTERN_TRY(require_enabled(transaction, target));
    const auto mails = find_mails(transaction, target, span, limit);
    ReplayPage page;
    page.more = static_cast<int>(mails.size()) == limit;
    page.last = mails.empty() ? span.after : mails.back().message;
    for (const auto& mail : mails) {
      if (mail.waits) continue;
      if (insert_handover(transaction, mail.message, target, now)) ++page.count;
    }
    return page;
  });
}

}  // namespace postern::storage
