#include "cli/sendmail.hpp"

#include "cli/api_client.hpp"
#include "cli/exit_code.hpp"

#include <array>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string_view>

namespace postern::cli {
namespace {

/// The server takes 16 KiB of request line and header; more recipients go into the mail's own Bcc.
constexpr std::size_t query_bytes_max = 8 * 1024;

constexpr std::string_view with_value =
    "ABCeFfhLNOopRrVX";  // flags that take one, as getopt has it
constexpr std::string_view without_value = "GintUv";

/// "-oi", "-o i", "-f x", "-fx": the value, from this argument or the next.
class Arguments {
 public:
  explicit Arguments(const std::vector<std::string>& all) : all_(all) {}
  bool more() const { return at_ < all_.size(); }
  std::string_view take() { return all_[at_++]; }

 private:
  const std::vector<std::string>& all_;
  std::size_t at_ = 0;
};

std::string unknown(std::string_view flag) {
  return std::string(flag) + " is not known to Postern's sendmail";
}

/// What a flag with a value means. Empty, or what is wrong.
std::string obey(char flag, std::string_view value, SendmailFlags& flags) {
  if (flag == 'f' || flag == 'r') flags.from = value;
  if (flag == 'F') flags.full_name = value;
  if (flag == 'o' && (value == "i" || value.starts_with("i="))) flags.dot_is_text = true;
  if (flag == 'o' && value == "t") flags.header_recipients = true;
  if (flag == 'N') flags.notify = value;
  if (flag == 'R') flags.returned = value == "hdrs" ? "headers" : value;
  if (flag == 'V') flags.envelope_id = value;
  return {};
}

std::string long_flag(std::string_view argument, Arguments& rest, SendmailFlags& flags) {
  const std::array<std::pair<std::string_view, std::string*>, 3> known{{
      {"--integration", &flags.integration},
      {"--url", &flags.url},
      {"--ca-file", &flags.ca_file},
  }};
  const auto equals = argument.find('=');
  const auto name = argument.substr(0, equals);
  for (const auto& [word, target] : known) {
    if (name != word) continue;
    if (equals == std::string_view::npos && !rest.more())
      return std::string(word) + " wants a value";
    *target = equals == std::string_view::npos ? rest.take() : argument.substr(equals + 1);
    return {};
  }
  return unknown(argument);
}

/// "-b": what sendmail is to be. It is a program that takes one mail, and nothing else.
std::string mode(std::string_view letter) {
  if (letter == "m") return {};
  return "-b" + std::string(letter) + ": only -bm, to send one mail, is done here" +
         (letter == "s" ? "; programs that speak SMTP use the submission listener" : "");
}

/// One word of flags: "-ti", "-oi", "-fa@b".
std::string short_flags(std::string_view word, Arguments& rest, SendmailFlags& flags) {
  const auto value = [&](std::size_t i) -> std::string_view {
    if (i + 1 < word.size()) return word.substr(i + 1);
    return rest.more() ? rest.take() : std::string_view();
  };
  for (std::size_t i = 1; i < word.size(); ++i) {
    const char flag = word[i];
    if (flag == 'b') return mode(value(i));
    if (flag == 'q') return {};  // the queue is worked on by the server, always
    if (with_value.find(flag) != std::string_view::npos) return obey(flag, value(i), flags);
    if (without_value.find(flag) == std::string_view::npos) return unknown(word);
    if (flag == 't') flags.header_recipients = true;
    if (flag == 'i') flags.dot_is_text = true;
  }
  return {};
}

std::string read_mail(bool dot_is_text) {
  if (dot_is_text) {
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  }
  std::string mail, line;
  while (std::getline(std::cin, line)) {
    if (line == "." || line == ".\r") break;
    mail += line;
    if (!std::cin.eof()) mail += '\n';
  }
  return mail;
}

/// A From in front of a mail that has none, for -F. The server adds the address.
std::string with_full_name(std::string mail, const std::string& name) {
  const auto header = "\n" + mail.substr(0, std::min(mail.find("\n\n"), mail.size()));
  for (std::size_t at = 0; (at = header.find('\n', at)) != std::string::npos; ++at) {
    const auto field = header.substr(at + 1, 5);
    if (field == "From:" || field == "from:" || field == "FROM:") return mail;
  }
  std::string quoted;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) continue;
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  // A first line that is no field begins the body.
  const auto colon = mail.find(':');
  const bool has_header = colon != std::string::npos && colon < mail.find_first_of(" \t\r\n");
  return "From: \"" + quoted + "\" <>\n" + (has_header ? "" : "\n") + mail;
}

std::string query_of(const SendmailFlags& flags) {
  std::string query = "?integration=" + url_encoded(flags.integration);
  if (flags.integration.empty()) query = "?mode=queue";
  if (!flags.from.empty() && flags.from != "<>") query += "&from=" + url_encoded(flags.from);
  if (flags.header_recipients) query += "&header_recipients=true";
  if (!flags.notify.empty()) query += "&notify=" + url_encoded(flags.notify);
  if (!flags.returned.empty()) query += "&ret=" + url_encoded(flags.returned);
  if (!flags.envelope_id.empty()) query += "&envid=" + url_encoded(flags.envelope_id);
  std::string to;
  for (const auto& address : flags.to) to += (to.empty() ? "" : ",") + address;
  if (!to.empty()) query += "&to=" + url_encoded(to);
  return query;
}

}  // namespace

std::variant<SendmailFlags, std::string> parse_sendmail(const std::vector<std::string>& arguments) {
  SendmailFlags flags;
  Arguments rest(arguments);
  bool only_addresses = false;
  while (rest.more()) {
    const auto argument = rest.take();
    std::string wrong;
    if (only_addresses || !argument.starts_with('-') || argument == "-") {
      flags.to.emplace_back(argument);
    } else if (argument == "--") {
      only_addresses = true;
    } else if (argument.starts_with("--")) {
      wrong = long_flag(argument, rest, flags);
    } else {
      wrong = short_flags(argument, rest, flags);
    }
    if (!wrong.empty()) return wrong;
  }
  if (flags.to.empty() && !flags.header_recipients) {
    return "name a recipient, or say -t to take them from the mail";
  }
  return flags;
}

int sendmail(RemoteFlags remote, const std::vector<std::string>& arguments) {
  auto parsed = parse_sendmail(arguments);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) {
    std::fprintf(stderr, "sendmail: %s\n", wrong->c_str());
    return usage;
  }
  const auto& flags = std::get<SendmailFlags>(parsed);
  if (!flags.url.empty()) remote.url = flags.url;
  if (!flags.ca_file.empty()) remote.ca_file = flags.ca_file;
  auto mail = read_mail(flags.dot_is_text);
  if (!flags.full_name.empty()) mail = with_full_name(std::move(mail), flags.full_name);
  const auto query = query_of(flags);
  if (query.size() > query_bytes_max) {
    std::fputs("sendmail: too many recipients in one command; send the mail in parts\n", stderr);
    return usage;
  }
  ApiClient client(std::move(remote));
  const auto answer = client.send_mail("/send" + query, std::move(mail));
  if (!answer) return unavailable;
  if (answer->status == 200 || answer->status == 202) return ok;
  return ApiClient::complain(*answer);
}

}  // namespace postern::cli
