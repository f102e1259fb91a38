#include "cli/api_client.hpp"

#include "cli/exit_code.hpp"
#include "cli/run_task.hpp"
#include "core/json_text.hpp"
#include "core/result_codes.hpp"
#include "net/http_client.hpp"
#include "net/real_env.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>

namespace postern::cli {
namespace {

constexpr std::size_t body_bytes_max = 256 * 1024 * 1024;
constexpr std::chrono::minutes call_max{15};
constexpr std::string_view base = "/api/v1";

net::Task<Result<net::HttpResponse>> call_once(net::Env& env, net::HttpRequest request,
                                               TlsPolicy tls, net::HttpLimits limits) {
  net::HttpClient client(env);
  co_return co_await client.call(std::move(request), std::move(tls), limits);
}

}  // namespace

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return in.bad() ? std::nullopt : std::optional(std::move(bytes));
}

ApiClient::ApiClient(RemoteFlags flags) : flags_(std::move(flags)) {
  auto env = net::make_real_env({});
  if (env) env_ = std::move(env).value();
  if (!flags_.ca_file.empty()) ca_pem_ = read_file(flags_.ca_file);
  while (flags_.url.ends_with('/')) flags_.url.pop_back();
}

ApiClient::~ApiClient() = default;

std::optional<Answer> ApiClient::call(std::string_view method, std::string_view path,
                                      std::optional<boost::json::value> body,
                                      std::function<void(std::string_view)> on_body) {
  std::optional<std::string> text;
  if (body) text = boost::json::serialize(*body);
  return exchange(method, std::string(base).append(path), "application/json", std::move(text),
                  std::move(on_body));
}

std::optional<Answer> ApiClient::look(std::string_view path) {
  return exchange("GET", path, {}, std::nullopt, {});
}

std::optional<Answer> ApiClient::send_mail(std::string_view path, std::string mail) {
  return exchange("POST", std::string(base).append(path), "message/rfc822", std::move(mail), {});
}

std::optional<Answer> ApiClient::exchange(std::string_view method, std::string_view path,
                                          std::string_view media_type,
                                          std::optional<std::string> body,
                                          std::function<void(std::string_view)> on_body) {
  net::HttpRequest request;
  request.method = method;
  request.url = flags_.url + std::string(path);
  if (!flags_.token.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + flags_.token);
  }
  if (body) {
    request.headers.emplace_back("Content-Type", media_type);
    request.body = std::move(*body);
  }
  request.on_body = std::move(on_body);
  TlsPolicy tls;
  tls.ca_pem = ca_pem_;
  net::HttpLimits limits;
  limits.whole = call_max;
  limits.body_bytes_max = body_bytes_max;
  auto response = run_task(call_once(*env_, std::move(request), std::move(tls), limits));
  if (!response) {
    std::fprintf(stderr,
                 "postern: %s can't be reached: %s\n  Is the server running? --url or "
                 "POSTERN_URL says where it is.\n",
                 flags_.url.c_str(), describe(response.error()).c_str());
    return std::nullopt;
  }
  Answer answer;
  answer.status = response.value().status;
  answer.body = std::move(response.value().body);
  boost::json::error_code error;
  answer.json = boost::json::parse(answer.body, error);
  if (error) answer.json = nullptr;
  return answer;
}

int ApiClient::complain(const Answer& answer) {
  if (!answer.json.is_object()) {
    std::fprintf(stderr, "postern: the server answered %d\n", answer.status);
    return answer.status >= 500 ? try_later : data_error;
  }
  const auto& problem = answer.json.get_object();
  const auto title = json_text(problem, "detail");
  std::fprintf(stderr, "postern: %s\n",
               (title.empty() ? json_text(problem, "title") : title).c_str());
  if (const auto* errors = problem.if_contains("errors"); errors && errors->is_array()) {
    for (const auto& item : errors->get_array()) {
      if (!item.is_object()) continue;
      std::fprintf(stderr, "  %s: %s\n", json_text(item.get_object(), "pointer").c_str(),
                   json_text(item.get_object(), "detail").c_str());
    }
  }
  const auto hint = json_text(problem, "hint");
  if (!hint.empty()) std::fprintf(stderr, "  %s\n", hint.c_str());
  if (answer.status == 401) {
    std::fputs("  POSTERN_TOKEN holds the token; `postern token create` makes one.\n", stderr);
  }
  if (answer.status == 401 || answer.status == 403) return no_permission;
  const auto* code = problem.if_contains("result_code");
  const bool unknown = code != nullptr && *code == int(ResultCode::no_integration);
  if (answer.status == 404 || unknown) return no_integration;
  if (answer.status == 429 || answer.status >= 500) return try_later;
  return data_error;
}

}  // namespace postern::cli
