#include "net/http_message.hpp"

#include "net/chunk_guard.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace postern::net {
namespace http = boost::beast::http;
namespace {

Error malformed(std::string detail) {
  return {errc::http_malformed, std::move(detail)};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

// token = 1*tchar (RFC 9110 §5.6.2)
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

bool is_ours_to_set(const std::string& lower_case_name) {
  for (const char* name : {"host", "content-length", "transfer-encoding", "connection", "te",
                           "trailer", "upgrade", "expect"}) {
    if (lower_case_name == name) return true;
  }
  return false;
}

std::string host_field(const UrlParts& url) {
  auto host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  const bool standard = url.port == (url.tls ? 443 : 80);
  return standard ? host : host + ":" + std::to_string(url.port);
}

bool may_have_body(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

// Beast's parser reads; the answer is kept here, its body up to a limit.
class Collector final : public http::basic_parser<false> {
 public:
  Collector(bool head, std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {
    header_limit(static_cast<std::uint32_t>(AnswerParser::header_bytes_max));
    body_limit(boost::none);
    skip(head);
    eager(true);
  }
  HttpResponse answer;
  bool cut = false;

 private:
  using StringView = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(http::verb, StringView, StringView, int, error_code&) override {}
  void on_response_impl(int status, StringView, int, error_code&) override {
    answer.status = status;
  }
  void on_field_impl(http::field, StringView name, StringView value, error_code&) override {
    answer.headers.emplace_back(lower({name.data(), name.size()}),
                                std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(StringView body, error_code&) override { return keep(body); }
  void on_chunk_header_impl(std::uint64_t, StringView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, StringView body, error_code&) override {
    return keep(body);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t keep(StringView body) {
    const auto room = body_bytes_max_ - answer.body.size();
    if (body.size() > room) cut = true;
    answer.body.append(body.data(), std::min(body.size(), room));
    return body.size();
  }

  std::size_t body_bytes_max_;
};

}  // namespace

Result<std::string> format_request(const HttpRequest& request, const UrlParts& url) {
  if (!is_token(request.method)) return malformed("the method is no token");
  std::string text = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + host_field(url);
  bool has_agent = false;
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return malformed("a header's name is no token");
    if (!is_field_value(value)) return malformed("header " + name + " holds a control character");
    const auto known = lower(name);
    if (is_ours_to_set(known)) return malformed("header " + name + " is not to be set by hand");
    has_agent = has_agent || known == "user-agent";
    text.append("\r\n").append(name).append(": ").append(value);
  }
  if (!has_agent) text += "\r\nUser-Agent: Postern";
  if (!request.body.empty() || may_have_body(request.method)) {
    text += "\r\nContent-Length: " + std::to_string(request.body.size());
  }
  return text + "\r\n\r\n" + request.body;
}

struct AnswerParser::State {
  bool head;
  std::size_t body_bytes_max;
  std::string unread;  // the parser takes only whole lines of a header or chunk
  std::unique_ptr<Collector> collector;
  bool started = false;
  bool surplus = false;  // the peer said more than the answer
  int interim_answers = 0;

  void renew() { collector = std::make_unique<Collector>(head, body_bytes_max); }
  Result<void> parse();
  Result<bool> skip_interim();
};

AnswerParser::AnswerParser(bool head, std::size_t body_bytes_max)
    : state_(std::make_unique<State>()) {
  state_->head = head;
  state_->body_bytes_max = body_bytes_max;
  state_->renew();
}

AnswerParser::~AnswerParser() = default;

// True when the answer was a 1xx one, and another is to come. RFC 9110 §15.2.
Result<bool> AnswerParser::State::skip_interim() {
  const int status = collector->answer.status;
  if (!collector->is_done() || status >= 200) return false;
  if (status == 101) return malformed("the peer changes the protocol");
  if (++interim_answers > interim_answers_max) return malformed("too many 1xx answers");
  renew();
  return true;
}

Result<void> AnswerParser::State::parse() {
  for (;;) {
    if (too_short_to_parse(*collector, unread.size())) return success();
    boost::beast::error_code error;
    const auto used = collector->put(boost::asio::buffer(unread), error);
    unread.erase(0, used);
    if (error == http::error::need_more) {
      // The parser counts only what it was given whole.
      if (unread.size() > header_bytes_max) return Error{errc::http_too_large, ""};
      return success();
    }
    if (error == http::error::header_limit) return Error{errc::http_too_large, ""};
    if (error) return malformed(error.message());
    POSTERN_TRY(const bool again, skip_interim());
    if (!again && (collector->is_done() || unread.empty() || used == 0)) break;
    if (unread.empty()) break;
  }
  surplus = collector->is_done() && !unread.empty();
  return success();
}

Result<void> AnswerParser::receive(std::string_view bytes) {
  state_->started = true;
  state_->unread.append(bytes);
  return state_->parse();
}

Result<void> AnswerParser::receive_end() {
  boost::beast::error_code error;
  if (!state_->collector->got_some()) return malformed("no answer");
  state_->collector->put_eof(error);
  if (error) return malformed("the answer was broken off");
  return success();
}

bool AnswerParser::started() const {
  return state_->started;
}

bool AnswerParser::done() const {
  return state_->collector->is_done() || state_->collector->cut;
}

bool AnswerParser::reusable() const {
  return state_->collector->is_done() && !state_->surplus && state_->collector->keep_alive();
}

std::string_view AnswerParser::body() const {
  return state_->collector->answer.body;
}

HttpResponse AnswerParser::take() {
  return std::move(state_->collector->answer);
}

}  // namespace postern::net
