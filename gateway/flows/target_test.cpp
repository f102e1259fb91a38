#include "flows/target_test.hpp"

#include "core/utf8.hpp"
#include "flows/handover.hpp"
#include "net/http_client.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

constexpr std::size_t answer_bytes_max = 500;

std::string test_body(const Target& target, Instant now) {
  boost::json::object data;
  data["target"] = target.name;
  data["text"] = "This is a test from Postern; no mail comes with it.";
  boost::json::object body;
  body["type"] = "test";
  body["timestamp"] = to_rfc3339(now);
  body["data"] = std::move(data);
  return boost::json::serialize(body);
}

net::Task<void> call_webhook(Context& context, const Target& target,
                             const storage::TargetSecrets& secrets, TargetTest& test) {
  const auto now = context.env.now();
  const auto id = fmt::format("test_{:016x}", context.env.random());
  auto request = signed_request(target, secrets, id, now, test_body(target, now));
  if (!request) {
    test.error = describe(request.error());
    co_return;
  }
  TlsPolicy tls;
  tls.ca_pem = target.ca_pem;
  net::HttpLimits limits;
  limits.whole = target.timeout;
  limits.connect = std::min<Duration>(limits.connect, target.timeout);
  net::HttpClient http(context.env);
  const auto begun = context.env.steady();
  const auto response = co_await http.call(std::move(request).value(), std::move(tls), limits);
  test.took = context.env.steady() - begun;
  if (!response) {
    test.error = describe(response.error());
    co_return;
  }
  test.status = response.value().status;
  test.answer = std::string(cut_utf8(to_valid_utf8(response.value().body), answer_bytes_max));
  test.ok = test.status >= 200 && test.status < 300;
  if (!test.ok) test.error = fmt::format("HTTP {}", test.status);
}

}  // namespace

net::Task<Result<TargetTest>> test_target(Context& context, TargetId target) {
  POSTERN_CO_TRY(const auto stored, co_await context.store.targets().find(target.str()));
  POSTERN_CO_TRY(const auto secrets, co_await context.store.targets().secrets(target));
  TargetTest test;
  POSTERN_CO_TRY(test.waiting, co_await context.store.handovers().waiting(target));
  if (stored.value.type == "pull") {
    test.ok = true;
  } else {
    co_await call_webhook(context, stored.value, secrets, test);
  }
  co_return test;
}

}  // namespace postern::flows
