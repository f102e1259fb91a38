#include "flows/token_login.hpp"

#include "imap/errc.hpp"
#include "oauth/errc.hpp"
#include "pop3/errc.hpp"
#include "smtp/error.hpp"

#include <fmt/format.h>

namespace postern::flows {
namespace {

bool is_refused_login(const error_code& code) {
  return code == imap::errc::login_refused || code == smtp::errc::auth_refused ||
         code == pop3::errc::login_refused;
}

/// Everything but the want of a grant comes from asking for a fresh token.
bool was_asked_for(const error_code& code) {
  using oauth::errc;
  return code == errc::app_fault || code == errc::unavailable || code == errc::throttled ||
         code == errc::bad_key;
}

std::string life_of(const AccessToken& token) {
  return token.expires_at ? "good until " + to_rfc3339(*token.expires_at)
                          : std::string("its end is not told");
}

}  // namespace

net::Task<Result<Secret>> TokenLogin::obtain(Line& line) {
  line.enter("token");
  serial_ = 0;
  const auto id = auth_.grant ? OAuthGrantId::parse(*auth_.grant) : std::nullopt;
  if (!id || context_.tokens == nullptr) {
    co_return Error{oauth::errc::no_grant, "nobody has authorised this integration yet"};
  }
  grant_ = *id;
  auto token = co_await context_.tokens->fresh(grant_);
  if (!token) {
    if (was_asked_for(token.error().code)) line.enter("refresh");
    co_return std::move(token).error();
  }
  const auto& found = token.value();
  line.hide(found.value);
  line.hide(found.former);
  serial_ = found.serial;
  line.say(found.refreshed ? std::string("the stored one was no longer good") : life_of(found));
  if (found.refreshed) {
    line.enter("refresh");
    line.say(life_of(found));
  }
  line.enter("scopes");
  line.say(fmt::format("{}{}{}", fmt::join(found.scopes, " "),
                       found.identity.empty() ? "" : ", by ", found.identity));
  co_return found.value;
}

void TokenLogin::accepted() {
  if (serial_ != 0) context_.tokens->accepted(grant_, serial_);
}

net::Task<Result<bool>> TokenLogin::renew_after(Error error) {
  if (serial_ == 0 || !is_refused_login(error.code)) co_return false;
  co_return co_await context_.tokens->renew(grant_, serial_);
}

}  // namespace postern::flows
