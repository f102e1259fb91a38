#include "smtp/server_command.hpp"

#include "core/syntax.hpp"
#include "core/utf8.hpp"
#include "smtp/command.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace postern::smtp {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

ServerReply syntax(std::string text) {
  return {501, "5.5.4", std::move(text)};
}

constexpr std::pair<std::string_view, Verb> verbs[] = {
    {"HELO", Verb::helo},     {"EHLO", Verb::ehlo},         {"MAIL", Verb::mail},
    {"RCPT", Verb::rcpt},     {"DATA", Verb::data},         {"RSET", Verb::rset},
    {"NOOP", Verb::noop},     {"VRFY", Verb::vrfy},         {"HELP", Verb::help},
    {"QUIT", Verb::quit},     {"STARTTLS", Verb::starttls}, {"AUTH", Verb::auth},
    {"EXPN", Verb::not_ours}, {"BDAT", Verb::not_ours},     {"ETRN", Verb::not_ours},
    {"TURN", Verb::not_ours}, {"ATRN", Verb::not_ours},     {"SEND", Verb::not_ours},
    {"SOML", Verb::not_ours}, {"SAML", Verb::not_ours},     {"GET", Verb::http},
    {"POST", Verb::http},     {"PUT", Verb::http},          {"CONNECT", Verb::http},
    {"OPTIONS", Verb::http},  {"HEAD", Verb::http},         {"DELETE", Verb::http},
};

/// "FROM:" or "TO:" in any letters' case, and blanks behind it.
bool take_keyword(std::string_view& argument, std::string_view keyword) {
  if (upper(argument.substr(0, keyword.size())) != keyword) return false;
  argument = trimmed(argument.substr(keyword.size()));
  return true;
}

/// "<" … ">", where a quoted local part may hold anything; what follows stays in `argument`.
std::optional<std::string> take_path(std::string_view& argument) {
  if (!argument.starts_with('<')) return std::nullopt;
  bool quoted = false;
  for (std::size_t i = 1; i < argument.size(); ++i) {
    const char c = argument[i];
    if (c == '\\' && quoted) {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == '>' && !quoted) {
      std::string path(argument.substr(1, i - 1));
      argument.remove_prefix(i + 1);
      const bool blank_follows = argument.empty() || argument.front() == ' ';
      return blank_follows ? std::optional(std::move(path)) : std::nullopt;
    }
  }
  return std::nullopt;
}

/// "@one,@two:joe@three" is joe@three. Source: RFC 5321 §4.1.2, A-d-l; appendix C.
std::string without_route(std::string path) {
  if (!path.starts_with('@')) return path;
  const auto colon = path.find(':');
  return colon == std::string::npos ? path : path.substr(colon + 1);
}

/// What is wrong with an address as such; `field` is the last number of its enhanced code.
std::optional<ServerReply> address_problem(std::string_view address, bool smtputf8, bool sender) {
  const char* enhanced = sender ? "5.1.7" : "5.1.3";
  if (address.size() + 2 > path_bytes_max) return ServerReply{553, enhanced, "Address too long"};
  // Even in quotes: some servers read a second path there.
  const bool angles = address.find_first_of("<>") != std::string_view::npos;
  if (angles || !valid_addr_spec(address)) {
    return ServerReply{553, enhanced, "Not an address: a local part, @ and a domain are needed"};
  }
  if (!smtputf8 && !is_ascii(address)) {
    return ServerReply{553, "5.6.7", "An address beyond ASCII needs SMTPUTF8"};
  }
  return std::nullopt;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > 20) {
    return std::nullopt;
  }
  return value;
}

constexpr std::size_t original_recipient_bytes_max = 500;  // RFC 3461 §4.2

std::optional<ServerReply> read_parameter(std::string_view word, MailArgument& mail) {
  const auto equals = std::min(word.find('='), word.size());
  const auto name = upper(word.substr(0, equals));
  const bool has_value = equals < word.size();
  const auto value = has_value ? word.substr(equals + 1) : std::string_view();
  if (name == "SIZE") {
    const auto size = number(value);
    if (!size) return syntax("SIZE= wants a number");
    mail.size_bytes = *size;
    return std::nullopt;
  }
  if (name == "BODY") {
    const auto kind = upper(value);
    if (kind != "7BIT" && kind != "8BITMIME") return syntax("BODY= wants 7BIT or 8BITMIME");
    mail.eight_bit = kind == "8BITMIME";
    return std::nullopt;
  }
  if (name == "SMTPUTF8" && !has_value) {
    mail.smtputf8 = true;
    return std::nullopt;
  }
  if (name == "REQUIRETLS" && !has_value) {
    mail.require_tls = true;
    return std::nullopt;
  }
  if (name == "RET") {
    const auto kind = upper(value);
    if (kind != "FULL" && kind != "HDRS") return syntax("RET= wants FULL or HDRS");
    mail.returned = kind == "FULL" ? DsnRequest::Return::full : DsnRequest::Return::headers;
    return std::nullopt;
  }
  if (name == "ENVID") {
    const auto id = from_xtext(value);
    if (!id || id->empty() || !valid_envelope_id(*id)) return syntax("ENVID= wants xtext, to 100");
    mail.envelope_id = *id;
    return std::nullopt;
  }
  // RFC 4954 §5: who offers AUTH takes AUTH=, and may treat all as AUTH=<>, as we do.
  if (name == "AUTH" && !value.empty()) return std::nullopt;
  return ServerReply{555, "5.5.4", "A parameter that was not offered"};
}

std::optional<ServerReply> read_notify(std::string_view value, RcptArgument& recipient) {
  std::vector<std::string_view> words;
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    words.push_back(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  const auto notify = parse_notify(words);
  if (!notify) return syntax("NOTIFY= wants NEVER, or some of SUCCESS, FAILURE and DELAY");
  recipient.notify = *notify;
  return std::nullopt;
}

/// addr-type ";" xtext. With SMTPUTF8 also the unitext form, which holds no blank and no control.
bool is_original_recipient(std::string_view value) {
  const auto semicolon = value.find(';');
  if (semicolon == std::string_view::npos || semicolon == 0 || semicolon + 1 == value.size()) {
    return false;
  }
  if (value.size() > original_recipient_bytes_max) return false;
  const auto type = upper(value.substr(0, semicolon));
  const auto address = value.substr(semicolon + 1);
  if (type == "UTF-8") {
    return valid_utf8(address) && std::none_of(address.begin(), address.end(), [](char c) {
             return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
           });
  }
  const bool atom = std::all_of(type.begin(), type.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  return atom && from_xtext(address).has_value();
}

std::optional<ServerReply> read_rcpt_parameter(std::string_view word, RcptArgument& recipient) {
  const auto equals = std::min(word.find('='), word.size());
  const auto name = upper(word.substr(0, equals));
  const auto value = word.substr(std::min(equals + 1, word.size()));
  if (name == "NOTIFY") return read_notify(value, recipient);
  if (name == "ORCPT") {
    if (!is_original_recipient(value)) return syntax("ORCPT= wants a type, ; and xtext");
    recipient.original = value;
    return std::nullopt;
  }
  return ServerReply{555, "5.5.4", "A parameter that was not offered"};
}

}  // namespace

std::string line_of(const ServerReply& reply) {
  std::string line = std::to_string(reply.code) + " ";
  if (!reply.enhanced.empty()) line += reply.enhanced + " ";
  return line + reply.text + "\r\n";
}

ServerCommand parse_command(std::string_view line) {
  const auto end = std::min(line.find_first_of(" \t"), line.size());
  const auto word = upper(line.substr(0, end));
  const auto* found = std::find_if(std::begin(verbs), std::end(verbs),
                                   [&](const auto& verb) { return verb.first == word; });
  if (found != std::end(verbs)) return {found->second, trimmed(line.substr(end))};
  // "Host: x", "Content-Type: y": the header of a request whose first line was not understood.
  if (word.size() > 1 && word.ends_with(':')) return {Verb::http, {}};
  return {Verb::unknown, {}};
}

std::variant<MailArgument, ServerReply> parse_mail(std::string_view argument) {
  if (!take_keyword(argument, "FROM:")) return syntax("MAIL FROM:<address> is how it goes");
  auto path = take_path(argument);
  if (!path) return syntax("MAIL FROM:<address> is how it goes");
  MailArgument mail;
  mail.sender = without_route(std::move(*path));
  while (!argument.empty()) {
    argument = trimmed(argument);
    const auto end = std::min(argument.find(' '), argument.size());
    const auto word = argument.substr(0, end);
    argument.remove_prefix(end);
    if (word.empty()) continue;
    if (auto refused = read_parameter(word, mail)) return std::move(*refused);
  }
  if (mail.sender.empty()) return mail;
  if (auto refused = address_problem(mail.sender, mail.smtputf8, true)) return std::move(*refused);
  return mail;
}

std::variant<RcptArgument, ServerReply> parse_rcpt(std::string_view argument, bool smtputf8) {
  if (!take_keyword(argument, "TO:")) return syntax("RCPT TO:<address> is how it goes");
  auto path = take_path(argument);
  if (!path || path->empty()) return syntax("RCPT TO:<address> is how it goes");
  RcptArgument recipient;
  while (!argument.empty()) {
    argument = trimmed(argument);
    const auto end = std::min(argument.find(' '), argument.size());
    const auto word = argument.substr(0, end);
    argument.remove_prefix(end);
    if (word.empty()) continue;
    if (auto refused = read_rcpt_parameter(word, recipient)) return std::move(*refused);
  }
  recipient.address = without_route(std::move(*path));
  if (auto refused = address_problem(recipient.address, smtputf8, false)) {
    return std::move(*refused);
  }
  return recipient;
}

}  // namespace postern::smtp
