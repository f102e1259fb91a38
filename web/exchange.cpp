// One request through the API, from its head to the finished answer.
#include "web/exchange.hpp"

#include "core/log.hpp"
#include "core/result_codes.hpp"
#include "core/suggest.hpp"
#include "web/audit.hpp"
#include "web/token.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>

namespace postern::web {
namespace {

/// Problems: 415.
Answer<void> check_media_type(const Route& route, const Request& request) {
  const auto* header = request.header("content-type");
  const std::string_view type = header == nullptr ? std::string_view() : *header;
  const bool json = is_media_type(type, "application/json");
  const bool form = is_media_type(type, "multipart/form-data");
  switch (route.body) {
    case BodyKind::none:
      return success();
    case BodyKind::optional_json:
      if (type.empty() || json) return success();
      break;
    case BodyKind::json:
      if (json) return success();
      break;
    case BodyKind::json_or_form:
      if (json || form) return success();
      return Problem(415, "unsupported_media_type",
                     "The body must be application/json or multipart/form-data.",
                     "Send one of them as Content-Type.");
    case BodyKind::json_or_mail:
      if (json || form || is_media_type(type, "message/rfc822")) return success();
      return Problem(415, "unsupported_media_type",
                     "The body must be application/json, multipart/form-data or message/rfc822.",
                     "Send one of them as Content-Type.");
    case BodyKind::merge_patch:
      if (json || is_media_type(type, "application/merge-patch+json")) return success();
      break;
  }
  return Problem(415, "unsupported_media_type", "The body must be application/json.",
                 "Send Content-Type: application/json.");
}

Answer<void> check_query(const Route& route, const Target& target) {
  const auto known = split_words(route.doc.query);
  for (const auto& [name, value] : target.query) {
    if (std::ranges::find(known, name) == known.end()) {
      if (route.open_query) continue;
      return invalid_parameter(name, "is not known here" + did_you_mean(name, known));
    }
    const auto same = [&](const auto& parameter) { return parameter.first == name; };
    if (std::ranges::count_if(target.query, same) > 1) {
      return invalid_parameter(name, "stands there twice");
    }
  }
  return success();
}

Answer<void> check_body(const Route& route, const Request& request) {
  const bool empty = request.body.find_first_not_of(" \t\r\n") == std::string::npos;
  if (route.body != BodyKind::none || empty) return success();
  POSTERN_TRY(const auto value, parse_json(request.body));
  if (value.is_object() && value.get_object().empty()) return success();
  return invalid_body({{"", "must be empty: this call takes no body"}});
}

void add_default(Response& response, std::string_view name, std::string_view value) {
  if (response.header(name) == nullptr) response.headers.emplace_back(name, value);
}

/// An ETag for what has no version: the bytes themselves. 304 when the caller has them already.
void add_content_etag(Response& response, const Request& request) {
  const bool read = request.method == "GET" || request.method == "HEAD";
  const bool whole = read && response.status == 200 && !response.stream;
  if (!whole || response.header("ETag") != nullptr) return;
  const auto tag = '"' + sha256_hex(response.body).substr(0, 32) + '"';
  response.headers.emplace_back("ETag", tag);
  const auto* known = request.header("if-none-match");
  if (known == nullptr || (known->find(tag) == std::string::npos && *known != "*")) return;
  response.status = 304;
  response.content_type.clear();
  response.body.clear();
}

class ApiExchange final : public Exchange {
 public:
  explicit ApiExchange(Api& api) : api_(api), begun_(api.env.steady()) {}

  net::Task<std::optional<Response>> admit(const Request& head) override {
    const auto checked = co_await check_head(head);
    if (checked) co_return std::nullopt;
    co_return finished(to_response(checked.error(), head), head);
  }

  std::uint64_t body_bytes_max() const override {
    const bool open = route_ == nullptr || route_->scopes == scope_none;
    if (open || route_->body == BodyKind::none) return open_body_bytes_max;
    return route_->large_body ? api_.options.large_body_bytes_max : web::body_bytes_max;
  }

  net::Task<Response> answer(Request request) override {
    call_.request = std::move(request);
    auto answered = co_await guarded();
    const bool went_well = answered.has_value();
    auto response =
        went_well ? std::move(answered).value() : to_response(answered.error(), call_.request);
    if (audited(*route_)) co_await end_audit(api_, call_, response);
    if (went_well) add_content_etag(response, call_.request);
    co_return finished(std::move(response), call_.request);
  }

  Response refuse(const Request& request, int status, std::string detail) override {
    Problem problem(status, "bad_request", std::move(detail));
    const bool too_large = status == 413;
    if (too_large && route_ != nullptr && route_->body == BodyKind::json_or_mail) {
      problem.result_code = static_cast<int>(ResultCode::attachment);
      problem.hint = "Send fewer or smaller attachments; [limits] http_body_bytes is the limit.";
    }
    return finished(to_response(problem, request), request);
  }

 private:
  net::Task<Answer<void>> check_head(const Request& head) {
    auto target = parse_request_target(head.target);
    if (!target) {
      co_return Problem(400, "bad_target", "The request's path or query is malformed.",
                        "Percent-encode it; control characters are refused.");
    }
    call_.target = std::move(*target);
    POSTERN_CO_TRY(auto matched, match(all_routes(), head.method, call_.target));
    route_ = matched.route;
    call_.route = route_;
    call_.parameters = std::move(matched.parameters);
    POSTERN_CO_TRY(co_await check_access(head));
    co_return check_media_type(*route_, head);
  }

  net::Task<Answer<void>> check_access(const Request& head) {
    const bool open_metrics = api_.options.metrics_public && route_->scopes == scope_metrics;
    if (route_->scopes == scope_none || open_metrics) co_return success();
    POSTERN_CO_TRY(call_.identity, co_await api_.access.identify(head, route_->writes()));
    if (allows(call_.identity, route_->scopes)) co_return success();
    const auto words = scope_words(route_->scopes | scope_admin);
    if (!call_.identity.role.empty()) {
      co_return Problem(403, "missing_scope",
                        "The role " + call_.identity.role + " may not do this.",
                        "It needs a role with the right to " + words + ".");
    }
    co_return Problem(403, "missing_scope", "This needs a token with the scope " + words + ".",
                      "postern token create makes one.");
  }

  /// The handler's answer. What it throws is our mistake, and costs this request alone; only the
  /// cancellation at the server's end goes on to Scope.
  net::Task<Answer<Response>> guarded() {
    try {
      POSTERN_CO_TRY(check_query(*route_, call_.target));
      POSTERN_CO_TRY(check_body(*route_, call_.request));
      const bool open = route_->scopes == scope_none;
      if (audited(*route_) && !open) {
        POSTERN_CO_TRY(co_await begin_audit(api_, call_, call_.identity.name));
      }
      co_return co_await route_->handler(api_, call_);
    } catch (const boost::system::system_error& e) {
      if (e.code() == boost::asio::error::operation_aborted) throw;
      log::error("a handler threw", {{"route", route_->pattern}, {"what", e.what()}});
    } catch (const std::exception& e) {
      log::error("a handler threw", {{"route", route_->pattern}, {"what", e.what()}});
    }
    co_return Problem(Error{});
  }

  Response finished(Response response, const Request& request) {
    response.headers.emplace_back("X-Request-Id", request.request_id);
    add_default(response, "X-Content-Type-Options", "nosniff");
    add_default(response, "Referrer-Policy", "no-referrer");
    add_default(response, "Content-Security-Policy",
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    add_default(response, "Cache-Control", "no-store");
    log::info("http", {{"method", request.method},
                       {"path", call_.target.path},
                       {"status", response.status},
                       {"ms", (api_.env.steady() - begun_).count()},
                       {"client", request.client},
                       {"by", call_.identity.name},
                       {"request_id", request.request_id}});
    return response;
  }

  Api& api_;
  Duration begun_;
  const Route* route_ = nullptr;
  Call call_;
};

class ApiApplication final : public Application {
 public:
  explicit ApiApplication(Api& api) : api_(api) {}
  std::unique_ptr<Exchange> begin() override { return std::make_unique<ApiExchange>(api_); }

 private:
  Api& api_;
};

}  // namespace

std::unique_ptr<Application> make_api_application(Api& api) {
  return std::make_unique<ApiApplication>(api);
}

}  // namespace postern::web
