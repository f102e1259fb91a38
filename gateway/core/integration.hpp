// An integration: one mailbox watched, one sender, under a name. A value: it is replaced together
// with its supervisor, never edited live. Field names are those of the contract's JSON.
#pragma once

#include "core/ids.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern {

enum class Security { tls, starttls, none };
enum class AuthMethod { password, oauth2, none };
enum class IncomingMode { idle, poll };
enum class AfterFetch { none, seen, keyword, move, remove };
enum class ReplyToMode { none, reply_to, from };
enum class OnUnknown { resend, report };
enum class FromPolicy { rewrite, refuse };

struct TlsPolicy {
  bool verify = true;
  std::optional<std::string> ca_pem;
  std::optional<std::string> pinned_sha256;  // of the leaf's DER, lower-case hex
  bool allow_plain_password = false;
};

struct Auth {
  AuthMethod method = AuthMethod::password;
  std::string username;
  std::optional<std::string> grant;
};

struct ServerAddress {
  std::string host;
  std::uint16_t port = 0;
  Security security = Security::tls;
};

/// What becomes of a mail on the server once its fate is sealed.
struct AfterFetchPolicy {
  AfterFetch action = AfterFetch::none;
  std::optional<std::string> folder;   // of a move
  std::optional<std::string> keyword;  // an IMAP flag without backslash
  int days = 0;                        // after it was fetched
};

/// Mail that is kept and listed, and handed to nobody. See core/ignore_list.hpp.
struct IgnoreLists {
  std::vector<std::string> addresses, domains, subjects;
};

struct Incoming {
  bool enabled = false;
  std::string protocol = "imap";
  ServerAddress server{"", 993, Security::tls};
  Auth auth;
  TlsPolicy tls;
  std::string folder = "INBOX";
  std::vector<std::string> more_folders;
  IncomingMode mode = IncomingMode::idle;
  std::chrono::seconds poll_interval{60};
  std::string start_from = "now";  // "now", "all" or a date
  // When every required target has taken it; when it was ignored, too large, quarantined.
  AfterFetchPolicy after_fetch, after_ignored, after_too_large, after_quarantined;
  std::uint64_t message_bytes_max = 52428800;
  bool compress = false;  // IMAP: COMPRESS=DEFLATE where offered
  IgnoreLists ignore;
  // Regular expressions whose first group is the reference in a subject: "\\[#(\\d+)\\]".
  std::vector<std::string> reference_patterns;
};

struct Outgoing {
  bool enabled = false;
  ServerAddress server{"", 587, Security::starttls};
  Auth auth;
  TlsPolicy tls;
  std::vector<std::string> from_addresses;
  ReplyToMode reply_to_mode = ReplyToMode::none;
  std::optional<std::string> default_reply_to;
  std::string encoding = "utf-8";
  Duration timeout{60000};
  int connections_max = 2;
  std::optional<int> messages_per_minute;
  bool save_to_sent = false;
  OnUnknown on_unknown = OnUnknown::resend;
  FromPolicy from_policy = FromPolicy::rewrite;  // of a foreign From in a mail given as it is
};

struct MonitoringOverride {
  std::optional<int> notify_after, disable_after;
};

/// Who is told by POST /notify, one list an outcome.
struct NotificationLists {
  std::vector<std::string> on_success, on_failure, on_critical;
  std::string from_name;
  /// Which outcomes are told at all; nothing: critical, and each whose list names somebody.
  std::optional<std::vector<std::string>> outcomes;
};

struct Integration {
  IntegrationId id;
  std::string name;
  std::string description;
  bool is_default = false;
  bool enabled = true;
  std::string address;
  std::string display_name;
  std::string provider = "custom";
  Incoming incoming;
  Outgoing outgoing;
  MonitoringOverride monitoring;
  NotificationLists notifications;
};

/// Loaded late, dropped early.
struct IntegrationSecrets {
  Secret incoming_password, outgoing_password;
};

/// An integration as someone wants to store it. A password left out keeps the stored one, an empty
/// one (null in JSON) clears it.
struct IntegrationDraft {
  Integration value;
  std::optional<Secret> incoming_password, outgoing_password;
};

enum class DirectionState { ok, waiting, failing, needs_consent, disabled, off };

struct LastError {
  Instant at;
  std::string kind;     // an event kind: imap.login_failed
  std::string step;     // dns, tcp, tls, greeting, login, select, fetch, …
  std::string message;  // the server's words
  std::string hint;
};

struct IntegrationStatus {
  DirectionState incoming_state = DirectionState::waiting;
  DirectionState outgoing_state = DirectionState::waiting;
  std::optional<std::string> disabled_reason;
  std::optional<Instant> last_check, last_successful_check;
  std::optional<Instant> last_successful_incoming, last_successful_outgoing;
  std::optional<LastError> last_incoming_error, last_outgoing_error;
  int consecutive_incoming_errors = 0;
  int consecutive_outgoing_errors = 0;
};

}  // namespace postern
