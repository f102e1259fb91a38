#include "imap/pending.hpp"

namespace postern::imap {

Result<Pending> select_command(std::string_view folder, Access access,
                               std::string_view parameters) {
  const bool read_only = access == Access::read_only;
  Pending pending(CommandKind::select, Command(read_only ? "EXAMINE" : "SELECT"));
  POSTERN_TRY(pending.command.add_mailbox(folder));
  if (!parameters.empty()) pending.command.add_words(parameters);
  pending.selected.read_only = read_only;
  return pending;
}

}  // namespace postern::imap
