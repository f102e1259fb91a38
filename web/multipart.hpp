// multipart/form-data: the fields and files of a form, as views into the request's body.
//
// The server has bounded and gathered the body already; this finds the parts in it in one pass,
// with a limit on everything, and copies no contents. Strict about the frame (CRLF, the closing
// delimiter), lenient about what clients write into a part's header. RFC 7578, RFC 2046 §5.1.
#pragma once

#include "core/form_part.hpp"
#include "web/problem.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace postern::web {

inline constexpr std::size_t form_parts_max = 3000;  // every recipient may be a field of its own
inline constexpr std::size_t form_header_bytes_max = 8 * 1024;         // of one part
inline constexpr std::size_t form_name_bytes_max = 255;                // of a field, and of a file
inline constexpr std::size_t form_boundary_bytes_max = 70;             // RFC 2046 §5.1.1
inline constexpr std::size_t form_field_bytes_max = 32 * 1024 * 1024;  // of what is no file

/// The parts of `body`, which outlives them, in their order. `content_type` is the request's
/// header. Problems: 400 malformed_form, with the part and what is wrong with it.
Answer<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body);

/// The sha256 of what a form says, whatever its boundary: clients make a new one for every try.
std::string form_sha256(const std::vector<FormPart>& parts);

}  // namespace postern::web
