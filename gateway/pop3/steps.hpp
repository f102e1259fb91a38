// What a Session asks of its driver, and what it tells it. Values only; session.hpp says when.
#pragma once

#include "pop3/capabilities.hpp"
#include "pop3/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::pop3 {

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

/// The answer to stat().
struct StatDone {
  CommandId command = 0;
  Drop drop;
  std::optional<Error> error;
};

/// One line of list(); CommandDone ends them.
struct ListedSize {
  SizeEntry entry;
};

/// One line of uidl(); CommandDone ends them.
struct ListedUid {
  UidEntry entry;
};

/// The next bytes of the mail that top() or retrieve() asked for, valid until the next call on
/// the session. RetrieveDone ends them.
struct RetrievedPiece {
  std::string_view bytes;
};

/// The mail is complete, or was refused before its first byte (`error`).
struct RetrieveDone {
  CommandId command = 0;
  std::uint64_t size_bytes = 0;  // of the pieces told
  std::optional<Error> error;
};

/// Any other command is over: list, uidl, dele, noop, rset. `error`: -ERR (command_refused,
/// server_trouble) with the server's words.
struct CommandDone {
  CommandId command = 0;
  std::optional<Error> error;
};

/// QUIT was answered, or the line ended: close the stream; the session is over.
struct Closed {
  /// +OK to QUIT came: what dele() marked is removed. Else some of it may be there still.
  /// Source: RFC 1939 §6.
  bool updated = false;
  std::string words;  // the server's, shown()
};

using Step = std::variant<NeedInput, Send, StartTls, Ready, StatDone, ListedSize, ListedUid,
                          RetrievedPiece, RetrieveDone, CommandDone, Closed>;

}  // namespace postern::pop3
