#include "smtp/dot_stuff.hpp"

#include "smtp/error.hpp"

#include <algorithm>
#include <cstring>

namespace postern::smtp {
namespace {

const char* find(const char* from, const char* end, char wanted) {
  const void* at = std::memchr(from, wanted, static_cast<std::size_t>(end - from));
  return at != nullptr ? static_cast<const char*>(at) : end;
}

}  // namespace

/// Copies runs as long as they are already right (lines ending with CRLF, no dot in front): for a
/// well-made mail that is the whole chunk.
Result<void> DotStuffer::push(std::string_view chunk, std::string& out) {
  if (chunk.empty()) return success();
  const char* const end = chunk.data() + chunk.size();
  if (find(chunk.data(), end, '\0') != end) return Error{errc::nul_in_message, {}};
  out.reserve(out.size() + chunk.size() + chunk.size() / 16 + 2);

  const char* at = chunk.data();
  if (cr_pending_ && *at == '\n') ++at;  // its CRLF went out with the CR
  cr_pending_ = false;
  const char* run = at;                  // [run, at) is right as it is and not yet copied
  const char* cr = find(at, end, '\r');  // the first CR at or after `at`, or end
  while (at < end) {
    if (line_start_ && *at == '.') {
      out.append(run, at);
      out += '.';
      run = at;
    }
    if (cr < at) cr = find(at, end, '\r');
    const char* lf = find(at, cr, '\n');
    const bool whole_crlf = lf == cr && cr + 1 < end && cr[1] == '\n';
    if (whole_crlf) {
      at = cr + 2;
      line_start_ = true;
      continue;
    }
    if (lf == end) {  // the line goes on in the next chunk
      line_start_ = false;
      break;
    }
    out.append(run, lf);
    out += "\r\n";
    line_start_ = true;
    cr_pending_ = lf + 1 == end && *lf == '\r';
    at = lf + 1;
    run = at;
  }
  out.append(run, end);
  return success();
}

void DotStuffer::finish(std::string& out) {
  out += line_start_ ? ".\r\n" : "\r\n.\r\n";
  *this = DotStuffer();
}

}  // namespace postern::smtp
