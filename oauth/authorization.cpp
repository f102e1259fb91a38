// See authorization.hpp.
#include "oauth/authorization.hpp"

#include "core/base64.hpp"
#include "core/hex.hpp"
#include "core/redact.hpp"
#include "core/utf8.hpp"
#include "net/hashing.hpp"
#include "oauth/form.hpp"

#include <algorithm>

namespace postern::oauth {
namespace {

constexpr std::size_t quoted_bytes_max = 300;
constexpr std::string_view tenant_mark = "{tenant}";

bool has(const std::vector<std::string>& scopes, std::string_view scope) {
  return std::ranges::find(scopes, scope) != scopes.end();
}

bool names(const Form& form, std::string_view name) {
  return std::ranges::any_of(form, [&](const auto& each) { return each.first == name; });
}

}  // namespace

std::string random_token(const std::vector<std::uint64_t>& words) {
  std::string bytes;
  for (const auto word : words) {
    for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(word >> shift & 0xff);
  }
  return to_base64url(bytes);
}

std::string challenge_of(std::string_view verifier) {
  return to_base64url(from_hex(net::sha256(verifier)).value_or(""));
}

std::string authorization_url(const Provider& provider, const Endpoints& endpoints,
                              const OAuthApp& app, const AuthorizationRequest& request) {
  Form form;
  form.emplace_back("response_type", "code");
  form.emplace_back("client_id", app.client_id);
  form.emplace_back("redirect_uri", request.redirect_uri);
  form.emplace_back("scope", joined(request.scopes));
  form.emplace_back("state", request.state);
  form.emplace_back("code_challenge", challenge_of(request.verifier));
  form.emplace_back("code_challenge_method", "S256");
  if (has(request.scopes, "openid")) form.emplace_back("nonce", request.nonce);
  if (!request.login_hint.empty()) form.emplace_back("login_hint", request.login_hint);
  for (const auto& [name, value] : provider.authorization_parameters) {
    if (!names(form, name)) form.emplace_back(name, value);
  }
  const bool custom = provider.authorization_parameters.empty();
  if (custom && has(request.scopes, "offline_access") && has(request.scopes, "openid")) {
    form.emplace_back("prompt", "consent");
  }
  return with_query(endpoints.authorization, form);
}

Result<std::string> code_in(const AuthorizationAnswer& answer, const Endpoints& endpoints) {
  if (!answer.issuer.empty() && !endpoints.issuer.empty() &&
      !issuer_fits(endpoints.issuer, answer.issuer)) {
    return Error{errc::bad_identity_token,
                 "the answer is from " + quoted(answer.issuer) + ", not from " + endpoints.issuer};
  }
  if (!answer.error.empty()) {
    auto words = quoted(answer.error);
    if (!answer.error_description.empty()) words += ": " + quoted(answer.error_description);
    return Error{errc::refused, std::move(words)};
  }
  if (answer.code.empty()) return Error{errc::refused, "the answer holds no code"};
  return answer.code;
}

bool issuer_fits(std::string_view expected, std::string_view actual) {
  const auto mark = expected.find(tenant_mark);
  if (mark == std::string_view::npos) return expected == actual;
  const auto tail = expected.substr(mark + tenant_mark.size());
  if (actual.size() <= mark + tail.size()) return false;
  if (!actual.starts_with(expected.substr(0, mark)) || !actual.ends_with(tail)) return false;
  const auto tenant = actual.substr(mark, actual.size() - mark - tail.size());
  return tenant.find('/') == std::string_view::npos;
}

std::string quoted(std::string_view words) {
  std::string line(words.substr(0, words.find_first_of("\r\n")));
  if (line.size() > quoted_bytes_max) line.resize(quoted_bytes_max);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return redact(to_valid_utf8(line));
}

}  // namespace postern::oauth
