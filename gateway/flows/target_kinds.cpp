#include "flows/target_kinds.hpp"

#include "flows/message_json.hpp"
#include "flows/target_answers.hpp"
#include "flows/target_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::flows {
namespace {

constexpr std::array<TargetKind, 10> kinds{{
    {"webhook", false, false, webhook_request, judge_webhook, webhook_probe, judge_webhook},
    {"raw", true, false, raw_request, judge_raw, raw_probe, judge_raw},
    {"osticket", true, false, osticket_request, judge_osticket, osticket_probe,
     judge_osticket_probe},
    {"rt", true, false, rt_request, judge_rt, rt_probe, judge_rt_probe},
    {"redmine", true, false, redmine_request, judge_redmine, redmine_probe, judge_redmine_probe},
    {"zammad", false, true, zammad_request, judge_zammad, zammad_probe, judge_zammad_probe},
    {"rails_relay", true, false, rails_request, judge_rails, rails_probe, judge_rails_probe},
    {"smtp", true},
    {"imap_append", true},
    {"pull"},
}};

}  // namespace

const TargetKind& kind_of(const Target& target) {
  const auto* found = std::ranges::find(kinds, target.type, &TargetKind::type);
  POSTERN_ASSERT(found != kinds.end());
  return *found;
}

std::string too_large_notice(const storage::MessageRow& message, const std::string& public_url) {
  return fmt::format(
      "This mail has {} bytes: more than is fetched by itself, so here is its header alone.\r\n"
      "The mail is still in the mailbox of {}.\r\n\r\n"
      "To have it brought whole, call\r\n  POST {}{}/reprocess\r\n",
      message.size_bytes, message.integration_name, public_url, message_path(message.id));
}

}  // namespace postern::flows
