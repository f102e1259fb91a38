// An integration as a resource: found by id or name, shown without secrets, read from a body.
#pragma once

#include "web/api.hpp"

#include <boost/json/object.hpp>

namespace postern::web {

/// Everything of the contract: fields, status, times; password_set in the place of passwords.
boost::json::object integration_json(const storage::StoredIntegration& stored);

/// {incoming: [{at, ok}], outgoing: …}, the oldest first.
boost::json::object checks_json(const flows::CheckBook::Past& past);

/// 200 (or `status`) with the integration and its ETag.
Response integration_response(const storage::StoredIntegration& stored, int status = 200);

/// The one the path names. Problems: 404.
net::Task<Answer<storage::StoredIntegration>> named_integration(Api& api, const Call& call);

/// A whole integration. Problems: 400 with every wrong field.
Answer<IntegrationDraft> read_integration(const boost::json::value& body);

/// `patch` laid over `stored`. A password is kept when the patch does not name it, cleared by null.
Answer<IntegrationDraft> patched_integration(const storage::StoredIntegration& stored,
                                             const boost::json::object& patch);

/// Before a direction that was disabled by its errors starts afresh: {"ok", "steps"}. It starts
/// whatever came out, since a person said so; null when none was disabled.
net::Task<Answer<boost::json::value>> test_before_enabling(Api& api,
                                                           storage::StoredIntegration former);

/// Into the activity of the integration: what the caller did.
void note_act(Api& api, const Call& call, IntegrationId id, std::string kind, std::string text);

}  // namespace postern::web
