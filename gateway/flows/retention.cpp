#include "flows/retention.hpp"

#include "core/log.hpp"
#include "flows/metrics.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

constexpr Duration pass_every = std::chrono::minutes(5);
constexpr Duration look_again = std::chrono::seconds(15);
constexpr Duration between_jobs{10};

/// One reading of the clock for a whole pass: it may be set meanwhile.
struct Ages {
  Instant now;
  bool hold = false;  // else nothing is removed by them
};

/// What of the limits is passed at the moment; shrinks as mails go.
struct Excess {
  std::optional<Instant> stored_before;
  std::uint64_t messages = 0, bytes = 0;

  bool demands(const storage::RemovableMail& mail) const {
    return messages > 0 || bytes > 0 || (stored_before && mail.stored_at < *stored_before);
  }
  void without(const storage::RemovableMail& mail) {
    messages -= std::min<std::uint64_t>(messages, 1);
    bytes -= std::min(bytes, mail.size_bytes);
  }
};

std::uint64_t beyond(std::uint64_t amount, std::optional<std::uint64_t> limit) {
  return limit && amount > *limit ? amount - *limit : 0;
}

net::Task<Result<Excess>> find_excess(Context& context, Ages ages) {
  const auto& options = context.options;
  Excess excess;
  if (options.retention_days && ages.hold) {
    excess.stored_before = ages.now - std::chrono::hours(24) * *options.retention_days;
  }
  if (options.retention_bytes || options.retention_messages) {
    POSTERN_CO_TRY(const auto amount, co_await context.store.retention().amount());
    excess.messages = beyond(amount.messages, options.retention_messages);
    excess.bytes = beyond(amount.bytes, options.retention_bytes);
  }
  co_return excess;
}

/// Awaits one job and the pause behind it.
net::Task<Result<storage::RemovedRows>> timed(Context& context, RetentionReport& report,
                                              net::Task<Result<storage::RemovedRows>> job) {
  const auto begun = context.env.steady();
  auto removed = co_await std::move(job);
  report.longest_job = std::max(report.longest_job, context.env.steady() - begun);
  co_await net::sleep_for(context.env, between_jobs);
  co_return removed;
}

net::Task<Result<void>> remove_mails(Context& context, RetentionReport& report,
                                     std::vector<MessageId> ids) {
  if (ids.empty()) co_return success();
  POSTERN_CO_TRY(
      const auto removed,
      co_await timed(context, report, context.store.retention().remove_messages(std::move(ids))));
  report.messages += static_cast<std::uint64_t>(removed.count);
  report.bytes += removed.bytes;
  co_return success();
}

net::Task<Result<void>> remove_old_mails(Context& context, RetentionReport& report, Ages ages) {
  POSTERN_CO_TRY(auto excess, co_await find_excess(context, ages));
  storage::RemovablePage page;
  do {
    const auto after = page.last;
    POSTERN_CO_TRY(page, co_await context.store.retention().removable(after));
    std::vector<MessageId> ids;
    std::uint64_t bytes = 0;
    for (const auto& mail : page.mails) {
      if (!excess.demands(mail)) {
        if (mail.stored_at > ages.now) continue;  // the clock was ahead; newer ones may be older
        page.more = false;                        // nor does any newer one
        break;
      }
      const bool full = ids.size() == static_cast<std::size_t>(storage::retention_job_rows) ||
                        (!ids.empty() && bytes + mail.size_bytes > storage::retention_job_bytes);
      if (full) {
        POSTERN_CO_TRY(co_await remove_mails(context, report, std::exchange(ids, {})));
        bytes = 0;
      }
      excess.without(mail);
      ids.push_back(mail.id);
      bytes += mail.size_bytes;
    }
    POSTERN_CO_TRY(co_await remove_mails(context, report, std::move(ids)));
  } while (page.more);
  co_return success();
}

net::Task<Result<void>> remove_old_rows(Context& context, RetentionReport& report, Instant now) {
  auto& retention = context.store.retention();
  for (bool more = true; more;) {
    POSTERN_CO_TRY(
        const auto removed,
        co_await timed(context, report, retention.remove_events(now - storage::events_kept_for)));
    report.events += static_cast<std::uint64_t>(removed.count);
    more = removed.more;
  }
  const auto ended_before = now - std::chrono::hours(24) * context.options.retention_sent_days;
  for (bool more = true; more;) {
    POSTERN_CO_TRY(const auto removed,
                   co_await timed(context, report, retention.remove_deliveries(ended_before)));
    report.deliveries += static_cast<std::uint64_t>(removed.count);
    more = removed.more;
  }
  co_return success();
}

}  // namespace

net::Task<Result<RetentionReport>> apply_retention(Context& context) {
  RetentionReport report;
  Ages ages;
  ages.now = context.env.now();
  POSTERN_CO_TRY(ages.hold, co_await ages_hold(context));
  POSTERN_CO_TRY(co_await remove_old_mails(context, report, ages));
  if (ages.hold) {
    POSTERN_CO_TRY(co_await remove_old_rows(context, report, ages.now));
  }
  context.metrics.removed("messages", report.messages);
  context.metrics.removed("events", report.events);
  context.metrics.removed("deliveries", report.deliveries);
  co_return report;
}

net::Task<void> keep_retention(Context& context, ClockReading clock) {
  ClockDoubt doubt(clock);
  for (;;) {
    if (doubt.is_doubtful(context.env)) {  // nobody has noted yet that it was set
      co_await net::sleep_for(context.env, look_again);
      continue;
    }
    const auto done = co_await apply_retention(context);
    if (!done) {
      log::error("retention stopped early: {}", describe(done.error()));
    } else if (const auto& report = done.value();
               report.messages + report.events + report.deliveries > 0) {
      log::info("retention removed what was too old or too much",
                {{"messages", report.messages},
                 {"bytes", report.bytes},
                 {"events", report.events},
                 {"deliveries", report.deliveries},
                 {"longest_job_ms", report.longest_job.count()}});
    }
    co_await net::sleep_for(context.env, pass_every);
  }
}

}  // namespace postern::flows
