// An answer on the wire: status line, headers, and the body whole or in chunks.
#pragma once

#include "web/http.hpp"
#include "web/server_transport.hpp"

namespace postern::web {

struct ResponseForm {
  bool keep_alive = true;
  bool head_only = false;  // the answer to HEAD
  bool http_1_0 = false;   // no chunks: the end of the connection ends the body
};

/// Writes all of `response`; each piece of 64 KiB has `limit`. A header that would break the
/// message (our mistake) is left out. Source: RFC 9112 §4, §6, §7.1.
net::Task<Result<void>> send_response(Transport& transport, const Response& response,
                                      ResponseForm form, Instant now, Duration limit);

/// "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 9110 §5.6.7.
std::string http_date(Instant at);

}  // namespace postern::web
