// Sessions of people at the admin page: rows (storage/people.hpp), so that they outlive a restart.
//
// The id is in the cookie alone and kept as its SHA-256. The CSRF token is made from the id, so
// that a page that was loaded anew is told it again; nobody without the cookie can make it.
#pragma once

#include "core/time.hpp"
#include "storage/people.hpp"
#include "web/http.hpp"

#include <string>
#include <string_view>

namespace postern::web {

constexpr Duration session_lifetime{12 * 3600 * 1000};
constexpr std::size_t agent_bytes_max = 200;  // of a User-Agent, kept to tell sessions apart

struct OpenedSession {
  std::string id;  // for the cookie
  std::string csrf_token;
  storage::SessionRow row;
};

/// A new session of `person`, from where `request` came. Errors: storage's; not_found.
net::Task<Result<OpenedSession>> open_session(storage::People& people, const Request& request,
                                              std::string person, Instant now);

std::string csrf_token_of(std::string_view session_id);

}  // namespace postern::web
