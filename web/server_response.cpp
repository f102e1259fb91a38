// Heads are written by hand: there is one kind of them, and a serializer's templates cost more.
#include "web/server_response.hpp"

#include "core/syntax.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::web {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string head_of(const Response& response, ResponseForm form, Instant now) {
  auto head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                          reason_phrase(response.status), http_date(now));
  for (const auto& [name, value] : response.headers) {
    if (!valid_token(name) || has_control(value)) continue;
    head += fmt::format("{}: {}\r\n", name, value);
  }
  if (!response.content_type.empty() && !has_control(response.content_type)) {
    head += fmt::format("Content-Type: {}\r\n", response.content_type);
  }
  if (response.stream) {
    if (!form.http_1_0) head += "Transfer-Encoding: chunked\r\n";
  } else if (has_body(response.status)) {
    head += fmt::format("Content-Length: {}\r\n", response.body.size());
  }
  head += form.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

net::Task<Result<void>> write_pieces(Transport& transport, std::string_view bytes, Duration limit) {
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, piece_bytes);
    POSTERN_CO_TRY(co_await transport.write_all(piece, limit));
    bytes.remove_prefix(piece.size());
  }
  co_return success();
}

/// chunk = chunk-size CRLF chunk-data CRLF. Source: RFC 9112 §7.1.
class ChunkStream final : public BodyStream {
 public:
  ChunkStream(Transport& transport, bool chunks, Duration limit)
      : transport_(transport), chunks_(chunks), limit_(limit) {}

  net::Task<Result<void>> write(std::string piece) override {
    if (piece.empty()) co_return success();
    if (!result_) co_return result_.error();
    if (chunks_) piece = fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    result_ = co_await write_pieces(transport_, piece, limit_);
    co_return result_;
  }

  net::Task<Result<void>> finish() {
    if (!result_ || !chunks_) co_return result_;
    co_return co_await transport_.write_all("0\r\n\r\n", limit_);
  }

 private:
  Transport& transport_;
  bool chunks_;
  Duration limit_;
  Result<void> result_ = success();  // once the client is gone, it stays gone
};

}  // namespace

std::string http_date(Instant at) {
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  using namespace std::chrono;
  const auto day = floor<std::chrono::days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(floor<seconds>(at - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()),
                     months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

net::Task<Result<void>> send_response(Transport& transport, const Response& response,
                                      ResponseForm form, Instant now, Duration limit) {
  auto head = head_of(response, form, now);
  if (form.head_only) co_return co_await transport.write_all(head, limit);
  if (!response.stream) {
    std::string_view body = response.body;
    const auto first = body.substr(0, piece_bytes);
    head += first;  // a small answer is one write
    POSTERN_CO_TRY(co_await transport.write_all(head, limit));
    co_return co_await write_pieces(transport, body.substr(first.size()), limit);
  }
  POSTERN_CO_TRY(co_await transport.write_all(head, limit));
  ChunkStream stream(transport, !form.http_1_0, limit);
  co_await response.stream(stream);
  co_return co_await stream.finish();
}

}  // namespace postern::web
