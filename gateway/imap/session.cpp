// The commands of Session: each is checked and put into the machine's queue.
#include "imap/session.hpp"

#include "imap/machine.hpp"
#include "imap/mailbox_name.hpp"

#include <algorithm>
#include <utility>

namespace postern::imap {
namespace {

// Servers cut command lines at 8,192 octets and more. RFC 7162 §4.
constexpr std::size_t set_bytes_max = 8000;

Result<std::string> set_text(const NumberSet& uids) {
  if (uids.empty()) return failure(errc::bad_argument, "an empty set");
  auto text = uids.str();
  if (text.size() > set_bytes_max) return failure(errc::bad_argument, "a set too long to send");
  return text;
}

std::string item_words(const FetchItems& items) {
  std::string words = "(UID";
  if (items.internal_date) words += " INTERNALDATE";
  if (items.rfc822_size) words += " RFC822.SIZE";
  if (items.flags) words += " FLAGS";
  if (items.body) words += " BODY.PEEK[]";
  return words + ')';
}

Pending fetch_command(std::string words, const FetchItems& items, std::uint64_t expected) {
  Pending pending(CommandKind::fetch, Command(std::move(words)));
  pending.items = items;
  pending.mails_expected = expected;
  return pending;
}

// "UID" SP verb SP sequence-set SP mailbox
Result<Pending> folder_command(std::string verb, const NumberSet& uids, std::string_view folder) {
  POSTERN_TRY(const auto set, set_text(uids));
  POSTERN_TRY(const auto name, encode_mailbox(folder));
  Pending pending(CommandKind::other, Command("UID " + std::move(verb) + ' ' + set));
  POSTERN_TRY(pending.command.add_string(name));
  return pending;
}

bool is_flag_list(std::string_view flags) {
  return !flags.empty() && std::all_of(flags.begin(), flags.end(), [](char c) {
    return c >= 0x20 && c < 0x7f && std::string_view("(){%*\"]").find(c) == std::string_view::npos;
  });
}

}  // namespace

Session::Session(Options options) : machine_(std::make_unique<Machine>(std::move(options))) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Step> Session::next() {
  return machine_->next();
}
void Session::receive(std::string_view bytes) {
  machine_->receive(bytes);
}
void Session::end_of_input() {
  machine_->end_of_input();
}
bool Session::alive() const {
  return machine_->alive();
}
bool Session::busy() const {
  return machine_->busy();
}
const Capabilities& Session::capabilities() const {
  return machine_->capabilities();
}

Result<CommandId> Session::select(std::string_view folder, Access access) {
  POSTERN_TRY(auto pending, select_command(folder, access));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::fetch(const NumberSet& uids, FetchItems items) {
  POSTERN_TRY(const auto set, set_text(uids));
  return machine_->queue(
      fetch_command("UID FETCH " + set + ' ' + item_words(items), items, uids.count()));
}

Result<CommandId> Session::fetch_from(std::uint32_t first_uid, FetchItems items) {
  if (first_uid == 0) return failure(errc::bad_argument, "UID 0");
  return machine_->queue(fetch_command(
      "UID FETCH " + std::to_string(first_uid) + ":* " + item_words(items), items, 0));
}

Result<CommandId> Session::fetch_newest_headers(std::uint32_t count) {
  const auto exists = machine_->exists();
  if (exists == 0 || count == 0) return failure(errc::bad_argument, "no message to fetch");
  const auto first = count < exists ? exists - count + 1 : 1;
  auto pending = fetch_command("FETCH " + NumberSet(first, exists).str() +
                                   " (UID BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE MESSAGE-ID)])",
                               FetchItems{false, false, false, true}, count);
  pending.headers_only = true;
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::search(std::string_view criteria) {
  POSTERN_TRY(check_sendable(criteria));
  std::string words = "UID SEARCH ";
  if (capabilities().has("ESEARCH")) words += "RETURN (ALL) ";
  words += criteria;
  return machine_->queue(Pending(CommandKind::search, Command(words)));
}

Result<CommandId> Session::status(std::string_view folder) {
  POSTERN_TRY(const auto name, encode_mailbox(folder));
  Pending pending(CommandKind::status, Command("STATUS"));
  POSTERN_TRY(pending.command.add_string(name));
  pending.command.add_words(capabilities().has("CONDSTORE")
                                ? "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)"
                                : "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)");
  return machine_->queue(std::move(pending));
}

CommandId Session::noop() {
  return machine_->queue({CommandKind::other, Command("NOOP")});
}

CommandId Session::capability() {
  return machine_->queue({CommandKind::capability, Command("CAPABILITY")});
}

CommandId Session::logout() {
  return machine_->queue({CommandKind::logout, Command("LOGOUT")});
}

Result<CommandId> Session::list(std::string_view pattern) {
  POSTERN_TRY(const auto name, encode_mailbox(pattern));
  Pending pending(CommandKind::other, Command("LIST \"\""));
  POSTERN_TRY(pending.command.add_string(name));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::idle() {
  if (!capabilities().has("IDLE")) return failure(errc::not_supported, "IDLE");
  return machine_->queue({CommandKind::idle, Command("IDLE")});
}

void Session::done() {
  machine_->end_idle();
}

Result<CommandId> Session::add_flags(const NumberSet& uids, std::string_view flags) {
  POSTERN_TRY(const auto set, set_text(uids));
  if (!is_flag_list(flags)) return failure(errc::bad_argument, "not a list of flags");
  std::string words = "UID STORE " + set + " +FLAGS.SILENT (";
  words.append(flags).append(")");
  return machine_->queue({CommandKind::other, Command(words)});
}

Result<CommandId> Session::copy(const NumberSet& uids, std::string_view folder) {
  POSTERN_TRY(auto pending, folder_command("COPY", uids, folder));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::move(const NumberSet& uids, std::string_view folder) {
  if (!capabilities().has("MOVE")) return failure(errc::not_supported, "MOVE");
  POSTERN_TRY(auto pending, folder_command("MOVE", uids, folder));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::expunge(const NumberSet& uids) {
  if (!capabilities().has("UIDPLUS")) return failure(errc::not_supported, "UIDPLUS");
  POSTERN_TRY(const auto set, set_text(uids));
  return machine_->queue({CommandKind::other, Command("UID EXPUNGE " + set)});
}

}  // namespace postern::imap
