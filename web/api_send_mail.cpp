// POST /send with message/rfc822: a mail that another program wrote.
#include "core/json_fields.hpp"
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

Answer<std::optional<Duration>> timeout(const Call& call) {
  const auto* text = call.target.parameter("timeout_ms");
  if (text == nullptr) return std::optional<Duration>();
  std::int64_t value = 0;
  const auto* end = text->data() + text->size();
  const auto [read, error] = std::from_chars(text->data(), end, value);
  if (error == std::errc() && read == end && value >= 1 && value <= timeout_ms_max) {
    return std::optional(Duration(value));
  }
  return with_code(invalid_parameter("timeout_ms", "must be a number from 1 to 900000"),
                   ResultCode::bad_request);
}

std::vector<std::string_view> words_in(std::string_view list) {
  std::vector<std::string_view> words;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    words.push_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return words;
}

/// ?tags=blue,green: SendRequest's tags, without commas in them.
Answer<std::vector<std::string>> tags(const Call& call) {
  std::vector<std::string> all;
  const auto* text = call.target.parameter("tags");
  if (text == nullptr) return all;
  for (const auto word : words_in(*text)) {
    const bool fits = !word.empty() && word.size() <= flows::tag_bytes_max &&
                      !check_text(word, {.bytes_max = flows::tag_bytes_max});
    if (!fits || all.size() == flows::tags_max) {
      return with_code(invalid_parameter("tags", "must be up to 20 words of 64 bytes, by commas"),
                       ResultCode::bad_request);
    }
    if (std::find(all.begin(), all.end(), word) == all.end()) all.emplace_back(word);
  }
  return all;
}

/// ?notify=failure,delay&ret=full&envid=x: SendRequest's dsn.
Answer<DsnRequest> dsn(const Call& call) {
  DsnRequest dsn;
  const auto bad = [](std::string_view name, const char* why) {
    return with_code(invalid_parameter(name, why), ResultCode::bad_request);
  };
  if (const auto* notify = call.target.parameter("notify")) {
    const auto wanted = parse_notify(words_in(*notify));
    if (!wanted) return bad("notify", "must be never, or some of success, failure and delay");
    dsn.notify = *wanted;
  }
  if (const auto* ret = call.target.parameter("ret")) {
    if (*ret != "headers" && *ret != "full") return bad("ret", "must be headers or full");
    dsn.returned = *ret == "full" ? DsnRequest::Return::full : DsnRequest::Return::headers;
  }
  if (const auto* envid = call.target.parameter("envid")) {
    if (envid->empty() || !valid_envelope_id(*envid)) {
      return bad("envid", "must be 1 to 100 visible ASCII characters and blanks");
    }
    dsn.envelope_id = *envid;
  }
  dsn.original_recipients = dsn.asks();
  return dsn;
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
  POSTERN_TRY(request.timeout, timeout(call));
  POSTERN_TRY(request.wishes.require_tls, flag(call, "require_tls"));
  POSTERN_TRY(request.wishes.dsn, dsn(call));
  POSTERN_TRY(request.tags, tags(call));
  if (const auto* priority = target.parameter("priority")) {
    const auto known = parse_priority(*priority);
    if (!known) {
      return with_code(invalid_parameter("priority", "must be high, normal or low"),
                       ResultCode::bad_request);
    }
    request.priority = *known;
  }
  if (const auto* at = target.parameter("not_before")) {
    request.not_before = parse_rfc3339(*at);
    if (!request.not_before || request.sync) {
      return with_code(invalid_parameter("not_before",
                                         "must be a time such as "
                                         "2026-01-31T09:00:00Z, and mode must be queue"),
                       ResultCode::bad_request);
    }
  }
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
  const auto not_before = request.not_before;
  const auto sent = co_await api.gateway.submit_raw(std::move(request), std::move(key).value());
  if (const auto* refusal = std::get_if<flows::Refusal>(&sent)) co_return to_problem(*refusal);
  co_return send_answer(std::get<flows::SendAnswer>(sent), not_before);
}

}  // namespace postern::web
