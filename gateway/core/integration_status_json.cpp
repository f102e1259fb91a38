// The status of an integration, both ways. What is read was written by us: a field that is not
// there or not well keeps its default, since a status is made anew by the next check.
#include "core/integration_json.hpp"
#include "core/integration_words.hpp"

namespace postern {
namespace {

boost::json::value or_null(const std::optional<Instant>& at) {
  if (!at) return nullptr;
  return boost::json::string(to_rfc3339(*at));
}

boost::json::value or_null(const std::optional<LastError>& error) {
  if (!error) return nullptr;
  return {{"at", to_rfc3339(error->at)},
          {"kind", error->kind},
          {"step", error->step},
          {"message", error->message},
          {"hint", error->hint}};
}

std::optional<Instant> read_instant(JsonFields& fields, std::string_view name) {
  std::optional<std::string> text;
  fields.text(name, text);
  return text ? parse_rfc3339(*text) : std::nullopt;
}

std::optional<LastError> read_error(JsonFields& fields, std::string_view name) {
  const auto* json = fields.object(name);
  if (json == nullptr) return std::nullopt;
  JsonFields inner(*json, "", fields.problems());
  constexpr TextRules any_text{.bytes_max = 65536, .lines = true};
  LastError error;
  error.at = read_instant(inner, "at").value_or(Instant{});
  inner.text("kind", error.kind);
  inner.text("step", error.step);
  inner.text("message", error.message, any_text);
  inner.text("hint", error.hint, any_text);
  return error;
}

}  // namespace

std::string_view to_string(DirectionState state) {
  return words::of(state, words::direction_state);
}

boost::json::object to_json(const IntegrationStatus& status) {
  boost::json::object json;
  json["incoming_state"] = to_string(status.incoming_state);
  json["outgoing_state"] = to_string(status.outgoing_state);
  json["disabled_reason"] = nullptr;
  if (status.disabled_reason) json["disabled_reason"] = *status.disabled_reason;
  json["last_check"] = or_null(status.last_check);
  json["last_successful_check"] = or_null(status.last_successful_check);
  json["last_successful_incoming"] = or_null(status.last_successful_incoming);
  json["last_successful_outgoing"] = or_null(status.last_successful_outgoing);
  json["last_incoming_error"] = or_null(status.last_incoming_error);
  json["last_outgoing_error"] = or_null(status.last_outgoing_error);
  json["consecutive_incoming_errors"] = status.consecutive_incoming_errors;
  json["consecutive_outgoing_errors"] = status.consecutive_outgoing_errors;
  return json;
}

IntegrationStatus integration_status_from_json(const boost::json::object& json) {
  FieldProblems ignored;
  JsonFields fields(json, "", ignored);
  IntegrationStatus status;
  fields.choice("incoming_state", status.incoming_state, words::direction_state);
  fields.choice("outgoing_state", status.outgoing_state, words::direction_state);
  fields.text("disabled_reason", status.disabled_reason, {.bytes_max = 65536, .lines = true});
  status.last_check = read_instant(fields, "last_check");
  status.last_successful_check = read_instant(fields, "last_successful_check");
  status.last_successful_incoming = read_instant(fields, "last_successful_incoming");
  status.last_successful_outgoing = read_instant(fields, "last_successful_outgoing");
  status.last_incoming_error = read_error(fields, "last_incoming_error");
  status.last_outgoing_error = read_error(fields, "last_outgoing_error");
  constexpr int any = std::numeric_limits<int>::max();
  fields.integer("consecutive_incoming_errors", status.consecutive_incoming_errors, 0, any);
  fields.integer("consecutive_outgoing_errors", status.consecutive_outgoing_errors, 0, any);
  return status;
}

}  // namespace postern
