// The kinds of targets: how a mail is given to each, and how its answer is read, as that product
// means it. One row a type of core/target_types; requests and judges are pure.
//
// Sources: the products' public interfaces. Standard Webhooks 1.0; osTicket setup/doc/api; Request
// Tracker's rt-mailgate; Redmine's mail_handler; Zammad's REST API; Rails' Action Mailbox relay.
#pragma once

#include "core/target.hpp"
#include "core/target_types.hpp"
#include "net/http_client.hpp"
#include "storage/handovers.hpp"
#include "storage/messages.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::flows {

/// What an answer means for the hand-over, and for the target.
enum class TargetFate {
  taken,    // acknowledged
  refused,  // this mail never: not tried again by itself
  put_off,  // this mail later
  paused,   // nothing now: the target, or how it is set up, is at fault
  gone,     // 410: the target is disabled
};

struct TargetAnswer {
  TargetFate fate = TargetFate::put_off;
  int status = 0;         // HTTP's or SMTP's; 0: none
  std::string words;      // the server's, or what was found
  std::string complaint;  // what is to be told although the mail was taken
  std::string hint;       // what a person can do
  Duration wait_at_least{0};
  std::optional<std::string> progress;
  std::optional<storage::ThreadTicket> ticket;
};

/// One mail for one target, with all that a request is made of.
struct TargetMail {
  TargetMail(const Target& to, const storage::TargetSecrets& with, boost::json::object of = {})
      : target(to), secrets(with), data(std::move(of)) {}

  const Target& target;
  const storage::TargetSecrets& secrets;
  std::string handover;  // its id, the same at every try
  int attempt = 1;
  Instant now;
  std::uint64_t chance = 0;  // of this try
  std::string integration;   // ids, for headers
  std::string message;
  boost::json::object data;              // MESSAGE of the contract
  std::string told_at;                   // the body's timestamp, the same at every try
  std::string bytes;                     // of kinds that take the raw mail
  std::string thread;                    // of kinds that keep tickets
  std::string ticket;                    // the thread's, or empty
  std::string notice;                    // in the place of a body that is not here
  std::vector<std::string> attachments;  // decoded, in the order of MESSAGE's
};

struct TargetKind {
  std::string_view type;
  bool takes_bytes = false;  // TargetMail::bytes
  bool takes_parts = false;  // TargetMail::attachments, ticket
  /// nullptr: not by HTTP. `mail` gives its bytes away. Errors: io (a signing secret that is none).
  Result<net::HttpRequest> (*request)(TargetMail& mail) = nullptr;
  TargetAnswer (*judge)(const TargetMail& mail, const net::HttpResponse& response) = nullptr;
  /// A call that shows whether address and credentials are right and leaves no ticket behind.
  Result<net::HttpRequest> (*probe)(TargetMail& mail) = nullptr;
  TargetAnswer (*judge_probe)(const TargetMail& mail, const net::HttpResponse& response) = nullptr;
};

const TargetKind& kind_of(const Target& target);

/// What stands in the place of a body that was too large to be fetched; the same at every try.
std::string too_large_notice(const storage::MessageRow& message, const std::string& public_url);

}  // namespace postern::flows
