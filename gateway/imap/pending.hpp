// A command that waits to be sent or to be answered, with what its answer has told so far.
#pragma once

#include "imap/command.hpp"
#include "imap/session.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::imap {

enum class CommandKind {
  capability,
  starttls,
  login,
  select,
  fetch,
  search,
  status,
  list,
  name_spaces,
  copy,  // or move
  append,
  idle,
  logout,
  server_id,  // these three before Ready
  enable,
  compress,
  other,  // answered by CommandDone alone
};

struct Pending {
  Pending(CommandKind k, Command c) : kind(k), command(std::move(c)) {}

  CommandKind kind;
  Command command;
  CommandId id = 0;
  bool secret = false;
  std::vector<std::string> parts;  // once sent; those behind `parts_sent` wait for a "+"
  std::size_t parts_sent = 0;

  Access access = Access::read_write;  // select
  Selected selected;                   // select
  FetchItems items;                    // fetch
  bool headers_only = false;           // fetch
  std::uint64_t mails_expected = 0;    // fetch
  std::uint64_t mails_told = 0;        // fetch
  bool idle_waits = false;             // idle: the "+" came
  bool idle_ending = false;            // idle: DONE was sent, or is to be at the "+"
  NumberSet found;                     // search
  FolderStatus status;                 // status
  NamespaceDone spaces;                // name_spaces
  std::optional<CopiedUids> copied;    // copy
  std::uint64_t body_bytes = 0;        // append
};

/// SELECT or EXAMINE; `parameters` "(CONDSTORE)", or empty. Errors: bad_argument.
Result<Pending> select_command(std::string_view folder, Access access,
                               std::string_view parameters = {});

}  // namespace postern::imap
