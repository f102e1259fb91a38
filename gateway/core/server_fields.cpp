#include "core/server_fields.hpp"

#include "core/hex.hpp"
#include "core/integration_words.hpp"
#include "core/syntax.hpp"

#include <fmt/format.h>

namespace postern {
namespace {

constexpr std::size_t username_bytes_max = 512;
constexpr std::size_t secret_bytes_max = 4096;
constexpr std::size_t ca_pem_bytes_max = 256 * 1024;

bool loopback_or_allowed(const ServerAddress& server, const TlsPolicy& tls) {
  return tls.allow_plain_password || is_loopback_host(server.host);
}

bool looks_like_pem(std::string_view text) {
  const auto begin = text.find("-----BEGIN CERTIFICATE-----");
  const auto end = text.find("-----END CERTIFICATE-----");
  return begin != std::string_view::npos && end != std::string_view::npos && begin < end;
}

/// "AB:CD:…" or "abcd…" as lower-case hex; nothing when it is no SHA-256.
std::optional<std::string> fingerprint(std::string text) {
  std::erase(text, ':');
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  return to_hex(*bytes);
}

boost::json::value or_null(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  return boost::json::string(*text);
}

}  // namespace

void read_server(ServerFields& of, ServerAddress& server) {
  auto& fields = of.fields;
  fields.text("host", server.host);
  fields.integer("port", server.port, of.least(1), 65535);
  fields.choice("security", server.security, words::security, true);
  if (!of.on) return;
  if (server.host.empty()) {
    fields.problem("host", "is required: the server's name or address");
  } else if (!valid_host(server.host)) {
    fields.problem("host", "must be a host name or an IP address (names beyond ASCII as xn--…)");
  }
}

void read_secret_text(JsonFields& fields, std::string_view name, std::optional<Secret>& secret) {
  const auto* value = fields.any(name);
  if (value == nullptr) return;
  if (value->is_null()) {
    secret = Secret();
    return;
  }
  std::string text;
  if (!fields.text(name, text, {.bytes_max = secret_bytes_max})) return;
  if (text.empty()) {
    fields.problem(name, fmt::format("must not be empty; null clears the stored {}", name));
    return;
  }
  secret = Secret(std::move(text));
}

void read_auth(ServerFields& of, Auth& auth, std::optional<Secret>& password) {
  const auto* json = of.fields.object("auth");
  const boost::json::object empty;
  JsonFields fields(json != nullptr ? *json : empty, of.fields.pointer("auth"),
                    of.fields.problems());
  fields.choice("method", auth.method, words::auth_method);
  fields.text("username", auth.username, {.bytes_max = username_bytes_max});
  fields.text("grant", auth.grant);
  read_secret_text(fields, "password", password);
  fields.ignore({"password_set"});
  fields.finish();
  if (!of.on) return;
  if (auth.method != AuthMethod::none && auth.username.empty()) {
    fields.problem("username", "is required unless the method is \"none\"");
  }
  if (auth.method != AuthMethod::password && password && !password->empty()) {
    fields.problem("password", fmt::format("contradicts the method \"{}\": leave it out",
                                           words::of(auth.method, words::auth_method)));
  }
}

void read_tls(ServerFields& of, TlsPolicy& tls) {
  const auto* json = of.fields.object("tls");
  if (json == nullptr) return;
  JsonFields fields(*json, of.fields.pointer("tls"), of.fields.problems());
  fields.boolean("verify", tls.verify);
  fields.boolean("allow_plain_password", tls.allow_plain_password);
  fields.text("ca_pem", tls.ca_pem, {.bytes_max = ca_pem_bytes_max, .lines = true});
  fields.text("pinned_sha256", tls.pinned_sha256);
  fields.finish();
  if (tls.ca_pem && tls.ca_pem->empty()) tls.ca_pem.reset();
  if (tls.pinned_sha256 && tls.pinned_sha256->empty()) tls.pinned_sha256.reset();
  if (tls.ca_pem && !looks_like_pem(*tls.ca_pem)) {
    fields.problem("ca_pem", "must hold certificates in PEM form (-----BEGIN CERTIFICATE-----)");
  }
  if (!tls.pinned_sha256) return;
  tls.pinned_sha256 = fingerprint(*tls.pinned_sha256);
  if (!tls.pinned_sha256) {
    fields.problem("pinned_sha256", "must be the 64 hex digits of a SHA-256 (colons allowed)");
  }
}

void check_open_line(ServerFields& of, const ServerAddress& server, const Auth& auth,
                     const TlsPolicy& tls) {
  if (!of.on || server.security != Security::none) return;
  if (auth.method == AuthMethod::none || loopback_or_allowed(server, tls)) return;
  of.fields.problem(
      "security",
      "\"none\" would send the login unprotected; choose \"tls\" or \"starttls\", or set "
      "tls.allow_plain_password");
}

boost::json::object to_json(const Auth& auth) {
  boost::json::object json;
  json["method"] = words::of(auth.method, words::auth_method);
  json["username"] = auth.username;
  json["grant"] = or_null(auth.grant);
  return json;
}

boost::json::object to_json(const TlsPolicy& tls) {
  boost::json::object json;
  json["verify"] = tls.verify;
  json["ca_pem"] = or_null(tls.ca_pem);
  json["pinned_sha256"] = or_null(tls.pinned_sha256);
  json["allow_plain_password"] = tls.allow_plain_password;
  return json;
}

void write_server(boost::json::object& json, const ServerAddress& server) {
  json["host"] = server.host;
  json["port"] = server.port;
  json["security"] = words::of(server.security, words::security);
}

}  // namespace postern
