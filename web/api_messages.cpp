// /messages: received mail, its bytes and parts, and handing it over once more.
#include "core/json_fields.hpp"
#include "core/syntax.hpp"
#include "core/utf8.hpp"
#include "flows/message_json.hpp"
#include "flows/routing.hpp"
#include "web/api.hpp"
#include "web/handover_resource.hpp"
#include "web/routes.hpp"

#include <algorithm>
#include <charconv>

namespace postern::web {
namespace {

namespace json = boost::json;

/// A list shows the beginning of each text: 500 whole ones would be too much for one answer.
constexpr std::size_t list_text_bytes_max = 2048;
constexpr std::size_t handover_targets_max = 100;

/// What came by mail may be looked at but do nothing: no script, no request, no form, no frame of
/// others. Source: CSP Level 3 §6.3.2 (sandbox).
constexpr std::string_view foreign_content_policy =
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

json::object full_json(const Api& api, const storage::MessageDetail& message) {
  auto result = flows::message_json(message, api.options.public_url);
  result["state"] = storage::to_string(message.state);
  result["stored_at"] = to_rfc3339(message.stored_at);
  result["state_reason"] = nullptr;
  if (!message.routing.goes_out()) result["state_reason"] = message.routing.why_not();
  result["trouble"] = nullptr;
  if (const auto& trouble = message.trouble) {
    json::object note{{"stage", trouble->stage},
                      {"reason", trouble->reason},
                      {"tries", trouble->tries},
                      {"next_try_at", nullptr}};
    if (trouble->next_try_at) note["next_try_at"] = to_rfc3339(*trouble->next_try_at);
    result["trouble"] = std::move(note);
  }
  json::array handovers;
  for (const auto& each : message.handovers) handovers.push_back(handover_json(each));
  result["handovers"] = std::move(handovers);
  return result;
}

json::object item_json(const Api& api, storage::MessageDetail message) {
  auto& text = message.summary.text;
  if (text && text->size() > list_text_bytes_max) {
    text = std::string(cut_utf8(*text, list_text_bytes_max));
    message.summary.text_truncated = true;
  }
  auto result = full_json(api, message);
  result.erase("html");
  result.erase("headers");
  return result;
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  storage::MessageFilter filter;
  POSTERN_CO_TRY(filter.integration, co_await integration_filter(api, call));
  if (const auto* state = call.target.parameter("state")) {
    filter.state = storage::parse_message_state(*state);
    if (!filter.state) co_return invalid_parameter("state", "is not the state of a message");
  }
  POSTERN_CO_TRY(filter.message_id, searched(call, "message_id"));
  POSTERN_CO_TRY(filter.subject, searched(call, "subject"));
  POSTERN_CO_TRY(filter.sender, searched(call, "sender"));
  POSTERN_CO_TRY(filter.since, time_parameter(call, "since"));
  POSTERN_CO_TRY(filter.until, time_parameter(call, "until"));
  POSTERN_CO_TRY(auto found, co_await api.store.messages().list(filter, page));
  json::array items;
  for (auto& each : found.items) items.push_back(item_json(api, std::move(each)));
  co_return page_response(std::move(items), found.next_cursor);
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<MessageId>(call, "message"));
  POSTERN_CO_TRY(auto message, co_await api.store.messages().get(id));
  // Those that got it since are shown here; what was handed over stays as it was.
  POSTERN_CO_TRY(const auto others,
                 co_await api.store.threads().also_in(message.summary.message_id.value_or(""),
                                                      message.integration));
  message.summary.also_in.clear();
  for (const auto each : others) message.summary.also_in.push_back(each.str());
  co_return json_response(full_json(api, message));
}

Response foreign_content(std::string type, std::string bytes) {
  Response response;
  response.content_type = std::move(type);
  response.headers.emplace_back("Content-Security-Policy", foreign_content_policy);
  response.body = std::move(bytes);
  return response;
}

/// Why there is nothing to give or to hand over: the mail could not be downloaded.
Problem no_bytes(const Error& error) {
  if (error.code != storage::errc::wrong_state) return error;
  return {
      409, "not_downloaded", error.detail,
      "POST …/reprocess fetches it anew; `trouble` of the message says when it is tried again."};
}

net::Task<Answer<Response>> raw(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<MessageId>(call, "message"));
  auto bytes = co_await api.store.messages().raw(id);
  if (!bytes) co_return no_bytes(bytes.error());
  auto response = foreign_content("message/rfc822", std::move(bytes).value());
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + id.str() + ".eml\"");
  co_return response;
}

Problem no_such_part(const Error& error) {
  if (!flows::is_no_such_part(error)) return no_bytes(error);
  return {404, "no_such_part", "The message has no such part.", "GET the message for its parts."};
}

net::Task<Answer<Response>> text(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<MessageId>(call, "message"));
  auto body = co_await api.gateway.body_part(id, flows::BodyPart::text);
  if (!body) co_return no_such_part(body.error());
  co_return foreign_content("text/plain; charset=utf-8", std::move(body).value());
}

net::Task<Answer<Response>> html(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<MessageId>(call, "message"));
  auto body = co_await api.gateway.body_part(id, flows::BodyPart::html);
  if (!body) co_return no_such_part(body.error());
  co_return foreign_content("text/html; charset=utf-8", std::move(body).value());
}

/// type "/" subtype and nothing else; a mail's own word for it may be anything.
std::string safe_media_type(const std::string& type) {
  const auto slash = type.find('/');
  const bool good = slash != std::string::npos && valid_token(type.substr(0, slash)) &&
                    valid_token(type.substr(slash + 1));
  return good ? type : "application/octet-stream";
}

/// Source: RFC 6266 §4.3, RFC 8187 §3.2: the old form in ASCII, the new one in UTF-8.
std::string disposition(const std::string& filename) {
  std::string ascii;
  for (const char c : filename) {
    const bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '%' && c != '/';
    ascii += plain ? c : '_';
  }
  if (ascii.empty()) return "attachment";
  return "attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + percent_encode(filename);
}

net::Task<Answer<Response>> attachment(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<MessageId>(call, "message"));
  POSTERN_CO_TRY(const auto message, co_await api.store.messages().get(id));
  const auto& number = call.parameter("index");
  std::size_t index = 0;
  const auto* end = number.data() + number.size();
  const auto [read, ec] = std::from_chars(number.data(), end, index);
  const auto& known = message.summary.attachments;
  if (ec != std::errc() || read != end || index >= known.size()) {
    co_return Problem(404, "no_such_part", "The message has no such attachment.",
                      "GET the message for its attachments.");
  }
  auto bytes = co_await api.gateway.attachment(id, static_cast<int>(index));
  if (!bytes) co_return no_such_part(bytes.error());
  auto response =
      foreign_content(safe_media_type(known[index].content_type), std::move(bytes).value());
  response.headers.emplace_back("Content-Disposition", disposition(known[index].filename));
  co_return response;
}

/// {"targets": [id or name, …]}; without it those the rules had for a mail they kept back, and
/// else every enabled target.
net::Task<Answer<std::vector<TargetId>>> wanted_targets(Api& api, const Call& call,
                                                        const Routing& routing) {
  std::vector<std::string> names;
  FieldProblems problems;
  if (!call.request.body.empty()) {
    POSTERN_CO_TRY(const auto body, object_body(call));
    JsonFields fields(body, "", problems);
    fields.texts("targets", names, {}, handover_targets_max);
    fields.finish();
  }
  POSTERN_CO_TRY(const auto all, co_await api.store.targets().list());
  std::vector<TargetId> ids;
  const bool has_plan = !routing.goes_out() && std::ranges::any_of(all, [&](const auto& each) {
    return each.value.enabled && std::ranges::count(routing.targets, each.value.id) > 0;
  });
  for (const auto& each : all) {
    const bool planned = std::ranges::count(routing.targets, each.value.id) > 0;
    if (names.empty() && each.value.enabled && (planned || !has_plan)) ids.push_back(each.value.id);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = std::ranges::find_if(all, [&](const auto& each) {
      return each.value.name == names[i] || each.value.id.str() == names[i];
    });
    const auto pointer = "/targets/" + std::to_string(i);
    if (found == all.end()) {
      problems.push_back({pointer, "names no target"});
    } else if (!found->value.enabled) {
      problems.push_back({pointer, "names a target that is disabled; enable it first"});
    } else {
      ids.push_back(found->value.id);
    }
  }
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  co_return ids;
}

net::Task<Answer<Response>> hand_over(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<MessageId>(call, "message"));
  POSTERN_CO_TRY(const auto message, co_await api.store.messages().get(id));
  POSTERN_CO_TRY(auto targets, co_await wanted_targets(api, call, message.routing));
  const auto made =
      co_await api.store.handovers().hand_over_again(message.id, std::move(targets), api.env.now());
  if (!made) co_return no_bytes(made.error());
  api.gateway.handovers_queued();
  json::array items;
  for (const auto& each : made.value()) items.push_back(handover_json(each));
  auto response = page_response(std::move(items), "");
  response.status = 202;
  co_return response;
}

/// One more round of tries, from now on, whatever the mail's size; the mailbox is checked for it.
net::Task<Answer<void>> fetch_anew(Api& api, const storage::MessageDetail& message) {
  POSTERN_CO_TRY(co_await api.store.quarantine().try_now(message.id, api.env.now()));
  auto checked = co_await api.gateway.check(message.integration);
  // A disabled integration fetches it when it is enabled.
  if (!checked && checked.error().code != storage::errc::not_found) co_return checked.error();
  co_return success();
}

/// What is missing is fetched; of a mail that is here the rules are asked again.
net::Task<Answer<Response>> reprocess(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<MessageId>(call, "message"));
  POSTERN_CO_TRY(const auto former, co_await api.store.messages().get(id));
  if (former.trouble) {
    POSTERN_CO_TRY(co_await fetch_anew(api, former));
  } else if (former.digested) {
    POSTERN_CO_TRY(co_await flows::route_anew(api.store, id, api.env.now()));
    api.gateway.handovers_queued();
  }
  POSTERN_CO_TRY(const auto message, co_await api.store.messages().get(id));
  auto response = json_response(full_json(api, message));
  response.status = 202;
  co_return response;
}

net::Task<Answer<Response>> reprocess_all(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto wanted, co_await integration_filter(api, call));
  POSTERN_CO_TRY(const auto count,
                 co_await api.store.quarantine().try_all_now(wanted, api.env.now()));
  POSTERN_CO_TRY(const auto all, co_await api.store.integrations().entries());
  for (const auto& each : all) {
    if (count == 0 || (wanted && each.id != *wanted)) continue;
    auto checked = co_await api.gateway.check(each.id);
    if (!checked && checked.error().code != storage::errc::not_found) co_return checked.error();
  }
  json::object body;
  body["count"] = count;
  auto response = json_response(body);
  response.status = 202;
  co_return response;
}

constexpr Scopes may_look = scope_read | scope_pull;

}  // namespace

Routes message_routes() {
  return {
      {"GET",
       "/api/v1/messages",
       scope_read,
       BodyKind::none,
       list,
       {"Received mail, newest first, cut short; a search looks through 10,000 mails a page",
        "limit cursor integration state message_id subject sender since until",
        "",
        {{200, "application/json", "MessagePage"}}}},
      {"GET",
       "/api/v1/messages/{message}",
       may_look,
       BodyKind::none,
       get,
       {"One message", "", "", {{200, "application/json", "Message"}}}},
      {"GET",
       "/api/v1/messages/{message}/raw",
       may_look,
       BodyKind::none,
       raw,
       {"Its bytes as the server sent them", "", "", {{200, "message/rfc822", ""}}}},
      {"GET",
       "/api/v1/messages/{message}/text",
       may_look,
       BodyKind::none,
       text,
       {"Its whole text", "", "", {{200, "text/plain", ""}}}},
      {"GET",
       "/api/v1/messages/{message}/html",
       may_look,
       BodyKind::none,
       html,
       {"Its whole HTML body, sandboxed", "", "", {{200, "text/html", ""}}}},
      {"GET",
       "/api/v1/messages/{message}/attachments/{index}",
       may_look,
       BodyKind::none,
       attachment,
       {"One attachment, decoded, under its own media type", "", "", {{200, "*/*", ""}}}},
      {"POST",
       "/api/v1/messages/{message}/handover",
       scope_operate,
       BodyKind::optional_json,
       hand_over,
       {"Hand it over (again), to some targets or all; lets go what rules or lists kept back",
        "",
        "HandoverRequest",
        {{202, "application/json", "HandoverPage"}}}},
      {"POST",
       "/api/v1/messages/{message}/reprocess",
       scope_operate,
       BodyKind::none,
       reprocess,
       {"Fetch what is not here anew, whatever its size; ask the rules again what no target has",
        "",
        "",
        {{202, "application/json", "Message"}}}},
      {"POST",
       "/api/v1/messages/reprocess",
       scope_operate,
       BodyKind::none,
       reprocess_all,
       {"Fetch all quarantined mails anew (of one integration)",
        "integration",
        "",
        {{202, "application/json", "ReprocessAnswer"}}}},
  };
}

}  // namespace postern::web
