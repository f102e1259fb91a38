// The commands of Session: each is checked and put into the machine's queue.
#include "imap/session.hpp"

#include "imap/arguments.hpp"
#include "imap/machine.hpp"

#include <utility>

namespace postern::imap {
namespace {

std::string item_words(const FetchItems& items) {
  std::string words = "UID";
  if (items.internal_date) words += " INTERNALDATE";
  if (items.rfc822_size) words += " RFC822.SIZE";
  if (items.flags) words += " FLAGS";
  if (items.mod_seq) words += " MODSEQ";
  if (items.gmail_message_id) words += " X-GM-MSGID";
  return words;
}

Pending fetch_command(std::string words, const FetchItems& items, std::uint64_t expected) {
  Pending pending(CommandKind::fetch, Command(std::move(words)));
  pending.items = items;
  pending.mails_expected = expected;
  return pending;
}

constexpr std::string_view whole_body = " BODY.PEEK[]";

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

bool Session::enabled(std::string_view extension) const {
  return machine_->enabled(extension);
}

Result<CommandId> Session::select(std::string_view folder, Access access) {
  POSTERN_TRY(auto pending, select_command(folder, access, machine_->select_parameters()));
  return machine_->queue(std::move(pending));
}

// select-param =/ "QRESYNC" SP "(" uidvalidity SP mod-sequence-value ")"
Result<CommandId> Session::select(std::string_view folder, Access access, KnownState known) {
  if (!enabled("QRESYNC")) return failure(errc::not_supported, "QRESYNC");
  if (known.uid_validity == 0 || known.mod_seq == 0) {
    return failure(errc::bad_argument, "nothing known");
  }
  const auto parameters = "(QRESYNC (" + std::to_string(known.uid_validity) + ' ' +
                          std::to_string(known.mod_seq) + "))";
  POSTERN_TRY(auto pending, select_command(folder, access, parameters));
  return machine_->queue(std::move(pending));
}

Result<CommandId> Session::unselect() {
  if (!capabilities().has("UNSELECT")) return failure(errc::not_supported, "UNSELECT");
  return machine_->queue({CommandKind::other, Command("UNSELECT")});
}

// What the server has; an item it does not know would be answered with BAD.
FetchItems Session::offered(FetchItems items) const {
  items.mod_seq = items.mod_seq && machine_->mod_sequences();
  items.gmail_message_id = items.gmail_message_id && capabilities().has("X-GM-EXT-1");
  return items;
}

Result<CommandId> Session::fetch(const NumberSet& uids, FetchItems items) {
  POSTERN_TRY(const auto set, set_text(uids));
  items = offered(items);
  std::string words = "UID FETCH " + set + " (" + item_words(items);
  if (items.body) words += whole_body;
  return machine_->queue(fetch_command(words + ')', items, uids.count()));
}

Result<CommandId> Session::fetch_from(std::uint32_t first_uid, FetchItems items) {
  if (first_uid == 0) return failure(errc::bad_argument, "UID 0");
  items = offered(items);
  std::string words = "UID FETCH " + std::to_string(first_uid) + ":* (" + item_words(items);
  if (items.body) words += whole_body;
  return machine_->queue(fetch_command(words + ')', items, 0));
}

// fetch-modifier = "CHANGEDSINCE" SP mod-sequence-value [SP "VANISHED"]; MODSEQ is told unasked.
Result<CommandId> Session::fetch_changed(const NumberSet& uids, std::uint64_t mod_seq,
                                         FetchItems items) {
  if (!machine_->mod_sequences()) return failure(errc::not_supported, "CONDSTORE");
  POSTERN_TRY(const auto set, set_text(uids));
  items = offered(items);
  std::string words = "UID FETCH " + set + " (" + item_words(items);
  if (items.body) words += whole_body;
  words += ") (CHANGEDSINCE " + std::to_string(mod_seq);
  words += enabled("QRESYNC") ? " VANISHED)" : ")";
  return machine_->queue(fetch_command(std::move(words), items, uids.count()));
}

Result<CommandId> Session::fetch_headers(const NumberSet& uids,
                                         const std::vector<std::string>& fields, FetchItems items) {
  POSTERN_TRY(const auto set, set_text(uids));
  std::string names;
  for (const auto& field : fields) {
    if (!is_header_name(field)) return failure(errc::bad_argument, "not a header field's name");
    if (!names.empty()) names += ' ';
    names += field;
  }
  if (names.empty()) return failure(errc::bad_argument, "no header field");
  items = offered(items);
  items.body = true;
  auto pending = fetch_command(
      "UID FETCH " + set + " (" + item_words(items) + " BODY.PEEK[HEADER.FIELDS (" + names + ")])",
      items, uids.count());
  pending.headers_only = true;
  return machine_->queue(std::move(pending));
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
  auto command = search_command();
  command.add_words(criteria);
  return machine_->queue({CommandKind::search, std::move(command)});
}

Result<CommandId> Session::search(const SearchCriteria& criteria) {
  auto command = search_command();
  POSTERN_TRY(add_criteria(command, criteria, enabled("UTF8=ACCEPT")));
  return machine_->queue({CommandKind::search, std::move(command)});
}

// ESEARCH answers with ranges. RFC 4731.
Command Session::search_command() const {
  return Command(capabilities().has("ESEARCH") ? "UID SEARCH RETURN (ALL)" : "UID SEARCH");
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

Result<CommandId> Session::idle() {
  if (!capabilities().has("IDLE")) return failure(errc::not_supported, "IDLE");
  return machine_->queue({CommandKind::idle, Command("IDLE")});
}

void Session::done() {
  machine_->end_idle();
}

}  // namespace postern::imap
