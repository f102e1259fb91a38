// What a Session asks of its driver, and what it tells it. Values only; session.hpp says when.
#pragma once

#include "core/time.hpp"
#include "imap/capabilities.hpp"
#include "imap/number_set.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::imap {

/// Names one queued command in the steps that answer it.
using CommandId = std::uint32_t;

// --- to do -------------------------------------------------------------------------------------

/// Read from the stream, then call receive(), or end_of_input() at its end.
struct NeedInput {};

/// Write all of it. `secret`: a credential is in it; write "***" into logs and transcripts.
struct Send {
  std::string bytes;
  bool secret = false;
};

/// Do the TLS handshake on this stream, then call next().
struct StartTls {};

/// COMPRESS was answered: from here on both directions are raw deflate (RFC 4978). `received` came
/// behind the answer in the same read and is compressed already: its plain bytes go to receive()
/// before any others. Then call next().
struct StartCompression {
  std::string received;
};

/// Write exactly `size_bytes` of the message that append() announced, then call next(). A body
/// that cannot be given whole has no other way out than closing the stream.
struct SendBody {
  CommandId command = 0;
  std::uint64_t size_bytes = 0;
};

// --- to know -----------------------------------------------------------------------------------

/// Logged in; queued commands start. Comes once.
struct Ready {
  Capabilities capabilities;  // as after the login
  std::string greeting;       // the server's words, shown()
  std::string server_id;      // what it told of itself (ID, RFC 2971): "Dovecot", shown()
};

/// Words the server wants a person to see ([ALERT]), shown(). Never from before TLS.
struct Alert {
  std::string words;
};

/// SELECT or EXAMINE worked.
struct Selected {
  CommandId command = 0;
  std::uint32_t exists = 0;                      // messages in the folder
  std::optional<std::uint32_t> uid_validity;     // missing: UIDs of this folder mean nothing later
  std::optional<std::uint32_t> uid_next;         // missing: ask with STATUS, or fetch n:*
  std::optional<std::uint64_t> highest_mod_seq;  // missing also for NOMODSEQ
  bool read_only = false;
  std::vector<std::string> permanent_flags;  // "\*": keywords may be made
};

/// The facts of a message that FETCH tells beside its body; each only when the server told it.
struct MailFacts {
  std::uint32_t sequence = 0;
  std::optional<std::uint32_t> uid;
  std::optional<Instant> internal_date;
  std::optional<std::uint64_t> rfc822_size;  // an estimate on Exchange: never the body's length
  std::optional<std::vector<std::string>> flags;
  std::optional<std::uint64_t> mod_seq;
  std::optional<std::uint64_t> gmail_message_id;  // X-GM-MSGID: the same under every label
};

/// A body begins. `facts` are those told so far: the UID may still be missing, and come in
/// FetchedMail. Between FetchStarted and its FetchedMail comes no other FetchStarted and no other
/// FetchedMail, so that the driver gathers one mail at a time; other news may come.
struct FetchStarted {
  MailFacts facts;
  std::uint64_t literal_size_bytes = 0;  // exact
  bool over_limit = false;               // over body_bytes_max: no pieces will come
};

/// The next bytes of the body, valid until the next call on the session. Exactly
/// literal_size_bytes in all.
struct FetchedPiece {
  std::string_view bytes;
};

enum class Body {
  none,        // not asked for, or the server left it out
  nil,         // the server has none: BODY[] NIL
  whole,       // all pieces came
  over_limit,  // skipped
};

/// A message is complete. With body whole or over_limit it ends what FetchStarted began.
/// `facts.uid` is missing only if the server never told it.
struct FetchedMail {
  MailFacts facts;
  Body body = Body::none;
};

/// The FETCH is over. `error`: NO or BAD (command_refused, not_connected, throttled, …) with the
/// server's words; mails told before it are good. Messages that are gone are simply not told.
struct FetchDone {
  CommandId command = 0;
  std::optional<Error> error;
};

/// The server waits with us; call done() to end it. RFC 2177.
struct IdleStarted {
  CommandId command = 0;
};

/// Something about the selected folder changed, told by the server in or outside IDLE.
struct MailboxChanged {
  // vanished_earlier: gone since the modification sequence a select() or fetch named.
  enum class What { exists, expunged, vanished, vanished_earlier, flags };
  What what = What::exists;
  std::uint32_t number = 0;  // exists: the new count; expunged, flags: the sequence number
  NumberSet uids;            // vanished, vanished_earlier
  MailFacts facts;           // flags: what was told of the message
};

/// The UIDs a search() found, as told, in one set.
struct SearchDone {
  CommandId command = 0;
  NumberSet uids;
  std::optional<Error> error;
};

struct FolderStatus {
  std::string folder;  // UTF-8
  std::optional<std::uint32_t> messages, uid_next, uid_validity, unseen;
  std::optional<std::uint64_t> highest_mod_seq;
};

/// The answer to status(); `folder` is empty when none came.
struct StatusDone {
  CommandId command = 0;
  FolderStatus status;
  std::optional<Error> error;
};

/// One folder of a list(); CommandDone ends them.
struct ListedFolder {
  std::string name;                     // UTF-8
  std::optional<char> delimiter;        // none: flat
  std::vector<std::string> attributes;  // "\Noselect", "\Sent", …
};

/// Where copied or moved messages are now (COPYUID, RFC 4315): the n-th UID of `source` became the
/// n-th of `destination`.
struct CopiedUids {
  std::uint32_t uid_validity = 0;  // of the other folder
  NumberSet source, destination;
  /// The new UID of `uid`; nothing when the server's two sets are not alike in number.
  std::optional<std::uint32_t> now(std::uint32_t uid) const;
};

/// A copy() or move() is over; `uids` only where the server tells them (UIDPLUS).
struct CopyDone {
  CommandId command = 0;
  std::optional<CopiedUids> uids;
  std::optional<Error> error;
};

/// An append() is over; both numbers only where the server tells them (UIDPLUS).
struct AppendDone {
  CommandId command = 0;
  std::optional<std::uint32_t> uid_validity, uid;
  std::optional<Error> error;
};

struct Namespace {
  std::string prefix;  // UTF-8, its delimiter at its end: "INBOX."
  std::optional<char> delimiter;
};

/// The answer to name_spaces(). RFC 2342.
struct NamespaceDone {
  CommandId command = 0;
  std::vector<Namespace> personal, other_users, shared;
  std::optional<Error> error;
};

/// Any other command is over: noop, idle, list, create, unselect, capability, store, expunge.
/// `error` as in FetchDone.
struct CommandDone {
  CommandId command = 0;
  std::optional<Error> error;
};

/// LOGOUT was answered or the server hung up after it: close the stream; the session is over.
struct Closed {};

using Step = std::variant<NeedInput, Send, StartTls, StartCompression, SendBody, Ready, Alert,
                          Selected, FetchStarted, FetchedPiece, FetchedMail, FetchDone, IdleStarted,
                          MailboxChanged, SearchDone, StatusDone, ListedFolder, CopyDone,
                          AppendDone, NamespaceDone, CommandDone, Closed>;

}  // namespace postern::imap
