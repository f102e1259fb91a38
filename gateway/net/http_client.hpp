// A small HTTP/1.1 client over Stream: one request, one answer, the connection kept for the next
// when the peer allows. No redirects, ever.
#pragma once

#include "net/env.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace postern::net {

struct HttpRequest {
  std::string method = "POST";
  std::string url;  // http or https, absolute
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool once = false;  // never sent again by itself, whatever became of the connection
  /// Given the answer's body bytes as they arrive (decoded of chunks), beside HttpResponse::body:
  /// for answers that are read while they are made. May be empty.
  std::function<void(std::string_view)> on_body;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;                                          // cut at the limit
  const std::string* header(std::string_view lower_case_name) const;
};

struct HttpLimits {
  Duration connect{30000};
  Duration whole{30000};
  std::size_t body_bytes_max = 64 * 1024;  // an answer's; the rest is cut, not an error
};

/// Whether `url` is an absolute http or https URL we can call; gives its parts.
struct UrlParts {
  bool tls;
  std::string host;
  std::uint16_t port;
  std::string target;
};
Result<UrlParts> parse_url(std::string_view url);

/// Keeps idle connections for 30 s. Lives on one shard, whose coroutines may call it side by side.
class HttpClient {
 public:
  explicit HttpClient(Env& env);
  ~HttpClient();

  /// A request that a reused connection loses before any answer is sent once more on a new one,
  /// unless it says `once`: to be used where a repeat does no harm, or carries an id that says so.
  /// Errors: all of Env::connect and Stream, http_malformed, http_too_large (the header block).
  Task<Result<HttpResponse>> call(HttpRequest request, TlsPolicy tls, HttpLimits limits);

  /// Closes the idle connections: before the end, since their timers hold up the shard's.
  void drop_idle();

 private:
  struct State;
  std::unique_ptr<State> state_;  // idle connections by host and port
};

}  // namespace postern::net
