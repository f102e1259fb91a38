#include "core/event_kinds.hpp"

#include "core/suggest.hpp"

#include <algorithm>
#include <array>

namespace postern {
namespace {

constexpr auto kinds = std::to_array<std::string_view>({"imap.connection_failed",
                                                        "imap.login_failed",
                                                        "imap.download_failed",
                                                        "imap.import_failed",
                                                        "imap.recovered",
                                                        "imap.after_fetch_failed",
                                                        "pop3.connection_failed",
                                                        "pop3.login_failed",
                                                        "pop3.download_failed",
                                                        "pop3.import_failed",
                                                        "pop3.recovered",
                                                        "pop3.after_fetch_failed",
                                                        "smtp.connection_failed",
                                                        "smtp.login_failed",
                                                        "smtp.delivery_failed",
                                                        "smtp.final_delivery_failed",
                                                        "smtp.recovered",
                                                        "smtp.copy_failed",
                                                        "oauth.refresh_failed",
                                                        "oauth.consent_needed",
                                                        "integration.disabled",
                                                        "integration.enabled",
                                                        "integration.stale",
                                                        "handover.failed",
                                                        "handover.parked",
                                                        "target.disabled",
                                                        "message.received",
                                                        "message.quarantined",
                                                        "message.sent",
                                                        "message.bounced",
                                                        "mailbox.uidvalidity_changed",
                                                        "certificate.expiring",
                                                        "secret.expiring",
                                                        "spool.low_space",
                                                        action_failed_kind,
                                                        action_recovered_kind});

constexpr std::string_view everything = "*";
constexpr std::string_view group_end = ".*";

}  // namespace

std::span<const std::string_view> event_kinds() {
  return kinds;
}

std::string event_kind_problem(std::string_view kind) {
  if (kind == everything || std::ranges::find(kinds, kind) != kinds.end()) return {};
  if (kind.ends_with(group_end)) {
    const auto known = [&](std::string_view each) { return is_of_kind(each, kind); };
    if (std::ranges::any_of(kinds, known)) return {};
  }
  return "there is no kind of event \"" + std::string(kind) + "\"" + did_you_mean(kind, kinds) +
         "; groups are written \"imap.*\", all of them \"*\"";
}

bool is_of_kind(std::string_view kind, std::string_view wanted) {
  if (wanted == everything || kind == wanted) return true;
  return wanted.ends_with(group_end) && kind.starts_with(wanted.substr(0, wanted.size() - 1));
}

bool tells_of_failing_access(std::string_view kind) {
  return kind.ends_with(".connection_failed") || kind.ends_with(".login_failed") ||
         kind == "smtp.delivery_failed" || kind == "oauth.refresh_failed" ||
         kind == "oauth.consent_needed" || kind == "integration.disabled" ||
         kind == "integration.stale";
}

}  // namespace postern
