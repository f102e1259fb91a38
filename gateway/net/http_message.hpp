// One HTTP/1.1 request as bytes, and one answer out of bytes. No I/O here; Beast's parser behind.
#pragma once

#include "net/http_client.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace postern::net {

/// The request as sent: Host, Content-Length and User-Agent are ours to set.
/// Errors: http_malformed, for a method or header that would not be what it says on the wire.
/// Source: RFC 9112 §3, §5.
Result<std::string> format_request(const HttpRequest& request, const UrlParts& url);

class AnswerParser {
 public:
  /// `head`: an answer to HEAD has no body, whatever its header says.
  AnswerParser(bool head, std::size_t body_bytes_max);
  ~AnswerParser();

  /// Takes what came from the connection. Errors: http_malformed, http_too_large.
  Result<void> receive(std::string_view bytes);
  /// The connection ended. Errors: http_malformed, when the answer is not complete by that.
  Result<void> receive_end();

  bool started() const;           // at least one byte came
  bool done() const;              // complete, or cut at the limit
  bool reusable() const;          // the connection may carry another request
  HttpResponse take();            // when done
  std::string_view body() const;  // what is there of it so far; until the next receive or take

  static constexpr std::size_t header_bytes_max = 64 * 1024;
  static constexpr int interim_answers_max = 8;  // 1xx, which are skipped

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace postern::net
