// A target: where received mail is handed over. Names are those of the contract's JSON.
#pragma once

#include "core/ids.hpp"
#include "core/problems.hpp"
#include "core/secret.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace postern {

struct Target {
  TargetId id;
  std::string name;
  std::string type = "webhook";  // or "pull": url and headers are empty
  bool enabled = true;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::seconds timeout{30};
  int parallel = 4;
  bool required = true;
  bool raw = false;  // the raw mail, base64, is part of the body
  bool fallback = true;
  std::optional<std::string> ca_pem;
};

struct TargetDraft {
  Target value;
  std::optional<Secret> secret;  // "whsec_…"; made when left out on creation
};

/// Everything but the secret; `id` only when there is one. Reading it back gives an equal value.
boost::json::object to_json(const Target& target);

/// Reads the contract's object, every mistake at once. Read-only fields are accepted and ignored.
std::variant<TargetDraft, FieldProblems> parse_target(const boost::json::value& json);

}  // namespace postern
