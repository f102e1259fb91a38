// What an action says: the request of a web page, a webhook, a provider or an SMS gateway, the line
// of a log, the texts of a mail. Pure; flows/actions sends it.
#pragma once

#include "core/action.hpp"
#include "core/action_variables.hpp"
#include "core/event.hpp"
#include "core/problem.hpp"
#include "net/http_client.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace postern::flows {

/// A notice about problems: its data (with what its mail must not go by), the mails that it belongs
/// to, and which notice it is.
struct NoticeOfProblems {
  boost::json::object data;
  std::string thread;
  NoticeId notice;
  NoticeKind kind = NoticeKind::failing;
};

/// One telling. `subject` and `text` are set where somebody else has written them: for a profile's
/// channels.
struct ActionNotice {
  std::string id;  // the same at every try: the webhook-id
  Event event;
  NoticeFacts facts;
  std::optional<std::string> subject, text;
  bool is_test = false;
  std::optional<NoticeOfProblems> of_problems;  // told at a profile's channel
};

/// The texts with all variables in place; what is held back is in them, whatever the template says.
std::string subject_of(const Action& action, const ActionNotice& notice);
std::string text_of(const Action& action, const ActionNotice& notice);
/// Empty when the action has none.
std::string html_of(const Action& action, const ActionNotice& notice);

/// The line of a log file: `at`, and the action's text or that of Postern's own.
std::string log_line_of(const Action& action, const ActionNotice& notice, Instant at);

/// The contract's JSON of the event, with the rule and what was held back: `data` of a webhook.
boost::json::object notice_json(const ActionNotice& notice);

/// The request of web_page, webhook, provider or (to one number) sms. `secret` signs it, or stands
/// in {{secret}}. Errors: io (a template or the secret is not what was saved: cannot be).
Result<net::HttpRequest> request_of(const Action& action, const Secret& secret,
                                    const ActionNotice& notice, Instant now,
                                    std::string_view number = {});

/// What would be sent, for people: no secret in it.
boost::json::object preview_of(const Action& action, const ActionNotice& notice, Instant now);

}  // namespace postern::flows
