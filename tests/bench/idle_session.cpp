#include "bench/idle_session.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace postern::bench {
namespace {

constexpr std::size_t mail_bytes = 6200;  // as the mails of the fetch benchmark

struct Range {
  long first = 1, last = 0;
};

/// The range that `text` begins with, cut at what is there: "7", "3:9", "5:*".
Range range_of(const std::string& text, long mails) {
  const auto end = text.find_first_not_of("0123456789:*");
  const auto set = text.substr(0, end);
  const auto colon = set.find(':');
  const auto number = [mails](const std::string& word) {
    return word == "*" ? mails : std::atol(word.c_str());
  };
  const long one = number(set.substr(0, colon));
  const long other = colon == std::string::npos ? one : number(set.substr(colon + 1));
  return {std::max(1L, std::min(one, other)), std::min(mails, std::max(one, other))};
}

std::string header_of(long uid) {
  return "Message-ID: <" + std::to_string(uid) + "." + std::to_string(std::rand()) +
         "@bench.test>\r\n";
}

std::string mail_of(long uid) {
  std::string mail = "From: Carol <carol@bench.test>\r\nTo: bench@bench.test\r\n" + header_of(uid) +
                     "Subject: mail " + std::to_string(uid) +
                     " of the benchmark\r\nDate: Mon, 02 Feb 2026 10:00:00 +0000\r\n"
                     "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
  while (mail.size() < mail_bytes) {
    mail += "The quick brown fox jumps over the lazy dog; the quick brown fox jumps ove\r\n";
  }
  return mail;
}

std::string literal(const std::string& name, const std::string& bytes) {
  return " " + name + " {" + std::to_string(bytes.size()) + "}\r\n" + bytes;
}

}  // namespace

const char* const idle_capabilities = "IMAP4rev1 IDLE LITERAL+ SASL-IR AUTH=PLAIN UIDPLUS MOVE";

std::string IdleSession::answer(const std::string& line) {
  if (idle_) {
    idle_ = false;
    return tag_ + " OK idled\r\n";
  }
  if (wants_response_) {
    wants_response_ = false;
    return tag_ + " OK [CAPABILITY " + idle_capabilities + "] welcome\r\n";
  }
  const auto space = line.find(' ');
  std::string words = space == std::string::npos ? "" : line.substr(space + 1);
  for (auto& c : words) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return command(line.substr(0, space), words);
}

std::string IdleSession::announce() {
  ++mails_;
  return "* " + std::to_string(mails_) + " EXISTS\r\n";
}

std::string IdleSession::command(const std::string& tag, const std::string& words) {
  const auto done = tag + " OK done\r\n";
  if (words.starts_with("CAPABILITY")) {
    return std::string("* CAPABILITY ") + idle_capabilities + "\r\n" + done;
  }
  if (words.starts_with("AUTHENTICATE PLAIN") && words.size() <= 19) {
    tag_ = tag;
    wants_response_ = true;
    return "+ \r\n";
  }
  if (words.starts_with("LOGIN") || words.starts_with("AUTHENTICATE")) {
    return tag + " OK [CAPABILITY " + idle_capabilities + "] welcome\r\n";
  }
  if (words.starts_with("EXAMINE") || words.starts_with("SELECT")) {
    return "* FLAGS (\\Seen \\Deleted)\r\n* " + std::to_string(mails_) +
           " EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT " +
           std::to_string(mails_ + 1) + "] .\r\n" + tag + " OK [READ-ONLY] selected\r\n";
  }
  if (words.starts_with("IDLE")) {
    tag_ = tag;
    idle_ = true;
    return "+ idling\r\n";
  }
  if (words.starts_with("UID FETCH ")) return fetch(words.substr(10)) + done;
  if (words.starts_with("UID SEARCH ")) return search(words.substr(11)) + done;
  return done;
}

std::string IdleSession::fetch(const std::string& words) const {
  const auto has = [&words](const char* item) { return words.find(item) != std::string::npos; };
  const auto range = range_of(words, mails_);
  std::string answers;
  for (long uid = range.first; uid <= range.last; ++uid) {
    const auto number = std::to_string(uid);
    answers += "* " + number + " FETCH (UID " + number;
    if (has("FLAGS")) answers += " FLAGS ()";
    if (has("INTERNALDATE")) answers += " INTERNALDATE \"02-Feb-2026 10:00:00 +0000\"";
    const auto mail = mail_of(uid);
    if (has("RFC822.SIZE")) answers += " RFC822.SIZE " + std::to_string(mail.size());
    if (has("BODY.PEEK[]")) answers += literal("BODY[]", mail);
    if (has("HEADER.FIELDS")) {
      answers += literal("BODY[HEADER.FIELDS (MESSAGE-ID)]", header_of(uid) + "\r\n");
    }
    answers += ")\r\n";
  }
  return answers;
}

/// By a range of UIDs or numbers, which are the same here; whatever else is asked for is met.
std::string IdleSession::search(const std::string& words) const {
  const auto range = range_of(words.starts_with("UID ") ? words.substr(4) : words, mails_);
  std::string answer = "* SEARCH";
  for (long uid = range.first; uid <= range.last; ++uid) answer += " " + std::to_string(uid);
  return answer + "\r\n";
}

}  // namespace postern::bench
