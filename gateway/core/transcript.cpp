// The JSON of transcripts, as the API shows it and as a row keeps it.
#include "core/transcript.hpp"

#include "core/json_fields.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <limits>

namespace postern {
namespace {

namespace json = boost::json;

constexpr TextRules any_text{.bytes_max = 65536, .lines = true};

std::string_view to_string(Side side) {
  return side == Side::client ? "client" : "server";
}

Instant instant_of(JsonFields& fields) {
  std::string text;
  fields.text("at", text);
  return parse_rfc3339(text).value_or(Instant{});
}

TranscriptLine line_from_json(const json::object& json, FieldProblems& problems) {
  JsonFields fields(json, "", problems);
  TranscriptLine line;
  line.at = instant_of(fields);
  std::string from;
  fields.text("from", from);
  line.from = from == to_string(Side::server) ? Side::server : Side::client;
  fields.text("text", line.text, any_text);
  fields.integer("connection", line.connection, 0, std::numeric_limits<int>::max());
  return line;
}

}  // namespace

json::object to_json(const Transcript& transcript) {
  json::array lines;
  lines.reserve(transcript.lines.size());
  for (const auto& line : transcript.lines) {
    json::object item;
    item["at"] = to_rfc3339(line.at);
    item["from"] = to_string(line.from);
    item["text"] = line.text;
    if (line.connection != 0) item["connection"] = line.connection;
    lines.push_back(std::move(item));
  }
  json::object json;
  json["at"] = to_rfc3339(transcript.at);
  json["protocol"] = transcript.protocol;
  json["direction"] = transcript.direction;
  json["step"] = nullptr;
  json["message"] = nullptr;
  if (!transcript.step.empty()) json["step"] = transcript.step;
  if (!transcript.message.empty()) json["message"] = transcript.message;
  json["lines"] = std::move(lines);
  return json;
}

Transcript transcript_from_json(const json::object& json) {
  FieldProblems ignored;
  JsonFields fields(json, "", ignored);
  Transcript transcript;
  transcript.at = instant_of(fields);
  fields.text("protocol", transcript.protocol);
  fields.text("direction", transcript.direction);
  std::optional<std::string> step, message;
  fields.text("step", step);
  fields.text("message", message, any_text);
  transcript.step = step.value_or("");
  transcript.message = message.value_or("");
  const auto* lines = json.if_contains("lines");
  if (lines == nullptr || !lines->is_array()) return transcript;
  for (const auto& item : lines->get_array()) {
    if (item.is_object()) {
      transcript.lines.push_back(line_from_json(item.get_object(), ignored));
    }
  }
  return transcript;
}

}  // namespace postern
