#include "flows/notice_post.hpp"

#include "core/backoff.hpp"
#include "core/log.hpp"
#include "flows/hub.hpp"
#include "flows/limits.hpp"
#include "flows/send_draft.hpp"
#include "flows/smtp_link.hpp"
#include "flows/submission.hpp"
#include "message/mime_protocol.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

namespace json = boost::json;

constexpr Duration look_every = std::chrono::minutes(1);
constexpr int sends_of_one_max = 1000;

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> texts_of(const json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return texts;
  for (const auto& each : value->get_array()) {
    if (each.is_string()) texts.emplace_back(each.get_string());
  }
  return texts;
}

Avoided avoided_by(const json::object& data) {
  Avoided avoided;
  const auto* list = data.if_contains("avoid");
  if (list == nullptr || !list->is_array()) return avoided;
  for (const auto& each : list->get_array()) {
    if (!each.is_object()) continue;
    const auto id = IntegrationId::parse(text_of(each.get_object(), "integration"));
    if (id) avoided.integrations.push_back(*id);
    auto server = text_of(each.get_object(), "server");
    if (server.empty()) continue;
    avoided.logins.emplace_back(std::move(server), text_of(each.get_object(), "login"));
  }
  return avoided;
}

bool is_avoided(const Avoided& avoided, const std::string& host, const std::string& login) {
  return std::find(avoided.logins.begin(), avoided.logins.end(), std::pair(host, login)) !=
         avoided.logins.end();
}

/// That it comes from a program, to be answered by none. RFC 3834 §5.
std::vector<std::pair<std::string, std::string>> marks_of(NoticeId id) {
  return {{"Auto-Submitted", "auto-generated"},
          {"X-Auto-Response-Suppress", "All"},
          {"Precedence", "bulk"},
          {"X-Postern-Notice", id.str()}};
}

/// All of one thread refer to this one, which nobody ever gets. RFC 5322 §3.6.4.
std::string root_of(const std::string& thread) {
  std::string word;
  for (const char c : thread) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.';
    word += plain ? c : '-';
  }
  while (word.find("..") != std::string::npos) word.erase(word.find(".."), 1);
  return "<thread." + word + "@postern.invalid>";
}

}  // namespace

std::optional<std::string> unfit_for_notice(const storage::StoredIntegration& stored,
                                            const Avoided& avoided) {
  const auto& value = stored.value;
  const auto& ids = avoided.integrations;
  if (std::find(ids.begin(), ids.end(), value.id) != ids.end()) return "it is what this is about";
  const auto& out = value.outgoing;
  if (is_avoided(avoided, out.server.host, out.auth.username)) {
    return "it has the server and login that this is about";
  }
  if (const auto refused = unfit(stored)) return refused->message;
  if (stored.status.outgoing_state == DirectionState::needs_consent) return "it needs consent";
  return std::nullopt;
}

/// One notice on its way.
struct NoticePost::Attempt {
  storage::StoredNotice notice;
  Avoided avoided;
  std::vector<std::string> to, cc;
  std::string why_not_first;  // why the way that comes first was not taken
  std::string sent_by;
};

NoticePost::NoticePost(Hub& hub, Context& context, boost::asio::any_io_executor executor,
                       ChannelTold channel_told)
    : hub_(hub),
      context_(context),
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

/// Sends what is due; gives when to look again.
net::Task<Duration> NoticePost::look() {
  auto due = co_await context_.store.problems().due_notices(limits::notices_at_once);
  if (!due) {
    log::error("the due notices were not read: {}", describe(due.error()));
    co_return look_every;
  }
  Duration pause = look_every;
  for (auto& notice : due.value()) {
    const auto wait = not_before_.find(notice.id);
    const auto now = context_.env.steady();
    if (wait != not_before_.end() && wait->second > now) {
      pause = std::min(pause, wait->second - now);
      continue;
    }
    co_await post(std::move(notice));
  }
  co_return pause;
}

void NoticePost::tried(Attempt& attempt, std::string channel, bool ok, std::string detail) {
  if (ok) {
    attempt.sent_by = channel;
    log::info("notice {} sent by {}", attempt.notice.id.str(), channel);
  } else {
    if (attempt.why_not_first.empty()) attempt.why_not_first = channel + ": " + detail;
    log::warn("notice {} not sent by {}: {}", attempt.notice.id.str(), channel, detail);
  }
  json::object record;
  record["channel"] = channel;
  record["ok"] = ok;
  record["detail"] = detail;
  record["at"] = to_rfc3339(context_.env.now());
  auto& channels = attempt.notice.channels;
  while (channels.size() >= 20) channels.erase(channels.begin());
  channels.push_back(std::move(record));
}

/// Of a failure that is over before it could be told, and of a recovery from it, nobody need hear.
net::Task<bool> NoticePost::of_no_use(const storage::StoredNotice& notice) {
  if (notice.problems.empty()) co_return false;
  if (notice.kind == to_string(NoticeKind::recovered)) {
    const auto told = co_await context_.store.problems().was_told(notice.thread);
    co_return told && !told.value();
  }
  for (const auto id : notice.problems) {
    const auto problem = co_await context_.store.problems().get(id);
    if (!problem) continue;
    const bool over = !problem.value().failing && problem.value().state != ProblemState::flapping;
    if (!over) co_return false;
  }
  co_return true;
}

net::Task<void> NoticePost::post(storage::StoredNotice notice) {
  Attempt attempt;
  attempt.notice = std::move(notice);
  const auto& data = attempt.notice.data;
  attempt.to = texts_of(data, "to");
  attempt.cc = texts_of(data, "cc");
  if (attempt.to.empty() && attempt.cc.empty()) attempt.to = *recipients_;
  attempt.avoided = avoided_by(data);
  const int tries = ++attempt.notice.tries;
  std::string state = "due";
  if (co_await of_no_use(attempt.notice)) {
    state = "dropped";
  } else if (attempt.to.empty() && attempt.cc.empty()) {
    state = "unsent";
  } else {
    bool sent = co_await by_integration(attempt);
    if (!sent) sent = co_await by_transport(attempt);
    if (sent) state = "sent";
    const bool too_late = context_.env.now() - attempt.notice.at >= limits::notice_for;
    if (!sent && too_late) state = "failed";
    channel_told_("mail", sent, sent ? std::string() : attempt.why_not_first);
  }
  const auto id = attempt.notice.id;
  auto kept = co_await context_.store.problems().notice_done(id, state, tries,
                                                             std::move(attempt.notice.channels));
  if (!kept) log::error("the end of a notice was not kept: {}", describe(kept.error()));
  if (state != "due" && kept) {
    not_before_.erase(id);
    co_return;
  }
  not_before_[id] =
      context_.env.steady() +
      backoff(tries, limits::notice_first_retry, limits::notice_retry_max, context_.env.random());
}

net::Task<bool> NoticePost::by_integration(Attempt& attempt) {
  std::vector<storage::StoredIntegration> candidates;
  const auto wished = text_of(attempt.notice.data, "integration");
  if (!wished.empty()) {
    auto found = co_await context_.store.integrations().find(wished);
    if (found) candidates.push_back(std::move(found).value());
  }
  auto standard = co_await context_.store.integrations().find_default();
  if (standard && standard.value() &&
      (candidates.empty() || candidates.front().value.id != standard.value()->value.id)) {
    candidates.push_back(std::move(*standard.value()));
  }
  if (candidates.empty()) tried(attempt, "integration", false, "there is no default integration");
  for (const auto& candidate : candidates) {
    const auto& name = candidate.value.name;
    auto unfit = unfit_for_notice(candidate, attempt.avoided);
    const bool failing = candidate.status.outgoing_state == DirectionState::failing;
    // With another way at hand it is not waited for; without one it is tried all the same.
    if (!unfit && failing && !context_.options.alerts.outgoing.server.host.empty()) {
      unfit = "its sending fails";
    }
    if (unfit) {
      tried(attempt, name, false, std::move(*unfit));
      continue;
    }
    if (co_await send_by(attempt, candidate.value)) co_return true;
  }
  co_return false;
}

/// The same mail is sent once, also when the end of a send was lost in a crash.
net::Task<bool> NoticePost::send_by(Attempt& attempt, const Integration& integration) {
  SendRequest request;
  request.integration = integration.id.str();
  request.sync = true;
  request.timeout = limits::notice_by_integration;
  for (const auto& to : attempt.to) request.to.push_back({"", to});
  for (const auto& cc : attempt.cc) request.cc.push_back({"", cc});
  request.subject = attempt.notice.subject;
  request.text = attempt.notice.text;
  if (auto html = text_of(attempt.notice.data, "html"); !html.empty()) request.html = html;
  request.tags = {std::string(notice_tag)};
  request.headers = marks_of(attempt.notice.id);
  if (!attempt.notice.thread.empty()) request.references = {root_of(attempt.notice.thread)};
  for (int number = 1; number <= sends_of_one_max; ++number) {
    storage::IdempotencyKey key;
    key.scope = "postern-notices";
    key.key = fmt::format("{}/{}/{}", attempt.notice.id.str(), integration.id.str(), number);
    key.body_sha256 = "notice";
    auto copy = request;
    auto answer = co_await submit(hub_, std::move(copy), std::move(key));
    if (const auto* refused = std::get_if<Refusal>(&answer)) {
      tried(attempt, integration.name, false, refused->message);
      co_return false;
    }
    const auto& sent = std::get<SendAnswer>(answer);
    const auto& outcome = sent.delivery.outcome;
    const bool ok = outcome.state == DeliveryState::sent;
    if (!ok && sent.replayed) continue;
    tried(attempt, integration.name, ok, outcome.result_message);
    co_return ok;
  }
  co_return false;
}

net::Task<bool> NoticePost::by_transport(Attempt& attempt) {
  const auto& transport = context_.options.alerts;
  const auto& server = transport.outgoing.server;
  if (server.host.empty()) co_return false;
  const std::string channel = "[alerts] " + server.host;
  if (is_avoided(attempt.avoided, server.host, transport.outgoing.auth.username) &&
      !transport.outgoing.auth.username.empty()) {
    tried(attempt, channel, false, "it has the server and login that this is about");
    co_return false;
  }
  // Nobody reads a mailbox for it: bounces would come to nobody. RFC 5321 §4.5.5.
  auto sent = co_await transmit(attempt, "");
  if (!sent) sent = co_await transmit(attempt, transport.from);
  tried(attempt, channel, sent.has_value(), sent ? std::string() : describe(sent.error()));
  co_return sent.has_value();
}

/// Composes it and hands it to the alert transport.
net::Task<Result<void>> NoticePost::transmit(Attempt& attempt, std::string sender) {
  const auto& transport = context_.options.alerts;
  Draft draft;
  draft.from.push_back({"Postern", transport.from});
  for (const auto& to : attempt.to) draft.to.push_back({"", to});
  for (const auto& cc : attempt.cc) draft.cc.push_back({"", cc});
  draft.subject = attempt.notice.subject;
  draft.text = attempt.notice.text;
  if (!attempt.why_not_first.empty()) {
    *draft.text += fmt::format("\nThis notice went by the alert transport. Not by {}\n",
                               attempt.why_not_first);
  }
  draft.headers = marks_of(attempt.notice.id);
  if (!attempt.notice.thread.empty()) draft.references = {root_of(attempt.notice.thread)};
  message::ComposeContext about;
  about.now = context_.env.now();
  about.message_id_domain = transport.from.substr(transport.from.rfind('@') + 1);
  about.random_hex = fmt::format("{:016x}{:016x}", context_.env.random(), context_.env.random());
  net::WorkerFrame frame;
  frame.kind = message::mime_compose_kind;
  frame.payload = message::encode_compose_request(draft, about);
  POSTERN_CO_TRY(const auto reply,
                 co_await context_.workers.ask(std::move(frame), limits::compose));
  POSTERN_CO_TRY(const auto mail, message::decode_compose_reply(reply.payload));
  IntegrationSecrets secrets;
  secrets.outgoing_password = transport.password;
  Envelope envelope;
  envelope.sender = std::move(sender);
  envelope.recipients = attempt.to;
  envelope.recipients.insert(envelope.recipients.end(), attempt.cc.begin(), attempt.cc.end());
  SmtpLink link(context_, transport.outgoing, secrets, false);
  POSTERN_CO_TRY(co_await link.connect());
  POSTERN_CO_TRY(co_await link.ready());
  POSTERN_CO_TRY(const auto done, co_await link.send(std::move(envelope), mail.bytes, {}));
  co_await link.quit();
  if (done.accepted) co_return success();
  co_return Error{smtp::errc::unexpected_reply,
                  done.recipients.empty() ? "refused" : done.recipients.front().words};
}

}  // namespace postern::flows
