// Reads a transcript: the head into options, commands and expectations, the rest into lines.
#include "core/base64.hpp"
#include "pop3_player.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace postern::pop3::test {
namespace {

std::string unescape(std::string_view text) {
  std::string out;
  bool line_end = true;
  while (!text.empty()) {
    if (text == "\\") {
      line_end = false;
      break;
    }
    if (text.starts_with("\\x")) {
      out += static_cast<char>(std::stoi(std::string(text.substr(2, 2)), nullptr, 16));
      text.remove_prefix(4);
      continue;
    }
    const auto star = text.find('*');
    const auto end = text.find('}');
    if (text[0] == '{' && star != text.npos && end != text.npos && star < end) {
      const int times = std::stoi(std::string(text.substr(star + 1, end - star - 1)));
      for (int i = 0; i < times; ++i) out += text.substr(1, star - 1);
      text.remove_prefix(end + 1);
      continue;
    }
    out += text[0];
    text.remove_prefix(1);
  }
  return line_end ? out + "\r\n" : out;
}

Credentials parse_login(const std::string& value) {
  std::istringstream words(value);
  std::string kind, first, second;
  words >> kind >> first >> second;
  Credentials credentials;
  if (kind == "none") {
    credentials.mechanism = Mechanism::none;
  } else if (kind == "password") {
    credentials.username = unescape(first + "\\");
    credentials.password = Secret(unescape(second + "\\"));
  } else if (kind == "xoauth2" || kind == "oauthbearer") {
    credentials.mechanism = kind == "xoauth2" ? Mechanism::xoauth2 : Mechanism::oauthbearer;
    credentials.sasl = Secret(from_base64(first).value());
  } else {
    throw std::runtime_error("login: " + value);
  }
  return credentials;
}

Tls parse_tls(const std::string& value) {
  if (value == "established") return Tls::established;
  if (value == "stls") return Tls::must_stls;
  if (value == "none") return Tls::none;
  throw std::runtime_error("tls: " + value);
}

void read_head_line(Transcript& transcript, const std::string& key, const std::string& value) {
  if (key == "tls") {
    transcript.options.tls = parse_tls(value);
  } else if (key == "login") {
    transcript.options.credentials = parse_login(value);
  } else if (key == "plain-login") {
    transcript.options.allow_plain_password = value == "yes";
  } else if (key == "limit") {
    transcript.options.body_bytes_max = std::stoull(value);
  } else if (key == "at-once") {
    transcript.at_once = value == "yes";
  } else if (key == "end") {
    transcript.quit = value != "leave";
  } else if (key == "do") {
    transcript.commands.push_back(value);
  } else if (key == "expect") {
    transcript.expected.push_back(value);
  } else if (key == "detail") {
    transcript.expected_detail.push_back(value);
  } else {
    throw std::runtime_error("no such key: " + key);
  }
}

}  // namespace

std::size_t Transcript::server_lines() const {
  return static_cast<std::size_t>(
      std::count_if(dialogue.begin(), dialogue.end(), [](const Line& l) { return l.server; }));
}

Transcript read_transcript(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  Transcript transcript;
  transcript.options.credentials = parse_login("password bob secret");
  std::string line;
  bool head = true;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    if (line == "--") {
      head = false;
      continue;
    }
    if (head) {
      const auto colon = line.find(':');
      if (colon == line.npos) throw std::runtime_error(path + ": " + line);
      const auto start = std::min(line.find_first_not_of(' ', colon + 1), line.size());
      read_head_line(transcript, line.substr(0, colon), line.substr(start));
      continue;
    }
    const bool server = line.starts_with("S:");
    if (!server && !line.starts_with("C:")) throw std::runtime_error(path + ": " + line);
    const std::string text = line.size() > 3 ? line.substr(3) : std::string();
    transcript.dialogue.push_back({server, server ? unescape(text) : text});
  }
  if (transcript.expected.empty()) throw std::runtime_error(path + ": expects nothing");
  return transcript;
}

}  // namespace postern::pop3::test
