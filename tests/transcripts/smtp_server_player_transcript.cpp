// Reads a transcript: the head into settings and expectations, the rest into turns.
#include "smtp_server_player.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace postern::smtp::test {
namespace {

/// "{x*9}" is nine times x; `x` may be more than one character.
std::string unescape(std::string_view text) {
  std::string out;
  bool line_end = true;
  while (!text.empty()) {
    const auto star = text.find('*');
    const auto end = text.find('}');
    if (text == "\\") {
      line_end = false;
      text = {};
    } else if (text.starts_with("\\x")) {
      out += static_cast<char>(std::stoi(std::string(text.substr(2, 2)), nullptr, 16));
      text.remove_prefix(4);
    } else if (text[0] == '{' && star < end && end != text.npos) {
      const int times = std::stoi(std::string(text.substr(star + 1, end - star - 1)));
      for (int i = 0; i < times; ++i) out += text.substr(1, star - 1);
      text.remove_prefix(end + 1);
    } else {
      out += text[0];
      text.remove_prefix(1);
    }
  }
  return line_end ? out + "\r\n" : out;
}

/// Whole lines, so many times: "{250 2.1.5 Ok*1000}".
std::string repeated(const std::string& text) {
  const auto star = text.rfind('*');
  if (!text.starts_with('{') || !text.ends_with('}') || star == text.npos) return text + "\r\n";
  const int times = std::stoi(text.substr(star + 1));
  std::string out;
  for (int i = 0; i < times; ++i) out += text.substr(1, star - 1) + "\r\n";
  return out;
}

ServerReply read_reply(std::istringstream& words) {
  ServerReply reply;
  words >> reply.code >> reply.enhanced;
  std::getline(words >> std::ws, reply.text);
  return reply;
}

void read_refusal(ServerTranscript& transcript, const std::string& value) {
  std::istringstream words(value);
  std::string what;
  words >> what;
  if (what == "sender") {
    words >> transcript.foreign;
    transcript.refuse_sender = read_reply(words);
  } else if (what == "login") {
    transcript.refuse_login = read_reply(words);
  } else if (what == "body") {
    transcript.refuse_body = read_reply(words);
  } else if (what == "mail") {
    transcript.refuse_mail = read_reply(words);
  } else {
    throw std::runtime_error("refuse: " + value);
  }
}

void read_head_line(ServerTranscript& transcript, const std::string& key,
                    const std::string& value) {
  if (key == "tls") {
    transcript.settings.tls_active = value == "active";
    transcript.settings.starttls_offered = value == "offered";
  } else if (key == "plain-login") {
    transcript.settings.plain_login_allowed = value == "yes";
  } else if (key == "size") {
    transcript.settings.size_bytes_max = std::stoull(value);
  } else if (key == "login") {
    std::istringstream(value) >> transcript.login >> transcript.word;
  } else if (key == "refuse") {
    read_refusal(transcript, value);
  } else if (key == "pieces") {
    transcript.pieces_differ = value == "differ";
  } else if (key == "expect") {
    transcript.expected.push_back(value);
  } else {
    throw std::runtime_error("no such key: " + key);
  }
}

}  // namespace

std::size_t ServerTranscript::client_lines() const {
  std::size_t count = 0;
  for (const auto& turn : turns) count += turn.lines.size();
  return count;
}

ServerTranscript read_server_transcript(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  ServerTranscript transcript;
  transcript.settings.hostname = "gw.test";
  transcript.login = "int_1";
  transcript.word = "word";
  transcript.turns.emplace_back();  // before the client's first line: the greeting
  std::string line;
  bool head = true, client = false;
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
    const bool said_by_client = line.starts_with("C:");
    if (!said_by_client && !line.starts_with("S:")) throw std::runtime_error(path + ": " + line);
    if (said_by_client && !client) transcript.turns.emplace_back();
    client = said_by_client;
    const std::string text = line.size() > 3 ? line.substr(3) : std::string();
    auto& turn = transcript.turns.back();
    if (client) {
      turn.lines.push_back(unescape(text));
    } else {
      turn.answer += repeated(text);
    }
  }
  return transcript;
}

}  // namespace postern::smtp::test
