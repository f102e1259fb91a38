#include "flows/dialogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace postern::flows {
namespace {

constexpr std::string_view hidden = "***";
constexpr std::size_t literal_text_max = 24;  // "{18446744073709551615+}"

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return upper;
}

/// The first words of a line, in upper case; empty where there are fewer.
std::array<std::string, 3> words_of(std::string_view line) {
  std::array<std::string, 3> words;
  for (auto& word : words) {
    const auto end = std::min(line.find(' '), line.size());
    word = upper_case(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

/// The n of "{n}" or "{n+}" at the end of a line. Source: RFC 9051 §4.3, RFC 7888.
std::optional<std::uint64_t> literal_at_end(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  line.remove_suffix(1);
  if (line.ends_with('+') || line.ends_with('-')) line.remove_suffix(1);
  const auto open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  std::uint64_t size = 0;
  const char* end = line.data() + line.size();
  const auto [stopped, error] = std::from_chars(line.data() + open + 1, end, size);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return size;
}

}  // namespace

void Dialogue::sent(std::string_view bytes, Wire what) {
  if (what == Wire::body) {
    client_.left_out += bytes.size();
    return;
  }
  take(Side::client, bytes, what);
}

void Dialogue::received(std::string_view bytes) {
  if (protocol_ == Protocol::unknown && !bytes.empty()) {
    const char first = bytes.front();
    if (first == '*') protocol_ = Protocol::imap;
    if (first == '+' || first == '-') protocol_ = Protocol::pop3;
    if (first >= '0' && first <= '9') protocol_ = Protocol::smtp;
  }
  take(Side::server, bytes, Wire::text);
}

void Dialogue::take(Side from, std::string_view bytes, Wire what) {
  Stream& current = stream(from);
  while (!bytes.empty()) {
    if (current.literal_left > 0) {
      const auto part = std::min<std::uint64_t>(current.literal_left, bytes.size());
      current.literal_left -= part;
      current.left_out += part;
      bytes.remove_prefix(static_cast<std::size_t>(part));
      continue;
    }
    const auto end = bytes.find('\n');
    gather(current, bytes.substr(0, end));
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    end_line(from, what);
  }
}

void Dialogue::gather(Stream& stream, std::string_view bytes) const {
  const auto room = line_bytes_max - stream.line.size();
  stream.line += bytes.substr(0, room);
  if (bytes.size() <= room) return;
  stream.cut = true;
  // A body may be announced at the end of a line that is too long to be shown.
  stream.end += bytes.substr(bytes.size() - std::min(bytes.size(), literal_text_max + 1));
  if (stream.end.size() > literal_text_max + 1) {
    stream.end.erase(0, stream.end.size() - literal_text_max - 1);
  }
  if (under_way_ == Answer::mail) stream.left_out += bytes.size() - room;
}

void Dialogue::end_line(Side from, Wire what) {
  Stream& current = stream(from);
  std::string line = std::exchange(current.line, {});
  std::string end = std::exchange(current.end, {});
  const bool cut = std::exchange(current.cut, false);
  std::string& last = cut ? end : line;
  if (last.ends_with('\r')) last.pop_back();
  if (from == Side::client) {
    expect_pop3_answer(line);
    const auto shown = masked_client_line(line, what);
    tell(from, shown, cut);
  } else if (!hides_pop3_line(line)) {
    tell(from, line, cut);
    if (logging_in_ && verdict(line)) logging_in_ = false;
  }
  if (protocol_ == Protocol::imap) current.literal_left = literal_at_end(last).value_or(0);
}

void Dialogue::tell(Side from, std::string_view text, bool cut) {
  tell_left_out(Side::client);
  tell_left_out(Side::server);
  writer_.write(from, text, cut);
}

void Dialogue::tell_left_out(Side from) {
  const auto count = std::exchange(stream(from).left_out, 0);
  if (count > 0) writer_.write(from, fmt::format("[{} bytes]", count), false);
}

void Dialogue::flush() {
  tell_left_out(Side::client);
  tell_left_out(Side::server);
  if (!server_.line.empty() && under_way_ != Answer::mail) {
    writer_.write(Side::server, server_.line, server_.cut);
  }
}

/// What is known by its form to be a credential is left out; the words before it stay.
std::string Dialogue::masked_client_line(const std::string& line, Wire what) {
  const auto words = words_of(line);
  const bool other = words[0] == "AUTH" || words[0] == "PASS" || words[0] == "APOP";
  const bool imap = !other && (words[1] == "LOGIN" || words[1] == "AUTHENTICATE");
  if (!logging_in_ && !imap && !other && what != Wire::secret) return line;
  const bool begins = !logging_in_ && (imap || other);
  if (!begins) return line.empty() || line == "*" ? line : std::string(hidden);
  logging_in_ = true;
  const auto space = line.find(' ');
  login_tag_ = imap ? line.substr(0, space) : std::string();
  // With AUTHENTICATE and AUTH goes the mechanism's name, and perhaps more.
  std::size_t shown = imap && words[1] == "AUTHENTICATE" ? 3 : imap || words[0] == "AUTH" ? 2 : 1;
  std::size_t end = 0;
  for (; shown > 0 && end != std::string::npos; --shown)
    end = line.find(' ', end == 0 ? 0 : end + 1);
  if (end == std::string::npos) return line;
  return line.substr(0, end + 1).append(hidden);
}

/// Whether `line` of the server ends a login. Source: RFC 9051 §7, RFC 4954 §4, RFC 1939 §3.
bool Dialogue::verdict(std::string_view line) const {
  if (!login_tag_.empty()) return line.starts_with(login_tag_ + " ");
  if (line.starts_with("+OK") || line.starts_with("-ERR")) return true;
  const bool reply = line.size() >= 3 && line[0] >= '2' && line[0] <= '5';
  return reply && !line.starts_with("334");
}

void Dialogue::expect_pop3_answer(std::string_view line) {
  if (protocol_ != Protocol::pop3 || logging_in_) return;
  const auto words = words_of(line);
  Answer answer = Answer::line;
  if (words[0] == "RETR" || words[0] == "TOP") answer = Answer::mail;
  const bool lists = words[0] == "LIST" || words[0] == "UIDL" || words[0] == "CAPA";
  if (lists && words[1].empty()) answer = Answer::list;
  if (expected_.size() == commands_open_max) expected_.erase(expected_.begin());
  expected_.push_back(answer);
}

/// Follows what an answer looks like; true for a line of a mail.
bool Dialogue::hides_pop3_line(std::string_view line) {
  if (protocol_ != Protocol::pop3) return false;
  if (under_way_ != Answer::line) {
    const bool mail = under_way_ == Answer::mail;
    const bool ends = line == ".";
    if (ends) under_way_ = Answer::line;
    if (mail && !ends) server_.left_out += line.size() + 2;
    return mail && !ends;
  }
  const bool good = line.starts_with("+OK");
  if ((!good && !line.starts_with("-ERR")) || expected_.empty()) return false;
  if (good) under_way_ = expected_.front();
  expected_.erase(expected_.begin());
  return false;
}

}  // namespace postern::flows
