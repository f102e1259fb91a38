// Why there is no token, or no grant.
#pragma once

#include "core/result.hpp"

namespace postern::oauth {

enum class errc {
  consent_needed = 1,  // a person must authorise again; only the token endpoint says so
  no_grant,            // nobody has authorised yet, or the grant is gone
  app_fault,           // the app's registration: its secret, its rights, its endpoints
  unavailable,         // the authorization server did not answer, or not as one
  throttled,           // it asked for patience
  bad_key,             // a private key or certificate cannot be used
  bad_identity_token,  // an id_token that is not for us
  wrong_person,        // who authorised is not whose mailbox it is
  refused,             // the person or the provider said no
};
const boost::system::error_category& category();
inline error_code make_error_code(errc code) {
  return {static_cast<int>(code), category()};
}

}  // namespace postern::oauth

template <>
struct boost::system::is_error_code_enum<postern::oauth::errc> : std::true_type {};
