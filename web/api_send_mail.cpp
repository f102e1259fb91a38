// POST /send with message/rfc822: a mail that another program wrote.
#include "core/syntax.hpp"
#include "flows/raw_submission.hpp"
#include "web/send_call.hpp"

#include <algorithm>
#include <charconv>

namespace postern::web {
namespace {

constexpr std::int64_t timeout_ms_max = 900'000;

Answer<bool> flag(const Call& call, std::string_view name) {
  const auto* text = call.target.parameter(name);
  if (text == nullptr || *text == "false") return false;
  if (*text == "true") return true;
  return with_code(invalid_parameter(name, "must be true or false"), ResultCode::bad_request);
}

Answer<Duration> timeout(const Call& call, Duration otherwise) {
  const auto* text = call.target.parameter("timeout_ms");
  if (text == nullptr) return otherwise;
  std::int64_t value = 0;
  const auto* end = text->data() + text->size();
  const auto [read, error] = std::from_chars(text->data(), end, value);
  if (error == std::errc() && read == end && value >= 1 && value <= timeout_ms_max) {
    return Duration(value);
  }
  return with_code(invalid_parameter("timeout_ms", "must be a number from 1 to 900000"),
                   ResultCode::bad_request);
}

Answer<flows::RawSendRequest> read(const Call& call) {
  flows::RawSendRequest request;
  const auto& target = call.target;
  if (const auto* name = target.parameter("integration")) request.integration = *name;
  if (const auto* from = target.parameter("from")) request.from = *from;
  if (const auto* to = target.parameter("to")) request.to = split_addresses(*to);
  if (const auto* mode = target.parameter("mode")) {
    request.sync = *mode == "sync";
    if (!request.sync && *mode != "queue") {
      return with_code(invalid_parameter("mode", "must be queue or sync"), ResultCode::bad_request);
    }
  }
  POSTERN_TRY(request.header_recipients, flag(call, "header_recipients"));
  POSTERN_TRY(request.timeout, timeout(call, request.timeout));
  return request;
}

}  // namespace

bool is_mail(const Request& request) {
  constexpr std::string_view wanted = "message/rfc822";
  const auto* type = request.header("content-type");
  return type != nullptr && type->size() >= wanted.size() &&
         std::equal(wanted.begin(), wanted.end(), type->begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
         });
}

net::Task<Answer<Response>> send_mail(Api& api, Call& call) {
  auto key = idempotency_key(call, call.request.target + "\n" + call.request.body);
  if (!key) co_return with_code(key.error(), ResultCode::bad_request);
  POSTERN_CO_TRY(auto request, read(call));
  request.bytes = std::move(call.request.body);
  const auto sent = co_await api.gateway.submit_raw(std::move(request), std::move(key).value());
  if (const auto* refusal = std::get_if<flows::Refusal>(&sent)) co_return to_problem(*refusal);
  co_return send_answer(std::get<flows::SendAnswer>(sent), std::nullopt);
}

}  // namespace postern::web
