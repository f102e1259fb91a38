// ApiClient: calls of the running server's API, with its problems told in words.
#pragma once

#include "cli/remote.hpp"
#include "net/env.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::cli {

struct Answer {
  int status = 0;
  std::string body;
  boost::json::value json;  // null when the body is not JSON
};

class ApiClient {
 public:
  explicit ApiClient(RemoteFlags flags);
  ~ApiClient();

  /// The answer, whatever its status; nothing, with a line on standard error, when the server
  /// could not be reached. `on_body` is given the body's bytes as they come.
  std::optional<Answer> call(std::string_view method, std::string_view path,
                             std::optional<boost::json::value> body = std::nullopt,
                             std::function<void(std::string_view)> on_body = {});

  /// GET of what stands outside the API's base, such as /readyz; the rest as call().
  std::optional<Answer> look(std::string_view path);

  /// POST of a mail as it is (message/rfc822); the rest as call().
  std::optional<Answer> send_mail(std::string_view path, std::string mail);

  /// Prints the problem in `answer` on standard error; its exit code.
  static int complain(const Answer& answer);

 private:
  std::optional<Answer> exchange(std::string_view method, std::string_view path,
                                 std::string_view media_type, std::optional<std::string> body,
                                 std::function<void(std::string_view)> on_body);

  RemoteFlags flags_;
  std::unique_ptr<net::Env> env_;
  std::optional<std::string> ca_pem_;
};

/// `text` with everything but unreserved characters percent-encoded. Source: RFC 3986 §2.1.
std::string url_encoded(std::string_view text);

/// A file's bytes, or nothing.
std::optional<std::string> read_file(const std::string& path);

}  // namespace postern::cli
