// From the login to Ready: who we are, what we want switched on, compression.
//
// Whatever the server answers, the session goes on without: nothing here is needed to get the mail.
#include "imap/machine.hpp"

#include "imap/letters.hpp"
#include "imap/refusal.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::imap {
namespace {

// Fit for a quoted string as it is.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

bool Session::Machine::enabled(std::string_view extension) const {
  return std::find(enabled_.begin(), enabled_.end(), extension) != enabled_.end();
}

// One command after the other, each at most once. COMPRESS comes last: behind its OK nothing may be
// on the way (RFC 4978 §3).
Result<void> Session::Machine::prepare() {
  using Ask = bool (Machine::*)();
  constexpr std::array<Ask, 3> steps{&Machine::ask_for_id, &Machine::enable_extensions,
                                     &Machine::ask_for_compression};
  state_ = State::preparing;
  while (prepared_ < steps.size()) {
    if ((this->*steps[prepared_++])()) return success();
  }
  return become_ready();
}

// id = "ID" SP id-params-list. Some servers (163.com) select no folder before they were told.
bool Session::Machine::ask_for_id() {
  const auto& [name, version] = options_.client;
  if (name.empty() || !capabilities_.has("ID")) return false;
  POSTERN_ASSERT(is_plain(name) && is_plain(version));
  std::string words = "ID (\"name\" \"" + name;
  if (!version.empty()) words += "\" \"version\" \"" + version;
  send({CommandKind::server_id, Command(words + "\")")});
  return true;
}

// UTF8=ACCEPT is enabled wherever it is offered: without it a server may rewrite internationalised
// mails before it gives them out (RFC 6858), and the bytes would not be those that were sent.
// QRESYNC enables CONDSTORE too (RFC 7162 §3.2.3).
bool Session::Machine::enable_extensions() {
  if (!capabilities_.has("ENABLE")) return false;
  std::string words = "ENABLE";
  if (options_.mod_sequences) {
    if (capabilities_.has("QRESYNC")) {
      words += " QRESYNC";
    } else if (capabilities_.has("CONDSTORE")) {
      words += " CONDSTORE";
    }
  }
  if (capabilities_.has("UTF8=ACCEPT") || capabilities_.has("UTF8=ONLY")) words += " UTF8=ACCEPT";
  if (words.find(' ') == std::string::npos) return false;
  send({CommandKind::enable, Command(std::move(words))});
  return true;
}

bool Session::Machine::ask_for_compression() {
  if (!options_.compress || !capabilities_.has("COMPRESS=DEFLATE")) return false;
  send({CommandKind::compress, Command("COMPRESS DEFLATE")});
  return true;
}

Result<void> Session::Machine::complete_preparation(const Pending& pending, const Status& status) {
  if (pending.kind == CommandKind::compress && status.condition == Condition::ok) {
    state_ = State::compressing;
    tell(StartCompression{framer_.take_unread()});
    return success();
  }
  if (status.condition == Condition::ok && status.code == Code::capability) {
    take_capabilities(status.words);
  }
  // Exchange answers any command so, when the account's mailbox cannot be opened.
  if (status.condition != Condition::ok) {
    auto error = command_refusal(status);
    if (error.code == errc::not_connected || error.code == errc::throttled) return error;
  }
  return prepare();
}

// Only what we asked for counts: the answer changes how we read what comes later.
void Session::Machine::take_enabled(const EnabledList& list) {
  if (running(CommandKind::enable) == nullptr) return;
  for (const auto& name : list.names) {
    const auto upper_name = to_upper(name);
    if (upper_name != "QRESYNC" && upper_name != "CONDSTORE" && upper_name != "UTF8=ACCEPT") {
      continue;
    }
    if (!enabled(upper_name)) enabled_.push_back(upper_name);
  }
}

void Session::Machine::take_server_id(const ServerId& id) {
  if (running(CommandKind::server_id) == nullptr) return;
  std::string words;
  for (const auto& [field, value] : id.fields) {
    if (!is_word(field, "NAME") && !is_word(field, "VERSION") && !is_word(field, "VENDOR"))
      continue;
    if (!words.empty()) words += ' ';
    words += value;
  }
  server_id_ = shown(words);
}

// select-param: CONDSTORE where ENABLE did not do it already. RFC 7162 §3.1.8.
std::string_view Session::Machine::select_parameters() const {
  const bool done = enabled("QRESYNC") || enabled("CONDSTORE");
  return options_.mod_sequences && !done && capabilities_.has("CONDSTORE") ? "(CONDSTORE)" : "";
}

// Whether FETCH may ask for MODSEQ: asking is what switches CONDSTORE on, so it is only done when
// it was wanted.
bool Session::Machine::mod_sequences() const {
  return options_.mod_sequences && (capabilities_.has("CONDSTORE") || enabled("QRESYNC"));
}

Result<void> Session::Machine::become_ready() {
  state_ = State::ready;
  tell(Ready{capabilities_, greeting_, server_id_});
  if (options_.folder.empty()) return success();
  const auto access = options_.read_only ? Access::read_only : Access::read_write;
  POSTERN_TRY(auto select, select_command(options_.folder, access, select_parameters()));
  queue_.push_front(std::move(select));
  return success();
}

}  // namespace postern::imap
