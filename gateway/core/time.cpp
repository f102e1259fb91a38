#include "core/time.hpp"

#include <date/date.h>

#include <sstream>

namespace postern {

std::string to_rfc3339(Instant at) {
  return date::format("%FT%TZ", date::sys_time<Duration>(at.time_since_epoch()));
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  for (const char* form : {"%FT%TZ", "%FT%T%Ez"}) {
    std::istringstream in{std::string(text)};
    date::sys_time<Duration> at;
    in >> date::parse(form, at);
    if (!in.fail() && in.peek() == std::char_traits<char>::eof()) {
      return Instant(at.time_since_epoch());
    }
  }
  return std::nullopt;
}

}  // namespace postern
