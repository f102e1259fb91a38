// Reads the fields that every mail server of a configuration has: host, port, security, login and
// certificate rules. Integrations have them once a direction, targets once.
#pragma once

#include "core/integration.hpp"
#include "core/json_fields.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace postern {

/// The object that holds the fields, and whether what it describes is switched on: only then are
/// they checked against each other, and a host is required.
struct ServerFields {
  JsonFields fields;
  bool on = false;

  /// What is off may hold what an empty form holds: 0 is its "not given".
  std::int64_t least(std::int64_t min) const { return on ? min : std::min<std::int64_t>(min, 0); }
};

/// host, port, security.
void read_server(ServerFields& of, ServerAddress& server);

/// The three meanings of a secret: absent keeps the stored one, null clears it, a string is new.
void read_secret_text(JsonFields& fields, std::string_view name, std::optional<Secret>& secret);

/// The object "auth": method, username, grant, password.
void read_auth(ServerFields& of, Auth& auth, std::optional<Secret>& password);

/// The object "tls".
void read_tls(ServerFields& of, TlsPolicy& tls);

/// A login over an unprotected line is a problem, but on loopback and where the policy allows it.
void check_open_line(ServerFields& of, const ServerAddress& server, const Auth& auth,
                     const TlsPolicy& tls);

/// The same objects as the API shows them: no secret is among them.
boost::json::object to_json(const Auth& auth);
boost::json::object to_json(const TlsPolicy& tls);
/// host, port, security into `json`.
void write_server(boost::json::object& json, const ServerAddress& server);

}  // namespace postern
