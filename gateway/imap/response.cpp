#include "imap/response.hpp"

#include "imap/letters.hpp"

#include <algorithm>

namespace postern::imap {
namespace {

constexpr std::size_t tag_bytes_max = 32;

// continue-req = "+" SP (resp-text / base64) CRLF; the SP is missing on some servers.
Response parse_continuation(std::string_view text) {
  text.remove_prefix(1);
  if (text.starts_with(' ')) text.remove_prefix(1);
  return Continuation{std::string(text)};
}

// response-tagged = tag SP resp-cond-state
Result<Response> parse_tagged(std::string_view text) {
  Scanner in(text);
  const auto tag = in.atom();
  if (tag.empty() || tag.size() > tag_bytes_max || !in.take(' ')) {
    return Scanner(text).expected("a response");
  }
  Condition condition{};
  if (!to_condition(in.atom(), condition) || condition == Condition::preauth ||
      condition == Condition::bye || (!in.at_end() && in.peek() != ' ')) {
    return Scanner(text).expected("a tagged OK, NO or BAD");
  }
  in.take(' ');
  return Tagged{std::string(tag), parse_status(condition, in.rest())};
}

// *(SP capability), *(SP flag): words up to the end or ")"
std::vector<std::string> parse_words(Scanner& in) {
  std::vector<std::string> words;
  for (;;) {
    in.skip_spaces();
    const auto word = in.atom();
    if (word.empty()) return words;
    words.emplace_back(word);
  }
}

// "(" [flag *(SP flag)] ")"; keywords of some servers hold brackets.
Result<std::vector<std::string>> parse_list(Scanner& in) {
  std::vector<std::string> words;
  POSTERN_TRY(in.expect('('));
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
    POSTERN_TRY(auto word, in.astring());
    words.push_back(std::move(word));
  }
  return words;
}

// DQUOTE QUOTED-CHAR DQUOTE / nil
Result<std::optional<char>> parse_delimiter(Scanner& in) {
  POSTERN_TRY(const auto token, in.nstring());
  const auto text = token.value();
  if (text.size() > 1) return in.expected("a delimiter of one character before this");
  if (text.empty()) return std::optional<char>();
  return std::optional<char>(text.front());
}

// mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
//                [SP mbox-list-extended]
Result<Response> parse_listed(Scanner& in, MailboxNames names) {
  ListedFolder folder;
  POSTERN_TRY(folder.attributes, parse_list(in));
  in.skip_spaces();
  POSTERN_TRY(folder.delimiter, parse_delimiter(in));
  in.skip_spaces();
  POSTERN_TRY(const auto name, in.astring());
  folder.name = decode_mailbox(name, names);
  return folder;
}

// XLIST, Google's forerunner of SPECIAL-USE, translates even INBOX's name and marks it instead.
Result<Response> parse_xlisted(Scanner& in, MailboxNames names) {
  POSTERN_TRY(auto response, parse_listed(in, names));
  auto& folder = std::get<ListedFolder>(response);
  const auto is_inbox = [](const std::string& attribute) { return is_word(attribute, "\\INBOX"); };
  if (std::any_of(folder.attributes.begin(), folder.attributes.end(), is_inbox)) {
    folder.name = "INBOX";
  }
  return response;
}

// Namespace = nil / "(" 1*Namespace-Descr ")"
// Namespace-Descr = "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil) [extensions] ")"
Result<std::vector<Namespace>> parse_namespaces(Scanner& in, MailboxNames names) {
  std::vector<Namespace> list;
  in.skip_spaces();
  if (in.peek() != '(') {
    POSTERN_TRY(in.skip_value());
    return list;
  }
  POSTERN_TRY(in.expect('('));
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
    Namespace space;
    POSTERN_TRY(in.expect('('));
    POSTERN_TRY(const auto prefix, in.astring());
    // "" is the root; INBOX is not a name here but the beginning of names.
    if (!prefix.empty()) space.prefix = decode_mailbox(prefix, names);
    in.skip_spaces();
    POSTERN_TRY(space.delimiter, parse_delimiter(in));
    for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
      POSTERN_TRY(in.skip_value());
    }
    if (list.size() < NamespaceLists::names_max) list.push_back(std::move(space));
  }
  return list;
}

// Namespace-Response = "NAMESPACE" SP Namespace SP Namespace SP Namespace
Result<Response> parse_namespace(Scanner& in, MailboxNames names) {
  NamespaceLists lists;
  POSTERN_TRY(lists.personal, parse_namespaces(in, names));
  POSTERN_TRY(lists.other_users, parse_namespaces(in, names));
  POSTERN_TRY(lists.shared, parse_namespaces(in, names));
  return lists;
}

// id-response = "ID" SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil)
Result<Response> parse_id(Scanner& in) {
  ServerId id;
  if (!in.take('(')) return id;
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
    POSTERN_TRY(auto field, in.astring());
    in.skip_spaces();
    POSTERN_TRY(const auto value, in.nstring());
    if (value.kind == StringToken::Kind::nil || id.fields.size() == ServerId::fields_max) continue;
    id.fields.emplace_back(std::move(field), value.value());
  }
  return id;
}

/// Some servers tell 0 where they have none.
Result<void> parse_uid(std::optional<std::uint32_t>& told, Scanner& in) {
  POSTERN_TRY(const auto number, in.number());
  if (number != 0) told = number;
  return success();
}

Result<void> parse_status_item(FolderStatus& status, Scanner& in) {
  const auto name = in.atom();
  in.skip_spaces();
  if (is_word(name, "MESSAGES")) {
    POSTERN_TRY(status.messages, in.number());
  } else if (is_word(name, "UIDNEXT")) {
    POSTERN_TRY(parse_uid(status.uid_next, in));
  } else if (is_word(name, "UIDVALIDITY")) {
    POSTERN_TRY(parse_uid(status.uid_validity, in));
  } else if (is_word(name, "UNSEEN")) {
    POSTERN_TRY(status.unseen, in.number());
  } else if (is_word(name, "HIGHESTMODSEQ")) {
    POSTERN_TRY(status.highest_mod_seq, in.number64());
  } else {
    POSTERN_TRY(in.skip_value());
  }
  return success();
}

// "STATUS" SP mailbox SP "(" [status-att-list] ")"
Result<Response> parse_folder_status(Scanner& in, MailboxNames names) {
  FolderStatus status;
  POSTERN_TRY(const auto name, in.astring());
  status.folder = decode_mailbox(name, names);
  in.skip_spaces();
  POSTERN_TRY(in.expect('('));
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
    POSTERN_TRY(parse_status_item(status, in));
  }
  return status;
}

// "SEARCH" *(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"]
Result<Response> parse_search(Scanner& in) {
  SearchResult result;
  for (in.skip_spaces(); !in.at_end(); in.skip_spaces()) {
    if (in.peek() == '(') {
      POSTERN_TRY(in.skip_value());
      continue;
    }
    POSTERN_TRY(const auto number, in.nz_number());
    POSTERN_TRY(result.numbers.add(number));
  }
  return result;
}

// esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
Result<Response> parse_esearch(Scanner& in) {
  SearchResult result;
  in.skip_spaces();
  if (in.peek() == '(') {
    POSTERN_TRY(in.skip_value());
  }
  for (in.skip_spaces(); !in.at_end(); in.skip_spaces()) {
    const auto name = in.atom();
    if (is_word(name, "UID")) {
      result.by_uid = true;
      continue;
    }
    in.skip_spaces();
    if (is_word(name, "ALL")) {
      POSTERN_TRY(result.numbers, in.number_set());
    } else {
      POSTERN_TRY(in.skip_value());
    }
  }
  return result;
}

// expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids
Result<Response> parse_vanished(Scanner& in) {
  Vanished vanished;
  if (in.peek() == '(') {
    vanished.earlier = true;
    POSTERN_TRY(in.skip_value());
    in.skip_spaces();
  }
  POSTERN_TRY(vanished.uids, in.number_set());
  return vanished;
}

// mailbox-data and message-data that begin with a number: EXISTS, RECENT, EXPUNGE, FETCH
Result<Response> parse_numbered(Scanner& in) {
  POSTERN_TRY(const auto number, in.number());
  POSTERN_TRY(in.expect(' '));
  in.skip_spaces();
  const auto name = in.atom();
  if (is_word(name, "EXISTS")) return Response{Exists{number}};
  if (is_word(name, "RECENT")) return Response{Recent{number}};
  if (is_word(name, "EXPUNGE") || is_word(name, "FETCH")) {
    if (number == 0) return in.expected("a message number above 0 before this");
    if (is_word(name, "EXPUNGE")) return Response{Expunged{number}};
    in.skip_spaces();
    POSTERN_TRY(auto fetch, parse_fetch(number, in, false));
    return Response{std::move(fetch)};
  }
  return Response{OtherResponse{std::string(name)}};
}

Result<Response> parse_untagged(std::string_view text, MailboxNames names) {
  Scanner in(text.substr(2));
  in.skip_spaces();
  if (is_digit(in.peek())) return parse_numbered(in);
  const auto name = in.atom();
  Condition condition{};
  if (to_condition(name, condition)) {
    in.take(' ');
    return Response{parse_status(condition, in.rest())};
  }
  in.skip_spaces();
  if (is_word(name, "CAPABILITY")) return Response{CapabilityList{parse_words(in)}};
  if (is_word(name, "LIST")) return parse_listed(in, names);
  if (is_word(name, "XLIST")) return parse_xlisted(in, names);
  if (is_word(name, "STATUS")) return parse_folder_status(in, names);
  if (is_word(name, "NAMESPACE")) return parse_namespace(in, names);
  if (is_word(name, "ENABLED")) return Response{EnabledList{parse_words(in)}};
  if (is_word(name, "ID")) return parse_id(in);
  if (is_word(name, "SEARCH")) return parse_search(in);
  if (is_word(name, "ESEARCH")) return parse_esearch(in);
  if (is_word(name, "VANISHED")) return parse_vanished(in);
  if (is_word(name, "FLAGS")) {
    POSTERN_TRY(auto flags, parse_list(in));
    return Response{FlagsList{std::move(flags)}};
  }
  if (name.empty()) return Scanner(text).expected("a response");
  return Response{OtherResponse{std::string(name)}};
}

}  // namespace

Result<Response> parse_response(std::string_view text, MailboxNames names) {
  if (text.starts_with("* ")) return parse_untagged(text, names);
  if (text.starts_with('+')) return parse_continuation(text);
  return parse_tagged(text);
}

Result<FetchResponse> parse_fetch_begin(std::string_view text) {
  Scanner in(text.substr(std::min<std::size_t>(2, text.size())));
  in.skip_spaces();
  POSTERN_TRY(const auto sequence, in.nz_number());
  POSTERN_TRY(in.expect(' '));
  in.skip_spaces();
  if (!is_word(in.atom(), "FETCH")) return in.expected("FETCH before this");
  in.skip_spaces();
  POSTERN_TRY(auto fetch, parse_fetch(sequence, in, true));
  if (!fetch.body || fetch.body->kind != StringToken::Kind::streamed) {
    return Scanner(text).expected("one body");
  }
  return fetch;
}

}  // namespace postern::imap
