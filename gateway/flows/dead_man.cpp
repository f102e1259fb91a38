#include "flows/dead_man.hpp"

#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "net/http_client.hpp"

#include <fmt/format.h>

namespace postern::flows {
namespace {

net::Task<Result<void>> ping(Context& context) {
  POSTERN_CO_TRY(co_await context.store.probe());
  net::HttpClient http(context.env);
  net::HttpRequest request;
  request.method = "GET";
  request.url = context.options.ping_url;
  request.headers.emplace_back("User-Agent", "Postern");
  net::HttpLimits times;
  times.connect = limits::action_connect;
  times.whole = limits::action_call;
  TlsPolicy tls;
  POSTERN_CO_TRY(const auto response,
                 co_await http.call(std::move(request), std::move(tls), times));
  if (response.status >= 200 && response.status < 300) co_return success();
  co_return Error{net::errc::http_malformed, fmt::format("HTTP {}", response.status)};
}

}  // namespace

net::Task<void> keep_pinging(Context& context) {
  if (context.options.ping_url.empty()) co_return;
  bool well = true;
  for (;;) {
    const auto pinged = co_await ping(context);
    context.metrics.ping(pinged ? "ok" : "failed");
    if (!pinged && well) log::warn("the ping of [monitoring]: {}", describe(pinged.error()));
    if (pinged && !well) log::info("the ping of [monitoring] goes through again");
    well = pinged.has_value();
    co_await net::sleep_for(context.env, context.options.ping_every);
  }
}

}  // namespace postern::flows
