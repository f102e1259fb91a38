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

// --- to know -----------------------------------------------------------------------------------

/// Logged in; queued commands start. Comes once.
struct Ready {
  Capabilities capabilities;  // as after the login
  std::string greeting;       // the server's words, shown()
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
  enum class What { exists, expunged, vanished, flags };
  What what = What::exists;
  std::uint32_t number = 0;  // exists: the new count; expunged, flags: the sequence number
  NumberSet uids;            // vanished
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

/// Any other command is over: noop, idle, list, capability, store, copy, move, expunge.
/// `error` as in FetchDone.
struct CommandDone {
  CommandId command = 0;
  std::optional<Error> error;
};

/// LOGOUT was answered or the server hung up after it: close the stream; the session is over.
struct Closed {};

using Step = std::variant<NeedInput, Send, StartTls, Ready, Alert, Selected, FetchStarted,
                          FetchedPiece, FetchedMail, FetchDone, IdleStarted, MailboxChanged,
                          SearchDone, StatusDone, ListedFolder, CommandDone, Closed>;

}  // namespace postern::imap
