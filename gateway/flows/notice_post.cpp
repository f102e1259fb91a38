#include "flows/notice_post.hpp"

#include "core/backoff.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "flows/notice_text.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

namespace json = boost::json;

constexpr Duration look_every = std::chrono::minutes(1);
constexpr std::size_t tries_kept = 20;

std::vector<std::string> texts_of(const json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return texts;
  for (const auto& each : value->get_array()) {
    if (each.is_string()) texts.emplace_back(each.get_string());
  }
  return texts;
}

bool tells_of(const Avoided& avoided, const storage::StoredIntegration& stored) {
  const auto& ids = avoided.integrations;
  const auto& out = stored.value.outgoing;
  const std::pair login(out.server.host, out.auth.username);
  return std::find(ids.begin(), ids.end(), stored.value.id) != ids.end() ||
         std::find(avoided.logins.begin(), avoided.logins.end(), login) != avoided.logins.end();
}

/// Of those that share it one mail may tell all: to the same people, and all or none by the default
/// integration.
std::string company_of(const storage::StoredNotice& notice, bool over,
                       const std::optional<storage::StoredIntegration>& standard) {
  json::array parts;
  for (const auto* name : {"to", "cc", "integration"}) {
    const auto* value = notice.data.if_contains(name);
    parts.push_back(value != nullptr ? *value : json::value(nullptr));
  }
  const auto avoided = over ? Avoided() : avoided_by(notice.data);  // what is over works again
  parts.push_back(standard && !tells_of(avoided, *standard));
  return json::serialize(parts);
}

void add(Avoided& all, const Avoided& more) {
  all.integrations.insert(all.integrations.end(), more.integrations.begin(),
                          more.integrations.end());
  all.logins.insert(all.logins.end(), more.logins.begin(), more.logins.end());
}

}  // namespace

net::Task<bool> of_no_use(Context& context, const storage::StoredNotice& notice) {
  if (notice.problems.empty()) co_return false;
  if (notice.kind == to_string(NoticeKind::recovered)) {
    const auto told = co_await context.store.problems().was_told(notice.thread);
    co_return told && !told.value();
  }
  for (const auto id : notice.problems) {
    const auto problem = co_await context.store.problems().get(id);
    if (!problem) continue;
    const bool over = !problem.value().failing && problem.value().state != ProblemState::flapping;
    if (!over) co_return false;
  }
  co_return true;
}

bool is_about_channel(const storage::StoredNotice& notice, std::string_view channel) {
  const auto channels = texts_of(notice.data, "channels");
  return std::find(channels.begin(), channels.end(), channel) != channels.end();
}

NoticePost::NoticePost(Hub& hub, Context& context, boost::asio::any_io_executor executor,
                       ChannelTold channel_told)
    : context_(context),
      letters_(hub, context),
      wake_(context.env, std::move(executor)),
      channel_told_(std::move(channel_told)) {}

net::Task<void> NoticePost::run() {
  for (;;) {
    Duration pause = look_every;
    if (recipients_) pause = co_await look();
    co_await wake_.wait(pause);
  }
}

void NoticePost::set_recipients(std::vector<std::string> recipients) {
  const bool first = !recipients_;
  recipients_ = std::move(recipients);
  if (first) wake_.notify();
}

bool NoticePost::waits(const storage::StoredNotice& notice, Duration& pause) const {
  const auto wait = not_before_.find(notice.id);
  const auto now = context_.env.steady();
  if (wait == not_before_.end() || wait->second <= now) return false;
  pause = std::min(pause, wait->second - now);
  return true;
}

/// Sends what is due; gives when to look again. What failed before waits in company: when one goes
/// out, all do.
net::Task<Duration> NoticePost::look() {
  auto due = co_await context_.store.problems().due_notices(limits::notices_at_once);
  if (!due) {
    log::error("the due notices were not read: {}", describe(due.error()));
    co_return look_every;
  }
  Duration pause = look_every;
  bool sent = false;
  std::map<std::string, Notices> late;
  const auto standard = co_await context_.store.integrations().find_default();
  const auto by_default = standard ? standard.value() : std::nullopt;
  for (auto& notice : due.value()) {
    if (notice.tries > 0) {
      const bool over = co_await of_no_use(context_, notice);
      late[company_of(notice, over, by_default)].push_back(std::move(notice));
    } else {
      sent |= co_await post(std::move(notice));
    }
  }
  for (auto& [company, notices] : late) {
    const bool all_wait = std::all_of(notices.begin(), notices.end(),
                                      [&](const auto& each) { return waits(each, pause); });
    // A mail that has just gone out shows that there is a way again.
    if (all_wait && !sent) continue;
    if (notices.size() == 1 && !co_await of_no_use(context_, notices.front())) {
      co_await post(std::move(notices.front()));
    } else {
      co_await post_summary(std::move(notices));
    }
  }
  co_return pause;
}

Letter NoticePost::letter_of(const storage::StoredNotice& notice) const {
  Letter letter;
  letter.notice = notice.id;
  letter.key = notice.id.str();
  letter.to = texts_of(notice.data, "to");
  letter.cc = texts_of(notice.data, "cc");
  if (letter.to.empty() && letter.cc.empty()) letter.to = *recipients_;
  letter.subject = notice.subject;
  letter.text = notice.text;
  letter.html = json_text(notice.data, "html");
  letter.thread = notice.thread;
  letter.wished = json_text(notice.data, "integration");
  letter.avoided = avoided_by(notice.data);
  return letter;
}

net::Task<void> NoticePost::end(storage::StoredNotice& notice, std::string state,
                                const json::array& tries) {
  for (const auto& each : tries) {
    while (notice.channels.size() >= tries_kept) notice.channels.erase(notice.channels.begin());
    notice.channels.push_back(each);
  }
  const auto id = notice.id;
  const bool waits = state == "due";
  auto kept = co_await context_.store.problems().notice_done(id, std::move(state), ++notice.tries,
                                                             std::move(notice.channels));
  if (!kept) log::error("the end of a notice was not kept: {}", describe(kept.error()));
  if (kept && !waits) {
    not_before_.erase(id);
    co_return;
  }
  not_before_[id] =
      context_.env.steady() + backoff(notice.tries, limits::notice_first_retry,
                                      limits::notice_retry_max, context_.env.random());
}

/// Mail did not go: the steps of profiles that were to come later come now.
net::Task<void> NoticePost::told_first_failure(const storage::StoredNotice& notice) {
  if (notice.tries > 0) co_return;
  const auto parent = NoticeId::parse(json_text(notice.data, "parent")).value_or(notice.id);
  const auto moved = co_await context_.store.problems().bring_forward(parent, context_.env.now());
  if (!moved) log::error("steps were not brought forward: {}", describe(moved.error()));
}

/// True when it went out.
net::Task<bool> NoticePost::post(storage::StoredNotice notice) {
  const auto letter = letter_of(notice);
  if (co_await of_no_use(context_, notice)) {
    co_await end(notice, "dropped", {});
    co_return false;
  }
  if ((letter.to.empty() && letter.cc.empty()) || is_about_channel(notice, mail_channel)) {
    co_await end(notice, "unsent", {});
    co_return false;
  }
  const auto how = co_await letters_.send(letter);
  const bool too_late = context_.env.now() - notice.at >= limits::notice_for;
  if (!how.sent) co_await told_first_failure(notice);
  co_await end(notice, how.sent ? "sent" : too_late ? "failed" : "due", how.tries);
  channel_told_(std::string(mail_channel), how.sent, how.sent ? std::string() : how.why_not_first);
  co_return how.sent;
}

/// One mail for all of them: what still fails in full, what is over in a line.
net::Task<bool> NoticePost::post_summary(Notices notices) {
  std::vector<SummaryItem> items;
  Avoided avoided;
  for (const auto& notice : notices) {
    auto& item = items.emplace_back();
    item.at = notice.at;
    item.subject = notice.subject;
    item.text = notice.text;
    item.over = co_await of_no_use(context_, notice);
    item.of_problem = !notice.problems.empty();
    if (!item.over) add(avoided, avoided_by(notice.data));  // what is over works again
  }
  auto letter = letter_of(notices.front());
  letter.key = notices.front().id.str() + "-" + notices.back().id.str();
  letter.thread.clear();
  letter.html.clear();
  auto text = summary_text(items, limits::summary_texts_max);
  letter.subject = std::move(text.subject);
  letter.text = std::move(text.text);
  letter.avoided = std::move(avoided);
  const auto how = co_await letters_.send(letter);
  for (std::size_t i = 0; i < notices.size(); ++i) {
    const bool too_late = context_.env.now() - notices[i].at >= limits::notice_for;
    std::string state = "due";
    if (how.sent) {
      state = items[i].over ? "dropped" : "sent";
    } else if (too_late) {
      state = items[i].over ? "dropped" : "failed";
    }
    co_await end(notices[i], std::move(state), how.tries);
  }
  channel_told_(std::string(mail_channel), how.sent, how.sent ? std::string() : how.why_not_first);
  co_return how.sent;
}

}  // namespace postern::flows
