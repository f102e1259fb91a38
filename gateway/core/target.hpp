// A target: where received mail is handed over. Names are those of the contract's JSON; which types
// there are and what each has is target_types.hpp.
#pragma once

#include "core/ids.hpp"
#include "core/integration.hpp"
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
  std::string type = "webhook";  // a word of target_types.hpp
  bool enabled = true;
  std::string url;  // of those that are called by HTTP
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::seconds timeout{30};
  int parallel = 4;
  bool required = true;
  bool raw = false;  // the raw mail, base64, is part of the body
  bool fallback = true;
  std::optional<std::string> ca_pem;

  // What single types have beside; a target of another type keeps these as they are here.
  bool allow_control_headers = false;   // X-Zammad-*, X-OTRS-*, X-RT-* of a stranger go along
  Auth auth{AuthMethod::none, "", {}};  // HTTP Basic, or the login at a mail server
  ServerAddress server;
  TlsPolicy tls;
  std::vector<std::string> recipients;  // smtp
  std::string sender;                   // smtp: of the envelope and of Resent-From; empty: found
  std::string folder;                   // imap_append
  std::string queue, action;            // rt
  std::string project;                  // redmine
  std::string group;                    // zammad
  std::vector<std::pair<std::string, std::string>> fields;  // more of the helpdesk's own form
};

struct TargetDraft {
  Target value;
  std::optional<Secret> secret;      // "whsec_…"; made when left out on creation
  std::optional<Secret> credential;  // api_key or auth.password; left out keeps the stored one
};

/// Everything but secrets; `id` only when there is one. Reading it back gives an equal value.
boost::json::object to_json(const Target& target);

/// Reads the contract's object, every mistake at once. Read-only fields are accepted and ignored.
std::variant<TargetDraft, FieldProblems> parse_target(const boost::json::value& json);

}  // namespace postern
