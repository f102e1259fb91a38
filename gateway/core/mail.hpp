// Mail as the rest of the program sees it: what a digest says of a message, and a draft to compose.
#pragma once

#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern {

/// One address of a header field: display name (decoded, UTF-8) and addr-spec.
struct MailAddress {
  std::string name;
  std::string address;
  bool operator==(const MailAddress&) const = default;
};

/// SMTP's envelope, not the header's From and To. RFC 5321 §2.3.1.
struct Envelope {
  std::string sender;
  std::vector<std::string> recipients;
};

/// One leaf of a message that is not its text: decoded name, and where its bytes are.
struct AttachmentSummary {
  std::string filename;
  std::string content_type;
  std::string content_id;        // without < >
  std::string sha256;            // of the decoded bytes, lower-case hex
  std::uint64_t size_bytes = 0;  // decoded
  bool inline_disposition = false;
  std::optional<std::size_t> within;  // the attachment (winmail.dat) that it was taken out of
};

/// What a bounce says of one recipient, in the server's words.
struct BouncedRecipient {
  std::string address;     // as we wrote it (Original-Recipient) where that is told
  std::string status;      // RFC 3463: "5.1.1"; empty when none is told
  std::string action;      // "failed" or "delayed"
  std::string diagnostic;  // the remote server's words
  bool operator==(const BouncedRecipient&) const = default;
};

/// A mail that tells that another one did not arrive, or is late.
struct BounceSummary {
  std::optional<std::string> original_message_id;  // with < >
  std::optional<std::string> delivery;             // the dlv_ id, when the mail was ours
  std::vector<BouncedRecipient> recipients;
};

/// What MESSAGE of the contract tells of a mail, all strings valid UTF-8.
struct MessageSummary {
  std::optional<std::string> message_id;  // with < >
  std::optional<std::string> subject;
  std::optional<Instant> date;
  std::vector<MailAddress> from, sender, reply_to, to, cc;
  std::vector<std::string> envelope_recipients;  // Delivered-To, X-Original-To, …, Received
  std::optional<std::string> in_reply_to;
  std::vector<std::string> references;
  std::string mail_class = "normal";
  std::vector<std::string> class_evidence;  // why, in words: "Auto-Submitted: auto-replied"
  std::optional<BounceSummary> bounce;
  std::optional<std::string> text, html;
  bool text_truncated = false;
  std::vector<AttachmentSummary> attachments;
  std::vector<std::pair<std::string, std::string>> headers;  // decoded, in order
  std::vector<std::string> defects;
  std::optional<std::string> thread_index;  // Exchange's: its first 22 octets, hex
  // Not of the mail alone, but of what was here before it; see flows/threads.hpp.
  std::optional<std::string> thread_id;
  bool thread_known = false;                     // it answers or continues what was here before
  std::optional<std::string> matched_reference;  // by which; a ticket's number, a Message-ID
  std::optional<std::string> matched_by;         // subject, subaddress, in_reply_to, …
  std::vector<std::string> also_in;              // other integrations that had it before
};

boost::json::object to_json(const MessageSummary& summary);
MessageSummary message_summary_from_json(const boost::json::object& json);

struct DraftAttachment {
  std::string filename;
  std::string content_type;
  std::string content;  // decoded bytes
  std::string content_id;
};

/// A mail to be composed: checked fields, UTF-8 text.
struct Draft {
  std::vector<MailAddress> from, reply_to, to, cc;  // Bcc is only ever in the envelope
  std::string subject;
  std::optional<std::string> text, html;
  std::string charset = "utf-8";
  std::vector<DraftAttachment> attachments;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> in_reply_to;
  std::vector<std::string> references;
};

/// The bytes of a composed mail (CRLF lines), its Message-ID, and what was changed on the way.
struct ComposedMail {
  std::string bytes;
  std::string message_id;  // with < >
  std::vector<std::string> notes;
  bool needs_smtputf8 = false;  // an address in its header has a local part beyond ASCII
};

}  // namespace postern
