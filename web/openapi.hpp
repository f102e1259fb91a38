// The description of the API (OpenAPI 3.1), made from the router's table and web/schemas.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace postern::web {

boost::json::object openapi_document();

/// The same as text, made once.
const std::string& openapi_text();

/// components/schemas: JSON Schema 2020-12 of every object that the table names.
boost::json::object schemas();

/// The part of it in web/schemas_pull, as text.
const char* pull_schemas_text();
/// web/schemas_rules.
const char* rule_schemas_text();
/// Those of web/schemas_targets, as text.
const char* target_schemas_text();
/// The same for /providers.
const char* provider_schemas_text();

/// The same for watching and telling.
const char* monitoring_schemas_text();
const char* silence_schemas_text();

/// Those of sending.
boost::json::object send_schemas();
/// The parts of it in web/schemas_oauth.
const char* oauth_app_schemas_text();
const char* oauth_schemas_text();
/// People, sessions, the audit log.
const char* access_schemas_text();
/// The overview, and what runs here.
const char* overview_schemas_text();
/// Those of event rules and profiles, in web/schemas_events.
const char* event_rule_schemas_text();

}  // namespace postern::web
