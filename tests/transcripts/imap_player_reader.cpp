// A dialogue's file → Transcript.
#include "transcripts/imap_player.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace postern::imap {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {
    const auto slash = path.rfind('/') + 1;
    transcript_.name = path.substr(slash, path.rfind('.') - slash);
  }

  Transcript read() {
    std::ifstream file(path_, std::ios::binary);
    if (!file) fail("cannot be read");
    bool in_dialogue = false;
    for (std::string line; std::getline(file, line);) {
      ++line_;
      if (line.empty() || line.starts_with('#')) continue;
      if (line == "---") {
        in_dialogue = true;
      } else if (in_dialogue) {
        take_dialogue(line);
      } else {
        take_header(line);
      }
    }
    if (transcript_.items.empty()) fail("no dialogue");
    return std::move(transcript_);
  }

 private:
  using Kind = DialogueItem::Kind;

  [[noreturn]] void fail(const std::string& problem) const {
    std::fprintf(stderr, "%s:%d: %s\n", path_.c_str(), line_, problem.c_str());
    std::abort();
  }

  void take_header(const std::string& line) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) fail("no header: " + line);
    const auto name = line.substr(0, colon);
    const auto value = line.substr(colon + 2);
    auto& options = transcript_.options;
    if (name == "expect") {
      transcript_.expected.push_back(value);
    } else if (name.starts_with("on ")) {
      transcript_.hooks[name.substr(3)].push_back(value);
    } else if (name == "tls") {
      options.tls = to_tls(value);
    } else if (name == "mechanism") {
      options.credentials.mechanism = to_mechanism(value);
    } else if (name == "user") {
      options.credentials.username = unescape(value);
    } else if (name == "password") {
      options.credentials.password = Secret(unescape(value));
    } else if (name == "token") {
      options.credentials.access_token = Secret(unescape(value));
      options.credentials.host = "imap.example.org";
      options.credentials.port = 993;
    } else if (name == "client") {
      options.client = {value, "1.0"};
    } else if (name == "mod-sequences") {
      options.mod_sequences = value == "yes";
    } else if (name == "compress") {
      options.compress = value == "yes";
    } else if (name == "allow-plain") {
      options.allow_plain_password = value == "yes";
    } else if (name == "folder") {
      options.folder = value;
    } else if (name == "read-only") {
      options.read_only = value == "yes";
    } else if (name == "body-max") {
      options.body_bytes_max = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "split") {
      transcript_.split = value != "no";
    } else {
      fail("unknown header: " + name);
    }
  }

  Tls to_tls(const std::string& value) const {
    if (value == "established") return Tls::established;
    if (value == "starttls") return Tls::must_starttls;
    if (value == "none") return Tls::none;
    fail("unknown tls: " + value);
  }

  Mechanism to_mechanism(const std::string& value) const {
    if (value == "none") return Mechanism::none;
    if (value == "password") return Mechanism::password;
    if (value == "oauth2") return Mechanism::oauth2;
    fail("unknown mechanism: " + value);
  }

  void take_dialogue(const std::string& line) {
    if (line == "TLS") return add(Kind::tls, "");
    const auto colon = line.find(": ");
    const auto mark = line.substr(0, colon);
    const auto text = colon == std::string::npos ? "" : line.substr(colon + 2);
    if (mark == "S" || mark == "S:") return add(Kind::server, text + "\r\n");
    if (mark == "S~") return add(Kind::server, unescape(text));
    if (mark == "C" || mark == "C:") return add(Kind::client, text + "\r\n");
    if (mark == "C~") return add(Kind::client, unescape(text));
    if (mark == "C*") return add(Kind::client_secret, text + "\r\n");
    if (mark == "C*~") return add(Kind::client_secret, unescape(text));
    if (mark.starts_with("S x")) {
      const int times = std::atoi(mark.c_str() + 3);
      for (int i = 0; i < times; ++i) add(Kind::server, text + "\r\n");
      return;
    }
    fail("unknown mark: " + mark);
  }

  void add(Kind kind, std::string bytes) {
    if (kind == Kind::server && bytes.empty()) fail("an empty server item");
    transcript_.items.push_back({kind, std::move(bytes), line_});
  }

  // \r \n \0 \\ \xNN, and \{1000*a} for a thousand a's.
  std::string unescape(const std::string& text) const {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        bytes += text[i];
        continue;
      }
      switch (i + 1 < text.size() ? text[++i] : ' ') {
        case 'r':
          bytes += '\r';
          break;
        case 'n':
          bytes += '\n';
          break;
        case '0':
          bytes += '\0';
          break;
        case '\\':
          bytes += '\\';
          break;
        case 'x':
          bytes += static_cast<char>(std::strtoul(text.substr(i + 1, 2).c_str(), nullptr, 16));
          i += 2;
          break;
        case '{':
          i = repeat(text, i, bytes);
          break;
        default:
          fail("unknown escape");
      }
    }
    return bytes;
  }

  std::size_t repeat(const std::string& text, std::size_t at, std::string& bytes) const {
    const auto star = text.find('*', at);
    const auto end = text.find('}', at);
    if (star == std::string::npos || end == std::string::npos) fail("no {count*text}");
    const auto what = text.substr(star + 1, end - star - 1);
    for (int i = std::atoi(text.c_str() + at + 1); i > 0; --i) bytes += what;
    return end;
  }

  std::string path_;
  int line_ = 0;
  Transcript transcript_;
};

}  // namespace

Transcript read_transcript(const std::string& path) {
  return Reader(path).read();
}

}  // namespace postern::imap
