#include "flows/isolation.hpp"

#include "imap/errc.hpp"
#include "net/env.hpp"

namespace postern::flows {

bool is_of_a_mail(const Error& refusal) {
  using imap::errc;
  const auto& code = refusal.code;
  return code == errc::command_refused || code == errc::server_fault ||
         code == errc::no_permission || code == errc::not_found || code == errc::expunged ||
         code == errc::not_possible || code == errc::too_large;
}

bool may_be_broken_by_a_mail(const Error& error) {
  const auto& category = error.code.category();
  if (category == net::net_category()) {
    return error.code == net::errc::closed || error.code == net::errc::reset ||
           error.code == net::errc::timeout;
  }
  return error.code == imap::errc::connection_closed || error.code == imap::errc::bye ||
         error.code == imap::errc::malformed || error.code == imap::errc::line_too_long ||
         error.code == imap::errc::literal_too_large ||
         error.code == imap::errc::nesting_too_deep || error.code == imap::errc::flooded;
}

}  // namespace postern::flows
