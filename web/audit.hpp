// What of a call stands in the audit log: who, from where, what, which fields. Values never do.
#pragma once

#include "storage/audit.hpp"
#include "web/router.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace postern::web {

/// Beyond: the rest is one entry "…".
constexpr std::size_t audited_fields_max = 100;
constexpr std::size_t audited_text_bytes_max = 300;

/// Whether calls of `route` are kept: every write, but those that are the traffic itself (sending,
/// leases of a consumer) and those that change nothing (tests, tries).
bool audited(const Route& route);

/// The entry for a call that went well with `response`.
storage::AuditEntry audit_entry(const Route& route, const Call& call, const Response& response,
                                Instant at);

/// Before the deed: an entry of it as one whose end is not known, so that no crash leaves a deed
/// without its entry. Done by the server for all that need a login; handlers of open routes do it
/// as soon as they know `who`. Problems: the store's; then nothing may be done.
net::Task<Answer<void>> begin_audit(Api& api, Call& call, std::string who);

/// After it: what it came to. A refused one leaves nothing; of one that ended in our own mistake it
/// stays unknown how far it went. Who follows GET /events is told.
net::Task<void> end_audit(Api& api, Call& call, const Response& response);

/// The same for who follows GET /events: {at, who, act, resource, fields}.
std::string change_message(const storage::AuditEntry& entry);

/// JSON pointers of all leaves; an array is one.
std::vector<std::string> leaves(const boost::json::object& object);

/// JSON pointers of the leaves that differ, or stand in one of them only.
std::vector<std::string> differences(const boost::json::object& before,
                                     const boost::json::object& after);

}  // namespace postern::web
