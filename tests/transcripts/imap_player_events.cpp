// Steps → text, text → commands.
#include "transcripts/imap_player_events.hpp"

#include "core/time.hpp"
#include "imap/scanner.hpp"
#include "transcripts/script.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

namespace postern::imap {
namespace {

constexpr std::size_t body_shown_max = 80;  // a longer one is told by its size alone

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

template <class Number>
std::string field(std::string_view name, const std::optional<Number>& number) {
  if (!number) return "";
  return ' ' + std::string(name) + '=' + std::to_string(*number);
}

std::string ending(const std::optional<Error>& error) {
  return error ? ' ' + describe_error(*error) : std::string();
}

std::string describe_facts(const MailFacts& facts) {
  std::string text = field("uid", facts.uid);
  if (facts.internal_date) text += " date=" + to_rfc3339(*facts.internal_date);
  text += field("size", facts.rfc822_size) + field("modseq", facts.mod_seq) +
          field("gmail", facts.gmail_message_id);
  if (facts.flags) text += " flags=(" + joined(*facts.flags) + ')';
  return text;
}

std::string describe_mail(const FetchedMail& mail, std::string_view body) {
  const auto& facts = mail.facts;
  std::string text = "mail" + field("uid", facts.uid);
  switch (mail.body) {
    case Body::none:
      break;
    case Body::nil:
      text += " body=nil";
      break;
    case Body::over_limit:
      text += " body=over-limit";
      break;
    case Body::whole:
      text += " body=" + std::to_string(body.size());
      if (body.size() <= body_shown_max) text += " \"" + transcripts::escaped(body) + '"';
      break;
  }
  auto rest = facts;
  rest.uid.reset();
  return text + describe_facts(rest);
}

std::string describe_ready(const Ready& ready) {
  auto text = "ready " + joined(ready.capabilities.names());
  if (!ready.server_id.empty()) text += " id=" + ready.server_id;
  return text;
}

std::string describe_copy(const CopyDone& done) {
  std::string text = "copy-done";
  if (done.uids) {
    text += " uidvalidity=" + std::to_string(done.uids->uid_validity) + ' ' +
            done.uids->source.str() + "->" + done.uids->destination.str();
  }
  return text + ending(done.error);
}

std::string describe_spaces(const std::vector<Namespace>& spaces) {
  std::string text = " (";
  for (const auto& space : spaces) {
    if (text.size() > 2) text += ' ';
    text += '"' + space.prefix + '"' + (space.delimiter ? *space.delimiter : '-');
  }
  return text + ')';
}

std::string describe_namespaces(const NamespaceDone& done) {
  return "namespace-done" + describe_spaces(done.personal) + describe_spaces(done.other_users) +
         describe_spaces(done.shared) + ending(done.error);
}

std::string describe_selected(const Selected& selected) {
  auto text = "selected exists=" + std::to_string(selected.exists) +
              field("uidvalidity", selected.uid_validity) + field("uidnext", selected.uid_next) +
              field("modseq", selected.highest_mod_seq);
  if (selected.read_only) text += " read-only";
  if (!selected.permanent_flags.empty()) {
    text += " permanent=(" + joined(selected.permanent_flags) + ')';
  }
  return text;
}

std::string describe_change(const MailboxChanged& change) {
  switch (change.what) {
    case MailboxChanged::What::exists:
      return "exists " + std::to_string(change.number);
    case MailboxChanged::What::expunged:
      return "expunged " + std::to_string(change.number);
    case MailboxChanged::What::vanished:
      return "vanished " + change.uids.str();
    case MailboxChanged::What::vanished_earlier:
      return "vanished-earlier " + change.uids.str();
    case MailboxChanged::What::flags:
      return "flags " + std::to_string(change.number) + describe_facts(change.facts);
  }
  return "";
}

std::string describe_status(const StatusDone& done) {
  return "status-done " + done.status.folder + field("messages", done.status.messages) +
         field("uidnext", done.status.uid_next) + field("uidvalidity", done.status.uid_validity) +
         field("unseen", done.status.unseen) + field("modseq", done.status.highest_mod_seq) +
         ending(done.error);
}

std::string describe_listed(const ListedFolder& folder) {
  return "listed " + folder.name + ' ' + (folder.delimiter ? *folder.delimiter : '-') + " (" +
         joined(folder.attributes) + ')';
}

NumberSet to_set(std::string_view text) {
  Scanner in(text);
  const auto set = in.number_set();
  if (set && in.at_end()) return set.value();
  std::fprintf(stderr, "not a set: %s\n", std::string(text).c_str());
  std::abort();
}

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

FetchItems to_items(std::string_view words) {
  if (words.empty()) return {};
  FetchItems items{false, false, false, false};
  while (!words.empty()) {
    const auto word = take_word(words);
    if (word == "date") items.internal_date = true;
    if (word == "size") items.rfc822_size = true;
    if (word == "flags") items.flags = true;
    if (word == "body") items.body = true;
    if (word == "modseq") items.mod_seq = true;
    if (word == "gmail") items.gmail_message_id = true;
  }
  return items;
}

Result<CommandId> run_on_set(Session& session, std::string_view verb, std::string_view rest) {
  const auto set = to_set(take_word(rest));
  if (verb == "fetch") return session.fetch(set, to_items(rest));
  if (verb == "headers") return session.fetch_headers(set, {std::string(rest)}, to_items("none"));
  if (verb == "changed") {
    const auto mod_seq = std::strtoull(std::string(take_word(rest)).c_str(), nullptr, 10);
    return session.fetch_changed(set, mod_seq, to_items(rest));
  }
  if (verb == "flags") return session.add_flags(set, rest);
  if (verb == "unflags") return session.remove_flags(set, rest);
  if (verb == "copy") return session.copy(set, rest);
  if (verb == "move") return session.move(set, rest);
  if (verb == "expunge") return session.expunge(set);
  std::fprintf(stderr, "not a command: %s\n", std::string(verb).c_str());
  std::abort();
}

Result<CommandId> run_command(Session& session, std::string_view verb, std::string_view rest) {
  const auto number = [&] {
    return static_cast<std::uint32_t>(
        std::strtoul(std::string(take_word(rest)).c_str(), nullptr, 10));
  };
  if (verb == "done") {
    session.done();
    return CommandId{0};
  }
  if (verb == "noop") return session.noop();
  if (verb == "namespace") return session.name_spaces();
  if (verb == "create") return session.create(rest);
  if (verb == "unselect") return session.unselect();
  if (verb == "expunge-all") return session.expunge_all_deleted();
  if (verb == "append" || verb == "append-utf8") {
    NewMessage message;
    message.size_bytes = number();
    message.utf8_header = verb == "append-utf8";
    message.internal_date = parse_rfc3339(take_word(rest));
    const auto folder = take_word(rest);
    message.flags = rest;
    return session.append(folder, message);
  }
  if (verb == "resume" || verb == "resume-examine") {
    const auto validity = number();
    const auto mod_seq = std::strtoull(std::string(take_word(rest)).c_str(), nullptr, 10);
    const KnownState known{validity, mod_seq};
    const auto access = verb == "resume" ? Access::read_write : Access::read_only;
    return session.select(rest, access, known);
  }
  if (verb == "find-id") {
    SearchCriteria criteria;
    criteria.since = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31);
    criteria.headers.emplace_back("Message-ID", std::string(rest));
    return session.search(criteria);
  }
  if (verb == "find-gmail") {
    SearchCriteria criteria;
    criteria.gmail_message_id = std::strtoull(std::string(rest).c_str(), nullptr, 10);
    return session.search(criteria);
  }
  if (verb == "capability") return session.capability();
  if (verb == "logout") return session.logout();
  if (verb == "idle") return session.idle();
  if (verb == "select") return session.select(rest, Access::read_write);
  if (verb == "examine") return session.select(rest, Access::read_only);
  if (verb == "search") return session.search(rest);
  if (verb == "status") return session.status(rest);
  if (verb == "list") return session.list(rest);
  if (verb == "newest") return session.fetch_newest_headers(number());
  if (verb == "fetch-from") {
    const auto first = number();
    return session.fetch_from(first, to_items(rest));
  }
  return run_on_set(session, verb, rest);
}

}  // namespace

std::string describe_error(const Error& error) {
  static const std::map<errc, std::string_view> names{
#define NAME(code) {errc::code, #code}
      NAME(not_imap),
      NAME(greeting_bye),
      NAME(starttls_not_offered),
      NAME(starttls_refused),
      NAME(bytes_before_tls),
      NAME(preauth_before_tls),
      NAME(plain_login_forbidden),
      NAME(login_refused),
      NAME(login_unavailable),
      NAME(login_disabled),
      NAME(no_mechanism),
      NAME(not_connected),
      NAME(throttled),
      NAME(session_expired),
      NAME(folder_missing),
      NAME(command_refused),
      NAME(login_needs_person),
      NAME(folder_exists),
      NAME(folder_to_create),
      NAME(not_found),
      NAME(no_permission),
      NAME(over_quota),
      NAME(limit_reached),
      NAME(in_use),
      NAME(expunged),
      NAME(not_possible),
      NAME(unavailable),
      NAME(server_fault),
      NAME(too_large),
      NAME(not_supported),
      NAME(bad_argument),
      NAME(malformed),
      NAME(line_too_long),
      NAME(literal_too_large),
      NAME(nesting_too_deep),
      NAME(set_too_large),
      NAME(flooded),
      NAME(bye),
      NAME(connection_closed)
#undef NAME
  };
  std::string text = "error ";
  text.append(names.at(static_cast<errc>(error.code.value()))).append(" ").append(error.detail);
  return text;
}

std::string event_name(const Step& step) {
  if (std::holds_alternative<CommandDone>(step)) return "done";
  const auto text = describe(step, "");
  return text.substr(0, text.find(' '));
}

std::string describe(const Step& step, std::string_view body) {
  return std::visit(Overloaded{
                        [](const NeedInput&) { return std::string("need-input"); },
                        [](const Send&) { return std::string("send"); },
                        [](const StartTls&) { return std::string("start-tls"); },
                        [](const StartCompression&) { return std::string("start-compression"); },
                        [](const SendBody&) { return std::string("send-body"); },
                        [](const Ready& ready) { return describe_ready(ready); },
                        [](const Alert& alert) { return "alert " + alert.words; },
                        [](const Selected& selected) { return describe_selected(selected); },
                        [](const FetchStarted&) { return std::string("fetch-started"); },
                        [](const FetchedPiece&) { return std::string("piece"); },
                        [&](const FetchedMail& mail) { return describe_mail(mail, body); },
                        [](const FetchDone& done) { return "fetch-done" + ending(done.error); },
                        [](const IdleStarted&) { return std::string("idle-started"); },
                        [](const MailboxChanged& change) { return describe_change(change); },
                        [](const SearchDone& done) {
                          return "search-done " + done.uids.str() + ending(done.error);
                        },
                        [](const StatusDone& done) { return describe_status(done); },
                        [](const ListedFolder& folder) { return describe_listed(folder); },
                        [](const CopyDone& done) { return describe_copy(done); },
                        [](const AppendDone& done) {
                          return "append-done" + field("uidvalidity", done.uid_validity) +
                                 field("uid", done.uid) + ending(done.error);
                        },
                        [](const NamespaceDone& done) { return describe_namespaces(done); },
                        [](const CommandDone& done) { return "done" + ending(done.error); },
                        [](const Closed&) { return std::string("closed"); },
                    },
                    step);
}

std::vector<std::string> run_commands(Session& session, std::string_view commands) {
  std::vector<std::string> refusals;
  while (!commands.empty()) {
    const auto end = std::min(commands.find("; "), commands.size());
    auto rest = commands.substr(0, end);
    commands.remove_prefix(std::min(end + 2, commands.size()));
    const auto verb = take_word(rest);
    const auto queued = run_command(session, verb, rest);
    if (!queued)
      refusals.push_back("refused " + std::string(verb) + ' ' + describe_error(queued.error()));
  }
  return refusals;
}

}  // namespace postern::imap
