// Beast's parser between our own reads and writes: it sees bytes, this file keeps the time.
#include "web/server_connection.hpp"

#include "net/chunk_guard.hpp"
#include "net/env.hpp"
#include "web/server_response.hpp"
#include "web/token.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace postern::web {
namespace {

namespace http = boost::beast::http;
namespace asio = boost::asio;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t read_bytes = 16 * 1024;
constexpr std::size_t request_id_bytes = 12;
/// A refused body up to here is read and forgotten, so that the connection may go on.
constexpr std::uint64_t forgotten_body_bytes_max = 64 * 1024;
/// After an answer that ends the connection, what still comes is read for so long and so much: a
/// socket closed with unread bytes resets, and the client may lose the answer.
constexpr Duration linger{2000};
constexpr std::size_t linger_bytes_max = 1024 * 1024;

struct Refusal {
  int status;
  std::string detail;
};

Refusal refusal_of(const boost::system::error_code& ec) {
  if (ec == http::error::header_limit) return {431, "The request's header is too large."};
  if (ec == http::error::body_limit) return {413, "The body is too large."};
  if (ec == http::error::bad_version) return {505, "Only HTTP/1.1 and HTTP/1.0 are spoken here."};
  return {400, "The request is malformed: " + ec.message() + "."};
}

std::string lower(std::string_view name) {
  std::string result(name);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return result;
}

Request request_of(const Parser& parser) {
  Request request;
  const auto& head = parser.get();
  request.method = head.method_string();
  request.target = head.target();
  request.target = request.target.substr(0, request.target.find('#'));
  for (const auto& field : head.base()) {
    request.headers.emplace_back(lower(field.name_string()), field.value());
  }
  return request;
}

/// What Beast lets pass and a proxy before us might read in another way.
/// Source: RFC 9112 §3.2 (Host), §6.1 (Transfer-Encoding), §6.3.
std::optional<Refusal> ambiguity(const Parser& parser) {
  const auto& head = parser.get();
  const auto hosts = head.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && head.version() >= 11)) {
    return Refusal{400, "A request needs exactly one Host."};
  }
  const auto encodings = head.count(http::field::transfer_encoding);
  if (encodings == 0) return std::nullopt;
  if (head.version() < 11 || head.count(http::field::content_length) != 0) {
    return Refusal{400, "Transfer-Encoding does not go with this request."};
  }
  if (encodings == 1 && lower(head[http::field::transfer_encoding]) == "chunked") {
    return std::nullopt;
  }
  return Refusal{501, "The only transfer coding is chunked."};
}

}  // namespace

struct Connection::State {
  State(ServerShared& server, Transport stream) : shared(server), transport(std::move(stream)) {}

  ServerShared& shared;
  Transport transport;
  std::string input;  // read and not yet parsed: never more than a header and one read
  bool waiting = true;
  Duration since{};
  std::uint64_t reserved = 0;  // of shared.bodies_bytes
  std::size_t requests = 0;

  const ServerLimits& limits() const { return shared.limits; }
  Duration now() const { return shared.env.steady(); }

  net::Task<Result<void>> read_more(Duration limit) {
    std::array<char, read_bytes> buffer;
    const auto count = co_await transport.read_some(buffer, limit);
    if (!count) co_return count.error();
    input.append(buffer.data(), count.value());
    co_return success();
  }

  /// Feeds what is there; true when the parser wants more bytes. Errors: also a chunk's header that
  /// does not end.
  bool feed(Parser& parser, boost::system::error_code& ec) {
    if (input.empty() || net::too_short_to_parse(parser, input.size())) return true;
    const auto used = parser.put(asio::buffer(input), ec);
    input.erase(0, used);
    if (ec != http::error::need_more && (ec || used > 0)) return false;
    ec = {};
    if (input.size() > limits().header_bytes + read_bytes) ec = http::error::header_limit;
    return !ec;
  }

  net::Task<Result<std::optional<Refusal>>> read_head(Parser& parser);
  net::Task<Result<std::optional<Refusal>>> read_body(Parser& parser, std::uint64_t bytes_max);
  std::optional<Refusal> reserve(std::uint64_t bytes, std::uint64_t bytes_max);
  void release();
  net::Task<Result<bool>> serve_one();
  net::Task<Result<bool>> answer(Parser& parser, Exchange& exchange, Request request);
  net::Task<Result<bool>> answer_early(Parser& parser, const Request& request, Response response);
  net::Task<Result<void>> send(const Parser* parser, const Request& request,
                               const Response& response, bool keep);
  bool may_keep(const Parser& parser) const;
  net::Task<void> part();
};

/// Up to the empty line. No bytes at all within the idle limit is not an error but the end.
net::Task<Result<std::optional<Refusal>>> Connection::State::read_head(Parser& parser) {
  if (input.empty()) {
    POSTERN_CO_TRY(co_await read_more(requests == 0 ? limits().header : limits().idle));
    if (requests != 0) since = now();
  }
  const auto ends = (requests == 0 ? since : now()) + limits().header;
  boost::system::error_code ec;
  while (feed(parser, ec)) {
    const auto left = ends - now();
    if (left <= Duration::zero()) co_return Error{make_error_code(net::errc::timeout), ""};
    POSTERN_CO_TRY(co_await read_more(left));
  }
  if (ec) co_return std::optional<Refusal>(refusal_of(ec));
  co_return ambiguity(parser);
}

std::optional<Refusal> Connection::State::reserve(std::uint64_t bytes, std::uint64_t bytes_max) {
  if (bytes > bytes_max) {
    return Refusal{
        413, "The body is too large: " + std::to_string(bytes_max) + " bytes are the limit here."};
  }
  if (bytes <= reserved) return std::nullopt;
  if (shared.bodies_bytes + bytes - reserved > limits().bodies_bytes) {
    return Refusal{503, "Too many large requests at once; repeat it a little later."};
  }
  shared.bodies_bytes += bytes - reserved;
  reserved = bytes;
  return std::nullopt;
}

void Connection::State::release() {
  shared.bodies_bytes -= reserved;
  reserved = 0;
}

/// The body, at a pace of its own: each connection has `body` and a second for every
/// body_bytes_per_s that came.
net::Task<Result<std::optional<Refusal>>> Connection::State::read_body(Parser& parser,
                                                                       std::uint64_t bytes_max) {
  const auto announced = parser.content_length();
  if (announced) {
    if (auto refusal = reserve(*announced, bytes_max)) co_return refusal;
  }
  parser.body_limit(bytes_max);
  parser.eager(true);
  const auto begun = now();
  boost::system::error_code ec;
  while (!parser.is_done()) {
    const bool more = feed(parser, ec);
    if (ec) co_return std::optional<Refusal>(refusal_of(ec));
    const auto received = parser.get().body().size();
    if (auto refusal = reserve(received, bytes_max)) co_return refusal;
    if (!more || parser.is_done()) continue;
    const auto earned = std::chrono::seconds(received / limits().body_bytes_per_s);
    const auto left = begun + limits().body + earned - now();
    if (left <= Duration::zero()) co_return Error{make_error_code(net::errc::timeout), ""};
    POSTERN_CO_TRY(co_await read_more(std::min<Duration>(left, limits().body)));
  }
  co_return std::optional<Refusal>();
}

bool Connection::State::may_keep(const Parser& parser) const {
  return parser.get().keep_alive() && !shared.stopping &&
         requests < limits().requests_per_connection;
}

net::Task<Result<void>> Connection::State::send(const Parser* parser, const Request& request,
                                                const Response& response, bool keep) {
  ResponseForm form;
  form.keep_alive = keep;
  form.head_only = request.method == "HEAD";
  form.http_1_0 = parser == nullptr || parser->get().version() < 11;
  return send_response(transport, response, form, shared.env.now(), limits().write);
}

/// Shuts our side and waits a little for the client to do the same.
net::Task<void> Connection::State::part() {
  co_await transport.finish_writing(linger);
  const auto ends = now() + linger;
  std::size_t forgotten = 0;
  std::array<char, read_bytes> buffer;
  while (forgotten < linger_bytes_max && now() < ends) {
    const auto count = co_await transport.read_some(buffer, ends - now());
    if (!count) break;
    forgotten += count.value();
  }
  transport.close();
}

/// A refusal made from the head alone. A small body is read and forgotten, a large one ends the
/// connection.
net::Task<Result<bool>> Connection::State::answer_early(Parser& parser, const Request& request,
                                                        Response response) {
  const auto length = parser.content_length();
  const bool small = !parser.chunked() && length.value_or(0) <= forgotten_body_bytes_max;
  bool keep = may_keep(parser) && small && request.header("expect") == nullptr;
  if (keep && length.value_or(0) > 0) {
    POSTERN_CO_TRY(const auto refusal, co_await read_body(parser, forgotten_body_bytes_max));
    keep = !refusal;
  }
  POSTERN_CO_TRY(co_await send(&parser, request, response, keep));
  co_return keep;
}

net::Task<Result<bool>> Connection::State::answer(Parser& parser, Exchange& exchange,
                                                  Request request) {
  if (const auto* expect = request.header("expect")) {
    if (lower(*expect) != "100-continue") {
      auto response = exchange.refuse(request, 417, "The only expectation is 100-continue.");
      co_return co_await answer_early(parser, request, std::move(response));
    }
    const auto announced = parser.content_length();
    if (!parser.is_done() && input.empty() && announced.value_or(0) <= exchange.body_bytes_max()) {
      POSTERN_CO_TRY(co_await transport.write_all("HTTP/1.1 100 Continue\r\n\r\n", limits().write));
    }
  }
  POSTERN_CO_TRY(const auto refusal, co_await read_body(parser, exchange.body_bytes_max()));
  if (refusal) {
    const auto response = exchange.refuse(request, refusal->status, refusal->detail);
    POSTERN_CO_TRY(co_await send(&parser, request, response, false));
    co_return false;
  }
  request.body = std::move(parser.get().body());
  request.caller_gone = [this] { return shared.stopping || transport.peer_gone(); };
  Request shown;
  shown.method = request.method;
  const auto response = co_await exchange.answer(std::move(request));
  release();
  const bool keep = may_keep(parser) && !(response.stream && parser.get().version() < 11);
  POSTERN_CO_TRY(co_await send(&parser, shown, response, keep));
  co_return keep && !shared.stopping;  // a stream may have lasted until the stop
}

/// One request and its answer; true when another may follow.
net::Task<Result<bool>> Connection::State::serve_one() {
  waiting = true;
  since = requests == 0 ? since : now();
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits().header_bytes));
  parser.body_limit(boost::none);
  POSTERN_CO_TRY(const auto refusal, co_await read_head(parser));
  waiting = false;
  ++requests;
  auto request = refusal ? Request() : request_of(parser);
  request.request_id = random_text(request_id_bytes);
  request.secure = transport.secure();
  request.client = shared.client_of(transport.peer(), request);
  const auto exchange = shared.application.begin();
  if (refusal) {
    const auto response = exchange->refuse(request, refusal->status, refusal->detail);
    POSTERN_CO_TRY(co_await send(nullptr, request, response, false));
    co_return false;
  }
  auto early = co_await exchange->admit(request);
  if (early) co_return co_await answer_early(parser, request, std::move(*early));
  co_return co_await answer(parser, *exchange, std::move(request));
}

Connection::Connection(ServerShared& shared, Transport transport)
    : state_(std::make_unique<State>(shared, std::move(transport))) {
  state_->since = state_->now();
}

Connection::~Connection() {
  state_->release();
}

net::Task<void> Connection::run() {
  auto& state = *state_;
  const auto shaken = co_await state.transport.handshake(state.limits().handshake);
  if (!shaken) co_return;
  state.since = state.now();
  for (;;) {
    const auto again = co_await state.serve_one();
    state.release();
    if (!again) break;  // the client is gone or late: there is nobody to tell
    if (again.value()) continue;
    co_await state.part();
    break;
  }
  state.transport.close();
}

bool Connection::waiting() const {
  return state_->waiting;
}
Duration Connection::waiting_since() const {
  return state_->since;
}
void Connection::close() {
  state_->transport.close();
}

}  // namespace postern::web
