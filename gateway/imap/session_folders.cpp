// The commands of Session about folders and about what is in them.
#include "imap/session.hpp"

#include "imap/arguments.hpp"
#include "imap/machine.hpp"

#include <utility>

namespace postern::imap {
namespace {

// "UID" SP verb SP sequence-set SP mailbox
Result<Pending> copy_command(std::string verb, const NumberSet& uids, std::string_view folder) {
  POSTERN_TRY(const auto set, set_text(uids));
  Pending pending(CommandKind::copy, Command("UID " + std::move(verb) + ' ' + set));
  POSTERN_TRY(pending.command.add_mailbox(folder));
  return pending;
}

Result<Pending> store_command(std::string_view item, const NumberSet& uids,
                              std::string_view flags) {
  POSTERN_TRY(const auto set, set_text(uids));
  if (!is_flag_list(flags)) return failure(errc::bad_argument, "not a list of flags");
  std::string words = "UID STORE " + set + ' ';
  words.append(item).append(" (").append(flags).append(")");
  return Pending(CommandKind::other, Command(std::move(words)));
}

}  // namespace

// A server with UTF8=ACCEPT enabled takes UTF-8; the command writes what fits when it is sent.
Result<CommandId> Session::status(std::string_view folder) {
  Pending pending(CommandKind::status, Command("STATUS"));
  POSTERN_TRY(pending.command.add_mailbox(folder));
  pending.command.add_words(capabilities().has("CONDSTORE")
                                ? "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)"
                                : "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)");
  return machine_->queue(std::move(pending));
}

// RFC 6154 §3: RETURN needs LIST-EXTENDED; servers without it tell the uses unasked, or by XLIST.
Result<CommandId> Session::list(std::string_view pattern) {
  const bool told = capabilities().has("SPECIAL-USE");
  const bool old = !told && capabilities().has("XLIST");
  Pending pending(CommandKind::list, Command(old ? "XLIST \"\"" : "LIST \"\""));
  POSTERN_TRY(pending.command.add_mailbox(pattern));
  if (told && capabilities().has("LIST-EXTENDED")) {
    pending.command.add_words("RETURN (SPECIAL-USE)");
  }
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::name_spaces() {
  if (!capabilities().has("NAMESPACE")) return failure(errc::not_supported, "NAMESPACE");
  return machine_->queue({CommandKind::name_spaces, Command("NAMESPACE")});
}

Result<CommandId> Session::create(std::string_view folder) {
  Pending pending(CommandKind::other, Command("CREATE"));
  POSTERN_TRY(pending.command.add_mailbox(folder));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::subscribe(std::string_view folder) {
  Pending pending(CommandKind::other, Command("SUBSCRIBE"));
  POSTERN_TRY(pending.command.add_mailbox(folder));
  return machine_->queue(std::move(pending));
}

// append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal
Result<CommandId> Session::append(std::string_view folder, const NewMessage& message) {
  if (message.size_bytes == 0) return failure(errc::bad_argument, "an empty message");
  const auto limit = capabilities().append_limit();
  if (limit && message.size_bytes > *limit) {
    return failure(errc::too_large, "APPENDLIMIT is " + std::to_string(*limit) + " bytes");
  }
  if (!message.flags.empty() && !is_flag_list(message.flags)) {
    return failure(errc::bad_argument, "not a list of flags");
  }
  Pending pending(CommandKind::append, Command("APPEND"));
  POSTERN_TRY(pending.command.add_mailbox(folder));
  if (!message.flags.empty()) pending.command.add_words('(' + message.flags + ')');
  if (message.internal_date) pending.command.add_words(date_time_text(*message.internal_date));
  pending.command.end_with_body(message.size_bytes, message.utf8_header);
  pending.body_bytes = message.size_bytes;
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::add_flags(const NumberSet& uids, std::string_view flags) {
  POSTERN_TRY(auto pending, store_command("+FLAGS.SILENT", uids, flags));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::remove_flags(const NumberSet& uids, std::string_view flags) {
  POSTERN_TRY(auto pending, store_command("-FLAGS.SILENT", uids, flags));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::copy(const NumberSet& uids, std::string_view folder) {
  POSTERN_TRY(auto pending, copy_command("COPY", uids, folder));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::move(const NumberSet& uids, std::string_view folder) {
  if (!capabilities().has("MOVE")) return failure(errc::not_supported, "MOVE");
  POSTERN_TRY(auto pending, copy_command("MOVE", uids, folder));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::expunge(const NumberSet& uids) {
  if (!capabilities().has("UIDPLUS")) return failure(errc::not_supported, "UIDPLUS");
  POSTERN_TRY(const auto set, set_text(uids));
  return machine_->queue({CommandKind::other, Command("UID EXPUNGE " + set)});
}

Result<CommandId> Session::expunge_all_deleted() {
  if (capabilities().has("UIDPLUS")) {
    return failure(errc::not_supported, "a plain EXPUNGE where UID EXPUNGE is there");
  }
  return machine_->queue({CommandKind::other, Command("EXPUNGE")});
}

}  // namespace postern::imap
