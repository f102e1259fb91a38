// Action: one thing that is done when an event rule fires, or one channel of a notification
// profile. A value: flows/actions carries it out. Names are those of the contract's JSON.
#pragma once

#include "core/json_fields.hpp"
#include "core/secret.hpp"
#include "core/template.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern {

enum class ActionType { web_page, webhook, log_file, provider, email, profile, sms };
enum class WebhookFormat { postern, slack, teams, ntfy };

std::string_view to_string(ActionType type);

inline constexpr std::size_t action_text_bytes_max = 16 * 1024;  // of one template
inline constexpr std::size_t action_out_bytes_max = 64 * 1024;   // of one text with its variables
inline constexpr std::size_t action_headers_max = 50;
inline constexpr std::size_t action_addresses_max = 100;

struct Action {
  ActionType type = ActionType::web_page;
  std::string name;  // of a profile's channel; steps may name it

  // web_page, webhook, provider, sms. The host of a URL is never a variable.
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  WebhookFormat format = WebhookFormat::postern;
  std::optional<std::string> ca_pem;
  bool secret_set = false;  // the secret itself is sealed in the store

  // email, sms; text is also what a webhook's chat message or a log's line says.
  std::vector<std::string> to, cc;
  std::string subject, text, html;         // empty: the text of Postern's own
  std::optional<std::string> integration;  // the id of the one to send by; nothing: chosen

  std::string path;     // log_file: below the directory of logs
  std::string profile;  // the id, as the store keeps it; a name while it is read
};

/// What is read beside the value: its write-only secret.
struct ActionDraft {
  Action value;
  std::optional<Secret> secret;
};

/// Reads one action's object; `types` are those allowed here. Every template in it is checked: an
/// unknown variable is a problem. `text_names` are known in it beside action_variable_names().
std::optional<ActionDraft> read_action(const boost::json::object& object, std::string pointer,
                                       std::span<const ActionType> types,
                                       std::span<const std::string_view> text_names,
                                       FieldProblems& problems);

/// What read_action reads, without the secret but with secret_set.
boost::json::object to_json(const Action& action);

/// Whether the type signs what it sends: a secret is made for it when none is given.
bool signs(ActionType type);

/// "https://host:port" of a URL; empty when it is none.
std::string_view origin_of(std::string_view url);

/// How the values of a body's variables are written, by its Content-Type.
TemplateEscape body_escape(const Action& action);

}  // namespace postern
