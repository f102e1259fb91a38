// Sessions by the hash of their id; the oldest makes room.
#include "web/sessions.hpp"

#include "web/token.hpp"

#include <algorithm>

namespace postern::web {
namespace {

constexpr std::size_t id_bytes = 32;

}  // namespace

Sessions::Opened Sessions::open(std::string user, Duration steady_now) {
  if (sessions_.size() >= sessions_max) {
    sessions_.erase(std::ranges::min_element(sessions_, {},
                                             [](const auto& entry) { return entry.second.ends; }));
  }
  Opened opened{random_text(id_bytes), random_text(id_bytes)};
  sessions_[sha256_hex(opened.id)] = {std::move(user), opened.csrf_token,
                                      steady_now + session_lifetime};
  return opened;
}

const Session* Sessions::find(std::string_view id, Duration steady_now) {
  const auto found = sessions_.find(sha256_hex(id));
  if (found == sessions_.end()) return nullptr;
  if (found->second.ends <= steady_now) {
    sessions_.erase(found);
    return nullptr;
  }
  return &found->second;
}

void Sessions::close(std::string_view id) {
  sessions_.erase(sha256_hex(id));
}

}  // namespace postern::web
