// The API as an Application: routing, access, checks of the request, the handler, and what every
// answer carries (request id, security headers, ETag), whoever made it.
#pragma once

#include "web/api.hpp"

#include <memory>

namespace postern::web {

/// `api` outlives the application and its exchanges.
std::unique_ptr<Application> make_api_application(Api& api);

}  // namespace postern::web
