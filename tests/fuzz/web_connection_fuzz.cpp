// Any bytes as what a client says on a connection to the HTTP server, in any pieces.
//
// Holds: it ends; how the bytes are split changes neither the requests nor the statuses of their
// answers (but for a header that does not end); a request has one Host, one length and no octet
// that ends a line; its body is within the limit; each is answered once, and the answers are HTTP
// whatever they echo; nothing stays reserved.
#include "core/result.hpp"
#include "web/server_connection.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>

namespace {

using namespace postern;
using namespace postern::web;
namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint64_t body_bytes_max = 2000;

/// A world where no time passes: the client never keeps us waiting.
class StillEnv : public net::Env {
 public:
  Instant now() override { return {}; }
  Duration steady() override { return {}; }
  std::uint64_t random() override { return 7; }
  std::unique_ptr<net::Timer> make_timer(asio::any_io_executor) override { return nullptr; }
  net::Task<Result<std::vector<std::string>>> resolve(std::string, Duration) override {
    co_return Error{make_error_code(net::errc::resolve_failed), ""};
  }
  net::Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint, Duration) override {
    co_return Error{make_error_code(net::errc::refused), ""};
  }
};

/// What one run showed.
struct Shown {
  std::vector<std::tuple<std::string, std::string, Headers, std::string>> requests;
  std::vector<std::string> methods;  // of all that were begun; empty: refused before it had one
  std::string answers;
};

std::size_t count(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(request.headers, [&](const auto& h) { return h.first == name; }));
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

void check(const Request& request) {
  POSTERN_ASSERT(!request.method.empty() && !breaks_line(request.method));
  POSTERN_ASSERT(request.target.find('#') == request.target.npos && !breaks_line(request.target));
  for (const auto& [name, value] : request.headers) {
    POSTERN_ASSERT(!name.empty() && !breaks_line(name) && !breaks_line(value));
    POSTERN_ASSERT(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }));
    POSTERN_ASSERT(name.find(' ') == name.npos && name.find(':') == name.npos);
  }
  POSTERN_ASSERT(count(request, "host") <= 1 && count(request, "transfer-encoding") <= 1);
  POSTERN_ASSERT(count(request, "transfer-encoding") + count(request, "content-length") <= 1);
}

/// Answers with what it was asked: the body's first octets as a header, all of it as the body.
class Echo : public Exchange {
 public:
  explicit Echo(Shown& shown) : shown_(shown) {}
  net::Task<std::optional<Response>> admit(const Request& head) override {
    check(head);
    shown_.methods.push_back(head.method);
    if (head.target != "/refused") co_return std::nullopt;
    shown_.requests.emplace_back(head.method, head.target, head.headers, "");
    co_return answer_of(403, "refused");
  }
  std::uint64_t body_bytes_max() const override { return ::body_bytes_max; }
  net::Task<Response> answer(Request request) override {
    check(request);
    POSTERN_ASSERT(request.body.size() <= ::body_bytes_max);
    auto response = answer_of(200, request.body);
    response.headers.emplace_back("X-Echo", request.body.substr(0, 100));
    shown_.requests.emplace_back(request.method, request.target, request.headers, request.body);
    if (request.target != "/stream") co_return response;
    response.stream = [body = request.body](BodyStream& to) { return write_twice(to, body); };
    co_return response;
  }
  Response refuse(const Request& request, int status, std::string detail) override {
    if (request.method.empty()) shown_.methods.emplace_back();
    POSTERN_ASSERT(status >= 400 && status < 600 && !detail.empty());
    return answer_of(status, std::move(detail));
  }

 private:
  static Response answer_of(int status, std::string body) {
    Response response;
    response.status = status;
    response.content_type = "text/plain";
    response.body = std::move(body);
    return response;
  }
  static net::Task<void> write_twice(BodyStream& to, std::string body) {
    for (int i = 0; i < 2; ++i) {
      auto piece = body;
      if (!co_await to.write(std::move(piece))) co_return;
    }
  }

  Shown& shown_;
};

class EchoServer : public Application {
 public:
  explicit EchoServer(Shown& shown) : shown_(shown) {}
  std::unique_ptr<Exchange> begin() override { return std::make_unique<Echo>(shown_); }

 private:
  Shown& shown_;
};

/// Takes what has come; false when the other side has ended.
bool take(int fd, std::string& to) {
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    const auto got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN;
    to.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Shown serve(std::string_view client, std::size_t piece) {
  Shown shown;
  StillEnv env;
  EchoServer application(shown);
  std::array<int, 2> ends{};
  POSTERN_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  asio::io_context io(1);
  asio::ip::tcp::socket socket(io);
  socket.assign(asio::ip::tcp::v4(), ends[0]);
  ServerShared shared{application, env, {}, [](const auto& peer, const auto&) { return peer; }};
  shared.limits.header_bytes = 1000;
  {
    Connection connection(shared, Transport(std::move(socket), nullptr));
    bool over = false;
    asio::co_spawn(io, connection.run(), [&](const std::exception_ptr& failed) {
      POSTERN_ASSERT(failed == nullptr);
      over = true;
    });
    io.poll();
    while (!client.empty() && take(ends[1], shown.answers)) {
      const auto next = client.substr(0, piece);
      const auto sent = ::send(ends[1], next.data(), next.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) break;
      if (sent > 0) client.remove_prefix(static_cast<std::size_t>(sent));
      io.poll();
    }
    ::shutdown(ends[1], SHUT_WR);
    int rounds = 0;
    while (!over) {
      POSTERN_ASSERT(++rounds < 1000);
      io.restart();
      io.poll();
      take(ends[1], shown.answers);
    }
  }
  POSTERN_ASSERT(shared.bodies_bytes == 0);
  take(ends[1], shown.answers);
  ::close(ends[1]);
  return shown;
}

/// The statuses of the answers, each read as a client would; 100 (Continue) aside.
std::vector<unsigned> statuses_of(const Shown& shown) {
  std::vector<unsigned> statuses;
  std::string_view rest = shown.answers;
  while (!rest.empty()) {
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    POSTERN_ASSERT(statuses.size() < shown.methods.size());
    if (shown.methods[statuses.size()] == "HEAD") parser.skip(true);
    boost::system::error_code ec;
    const auto used = parser.put(asio::buffer(rest), ec);
    if (ec == http::error::need_more && parser.is_header_done()) ec = {};
    if (!ec && !parser.is_done()) {  // HTTP/1.0: the end of the connection ends the body
      POSTERN_ASSERT(parser.need_eof());
      parser.put_eof(ec);
    }
    POSTERN_ASSERT(!ec && parser.is_done());
    if (parser.get().result_int() != 100) statuses.push_back(parser.get().result_int());
    rest.remove_prefix(used);
  }
  return statuses;
}

/// A header that is wrong and does not end either is refused or waited for, as its pieces come.
void leave_out_malformed_end(Shown& shown, std::vector<unsigned>& statuses) {
  if (shown.methods.empty() || !shown.methods.back().empty()) return;
  if (statuses.size() == shown.methods.size()) statuses.pop_back();
  shown.methods.pop_back();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view client(reinterpret_cast<const char*>(bytes) + 1, size - 1);

  auto whole = serve(client, std::max<std::size_t>(client.size(), 1));
  auto pieces = serve(client, 1 + bytes[0] / 4);

  POSTERN_ASSERT(whole.requests == pieces.requests);
  auto statuses = statuses_of(whole);
  auto others = statuses_of(pieces);
  // The last may be cut off: its body never came.
  POSTERN_ASSERT(statuses.size() == whole.methods.size() ||
                 statuses.size() + 1 == whole.methods.size());
  leave_out_malformed_end(whole, statuses);
  leave_out_malformed_end(pieces, others);
  POSTERN_ASSERT(whole.methods == pieces.methods);
  POSTERN_ASSERT(statuses == others);
  return 0;
}
