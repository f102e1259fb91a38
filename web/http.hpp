// HTTP as the API sees it: a request, an answer, and who makes one of the other. No sockets here.
#pragma once

#include "core/result.hpp"
#include "net/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::web {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  // as sent: "GET"
  std::string target;  // as sent, without a fragment: path and query
  Headers headers;     // names in lower case, values trimmed
  std::string body;
  std::string client;      // address of the peer, no port
  std::string request_id;  // made by the server, shown in the answer and in every problem
  bool secure = false;     // came over TLS
  /// Whether nobody waits for the answer any more, or the server stops: for calls that take long.
  /// Empty: never. Only while the call runs.
  std::function<bool()> caller_gone;

  /// The first header of this name, or nullptr.
  const std::string* header(std::string_view lower_case_name) const;
};

/// Where a streamed answer goes, piece by piece.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// Returns when the piece is on its way. Errors: net's timeout, closed, reset.
  virtual net::Task<Result<void>> write(std::string piece) = 0;
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: no body
  Headers headers;
  std::string body;
  /// When set, writes the body instead of `body`, while it is being made.
  std::function<net::Task<void>(BodyStream&)> stream;

  /// The first header of this name (letters' case as written), or nullptr.
  const std::string* header(std::string_view name) const;
};

/// One request's way through the application. admit() sees the head alone, so that nobody without
/// the right makes us read and keep a body.
class Exchange {
 public:
  virtual ~Exchange() = default;
  /// A refusal, or nothing: go on and read the body.
  virtual net::Task<std::optional<Response>> admit(const Request& head) = 0;
  /// How long a body may be; asked after admit().
  virtual std::uint64_t body_bytes_max() const = 0;
  virtual net::Task<Response> answer(Request request) = 0;
  /// The answer to a request that cannot be handed on: malformed, too large. `request` holds what
  /// is known of it.
  virtual Response refuse(const Request& request, int status, std::string detail) = 0;
};

/// What a server serves.
class Application {
 public:
  virtual ~Application() = default;
  virtual std::unique_ptr<Exchange> begin() = 0;
};

/// Whether a Content-Type header names the media type `wanted`, parameters and letters' case aside.
bool is_media_type(std::string_view content_type, std::string_view wanted);

/// "Not Found" for 404; "Unknown" for what we never answer.
std::string_view reason_phrase(int status);

}  // namespace postern::web
