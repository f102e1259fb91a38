// The commands by which mails of one folder are marked, moved or deleted, each said to its end;
// what the server refuses is an answer, and no error. Which mails, and when, is AfterFetch's.
#pragma once

#include "flows/imap_link.hpp"

#include <optional>
#include <string>

namespace postern::flows {

/// The end of a command that did its work, or that the server refused.
struct ServerAnswer {
  std::optional<Error> refusal;
};

/// Opens the folder for more than reading. Errors: the server's refusal, too; the connection's.
net::Task<Result<imap::Selected>> open_to_change(ImapLink& link, std::string folder);

// In the folder that is open. Errors: the engine's and the network's, which end the connection, and
// the refusal of a server that asks for patience: that is none for good.

net::Task<Result<ServerAnswer>> add_flag(ImapLink& link, imap::NumberSet uids, std::string flag);

/// MOVE, or COPY where there is no MOVE, into a folder that is made when it is missing.
/// Source: RFC 6851; RFC 9051 §6.4.7 (TRYCREATE).
net::Task<Result<ServerAnswer>> put_into(ImapLink& link, imap::NumberSet uids, std::string folder);

/// Marked \Deleted and expunged, never with what others marked: without UIDPLUS the mark is all.
/// Source: RFC 4315 §2.1.
net::Task<Result<ServerAnswer>> remove_mails(ImapLink& link, imap::NumberSet uids);

}  // namespace postern::flows
