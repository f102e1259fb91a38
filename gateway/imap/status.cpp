#include "imap/status.hpp"

#include "imap/letters.hpp"

#include <array>
#include <utility>

namespace postern::imap {
namespace {

constexpr std::array<std::pair<std::string_view, Code>, 38> code_names{{
    {"ALERT", Code::alert},
    {"ALREADYEXISTS", Code::already_exists},
    {"APPENDUID", Code::append_uid},
    {"AUTHENTICATIONFAILED", Code::authentication_failed},
    {"AUTHORIZATIONFAILED", Code::authorization_failed},
    {"BADCHARSET", Code::badcharset},
    {"CANNOT", Code::cannot},
    {"CAPABILITY", Code::capability},
    {"CLIENTBUG", Code::client_bug},
    {"CLOSED", Code::closed},
    {"CONTACTADMIN", Code::contact_admin},
    {"COPYUID", Code::copy_uid},
    {"CORRUPTION", Code::corruption},
    {"EXPIRED", Code::expired},
    {"EXPUNGEISSUED", Code::expunge_issued},
    {"HIGHESTMODSEQ", Code::highest_mod_seq},
    {"INUSE", Code::in_use},
    {"LIMIT", Code::limit},
    {"NONEXISTENT", Code::nonexistent},
    {"NOMODSEQ", Code::no_mod_seq},
    {"NOPERM", Code::no_perm},
    {"OVERQUOTA", Code::overquota},
    {"PARSE", Code::parse},
    {"PERMANENTFLAGS", Code::permanent_flags},
    {"PRIVACYREQUIRED", Code::privacy_required},
    {"READ-ONLY", Code::read_only},
    {"READ-WRITE", Code::read_write},
    {"REFERRAL", Code::referral},
    {"SERVERBUG", Code::server_bug},
    {"THROTTLED", Code::throttled},
    {"TOOBIG", Code::too_big},
    {"TRYCREATE", Code::try_create},
    {"UIDNEXT", Code::uid_next},
    {"UIDNOTSTICKY", Code::uid_not_sticky},
    {"UIDVALIDITY", Code::uid_validity},
    {"UNAVAILABLE", Code::unavailable},
    {"UNSEEN", Code::unseen},
    {"WEBALERT", Code::web_alert},
}};

Code to_code(std::string_view name) {
  for (const auto& [word, code] : code_names) {
    if (is_word(name, word)) return code;
  }
  return Code::other;
}

bool parse_number(Status& status, Scanner& in, bool wide) {
  if (wide) {
    const auto number = in.number64();
    if (number) status.number = number.value();
    return number.has_value();
  }
  const auto number = in.nz_number();
  if (number) status.number = number.value();
  return number.has_value();
}

// capability-data = *(SP capability); PERMANENTFLAGS SP "(" [flag-perm *(SP flag-perm)] ")"
void parse_words(Status& status, Scanner& in) {
  in.take('(');
  for (;;) {
    in.skip_spaces();
    const auto word = in.atom();
    if (word.empty()) return;
    status.words.emplace_back(word);
  }
}

bool parse_set(NumberSet& set, Scanner& in) {
  in.skip_spaces();
  auto parsed = in.number_set();
  if (parsed) set = std::move(parsed.value());
  return parsed.has_value();
}

// resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set
// resp-code-apnd = "APPENDUID" SP nz-number SP append-uid
bool parse_uids(Status& status, Scanner& in, bool copied) {
  if (!parse_number(status, in, false)) return false;
  if (copied && !parse_set(status.source, in)) return false;
  return parse_set(status.destination, in);
}

// The codes whose argument we use. True if it is as it must be.
bool parse_argument(Status& status, Scanner& in) {
  switch (status.code) {
    case Code::uid_validity:
    case Code::uid_next:
    case Code::unseen:
      return parse_number(status, in, false);
    case Code::highest_mod_seq:
      return parse_number(status, in, true);
    case Code::capability:
    case Code::permanent_flags:
      parse_words(status, in);
      return true;
    case Code::none:
    case Code::other:
    case Code::append_uid:
      return parse_uids(status, in, false);
    case Code::copy_uid:
      return parse_uids(status, in, true);
    case Code::alert:
    case Code::already_exists:
    case Code::authentication_failed:
    case Code::authorization_failed:
    case Code::badcharset:
    case Code::cannot:
    case Code::client_bug:
    case Code::closed:
    case Code::contact_admin:
    case Code::corruption:
    case Code::expired:
    case Code::expunge_issued:
    case Code::in_use:
    case Code::limit:
    case Code::nonexistent:
    case Code::no_mod_seq:
    case Code::no_perm:
    case Code::overquota:
    case Code::parse:
    case Code::privacy_required:
    case Code::read_only:
    case Code::read_write:
    case Code::referral:
    case Code::server_bug:
    case Code::throttled:
    case Code::too_big:
    case Code::try_create:
    case Code::uid_not_sticky:
    case Code::unavailable:
    case Code::web_alert:
      return true;
  }
  return true;
}

// Where the code's "]" is: quoted strings may hold one.
std::size_t find_code_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ']' && !quoted) {
      return i;
    }
  }
  return text.find(']');
}

}  // namespace

std::string Status::quoted() const {
  if (code_text.empty()) return text;
  return '[' + code_text + "] " + text;
}

bool to_condition(std::string_view word, Condition& condition) {
  if (is_word(word, "OK")) return condition = Condition::ok, true;
  if (is_word(word, "NO")) return condition = Condition::no, true;
  if (is_word(word, "BAD")) return condition = Condition::bad, true;
  if (is_word(word, "BYE")) return condition = Condition::bye, true;
  if (is_word(word, "PREAUTH")) return condition = Condition::preauth, true;
  return false;
}

Status parse_status(Condition condition, std::string_view text) {
  Status status;
  status.condition = condition;
  const auto end = text.starts_with('[') ? find_code_end(text) : std::string_view::npos;
  if (end == std::string_view::npos) {
    status.text = text;
    return status;
  }
  status.code_text = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  if (text.starts_with(' ')) text.remove_prefix(1);
  status.text = text;
  Scanner in(status.code_text);
  status.code = to_code(in.atom());
  in.skip_spaces();
  if (!parse_argument(status, in)) status.code = Code::other;
  return status;
}

}  // namespace postern::imap
