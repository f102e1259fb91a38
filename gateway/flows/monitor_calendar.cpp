// What the monitor tells by the day: the digest of what is wrong, and the test of the ways by which
// people are told. Each is a notice, kept once under the time it belongs to.
#include "flows/hub.hpp"
#include "flows/monitor.hpp"
#include "flows/notice_text.hpp"

namespace postern::flows {
namespace {

/// Later than that after its time it is left out: the gateway was not running then.
constexpr Duration calendar_late_max = std::chrono::hours(2);
constexpr int notices_a_look = 100;

bool is_on(int weekday, const std::string& time_zone, Instant at) {
  Schedule day;
  day.days = static_cast<std::uint8_t>(1U << static_cast<unsigned>(weekday));
  day.time_zone = time_zone;
  return covers(day, at);
}

storage::NewNotice noted(NoticeText text, std::string thread, Instant at) {
  storage::NewNotice notice;
  notice.kind = NoticeKind::reminder;
  notice.at = at;
  notice.subject = std::move(text.subject);
  notice.text = std::move(text.text);
  notice.data = std::move(text.data);
  notice.data["dedup_key"] = thread;
  notice.thread = std::move(thread);
  return notice;
}

}  // namespace

/// Whether a notice of this thread was made since `since`, in this life or another.
net::Task<Result<bool>> Monitor::was_noted(std::string thread, Instant since) {
  storage::PageRequest page;
  page.limit = notices_a_look;
  for (;;) {
    POSTERN_CO_TRY(const auto found,
                   co_await context_.store.problems().notices(std::nullopt, page));
    for (const auto& each : found.items) {
      if (each.thread == thread) co_return true;
      if (each.at < since) co_return false;
    }
    if (found.next_cursor.empty()) co_return false;
    page.cursor = found.next_cursor;
  }
}

net::Task<Result<void>> Monitor::keep_calendar() {
  const bool any = habits_.digest_at || habits_.test_on;
  if (!any) co_return success();
  const auto at = now();
  const auto time = habits_.digest_at.value_or(test_at_default);
  const auto due = latest_daily(time, habits_.time_zone, at);
  const bool before_it_was_wished = habits_since_ && *habits_since_ > due;
  if (at - due >= calendar_late_max || before_it_was_wished || calendar_done_ == due) {
    co_return success();
  }
  if (habits_.digest_at) {
    POSTERN_CO_TRY(co_await note_digest(due));
  }
  if (habits_.test_on && is_on(*habits_.test_on, habits_.time_zone, due)) {
    POSTERN_CO_TRY(co_await note_test(due));
  }
  calendar_done_ = due;
  co_return success();
}

net::Task<Result<void>> Monitor::note_digest(Instant due) {
  std::vector<Problem> open;
  for (const auto& [key, problem] : book_.problems()) {
    if (problem.active() && problem.state != ProblemState::pending) open.push_back(problem);
  }
  if (open.empty() && !habits_.digest_always) co_return success();
  const auto thread = "digest." + to_rfc3339(due);
  POSTERN_CO_TRY(const bool noted_before, co_await was_noted(thread, due));
  if (noted_before) co_return success();
  auto notice = noted(digest_text(open, now(), context_.options.public_url), thread, now());
  POSTERN_CO_TRY(co_await context_.store.problems().queue_mail(std::move(notice)));
  post_.notify();
  co_return success();
}

/// At every channel of the profiles, step by step, and by mail.
net::Task<Result<void>> Monitor::note_test(Instant due) {
  const auto thread = "test." + to_rfc3339(due);
  POSTERN_CO_TRY(const bool noted_before, co_await was_noted(thread, due));
  if (noted_before) co_return success();
  auto notice = noted(test_text(now(), context_.options.public_url), thread, now());
  for (const auto& profile : settings_.profiles) {
    if (const auto id = ProfileId::parse(profile)) notice.profiles.push_back(*id);
  }
  POSTERN_CO_TRY(co_await context_.store.problems().queue_mail(std::move(notice)));
  post_.notify();
  channels_.notify();
  co_return success();
}

}  // namespace postern::flows
