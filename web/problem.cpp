// Errors as the caller shall see them: status, code and what to do about it.
#include "web/problem.hpp"

#include "core/log.hpp"
#include "core/utf8.hpp"
#include "storage/errc.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace postern::web {
namespace {

namespace json = boost::json;

/// Seconds after which a caller should try again when the disk is full or the writer is behind.
constexpr const char* retry_after_s = "5";

Problem of_storage(storage::errc code, const Error& error) {
  using storage::errc;
  switch (code) {
    case errc::not_found:
      return {404, "not_found", "There is no such resource.", "Look at the list for its id."};
    case errc::name_taken:
      return {409, "name_taken", "Another one has this name already.", "Choose another name."};
    case errc::version_mismatch:
      return {412, "version_mismatch", "It was changed since you read it.",
              "Get it again and repeat your change with the new ETag."};
    case errc::key_in_use:
      return {422, "idempotency_key_in_use", "This Idempotency-Key was used with another body.",
              "Use a new key."};
    case errc::key_running:
      return {409, "idempotency_key_running",
              "The first request with this Idempotency-Key is still running.",
              "Repeat the request a little later."};
    case errc::wrong_state:
      return {
          409, "wrong_state",
          error.detail.empty() ? "Its state does not allow this." : to_valid_utf8(error.detail)};
    case errc::disk_full:
      return {507, "disk_full", "The disk is full; nothing was stored.",
              "Make space; the request may then be repeated."};
    case errc::busy:
      return {503, "busy", "Too much is being written at the moment; nothing was stored.",
              "Repeat the request a little later."};
    case errc::bad_cursor:
      return invalid_parameter("cursor", "is not a cursor that this server gave out");
    case errc::corrupt:
    case errc::schema_too_new:
    case errc::key_missing:
    case errc::key_file_mode:
    case errc::io:
    case errc::stopped:
      break;
  }
  return {500, "internal", "The server could not do this.", "Its log says why; name request_id."};
}

json::array errors_json(const FieldProblems& problems) {
  json::array result;
  for (const auto& each : problems) {
    json::object entry;
    const bool parameter = each.pointer.starts_with('?');
    entry["pointer"] = parameter ? "/" + each.pointer.substr(1) : to_valid_utf8(each.pointer);
    if (parameter) entry["parameter"] = to_valid_utf8(each.pointer.substr(1));
    entry["detail"] = to_valid_utf8(each.detail);
    result.push_back(std::move(entry));
  }
  return result;
}

}  // namespace

Problem::Problem(int status_code, std::string word, std::string sentence, std::string advice)
    : status(status_code),
      code(std::move(word)),
      detail(std::move(sentence)),
      hint(std::move(advice)) {}

Problem::Problem(const Error& error) {
  if (error.code.category() == storage::storage_category()) {
    *this = of_storage(static_cast<storage::errc>(error.code.value()), error);
  } else {
    code = "internal";
    detail = "The server could not do this.";
    hint = "Its log says why; name request_id.";
  }
  if (status == 500)
    log::error("a call failed: {}", describe(error));  // its request's line follows
  if (status == 503 || status == 507) headers.emplace_back("Retry-After", retry_after_s);
}

Problem invalid_body(FieldProblems errors) {
  Problem problem(400, "invalid", "Some fields of the body are not right.",
                  "errors names each of them.");
  if (errors.size() == 1) {
    problem.detail =
        (errors[0].pointer.empty() ? "The body" : errors[0].pointer) + ": " + errors[0].detail;
  }
  problem.errors = std::move(errors);
  return problem;
}

Problem invalid_parameter(std::string_view name, std::string detail) {
  Problem problem(400, "invalid_parameter",
                  "The query parameter " + std::string(name) + " " + detail + ".");
  problem.errors.push_back({"?" + std::string(name), std::move(detail)});
  return problem;
}

Response to_response(const Problem& problem, const Request& request) {
  json::object body;
  body["type"] = "about:blank";
  body["title"] = reason_phrase(problem.status);
  body["status"] = problem.status;
  body["code"] = problem.code;
  body["detail"] = to_valid_utf8(problem.detail);
  body["hint"] = to_valid_utf8(problem.hint);
  body["errors"] = errors_json(problem.errors);
  body["request_id"] = request.request_id;
  if (problem.result_code) body["result_code"] = *problem.result_code;
  Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.headers = problem.headers;
  response.body = json::serialize(body);
  return response;
}

}  // namespace postern::web
