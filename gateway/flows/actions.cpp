#include "flows/actions.hpp"

#include "core/event_kinds.hpp"
#include "core/utf8.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "flows/take_up.hpp"
#include "storage/log_folder.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace postern::flows {
namespace {

constexpr std::size_t answer_bytes_max = 500;
constexpr std::int64_t retry_after_s_max = 3600;

Duration retry_after(const net::HttpResponse& response) {
  if (response.status != 429 && response.status != 503) return Duration(0);
  const auto* value = response.header("retry-after");
  if (value == nullptr) return Duration(0);
  std::int64_t count = 0;
  const auto parsed = std::from_chars(value->data(), value->data() + value->size(), count);
  if (parsed.ec != std::errc() || parsed.ptr != value->data() + value->size()) return Duration(0);
  return std::chrono::seconds(std::clamp<std::int64_t>(count, 0, retry_after_s_max));
}

ActionResult judge(const net::HttpResponse& response, ActionType type) {
  ActionResult result;
  if (type == ActionType::provider) {
    result = judge_provider(response.status, response.body);
  } else {
    result.ok = response.status >= 200 && response.status < 300;
    result.refused = response.status == 410;
    if (!result.ok) result.error = fmt::format("HTTP {}", response.status);
  }
  result.status = response.status;
  result.answer = std::string(cut_utf8(to_valid_utf8(response.body), answer_bytes_max));
  result.at_least = retry_after(response);
  if (!result.ok && !result.answer.empty()) result.error += ": " + result.answer;
  return result;
}

/// `secret` must not stand in what people read: not every server keeps it for itself.
void mask(ActionResult& result, const Secret& secret) {
  if (secret.empty()) return;
  for (auto* text : {&result.error, &result.answer}) {
    for (auto at = text->find(secret.reveal()); at != text->npos;
         at = text->find(secret.reveal())) {
      text->replace(at, secret.reveal().size(), "***");
    }
  }
}

net::Task<ActionResult> call(Context& context, net::HttpClient& http, const Action& action,
                             const Secret& secret, const ActionNotice& notice, std::string number) {
  ActionResult result;
  auto request = request_of(action, secret, notice, context.env.now(), number);
  if (!request) {
    result.error = describe(request.error());
    result.refused = true;
    co_return result;
  }
  TlsPolicy tls;
  tls.ca_pem = action.ca_pem;
  net::HttpLimits times;
  times.connect = limits::action_connect;
  times.whole = limits::action_call;
  const auto response = co_await http.call(std::move(request).value(), std::move(tls), times);
  if (response) {
    result = judge(response.value(), action.type);
  } else {
    result.error = describe(response.error());
  }
  mask(result, secret);
  co_return result;
}

/// One call for each number. Those that went well are called again when one did not: a second SMS
/// is better than none.
net::Task<ActionResult> send_sms(Context& context, net::HttpClient& http, const Action& action,
                                 const Secret& secret, const ActionNotice& notice) {
  ActionResult whole;
  whole.ok = true;
  for (const auto& number : action.to) {
    auto result = co_await call(context, http, action, secret, notice, number);
    if (!whole.ok) continue;
    whole = std::move(result);
  }
  co_return whole;
}

ActionResult write_log(Context& context, const Action& action, const ActionNotice& notice) {
  const storage::LogFolder folder(context.options.log_dir);
  const auto now = context.env.now();
  const auto written = folder.append(action.path, log_line_of(action, notice, now));
  ActionResult result;
  result.ok = written.has_value();
  if (!written) result.error = describe(written.error());
  return result;
}

/// What the mail must not go by.
boost::json::array avoided_of(const ActionNotice& notice) {
  if (notice.of_problems) {
    const auto* avoid = notice.of_problems->data.if_contains("avoid");
    return avoid != nullptr && avoid->is_array() ? avoid->get_array() : boost::json::array();
  }
  const auto& event = notice.event;
  if (!tells_of_failing_access(event.kind)) return {};
  boost::json::object avoided;
  if (event.integration) avoided["integration"] = event.integration.str();
  avoided["server"] = event.server;
  avoided["login"] = event.login;
  return {std::move(avoided)};
}

/// Queued like a notice: by an account whose failure it does not tell of, or the alert transport,
/// and tried for days.
net::Task<ActionResult> send_mail(Context& context, const Action& action,
                                  const ActionNotice& notice) {
  storage::NewNotice mail;
  mail.at = context.env.now();
  mail.thread = notice.id;
  if (notice.of_problems) {
    mail.thread = notice.of_problems->thread;
    mail.kind = notice.of_problems->kind;
    mail.parent = notice.of_problems->notice;
    mail.data["parent"] = mail.parent->str();
    const auto* words = notice.of_problems->data.if_contains(take_up_field);
    if (words != nullptr) mail.data[take_up_field] = *words;
  }
  mail.subject = subject_of(action, notice);
  mail.text = text_of(action, notice);
  mail.data["to"] = boost::json::array(action.to.begin(), action.to.end());
  mail.data["cc"] = boost::json::array(action.cc.begin(), action.cc.end());
  if (!action.html.empty()) mail.data["html"] = html_of(action, notice);
  if (action.integration) mail.data["integration"] = *action.integration;
  mail.data["avoid"] = avoided_of(notice);
  ActionResult result;
  const auto queued = co_await context.store.problems().queue_mail(std::move(mail));
  result.ok = queued.has_value();
  if (result.ok) context.own_mail_queued();
  if (!queued) result.error = describe(queued.error());
  co_return result;
}

}  // namespace

ActionResult judge_provider(int status, const std::string& body) {
  ActionResult result;
  if (status < 200 || status > 299) {
    result.error = fmt::format("HTTP {}", status);
    return result;
  }
  boost::system::error_code wrong;
  const auto json = boost::json::parse(body, wrong);
  const auto* object = wrong ? nullptr : json.if_object();
  const auto* accepted = object == nullptr ? nullptr : object->if_contains("accepted");
  if (accepted == nullptr || !accepted->is_bool()) {
    result.error = "the provider's answer is not {\"accepted\": true or false}";
    return result;
  }
  result.ok = accepted->get_bool();
  result.refused = !result.ok;
  if (!result.ok) result.error = "the provider did not accept it";
  return result;
}

net::Task<ActionResult> perform(Context& context, Action action, Secret secret,
                                ActionNotice notice) {
  net::HttpClient http(context.env);
  ActionResult result;
  switch (action.type) {
    case ActionType::web_page:
    case ActionType::webhook:
    case ActionType::provider:
      result = co_await call(context, http, action, secret, notice, {});
      break;
    case ActionType::sms:
      result = co_await send_sms(context, http, action, secret, notice);
      break;
    case ActionType::log_file:
      result = write_log(context, action, notice);
      break;
    case ActionType::email:
      result = co_await send_mail(context, action, notice);
      break;
    case ActionType::profile:
      result.error = "a profile has channels";
      break;
  }
  // A mail is counted when it goes out (letters).
  if (action.type != ActionType::email) {
    context.metrics.alert(to_string(action.type), result.ok ? "ok" : "failed");
  }
  co_return result;
}

}  // namespace postern::flows
