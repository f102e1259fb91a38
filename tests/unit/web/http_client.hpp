// A blocking HTTP/1.1 client that does only what a test tells it, also what is wrong.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace postern::web::test {

struct Reply {
  int status = 0;                                   // 0: the connection ended before an answer
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& lower_case_name) const;  // empty: not there
  std::string media() const;        // the content type without parameters
  boost::json::value json() const;  // of the body; fails the test when it is none
};

class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// False when the server has closed already.
  bool send(std::string_view bytes);
  Reply read_reply(bool head_only = false);
  /// The next line of a chunked answer is not parsed: raw bytes until `until` is seen.
  std::string read_until(std::string_view until);
  /// Waits for the end; false when none comes within the client's limit of 20 s.
  bool ended();

 private:
  bool fill();
  bool read_chunks(std::string& body);
  int socket_;
  std::string input_;
};

using Lines = std::map<std::string, std::string>;

/// A whole request in the usual form.
std::string request_text(std::string_view method, std::string_view target, const Lines& headers,
                         std::string_view body);

/// One request on a connection of its own.
Reply call(std::uint16_t port, std::string_view method, std::string_view target,
           const Lines& headers = {}, std::string_view body = "");

}  // namespace postern::web::test
