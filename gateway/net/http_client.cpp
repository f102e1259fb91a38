#include "net/http_client.hpp"

#include "net/http_message.hpp"

#include <algorithm>
#include <array>
#include <deque>

namespace postern::net {
namespace {

constexpr Duration idle_max = std::chrono::seconds(30);
constexpr std::size_t idle_connections_max = 64;
constexpr std::size_t idle_per_host_max = 4;
constexpr std::size_t read_bytes = 16 * 1024;

// What makes two connections the same: where they lead and what was believed of the peer.
std::string key_of(const UrlParts& url, const TlsPolicy& tls) {
  auto key = url.host + "\n" + std::to_string(url.port);
  if (!url.tls) return key;
  key += tls.verify ? "\nverified\n" : "\nunverified\n";
  return key + tls.pinned_sha256.value_or("") + "\n" + tls.ca_pem.value_or("");
}

// One call's time and limits.
struct Budget {
  Env& env;
  Duration ends;
  HttpLimits limits;
  Budget(Env& in, HttpLimits given) : env(in), ends(in.steady() + given.whole), limits(given) {}
  Duration left() const { return std::max(ends - env.steady(), Duration(0)); }
  Duration for_connect() const { return std::min(left(), limits.connect); }
};

// How one exchange on one connection ended.
struct Exchange {
  Result<HttpResponse> answer;
  bool reusable = false;
  bool untouched = false;  // failed before the peer said anything
};

using Tell = std::function<void(std::string_view)>;

Task<Exchange> exchange(Stream& stream, std::string_view request, bool head, const Budget& budget,
                        const Tell& tell) {
  AnswerParser parser(head, budget.limits.body_bytes_max);
  std::size_t told = 0;  // bytes of the answer's body
  const auto sent = co_await stream.write_all(request, budget.left());
  if (!sent) co_return Exchange{sent.error(), false, true};
  std::array<char, read_bytes> buffer;
  while (!parser.done()) {
    const auto count = co_await stream.read_some(buffer, budget.left());
    Result<void> parsed = success();
    if (count) {
      parsed = parser.receive({buffer.data(), count.value()});
    } else if (count.error().code == errc::closed && parser.started()) {
      parsed = parser.receive_end();
    } else {
      co_return Exchange{count.error(), false, !parser.started()};
    }
    if (!parsed) co_return Exchange{parsed.error(), false, false};
    if (tell && parser.body().size() > told) tell(parser.body().substr(told));
    told = parser.body().size();
  }
  const bool reusable = parser.reusable();
  co_return Exchange{parser.take(), reusable, false};
}

bool is_loss(const error_code& code) {
  return code == errc::closed || code == errc::reset;
}

}  // namespace

const std::string* HttpResponse::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return &value;
  }
  return nullptr;
}

struct HttpClient::State {
  struct Idle {
    std::string key;
    Duration since;
    std::unique_ptr<Stream> stream;
  };
  Env& env;
  std::deque<Idle> idle;  // oldest first

  explicit State(Env& of) : env(of) {}
  void drop_old();
  std::unique_ptr<Stream> take(const std::string& key);
  void keep(std::string key, std::unique_ptr<Stream> stream);
  Task<std::unique_ptr<Stream>> take_living(std::string key);
  Task<Result<std::unique_ptr<Stream>>> connect(UrlParts url, TlsPolicy tls, Budget budget);
};

void HttpClient::State::drop_old() {
  const auto now = env.steady();
  std::erase_if(idle, [&](const Idle& one) { return now - one.since >= idle_max; });
}

std::unique_ptr<Stream> HttpClient::State::take(const std::string& key) {
  drop_old();
  const auto found =
      std::find_if(idle.rbegin(), idle.rend(), [&](const Idle& one) { return one.key == key; });
  if (found == idle.rend()) return nullptr;
  auto stream = std::move(found->stream);
  idle.erase(std::next(found).base());
  return stream;
}

void HttpClient::State::keep(std::string key, std::unique_ptr<Stream> stream) {
  drop_old();
  const auto same =
      std::count_if(idle.begin(), idle.end(), [&](const Idle& one) { return one.key == key; });
  if (static_cast<std::size_t>(same) >= idle_per_host_max) return;
  if (idle.size() >= idle_connections_max) idle.pop_front();
  idle.push_back({std::move(key), env.steady(), std::move(stream)});
}

// A kept connection on which the peer has said nothing since: neither its end nor a surplus.
Task<std::unique_ptr<Stream>> HttpClient::State::take_living(std::string key) {
  while (auto stream = take(key)) {
    std::array<char, 1> byte{};
    const auto said = co_await stream->read_some(byte, Duration(0));
    if (!said && said.error().code == errc::timeout) co_return stream;
  }
  co_return nullptr;
}

Task<Result<std::unique_ptr<Stream>>> HttpClient::State::connect(UrlParts url, TlsPolicy tls,
                                                                 Budget budget) {
  Endpoint endpoint{url.host, url.port};
  POSTERN_CO_TRY(auto stream, co_await env.connect(std::move(endpoint), budget.for_connect()));
  if (url.tls) {
    POSTERN_CO_TRY(
        co_await stream->start_tls(std::move(url.host), std::move(tls), budget.for_connect()));
  }
  co_return std::move(stream);
}

HttpClient::HttpClient(Env& env) : state_(std::make_unique<State>(env)) {}
HttpClient::~HttpClient() = default;

void HttpClient::drop_idle() {
  state_->idle.clear();
}

Task<Result<HttpResponse>> HttpClient::call(HttpRequest request, TlsPolicy tls, HttpLimits limits) {
  POSTERN_CO_TRY(const auto url, parse_url(request.url));
  POSTERN_CO_TRY(const auto bytes, format_request(request, url));
  const Budget budget(state_->env, limits);
  const bool head = request.method == "HEAD";
  const auto key = key_of(url, tls);
  // The peer may end a kept connection while our request is under way: then once more, on a new
  // one. Requests that must not come twice carry an id (webhooks) or a single-use code.
  if (auto stream = co_await state_->take_living(key)) {
    auto result = co_await exchange(*stream, bytes, head, budget, request.on_body);
    if (result.reusable) state_->keep(key, std::move(stream));
    const bool again = !request.once && result.untouched && is_loss(result.answer.error().code);
    if (!again) co_return std::move(result.answer);
  }
  POSTERN_CO_TRY(auto stream, co_await state_->connect(url, std::move(tls), budget));
  auto result = co_await exchange(*stream, bytes, head, budget, request.on_body);
  if (result.reusable) state_->keep(key, std::move(stream));
  co_return std::move(result.answer);
}

}  // namespace postern::net
