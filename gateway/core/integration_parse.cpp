// Reads an integration from the contract's object. Types, ranges and words are checked as fields
// are read; what only makes sense together (a host for what is switched on, a password over an
// open line) is checked after, and only in a direction that is switched on.
#include "core/ignore_list.hpp"
#include "core/integration_json.hpp"
#include "core/integration_words.hpp"
#include "core/server_fields.hpp"
#include "core/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t description_bytes_max = 10000;
constexpr std::size_t folder_bytes_max = 1000;
constexpr std::size_t folders_max = 100;
constexpr std::size_t addresses_max = 100;
constexpr std::int64_t poll_interval_s_min = 5;
constexpr std::int64_t poll_interval_s_max = 86400;
constexpr std::int64_t after_fetch_days_max = 3650;
constexpr std::size_t keyword_bytes_max = 100;
constexpr std::uint16_t pop3_tls_port = 995;
constexpr std::int64_t message_bytes_max_max = std::int64_t(1) << 30;
constexpr std::int64_t timeout_ms_min = 100;
constexpr std::int64_t timeout_ms_max = 3600 * 1000;
constexpr std::int64_t connections_max_max = 50;
constexpr std::int64_t messages_per_minute_max = 100000;
constexpr std::int64_t threshold_max = 10000;

using Direction = ServerFields;

void read_folders(Direction& direction, Incoming& incoming) {
  auto& fields = direction.fields;
  const TextRules rules{.bytes_max = folder_bytes_max, .required = true};
  fields.text("folder", incoming.folder,
              {.bytes_max = folder_bytes_max, .required = direction.on && fields.has("folder")});
  fields.texts("more_folders", incoming.more_folders, rules, folders_max);
  auto all = incoming.more_folders;
  all.push_back(incoming.folder);
  std::ranges::sort(all);
  if (std::ranges::adjacent_find(all) != all.end()) {
    fields.problem("more_folders", "names a folder twice");
  }
}

/// A keyword is an atom. Source: RFC 9051 §9, flag-keyword.
bool is_keyword(std::string_view text) {
  constexpr std::string_view specials = "(){%*\"\\]";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return c > ' ' && c < '\x7f' && specials.find(c) == std::string_view::npos;
  });
}

void check_after_fetch(JsonFields& fields, const AfterFetchPolicy& policy,
                       const Incoming& incoming) {
  const bool moves = policy.action == AfterFetch::move;
  const bool pop3 = incoming.protocol == "pop3";
  if (pop3 && policy.action != AfterFetch::none && policy.action != AfterFetch::remove) {
    fields.problem("action", "POP3 knows only \"none\" and \"delete\"");
  }
  if (moves && (!policy.folder || policy.folder->empty())) {
    fields.problem("folder", "is required when the action is \"move\"");
  } else if (moves && (*policy.folder == incoming.folder ||
                       std::ranges::count(incoming.more_folders, *policy.folder) > 0)) {
    fields.problem("folder", "is itself a folder that mail is fetched from");
  }
  if (policy.action != AfterFetch::keyword) return;
  if (!policy.keyword || policy.keyword->empty()) {
    fields.problem("keyword", "is required when the action is \"keyword\"");
  } else if (!is_keyword(*policy.keyword)) {
    fields.problem("keyword", "is not an IMAP keyword; take letters, digits, - and _");
  }
}

void read_after_fetch(Direction& direction, std::string_view name, AfterFetchPolicy& policy,
                      const Incoming& incoming) {
  const auto* json = direction.fields.object(name);
  if (json == nullptr) return;
  JsonFields fields(*json, direction.fields.pointer(name), direction.fields.problems());
  fields.choice("action", policy.action, words::after_fetch);
  fields.text("folder", policy.folder, {.bytes_max = folder_bytes_max});
  fields.text("keyword", policy.keyword, {.bytes_max = keyword_bytes_max});
  fields.integer("days", policy.days, 0, after_fetch_days_max);
  fields.finish();
  if (direction.on) check_after_fetch(fields, policy, incoming);
}

void check_incoming(JsonFields& fields, const Incoming& incoming) {
  const auto& from = incoming.start_from;
  if (from != "now" && from != "all" && !valid_date(from)) {
    fields.problem("start_from", "must be \"now\", \"all\" or a date like \"2026-01-31\"");
  }
}

/// POP3 has one mailbox, no flags and no other folders.
void check_pop3(JsonFields& fields, const Incoming& incoming) {
  if (incoming.auth.method == AuthMethod::none) {
    fields.problems().push_back(
        {fields.pointer("auth") + "/method", "POP3 has nothing to say without a login"});
  }
  if (incoming.folder != "INBOX") {
    fields.problem("folder", "POP3 knows only \"INBOX\": leave it out");
  }
  if (!incoming.more_folders.empty()) {
    fields.problem("more_folders", "POP3 knows only one folder: leave it out");
  }
  if (incoming.compress) {
    fields.problem("compress", "POP3 has no compression: leave it out, or false");
  }
}

void read_incoming(const boost::json::object& json, Incoming& incoming,
                   std::optional<Secret>& password, FieldProblems& problems) {
  Direction direction{JsonFields(json, "/incoming", problems)};
  auto& fields = direction.fields;
  fields.boolean("enabled", incoming.enabled);
  direction.on = incoming.enabled;
  constexpr Choice<std::string_view> protocols[] = {{"imap", "imap"}, {"pop3", "pop3"}};
  fields.choice("protocol", incoming.protocol, protocols);
  if (incoming.protocol == "pop3") incoming.server.port = pop3_tls_port;
  read_server(direction, incoming.server);
  read_auth(direction, incoming.auth, password);
  read_tls(direction, incoming.tls);
  check_open_line(direction, incoming.server, incoming.auth, incoming.tls);
  read_folders(direction, incoming);
  fields.choice("mode", incoming.mode, words::incoming_mode);
  std::int64_t interval = incoming.poll_interval.count();
  fields.integer("poll_interval_s", interval, direction.least(poll_interval_s_min),
                 poll_interval_s_max);
  incoming.poll_interval = std::chrono::seconds(interval);
  fields.text("start_from", incoming.start_from);
  read_after_fetch(direction, "after_fetch", incoming.after_fetch, incoming);
  read_after_fetch(direction, "after_ignored", incoming.after_ignored, incoming);
  read_after_fetch(direction, "after_too_large", incoming.after_too_large, incoming);
  read_after_fetch(direction, "after_quarantined", incoming.after_quarantined, incoming);
  fields.integer("message_bytes_max", incoming.message_bytes_max, direction.least(1),
                 message_bytes_max_max);
  fields.boolean("compress", incoming.compress);
  read_ignore_lists(fields, incoming.ignore);
  read_reference_patterns(fields, incoming.reference_patterns);
  fields.finish();
  if (direction.on) check_incoming(fields, incoming);
  if (direction.on && incoming.protocol == "pop3") check_pop3(fields, incoming);
}

/// `named`: "Sales <sales@example.com>" will do as well.
void check_addresses(JsonFields& fields, std::string_view name,
                     const std::vector<std::string>& addresses, bool named = false) {
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (valid_addr_spec(named ? without_name(addresses[i]) : addresses[i])) continue;
    fields.problems().push_back(
        {fmt::format("{}/{}", fields.pointer(name), i), "must be an e-mail address"});
  }
}

void read_outgoing(const boost::json::object& json, Outgoing& outgoing,
                   std::optional<Secret>& password, FieldProblems& problems) {
  Direction direction{JsonFields(json, "/outgoing", problems)};
  auto& fields = direction.fields;
  fields.boolean("enabled", outgoing.enabled);
  direction.on = outgoing.enabled;
  std::string protocol;
  constexpr Choice<std::string_view> protocols[] = {{"smtp", "smtp"}};
  fields.choice("protocol", protocol, protocols);
  read_server(direction, outgoing.server);
  read_auth(direction, outgoing.auth, password);
  read_tls(direction, outgoing.tls);
  check_open_line(direction, outgoing.server, outgoing.auth, outgoing.tls);
  fields.texts("from_addresses", outgoing.from_addresses, {}, addresses_max);
  fields.choice("reply_to_mode", outgoing.reply_to_mode, words::reply_to_mode);
  fields.text("default_reply_to", outgoing.default_reply_to);
  fields.text("encoding", outgoing.encoding, {.bytes_max = 40});
  std::int64_t timeout = outgoing.timeout.count();
  fields.integer("timeout_ms", timeout, direction.least(timeout_ms_min), timeout_ms_max);
  outgoing.timeout = Duration(timeout);
  fields.integer("connections_max", outgoing.connections_max, direction.least(1),
                 connections_max_max);
  fields.integer("messages_per_minute", outgoing.messages_per_minute, direction.least(1),
                 messages_per_minute_max);
  fields.boolean("save_to_sent", outgoing.save_to_sent);
  fields.choice("on_unknown", outgoing.on_unknown, words::on_unknown);
  fields.choice("from_policy", outgoing.from_policy, words::from_policy);
  fields.finish();
  auto& reply_to = outgoing.default_reply_to;
  if (reply_to && reply_to->empty()) reply_to.reset();
  if (!direction.on) return;
  check_addresses(fields, "from_addresses", outgoing.from_addresses, true);
  if (reply_to && !valid_addr_spec(*reply_to)) {
    fields.problem("default_reply_to", "must be an e-mail address");
  }
  if (!valid_token(outgoing.encoding)) {
    fields.problem("encoding", "must be the name of a character set, such as \"utf-8\"");
  }
}

/// A list of addresses as an array, or as one string split at comma, semicolon and line break.
void read_address_list(JsonFields& fields, std::string_view name, std::vector<std::string>& out) {
  const auto* value = fields.any(name);
  if (value != nullptr && value->is_string()) {
    std::string list;
    if (!fields.text(name, list, {.bytes_max = 65536, .lines = true})) return;
    out = split_addresses(list);
  } else {
    fields.texts(name, out, {}, addresses_max);
  }
  check_addresses(fields, name, out);
}

/// {"outcomes": ["failure", "critical"]}, or null for what the lists say.
void read_outcomes(JsonFields& fields, NotificationLists& lists) {
  static constexpr std::array<std::string_view, 3> words = {"success", "failure", "critical"};
  const auto* given = fields.any("outcomes");
  if (given == nullptr) return;
  lists.outcomes.reset();
  if (given->is_null()) return;
  std::vector<std::string> outcomes;
  fields.texts("outcomes", outcomes, {.bytes_max = 20}, words.size());
  for (const auto& outcome : outcomes) {
    if (std::find(words.begin(), words.end(), outcome) != words.end()) continue;
    fields.problem("outcomes", "must name success, failure and critical, or some of them");
  }
  lists.outcomes = std::move(outcomes);
}

void read_notifications(const boost::json::object& json, NotificationLists& lists,
                        FieldProblems& problems) {
  JsonFields fields(json, "/notifications", problems);
  read_address_list(fields, "on_success", lists.on_success);
  read_address_list(fields, "on_failure", lists.on_failure);
  read_address_list(fields, "on_critical", lists.on_critical);
  fields.text("from_name", lists.from_name, {.bytes_max = name_bytes_max});
  read_outcomes(fields, lists);
  fields.finish();
}

void read_identity(JsonFields& fields, Integration& integration) {
  fields.text("name", integration.name, {.bytes_max = name_bytes_max, .required = true});
  fields.text("description", integration.description,
              {.bytes_max = description_bytes_max, .lines = true});
  fields.boolean("is_default", integration.is_default);
  fields.boolean("enabled", integration.enabled);
  fields.text("address", integration.address);
  fields.text("display_name", integration.display_name, {.bytes_max = name_bytes_max});
  fields.text("provider", integration.provider, {.bytes_max = name_bytes_max});
  const auto& name = integration.name;
  if (name.starts_with(' ') || name.ends_with(' ')) {
    fields.problem("name", "must not begin or end with a blank");
  } else if (IntegrationId::parse(name)) {
    fields.problem("name", "must not look like an id");
  }
  if (!integration.address.empty() && !valid_addr_spec(integration.address)) {
    fields.problem("address", "must be an e-mail address");
  }
}

}  // namespace

std::variant<IntegrationDraft, FieldProblems> parse_integration(const boost::json::value& json) {
  FieldProblems problems;
  const auto* root = root_object(json, problems);
  if (root == nullptr) return problems;
  JsonFields fields(*root, "", problems);
  IntegrationDraft draft;
  auto& integration = draft.value;
  read_identity(fields, integration);
  if (const auto* incoming = fields.object("incoming")) {
    read_incoming(*incoming, integration.incoming, draft.incoming_password, problems);
  }
  if (const auto* outgoing = fields.object("outgoing")) {
    read_outgoing(*outgoing, integration.outgoing, draft.outgoing_password, problems);
  }
  if (const auto* monitoring = fields.object("monitoring")) {
    JsonFields inner(*monitoring, "/monitoring", problems);
    inner.integer("notify_after", integration.monitoring.notify_after, 1, threshold_max);
    inner.integer("disable_after", integration.monitoring.disable_after, 1, threshold_max);
    inner.finish();
  }
  if (const auto* notifications = fields.object("notifications")) {
    read_notifications(*notifications, integration.notifications, problems);
  }
  const bool imap = integration.incoming.enabled && !integration.incoming.server.host.empty() &&
                    integration.incoming.protocol == "imap";
  if (integration.outgoing.enabled && integration.outgoing.save_to_sent && !imap) {
    problems.push_back({"/outgoing/save_to_sent",
                        "needs incoming mail by IMAP: the copy is put into its Sent folder"});
  }
  fields.ignore({"id", "status", "created_at", "modified_at", "modified_by"});
  fields.finish();
  if (!problems.empty()) return problems;
  return draft;
}

}  // namespace postern
