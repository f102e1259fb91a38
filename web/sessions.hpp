// Sessions of people at the admin page: in memory, so a restart ends them all.
#pragma once

#include "core/time.hpp"

#include <map>
#include <string>
#include <string_view>

namespace postern::web {

constexpr Duration session_lifetime{12 * 3600 * 1000};
constexpr std::size_t sessions_max = 1000;  // beyond: the one that ends first goes

struct Session {
  std::string user;
  std::string csrf_token;
  Duration ends{};  // on the steady clock
};

class Sessions {
 public:
  struct Opened {
    std::string id;  // goes into the cookie and is kept as a hash only
    std::string csrf_token;
  };
  Opened open(std::string user, Duration steady_now);

  /// nullptr when there is none or it has ended. Valid until the next call.
  const Session* find(std::string_view id, Duration steady_now);
  void close(std::string_view id);
  std::size_t size() const { return sessions_.size(); }

 private:
  std::map<std::string, Session> sessions_;  // by the id's SHA-256: look-ups leak no prefix
};

}  // namespace postern::web
