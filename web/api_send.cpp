// /send and /deliveries: the promise to send, and what became of it.
#include "core/syntax.hpp"
#include "core/utf8.hpp"
#include "flows/send_draft.hpp"
#include "flows/send_form.hpp"
#include "web/api.hpp"
#include "web/delivery_resource.hpp"
#include "web/multipart.hpp"
#include "web/routes.hpp"
#include "web/send_call.hpp"
#include "web/token.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr std::size_t idempotency_key_bytes_max = 255;

/// What a call asks to send, and what its Idempotency-Key is bound to.
struct Asked {
  flows::SendRequest request;
  std::string content;
};

Answer<Asked> asked(const Call& call) {
  if (!call.target.query.empty()) {
    return with_code(
        invalid_parameter(call.target.query.front().first,
                          "goes with a message/rfc822 body; JSON and forms have fields"),
        ResultCode::bad_request);
  }
  std::variant<flows::SendRequest, flows::Refusal> read;
  std::string content;
  const auto* type = call.request.header("content-type");
  if (type != nullptr && is_media_type(*type, "multipart/form-data")) {
    const auto form = parse_form(*type, call.request.body);
    if (!form) return with_code(form.error(), ResultCode::bad_request);
    content = form_sha256(form.value());
    read = flows::parse_send_form(form.value());
  } else {
    const auto body = parse_json(call.request.body);
    if (!body) return with_code(body.error(), ResultCode::bad_request);
    content = call.request.body;
    read = flows::parse_send_request(body.value());
  }
  if (const auto* refusal = std::get_if<flows::Refusal>(&read)) return to_problem(*refusal);
  return Asked{std::get<flows::SendRequest>(std::move(read)), std::move(content)};
}

net::Task<Answer<Response>> send(Api& api, Call& call) {
  if (is_mail(call.request)) co_return co_await send_mail(api, call);
  POSTERN_CO_TRY(auto wanted, asked(call));
  auto key = idempotency_key(call, wanted.content);
  if (!key) co_return with_code(key.error(), ResultCode::bad_request);
  const auto not_before = wanted.request.not_before;
  const auto sent = co_await api.gateway.submit(std::move(wanted.request), std::move(key).value());
  if (const auto* refusal = std::get_if<flows::Refusal>(&sent)) co_return to_problem(*refusal);
  co_return send_answer(std::get<flows::SendAnswer>(sent), not_before);
}

net::Task<Answer<Response>> preview(Api& api, Call& call) {
  POSTERN_CO_TRY(auto wanted, asked(call));
  const auto shown = co_await api.gateway.preview(std::move(wanted.request));
  if (const auto* refusal = std::get_if<flows::Refusal>(&shown)) co_return to_problem(*refusal);
  co_return preview_response(std::get<flows::SendPreview>(shown));
}

Answer<storage::DeliveryFilter> sought(const Call& call) {
  storage::DeliveryFilter filter;
  if (const auto* state = call.target.parameter("state")) {
    filter.state = parse_delivery_state(*state);
    if (!filter.state) return invalid_parameter("state", "is not the state of a delivery");
  }
  POSTERN_TRY(filter.tag, searched(call, "tag"));
  POSTERN_TRY(filter.message_id, searched(call, "message_id"));
  POSTERN_TRY(filter.recipient, searched(call, "recipient"));
  POSTERN_TRY(filter.sender, searched(call, "sender"));
  POSTERN_TRY(filter.subject, searched(call, "subject"));
  POSTERN_TRY(filter.since, time_parameter(call, "since"));
  POSTERN_TRY(filter.until, time_parameter(call, "until"));
  // The envelope holds domains as A-labels.
  for (auto* address : {&filter.recipient, &filter.sender}) {
    if (*address) *address = flows::envelope_form(**address);
  }
  return filter;
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(auto filter, sought(call));
  POSTERN_CO_TRY(filter.integration, co_await integration_filter(api, call));
  POSTERN_CO_TRY(const auto found, co_await api.store.deliveries().list(filter, page));
  json::array items;
  for (const auto& each : found.items) items.push_back(to_json(each));
  co_return page_response(std::move(items), found.next_cursor);
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  POSTERN_CO_TRY(const auto delivery, co_await api.store.deliveries().get(id));
  POSTERN_CO_TRY(const auto attempts, co_await api.store.deliveries().attempts(id));
  auto json = to_json(delivery);
  json["history"] = history_json(attempts);
  co_return json_response(json);
}

net::Task<Answer<Response>> retry(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  POSTERN_CO_TRY(const auto delivery, co_await api.store.deliveries().retry(id, api.env.now()));
  api.gateway.act_now(delivery.integration);
  co_return delivery_response(delivery, 202);
}

net::Task<Answer<Response>> hold(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  POSTERN_CO_TRY(const auto delivery, co_await api.store.deliveries().hold(id, api.env.now()));
  co_return delivery_response(delivery);
}

net::Task<Answer<Response>> cancel(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  POSTERN_CO_TRY(const auto delivery, co_await api.store.deliveries().cancel(id, api.env.now()));
  co_return delivery_response(delivery);
}

constexpr AnswerDoc one{200, "application/json", "Delivery"};
/// Who sent a mail may ask for it by the id of the answer; the list shows everyone's.
constexpr Scopes may_look = scope_read | scope_send;

}  // namespace

Answer<std::optional<storage::IdempotencyKey>> idempotency_key(const Call& call,
                                                               std::string_view content) {
  const auto* header = call.request.header("idempotency-key");
  if (header == nullptr) return std::optional<storage::IdempotencyKey>();
  const auto visible = [](char c) { return c > ' ' && c < 0x7f; };
  if (header->empty() || header->size() > idempotency_key_bytes_max ||
      !std::ranges::all_of(*header, visible)) {
    return Problem(400, "invalid_idempotency_key",
                   "Idempotency-Key must be 1 to 255 visible ASCII characters.");
  }
  return storage::IdempotencyKey{call.identity.id, *header, sha256_hex(content)};
}

Problem with_code(Problem problem, ResultCode code) {
  problem.result_code = static_cast<int>(code);
  return problem;
}

Response send_answer(const flows::SendAnswer& sent, std::optional<Instant> not_before) {
  const auto& delivery = sent.delivery;
  auto response = delivery.sync ? delivery_response(delivery)
                                : delivery_response(as_queued(delivery, not_before), 202);
  response.headers.emplace_back("Location", "/api/v1/deliveries/" + delivery.id.str());
  if (sent.replayed) response.headers.emplace_back("Idempotent-Replayed", "true");
  return response;
}

Routes send_routes() {
  return {
      {"POST",
       "/api/v1/send",
       scope_send,
       BodyKind::json_or_mail,
       send,
       {"Send a mail: queued (202) or at once (200, mode sync)",
        "to from integration mode timeout_ms header_recipients not_before priority "
        "tags notify ret envid require_tls",
        "SendRequest",
        {{202, "application/json", "Delivery"}, one}},
       true},
      {"POST",
       "/api/v1/send/preview",
       scope_send,
       BodyKind::json_or_form,
       preview,
       {"Compose a mail and show it; nothing is sent or kept",
        "",
        "SendRequest",
        {{200, "application/json", "SendPreview"}}},
       true},
      {"GET",
       "/api/v1/deliveries",
       scope_read,
       BodyKind::none,
       list,
       {"Deliveries, newest first",
        "limit cursor integration state tag message_id recipient sender subject since until",
        "",
        {{200, "application/json", "DeliveryPage"}}}},
      {"GET",
       "/api/v1/deliveries/{delivery}",
       may_look,
       BodyKind::none,
       get,
       {"One delivery", "", "", {one}}},
      {"POST",
       "/api/v1/deliveries/{delivery}/retry",
       scope_operate,
       BodyKind::none,
       retry,
       {"Try it again now", "", "", {{202, "application/json", "Delivery"}}}},
      {"POST",
       "/api/v1/deliveries/{delivery}/hold",
       scope_operate,
       BodyKind::none,
       hold,
       {"Keep it until retry", "", "", {one}}},
      {"POST",
       "/api/v1/deliveries/{delivery}/cancel",
       scope_operate,
       BodyKind::none,
       cancel,
       {"Do not send it any more", "", "", {one}}},
  };
}

}  // namespace postern::web
