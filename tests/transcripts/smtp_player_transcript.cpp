// Reads a transcript: the head into options, jobs and expectations, the rest into lines.
#include "smtp_player.hpp"

#include "core/base64.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace postern::smtp::test {
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

DsnRequest::Return parse_return(const std::string& word) {
  if (word == "ret=headers") return DsnRequest::Return::headers;
  if (word == "ret=full") return DsnRequest::Return::full;
  throw std::runtime_error(word);
}

void set_notify(DsnNotify& notify, const std::string& words) {
  notify.never = words.find("never") != words.npos;
  notify.success = words.find("success") != words.npos;
  notify.failure = words.find("failure") != words.npos;
  notify.delay = words.find("delay") != words.npos;
}

/// "a@x -> b@y, c@z size=10 8bit utf8"
Job parse_mail(Job::Kind kind, const std::string& value) {
  Job job;
  job.kind = kind;
  Transaction& transaction = job.transaction;
  std::istringstream words(value);
  std::string word;
  bool sender = true;
  while (words >> word) {
    if (word == "->") {
      sender = false;
    } else if (word.starts_with("size=")) {
      transaction.size_bytes = std::stoull(word.substr(5));
    } else if (word == "8bit") {
      transaction.body_is_8bit = true;
    } else if (word == "utf8") {
      transaction.headers_are_utf8 = true;
    } else if (word == "chunk") {
      transaction.in_one_chunk = true;
    } else if (word == "require-tls") {
      transaction.require_tls = true;
    } else if (word == "behind") {
      job.behind = true;
    } else if (word == "orcpt") {
      transaction.dsn.original_recipients = true;
    } else if (word.starts_with("notify=")) {
      set_notify(transaction.dsn.notify, word.substr(7));
    } else if (word.starts_with("ret=")) {
      transaction.dsn.returned = parse_return(word);
    } else if (word.starts_with("envid=")) {
      transaction.dsn.envelope_id = unescape(word.substr(6) + "\\");
    } else if (sender) {
      transaction.envelope.sender = word == "<>" ? "" : word;
    } else {
      if (word.back() == ',') word.pop_back();
      transaction.envelope.recipients.push_back(word);
    }
  }
  return job;
}

Login parse_login(const std::string& value) {
  std::istringstream words(value);
  std::string kind, first, second, third;
  words >> kind >> first >> second >> third;
  if (kind == "password") return PasswordLogin{first, Secret(second)};
  if (kind != "token") throw std::runtime_error("login: " + value);
  const bool repeated = second.starts_with("{");  // {x*600}: a token too long for the command line
  const std::string blob = repeated ? unescape(second + "\\") : second;
  return TokenLogin{
      {PreparedSasl{first, Secret(from_base64(blob).value()), from_base64(third).value()}}};
}

TlsMode parse_tls(const std::string& value) {
  if (value == "established") return TlsMode::established;
  if (value == "starttls") return TlsMode::starttls;
  if (value == "none") return TlsMode::none;
  throw std::runtime_error("tls: " + value);
}

void read_head_line(Transcript& transcript, const std::string& key, const std::string& value) {
  if (key == "tls") {
    transcript.options.tls = parse_tls(value);
  } else if (key == "login") {
    transcript.options.login = parse_login(value);
  } else if (key == "plain-login") {
    transcript.options.allow_plain_login = value == "yes";
  } else if (key == "pipelining") {
    transcript.options.allow_pipelining = value != "no";
  } else if (key == "chunking") {
    transcript.options.allow_chunking = value != "no";
  } else if (key == "end") {
    transcript.quit = value != "leave";
  } else if (key == "mail") {
    transcript.jobs.push_back(parse_mail(Job::Kind::mail, value));
  } else if (key == "probe") {
    transcript.jobs.push_back(parse_mail(Job::Kind::probe, value));
  } else if (key == "noop") {
    transcript.jobs.push_back({Job::Kind::noop, {}, false});
  } else if (key == "expect") {
    transcript.expected.push_back(value);
  } else if (key == "detail") {
    transcript.expected_detail.push_back(value);
  } else if (key == "challenge") {
    transcript.expected_challenge = value;
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
  transcript.options.ehlo_name = "postern.example";
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

}  // namespace postern::smtp::test
