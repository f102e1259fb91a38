// The router's table: for every operation its verb, pattern, access, body, handler, and the words
// that web/openapi makes its description of. What is not in the table does not exist.
#pragma once

#include "storage/audit.hpp"
#include "web/access.hpp"
#include "web/http.hpp"
#include "web/problem.hpp"
#include "web/url.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::web {

struct Api;
struct Route;

/// One request on its way through a handler; lives until the answer is made.
struct Call {
  Request request;
  Target target;
  Identity identity;
  std::vector<std::pair<std::string_view, std::string>> parameters;  // of the path
  /// For the audit log, by handlers that know better than the request tells: which fields were
  /// changed (JSON pointers), and the path of what was changed.
  std::optional<std::vector<std::string>> changed;
  std::string changed_resource;
  std::string act;  // in the place of the route's verb and pattern; empty: those
  const Route* route = nullptr;
  std::optional<storage::AuditId> audit;  // its entry in the audit log, begun before the deed

  /// The path's parameter `name`, which the route's pattern has.
  const std::string& parameter(std::string_view name) const;
};

using Handler = net::Task<Answer<Response>> (*)(Api& api, Call& call);

/// `json_or_form`: or a form with files (multipart/form-data); `json_or_mail`: or one of these two,
/// or a mail as it is (message/rfc822).
enum class BodyKind { none, json, optional_json, merge_patch, json_or_form, json_or_mail };

/// One answer of an operation: status, media type (empty: no body) and the schema's name.
struct AnswerDoc {
  int status = 200;
  std::string_view media;
  std::string_view schema;
};

struct RouteDoc {
  std::string_view summary;
  std::string_view query;        // names of the allowed parameters, with blanks between
  std::string_view body_schema;  // of the request
  std::vector<AnswerDoc> answers;
};

struct Route {
  std::string_view verb;  // "GET"; HEAD goes to it as well
  /// "/api/v1/integrations/{integration}"; {path*} at its end takes all that is left.
  std::string_view pattern;
  Scopes scopes = scope_none;  // any of them will do; none: open to all
  BodyKind body = BodyKind::none;
  Handler handler = nullptr;
  RouteDoc doc;
  bool large_body = false;  // a mail with attachments comes in it
  bool open_query = false;  // others write the query: what is not named is passed over

  bool writes() const { return verb != "GET"; }
};

using Routes = std::vector<Route>;

/// Every route, of all resources.
const Routes& all_routes();

struct Match {
  const Route* route = nullptr;
  std::vector<std::pair<std::string_view, std::string>> parameters;
};

/// The route for `method` and `target`. Problems: 404; 405 with Allow.
Answer<Match> match(const Routes& routes, std::string_view method, const Target& target);

/// The words of a list with blanks between them.
std::vector<std::string_view> split_words(std::string_view text);

}  // namespace postern::web
