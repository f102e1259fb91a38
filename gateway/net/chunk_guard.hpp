// What Beast 1.81's parser must not be given: it asserts, and so would end the program, that the
// last chunk's header comes with at least five octets, though a peer may send it octet by octet.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>

namespace postern::net {

/// "0" CRLF CRLF, the shortest end of a chunked body: what is left of one is never shorter.
inline constexpr std::size_t chunked_end_octets = 5;

/// Whether `octets` of a body that is not done are to be kept until more have come.
template <bool is_request>
bool too_short_to_parse(const boost::beast::http::basic_parser<is_request>& parser,
                        std::size_t octets) {
  return octets < chunked_end_octets && parser.is_header_done() && parser.chunked();
}

}  // namespace postern::net
