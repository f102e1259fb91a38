#include "imap/pending.hpp"

#include "imap/mailbox_name.hpp"

namespace postern::imap {

Result<Pending> select_command(std::string_view folder, Access access) {
  const bool read_only = access == Access::read_only;
  POSTERN_TRY(const auto name, encode_mailbox(folder));
  Pending pending(CommandKind::select, Command(read_only ? "EXAMINE" : "SELECT"));
  POSTERN_TRY(pending.command.add_string(name));
  pending.selected.read_only = read_only;
  return pending;
}

}  // namespace postern::imap
