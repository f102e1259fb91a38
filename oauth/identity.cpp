// See identity.hpp.
#include "oauth/identity.hpp"

#include "core/base64.hpp"
#include "core/json_text.hpp"
#include "core/syntax.hpp"
#include "oauth/authorization.hpp"
#include "oauth/token_answer.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace postern::oauth {
namespace {

constexpr std::size_t name_bytes_max = 320;
constexpr std::int64_t clock_skew_s = 300;

Error bad(std::string detail) {
  return Error{errc::bad_identity_token, std::move(detail)};
}

Identity names_in(const boost::json::object& claims) {
  Identity identity;
  for (const auto* claim : {"email", "preferred_username", "upn", "unique_name", "sub"}) {
    auto name = json_text(claims, claim);
    if (!name.empty() && name.size() <= name_bytes_max) {
      identity.names.push_back(quoted(name));
    }
  }
  return identity;
}

bool is_for(const boost::json::object& claims, const std::string& client_id) {
  if (json_text(claims, "aud") == client_id) return true;
  const auto* list = claims.if_contains("aud");
  if (list == nullptr || !list->is_array()) return false;
  return std::ranges::any_of(list->get_array(), [&](const auto& each) {
    return each.is_string() && each.get_string() == client_id;
  });
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

}  // namespace

std::string Identity::shown() const {
  for (const auto& name : names) {
    if (valid_addr_spec(name)) return name;
  }
  return names.empty() ? "" : names.front();
}

Result<Identity> identity_in(const Secret& id_token, const IdentityDemand& demand) {
  // header "." claims "." signature
  const auto text = id_token.reveal();
  const auto begin = text.find('.');
  const auto end = begin == std::string_view::npos ? begin : text.find('.', begin + 1);
  if (end == std::string_view::npos) return bad("it is no signed token");
  const auto decoded = from_base64url(text.substr(begin + 1, end - begin - 1));
  const auto claims = decoded ? read_object(*decoded) : std::nullopt;
  if (!claims) return bad("its claims cannot be read");
  const auto issuer = json_text(*claims, "iss");
  if (!demand.issuer.empty() && !issuer_fits(demand.issuer, issuer)) {
    return bad("it is from " + quoted(issuer));
  }
  if (!is_for(*claims, demand.client_id)) return bad("it is for another app");
  if (!demand.nonce.empty() && json_text(*claims, "nonce") != demand.nonce) {
    return bad("it is not the answer to our request");
  }
  const auto ends = number_in(*claims, "exp");
  if (!ends || *ends + clock_skew_s < to_milliseconds(demand.now) / 1000) {
    return bad("it has run out, or this machine's clock is wrong");
  }
  return names_in(*claims);
}

Result<Identity> identity_in_userinfo(std::string_view body) {
  const auto claims = read_object(body);
  if (!claims) return bad("the userinfo endpoint gave no JSON object");
  return names_in(*claims);
}

Fit fit(const Identity& identity, const std::vector<std::string>& mailbox) {
  bool addresses = false;
  for (const auto& name : identity.names) {
    if (name.empty()) continue;
    const auto known = lower(name);
    for (const auto& own : mailbox) {
      if (!own.empty() && lower(own) == known) return Fit::fits;
      addresses = addresses || (valid_addr_spec(name) && valid_addr_spec(own));
    }
  }
  return addresses ? Fit::differs : Fit::unknown;
}

}  // namespace postern::oauth
