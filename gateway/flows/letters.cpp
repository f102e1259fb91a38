#include "flows/letters.hpp"

#include "core/json_text.hpp"
#include "core/log.hpp"
#include "flows/hub.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "flows/send_draft.hpp"
#include "flows/smtp_link.hpp"
#include "flows/submission.hpp"
#include "message/mime_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

namespace json = boost::json;

constexpr int sends_of_one_max = 1000;

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

Avoided avoided_by(const json::object& data) {
  Avoided avoided;
  const auto* list = data.if_contains("avoid");
  if (list == nullptr || !list->is_array()) return avoided;
  for (const auto& each : list->get_array()) {
    if (!each.is_object()) continue;
    const auto id = IntegrationId::parse(json_text(each.get_object(), "integration"));
    if (id) avoided.integrations.push_back(*id);
    auto server = json_text(each.get_object(), "server");
    if (server.empty()) continue;
    avoided.logins.emplace_back(std::move(server), json_text(each.get_object(), "login"));
  }
  return avoided;
}

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

std::optional<std::string> fails_to_send(const storage::StoredIntegration& stored, bool other_way,
                                         Instant now) {
  const auto& status = stored.status;
  // With another way at hand it is not waited for; without one it is tried all the same.
  if (other_way && status.outgoing_state == DirectionState::failing) return "its sending fails";
  const auto& last = status.last_outgoing_error;
  if (!last || stored.modified_at > last->at) return std::nullopt;
  if (status.last_successful_outgoing && *status.last_successful_outgoing >= last->at) {
    return std::nullopt;
  }
  const auto ago = now - last->at;
  if (ago < Duration(0)) return std::nullopt;  // the clock was set back
  if (last->kind.ends_with(".login_failed") && ago < limits::notice_after_refusal) {
    return fmt::format("its login was refused at {} and waits an hour, as refusals lock accounts",
                       to_rfc3339(last->at));
  }
  if (other_way && ago < limits::notice_detour) return "its sending failed lately";
  return std::nullopt;
}

void Letters::tried(const Letter& letter, LetterEnd& end, const std::string& channel, bool ok,
                    const std::string& detail) {
  if (ok) {
    log::info("notice {} sent by {}", letter.notice.str(), channel);
  } else {
    if (end.why_not_first.empty()) end.why_not_first = channel + ": " + detail;
    log::warn("notice {} not sent by {}: {}", letter.notice.str(), channel, detail);
  }
  json::object record;
  record["channel"] = channel;
  record["ok"] = ok;
  record["detail"] = detail;
  record["at"] = to_rfc3339(context_.env.now());
  end.tries.push_back(std::move(record));
}

net::Task<LetterEnd> Letters::send(Letter letter) {
  LetterEnd end;
  end.sent = co_await by_integration(letter, end);
  if (!end.sent) end.sent = co_await by_transport(letter, end);
  context_.metrics.alert("email", end.sent ? "ok" : "failed");
  co_return end;
}

net::Task<bool> Letters::by_integration(const Letter& letter, LetterEnd& end) {
  std::vector<storage::StoredIntegration> candidates;
  if (!letter.wished.empty()) {
    auto found = co_await context_.store.integrations().find(letter.wished);
    if (found) candidates.push_back(std::move(found).value());
  }
  auto standard = co_await context_.store.integrations().find_default();
  if (standard && standard.value() &&
      (candidates.empty() || candidates.front().value.id != standard.value()->value.id)) {
    candidates.push_back(std::move(*standard.value()));
  }
  if (candidates.empty())
    tried(letter, end, "integration", false, "there is no default integration");
  for (const auto& candidate : candidates) {
    const auto& name = candidate.value.name;
    auto unfit = unfit_for_notice(candidate, letter.avoided);
    const bool other_way = !context_.options.alerts.outgoing.server.host.empty();
    if (!unfit) unfit = fails_to_send(candidate, other_way, context_.env.now());
    if (unfit) {
      tried(letter, end, name, false, *unfit);
      continue;
    }
    if (co_await send_by(letter, candidate.value, end)) co_return true;
  }
  co_return false;
}

net::Task<bool> Letters::send_by(const Letter& letter, const Integration& integration,
                                 LetterEnd& end) {
  SendRequest request;
  request.integration = integration.id.str();
  request.sync = true;
  request.timeout = limits::notice_by_integration;
  for (const auto& to : letter.to) request.to.push_back({"", to});
  for (const auto& cc : letter.cc) request.cc.push_back({"", cc});
  request.subject = letter.subject;
  request.text = letter.text;
  if (!end.why_not_first.empty()) {
    *request.text +=
        fmt::format("\nThis notice went by {}. Not by {}\n", integration.name, end.why_not_first);
  }
  if (!letter.html.empty()) request.html = letter.html;
  request.tags = {std::string(notice_tag)};
  request.headers = marks_of(letter.notice);
  if (!letter.thread.empty()) request.references = {root_of(letter.thread)};
  for (int number = 1; number <= sends_of_one_max; ++number) {
    storage::IdempotencyKey key;
    key.scope = "postern-notices";
    key.key = fmt::format("{}/{}/{}", letter.key, integration.id.str(), number);
    key.body_sha256 = "notice";
    auto copy = request;
    auto answer = co_await submit(hub_, std::move(copy), std::move(key));
    if (const auto* refused = std::get_if<Refusal>(&answer)) {
      // A former try that has not ended: this one has a key of its own.
      if (refused->key_running && number < sends_of_one_max) continue;
      tried(letter, end, integration.name, false, refused->message);
      co_return false;
    }
    const auto& sent = std::get<SendAnswer>(answer);
    const auto& outcome = sent.delivery.outcome;
    const bool ok = outcome.state == DeliveryState::sent;
    if (!ok && sent.replayed) continue;
    tried(letter, end, integration.name, ok, outcome.result_message);
    co_return ok;
  }
  co_return false;
}

net::Task<bool> Letters::by_transport(const Letter& letter, LetterEnd& end) {
  const auto& transport = context_.options.alerts;
  const auto& server = transport.outgoing.server;
  if (server.host.empty()) co_return false;
  const std::string channel = "[alerts] " + server.host;
  if (is_avoided(letter.avoided, server.host, transport.outgoing.auth.username) &&
      !transport.outgoing.auth.username.empty()) {
    tried(letter, end, channel, false, "it has the server and login that this is about");
    co_return false;
  }
  // Nobody reads a mailbox for it: bounces would come to nobody. RFC 5321 §4.5.5.
  auto sent = co_await transmit(letter, end, "");
  if (!sent) sent = co_await transmit(letter, end, transport.from);
  tried(letter, end, channel, sent.has_value(), sent ? std::string() : describe(sent.error()));
  co_return sent.has_value();
}

/// Composes it and hands it to the alert transport.
net::Task<Result<void>> Letters::transmit(const Letter& letter, const LetterEnd& end,
                                          std::string sender) {
  const auto& transport = context_.options.alerts;
  Draft draft;
  draft.from.push_back({"Postern", transport.from});
  for (const auto& to : letter.to) draft.to.push_back({"", to});
  for (const auto& cc : letter.cc) draft.cc.push_back({"", cc});
  draft.subject = letter.subject;
  draft.text = letter.text;
  if (!end.why_not_first.empty()) {
    *draft.text +=
        fmt::format("\nThis notice went by the alert transport. Not by {}\n", end.why_not_first);
  }
  draft.headers = marks_of(letter.notice);
  if (!letter.thread.empty()) draft.references = {root_of(letter.thread)};
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
  envelope.recipients = letter.to;
  envelope.recipients.insert(envelope.recipients.end(), letter.cc.begin(), letter.cc.end());
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
