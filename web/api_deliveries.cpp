// What a person does with one delivery beside retry, hold and cancel: release it, give it other
// recipients, read its bytes, how its attempts went
// and what was said in them.
#include "core/json_fields.hpp"
#include "core/syntax.hpp"
#include "web/api.hpp"
#include "web/delivery_resource.hpp"
#include "web/json_body.hpp"
#include "web/routes.hpp"

#include <algorithm>
#include <charconv>

namespace postern::web {
namespace {

namespace json = boost::json;

constexpr std::size_t recipients_max = 1000;
constexpr std::size_t address_bytes_max = 320;

Answer<std::vector<std::string>> read_recipients(const json::object& body) {
  FieldProblems problems;
  JsonFields fields(body, "", problems);
  std::vector<std::string> all;
  const bool given = fields.has("recipients");
  fields.texts("recipients", all, {.bytes_max = address_bytes_max}, recipients_max);
  std::vector<std::string> once;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!valid_addr_spec(all[i])) {
      fields.problem("recipients", "\"" + all[i] + "\" is not an address like name@example.com");
    } else if (std::find(once.begin(), once.end(), all[i]) == once.end()) {
      once.push_back(all[i]);
    }
  }
  if (problems.empty() && once.empty()) {
    fields.problem("recipients", given ? "must name somebody; to send it to nobody, cancel it"
                                       : "is required: all recipients the mail shall have");
  }
  fields.finish();
  if (!problems.empty()) return invalid_body(problems);
  return once;
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  POSTERN_CO_TRY(const auto body, object_body(call));
  POSTERN_CO_TRY(auto recipients, read_recipients(body));
  POSTERN_CO_TRY(const auto delivery,
                 co_await api.store.deliveries().set_recipients(id, std::move(recipients)));
  co_return delivery_response(delivery);
}

net::Task<Answer<Response>> release(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  POSTERN_CO_TRY(const auto delivery, co_await api.store.deliveries().release(id, api.env.now()));
  api.gateway.act_now(delivery.integration);
  co_return delivery_response(delivery, 202);
}

net::Task<Answer<Response>> raw(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  Response response;
  POSTERN_CO_TRY(response.body, co_await api.store.deliveries().bytes(id));
  response.headers.emplace_back("Content-Type", "message/rfc822");
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + id.str() + ".eml\"");
  co_return response;
}

net::Task<Answer<Response>> attempts(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  POSTERN_CO_TRY(const auto all, co_await api.store.deliveries().attempts(id));
  co_return page_response(history_json(all), "");
}

Answer<std::optional<int>> attempt_parameter(const Call& call) {
  const auto* text = call.target.parameter("attempt");
  if (text == nullptr) return std::optional<int>();
  int number = 0;
  const auto* end = text->data() + text->size();
  const auto [read, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc() && read == end && number > 0) return std::optional(number);
  return invalid_parameter("attempt", "must be the number of an attempt");
}

net::Task<Answer<Response>> transcript(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto id, id_parameter<DeliveryId>(call, "delivery"));
  POSTERN_CO_TRY(const auto attempt, attempt_parameter(call));
  POSTERN_CO_TRY(const auto kept, co_await api.store.deliveries().transcript(id, attempt));
  if (kept) co_return json_response(to_json(*kept));
  Transcript none;
  none.protocol = "smtp";
  none.direction = "outgoing";
  auto json = to_json(none);
  json["at"] = nullptr;
  co_return json_response(json);
}

constexpr AnswerDoc one{200, "application/json", "Delivery"};

}  // namespace

Routes delivery_routes() {
  return {
      {"PATCH",
       "/api/v1/deliveries/{delivery}",
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Other recipients for a held delivery", "", "DeliveryPatch", {one}}},
      {"POST",
       "/api/v1/deliveries/{delivery}/release",
       scope_operate,
       BodyKind::none,
       release,
       {"Send a held delivery now", "", "", {{202, "application/json", "Delivery"}}}},
      {"GET",
       "/api/v1/deliveries/{delivery}/raw",
       scope_read,
       BodyKind::none,
       raw,
       {"The mail's bytes as they were given, or composed", "", "", {{200, "message/rfc822", ""}}}},
      {"GET",
       "/api/v1/deliveries/{delivery}/attempts",
       scope_read,
       BodyKind::none,
       attempts,
       {"How its attempts went, oldest first",
        "",
        "",
        {{200, "application/json", "DeliveryAttempts"}}}},
      {"GET",
       "/api/v1/deliveries/{delivery}/transcript",
       scope_read,
       BodyKind::none,
       transcript,
       {"What was said in its last attempt that failed, or in ?attempt=",
        "attempt",
        "",
        {{200, "application/json", "Transcript"}}}},
  };
}

}  // namespace postern::web
