#include "core/target_types.hpp"

#include "core/result.hpp"
#include "core/target.hpp"

#include <algorithm>
#include <array>

namespace postern {
namespace {

using std::chrono::seconds;

constexpr std::uint32_t http = setting_url | setting_headers | setting_ca_pem;
constexpr seconds webhook_time(30);  // promise 7: a webhook has 30 s
constexpr seconds time_max(600);
constexpr std::uint16_t submission_port = 587;
constexpr std::uint16_t imaps_port = 993;

constexpr std::array<TargetType, 10> types{{
    {"webhook", TargetCarrier::http, http | setting_raw, webhook_time, webhook_time},
    {"raw", TargetCarrier::http, http | setting_auth, seconds(60), time_max},
    {"osticket", TargetCarrier::http, http | setting_api_key | setting_control_headers, seconds(60),
     time_max, "/api/tickets.email"},
    {"rt", TargetCarrier::http,
     http | setting_auth | setting_queue | setting_fields | setting_control_headers, seconds(180),
     time_max, "/REST/1.0/NoAuth/mail-gateway"},
    {"redmine", TargetCarrier::http,
     http | setting_api_key | setting_project | setting_fields | setting_control_headers,
     seconds(60), time_max, "/mail_handler"},
    {"zammad", TargetCarrier::http, http | setting_api_key | setting_group | setting_fields,
     seconds(60), time_max, "/api/v1"},
    {"rails_relay", TargetCarrier::http, http | setting_auth | setting_control_headers, seconds(60),
     time_max, "/rails/action_mailbox/relay/inbound_emails"},
    {"smtp", TargetCarrier::smtp,
     setting_server | setting_auth | setting_recipients | setting_control_headers, seconds(600),
     seconds(1800), "", submission_port},
    {"imap_append", TargetCarrier::imap,
     setting_server | setting_auth | setting_folder | setting_control_headers, seconds(180),
     time_max, "", imaps_port},
    {"pull", TargetCarrier::none, setting_raw, webhook_time, webhook_time},
}};

}  // namespace

std::span<const TargetType> target_types() {
  return types;
}

const TargetType* find_target_type(std::string_view word) {
  const auto* found = std::ranges::find(types, word, &TargetType::word);
  return found == types.end() ? nullptr : found;
}

const TargetType& type_of(const Target& target) {
  const auto* type = find_target_type(target.type);
  POSTERN_ASSERT(type != nullptr);
  return *type;
}

std::string helpdesk_url(const TargetType& type, std::string_view url) {
  // The last word of the path: behind a rewriting proxy the words before it are others
  // (osTicket's /api/http.php/tickets.email).
  const auto last = type.path.substr(type.path.rfind('/') + 1);
  const auto query = url.find('?');
  auto path = url.substr(0, query);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string whole(path);
  const bool complete = path.ends_with("/" + std::string(last));
  if (!type.path.empty() && !complete) whole += type.path;
  if (type.path.empty()) whole = url.substr(0, query);
  if (query != std::string_view::npos) whole += url.substr(query);
  return whole;
}

}  // namespace postern
