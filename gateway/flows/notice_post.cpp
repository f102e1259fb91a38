#include "flows/notice_post.hpp"

#include "core/backoff.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "flows/notice_text.hpp"
#include "flows/take_up.hpp"

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

/// To whom it goes. One mail may tell all that goes to the same people by the same way.
std::string audience_of(const storage::StoredNotice& notice) {
  json::array parts;
  for (const auto* name : {"to", "cc", "integration"}) {
    const auto* value = notice.data.if_contains(name);
    parts.push_back(value != nullptr ? *value : json::value(nullptr));
  }
  return json::serialize(parts);
}

/// What of "avoid" names this account. `sending` alone: that it fails to send.
json::array hits(const json::object& data, const storage::StoredIntegration& stored, bool sending) {
  json::array found;
  const auto* list = data.if_contains("avoid");
  if (list == nullptr || !list->is_array()) return found;
  const auto& out = stored.value.outgoing;
  for (const auto& each : list->get_array()) {
    if (!each.is_object()) continue;
    const auto& of = each.get_object();
    const bool named =
        json_text(of, "integration") == stored.value.id.str() ||
        (json_text(of, "server") == out.server.host && json_text(of, "login") == out.auth.username);
    if (named && (!sending || json_text(of, "direction") == "outgoing")) found.push_back(each);
  }
  return found;
}

/// Of those who are not to carry it, all but this one whose sending it tells of.
Avoided avoided_but(json::object data, const storage::StoredIntegration& stored) {
  const auto out = hits(data, stored, true);
  if (auto* list = data.if_contains("avoid"); list != nullptr && list->is_array()) {
    auto& all = list->get_array();
    for (const auto& each : out) all.erase(std::find(all.begin(), all.end(), each));
  }
  return avoided_by(data);
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
  std::map<std::string, Company> by_default, otherwise;  // by audience
  const auto found = co_await context_.store.integrations().find_default();
  const auto standard = found ? found.value() : std::nullopt;
  const bool other_way = !context_.options.alerts.outgoing.server.host.empty();
  const bool it_sends = standard && !fails_to_send(*standard, other_way, context_.env.now());
  for (auto& notice : due.value()) {
    if (notice.tries == 0) {
      sent |= co_await post(std::move(notice));
      continue;
    }
    Late late;
    late.over = co_await of_no_use(context_, notice);
    const auto audience = audience_of(notice);
    // What is over works again.
    const bool avoids = standard && !late.over && !hits(notice.data, *standard, false).empty();
    late.notice = std::move(notice);
    (it_sends && !avoids ? by_default : otherwise)[audience].push_back(std::move(late));
  }
  for (auto& [audience, company] : otherwise) {
    // That the account could not send is told in the mail by which it sends again.
    const auto carried = by_default.find(audience);
    if (carried == by_default.end()) continue;
    const auto stays = [&](const Late& late) {
      const auto& data = late.notice.data;
      return hits(data, *standard, false).size() != hits(data, *standard, true).size();
    };
    const auto rides = std::stable_partition(company.begin(), company.end(), stays);
    for (auto each = rides; each != company.end(); ++each) {
      each->rides = true;
      carried->second.push_back(std::move(*each));
    }
    company.erase(rides, company.end());
  }
  for (auto* companies : {&by_default, &otherwise}) {
    for (auto& [audience, company] : *companies) {
      if (!company.empty()) sent |= co_await post_late(std::move(company), sent, pause);
    }
  }
  co_return pause;
}

/// `sent`: a mail has just gone out, which shows that there is a way again.
net::Task<bool> NoticePost::post_late(Company company, bool sent, Duration& pause) {
  const bool all_wait = std::all_of(company.begin(), company.end(),
                                    [&](const auto& late) { return waits(late.notice, pause); });
  if (all_wait && !sent) co_return false;
  if (company.size() == 1 && !company.front().over) {
    co_return co_await post(std::move(company.front().notice));
  }
  co_return co_await post_summary(std::move(company));
}

Letter NoticePost::letter_of(const storage::StoredNotice& notice) const {
  Letter letter;
  letter.notice = notice.id;
  letter.key = notice.id.str();
  letter.to = texts_of(notice.data, "to");
  letter.cc = texts_of(notice.data, "cc");
  if (letter.to.empty() && letter.cc.empty()) letter.to = *recipients_;
  letter.subject = notice.subject;
  letter.text = notice.text + take_up_line(notice, context_.options.public_url);
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
net::Task<bool> NoticePost::post_summary(Company company) {
  std::sort(company.begin(), company.end(),
            [](const Late& a, const Late& b) { return a.notice.id < b.notice.id; });
  const auto standard = co_await context_.store.integrations().find_default();
  std::vector<SummaryItem> items;
  Avoided avoided;
  for (const auto& late : company) {
    auto& item = items.emplace_back();
    item.at = late.notice.at;
    item.subject = late.notice.subject;
    item.text = late.notice.text;
    item.over = late.over;
    item.of_problem = !late.notice.problems.empty();
    if (late.over) continue;  // what is over works again
    const bool rides = late.rides && standard && standard.value();
    add(avoided,
        rides ? avoided_but(late.notice.data, *standard.value()) : avoided_by(late.notice.data));
  }
  auto letter = letter_of(company.front().notice);
  letter.key = company.front().notice.id.str() + "-" + company.back().notice.id.str();
  letter.thread.clear();
  letter.html.clear();
  auto text = summary_text(items, limits::summary_texts_max);
  letter.subject = std::move(text.subject);
  letter.text = std::move(text.text);
  letter.avoided = std::move(avoided);
  const auto how = co_await letters_.send(letter);
  for (auto& late : company) {
    const bool too_late = context_.env.now() - late.notice.at >= limits::notice_for;
    std::string state = "due";
    if (how.sent) {
      state = late.over ? "dropped" : "sent";
    } else if (too_late) {
      state = late.over ? "dropped" : "failed";
    }
    co_await end(late.notice, std::move(state), how.tries);
  }
  channel_told_(std::string(mail_channel), how.sent, how.sent ? std::string() : how.why_not_first);
  co_return how.sent;
}

}  // namespace postern::flows
