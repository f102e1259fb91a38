// A message on its way into DATA: CRLF line ends only, dots stuffed, the final dot behind it.
//
// Streaming, so that a large message is never in memory as a whole; any split of the input gives
// the same output. Only CRLF leaves us and NUL never does: no SMTP smuggling (promise 19).
// RFC 5321 §4.5.2 (transparency), §2.3.8 (bare CR and LF are not to be sent).
#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace postern::smtp {

class DotStuffer {
 public:
  /// Appends `chunk` as it goes over the line to `out`. A bare CR or LF becomes CRLF.
  ///
  /// Errors: nul_in_message; then the body cannot be ended and the connection must be dropped.
  Result<void> push(std::string_view chunk, std::string& out);

  /// Appends the end: CRLF if the last line lacks it, then ".\r\n". The stuffer starts anew.
  ///
  /// Session::final_dot_leaving() must be called before these bytes are written.
  void finish(std::string& out);

 private:
  bool line_start_ = true;   // the last octet out was a CRLF's, or none was
  bool cr_pending_ = false;  // a CR ended the last chunk; its CRLF is out, an LF would belong to it
};

}  // namespace postern::smtp
