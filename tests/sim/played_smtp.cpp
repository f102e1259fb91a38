#include "sim/played_smtp.hpp"

#include "core/base64.hpp"

#include <algorithm>

namespace postern::sim {
namespace {

using net::Task;

std::string between_angles(const std::string& line) {
  const auto begin = line.find('<');
  const auto end = line.find('>', begin);
  return line.substr(begin + 1, end - begin - 1);
}

std::string unstuffed(std::string body) {
  if (body.starts_with('.')) body.erase(0, 1);
  for (auto at = body.find("\r\n."); at != std::string::npos; at = body.find("\r\n.", at + 2)) {
    body.erase(at + 2, 1);
  }
  return body;
}

std::string message_id_of(const std::string& bytes) {
  const auto begin = bytes.find("Message-ID: ");
  if (begin == std::string::npos) return "";
  return bytes.substr(begin + 12, bytes.find("\r\n", begin) - begin - 12);
}

}  // namespace

struct PlayedSmtp::Session {
  explicit Session(std::unique_ptr<net::Stream> stream) : dialogue(std::move(stream)) {}
  Dialogue dialogue;
  bool logged_in = false;
  bool in_mail = false;  // MAIL was taken
  int mails = 0;         // said
  TakenMail mail;
};

PlayedSmtp::PlayedSmtp(World& world, std::string host, std::string user, std::string password,
                       std::uint64_t seed)
    : world_(world),
      host_(std::move(host)),
      user_(std::move(user)),
      password_(std::move(password)),
      chance_(seed ^ std::hash<std::string>()(host_)) {}

void PlayedSmtp::serve() {
  world_.serve(host_ + ":465", [this](std::unique_ptr<net::Stream> stream) -> Task<void> {
    return play(std::move(stream), true);
  });
  world_.serve(host_ + ":587", [this](std::unique_ptr<net::Stream> stream) -> Task<void> {
    return play(std::move(stream), false);
  });
}

std::size_t PlayedSmtp::taken_count(const std::string& message_id) const {
  return static_cast<std::size_t>(std::count_if(
      taken_.begin(), taken_.end(), [&](const auto& m) { return m.message_id == message_id; }));
}

std::size_t PlayedSmtp::confirmed_count(const std::string& message_id) const {
  return static_cast<std::size_t>(std::count_if(taken_.begin(), taken_.end(), [&](const auto& m) {
    return m.message_id == message_id && m.confirmed;
  }));
}

Task<void> PlayedSmtp::play(std::unique_ptr<net::Stream> stream, bool tls_first) {
  Session session(std::move(stream));
  if (tls_first) {
    const bool protected_line = co_await session.dialogue.hear_tls();
    if (!protected_line) co_return;
  }
  if (manners.greets_with_421) {
    co_await session.dialogue.say("421 4.3.2 busy\r\n");
    co_return;
  }
  bool goes_on = co_await session.dialogue.say("220 " + host_ + " ESMTP\r\n");
  while (goes_on) {
    const auto line = co_await session.dialogue.line();
    if (!line) co_return;
    goes_on = co_await obey(session, *line);
  }
}

Task<bool> PlayedSmtp::log_in(Session& session, const std::string& line) {
  using namespace std::string_literals;
  const bool right = line.starts_with("AUTH PLAIN ") &&
                     from_base64(line.substr(11)) == "\0"s + user_ + "\0"s + password_;
  session.logged_in = right && !manners.refuses_login;
  if (takes_token && line.starts_with("AUTH XOAUTH2")) {
    auto given = line.substr(std::min<std::size_t>(line.size(), 13));
    if (given.empty()) {  // one too long for the command comes in a line of its own
      const bool asked = co_await session.dialogue.say("334 \r\n");
      if (!asked) co_return false;
      given = (co_await session.dialogue.line()).value_or("");
    }
    session.logged_in = takes_token(token_in(from_base64(given).value_or(""), user_));
    if (!session.logged_in) {
      const bool told = co_await session.dialogue.say("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n");
      if (!told) co_return false;
      const auto answered = co_await session.dialogue.line();
      if (!answered) co_return false;
    }
  }
  if (!session.logged_in) co_return co_await session.dialogue.say("535 5.7.8 wrong login\r\n");
  co_return co_await session.dialogue.say("235 2.7.0 welcome\r\n");
}

Task<bool> PlayedSmtp::obey(Session& session, const std::string& line) {
  auto& dialogue = session.dialogue;
  if (line.starts_with("EHLO ")) {
    std::string answer = "250-" + host_ + "\r\n250-SIZE 50000000\r\n";
    if (manners.offers_8bitmime) answer += "250-8BITMIME\r\n";
    if (manners.offers_dsn) answer += "250-DSN\r\n";
    if (manners.offers_require_tls) answer += "250-REQUIRETLS\r\n";
    if (manners.offers_pipelining) answer += "250-PIPELINING\r\n";
    if (manners.offers_starttls) answer += "250-STARTTLS\r\n";
    if (manners.offers_chunking) answer += "250-CHUNKING\r\n";
    if (manners.recipients_max > 0) {
      answer += "250-LIMITS RCPTMAX=" + std::to_string(manners.recipients_max) + "\r\n";
    }
    if (manners.mails_max > 0) {
      answer += "250-LIMITS MAILMAX=" + std::to_string(manners.mails_max) + "\r\n";
    }
    answer += takes_token ? "250 AUTH XOAUTH2\r\n" : "250 AUTH PLAIN\r\n";
    co_return co_await dialogue.say(answer);
  }
  if (line == "STARTTLS") {
    const bool said = co_await dialogue.say("220 2.0.0 go ahead\r\n");
    if (!said) co_return false;
    co_return co_await dialogue.hear_tls();
  }
  if (line.starts_with("AUTH ")) co_return co_await log_in(session, line);
  if (line.starts_with("MAIL FROM:")) {
    if (!session.logged_in) co_return co_await dialogue.say("530 5.7.0 log in first\r\n");
    if (manners.mails_max > 0 && ++session.mails > manners.mails_max) {
      co_await dialogue.say("421 4.7.0 that was enough\r\n");
      co_return false;
    }
    session.in_mail = manners.refuses_sender.empty();
    if (!session.in_mail) {
      co_return co_await dialogue.say(manners.refuses_sender + "\r\n");
    }
    session.mail = TakenMail();
    session.mail.sender = between_angles(line);
    session.mail.commands.push_back(line);
    co_return co_await dialogue.say("250 2.1.0 ok\r\n");
  }
  if (line.starts_with("RCPT TO:")) co_return co_await dialogue.say(recipient(session, line));
  if (line == "DATA") co_return co_await data(session);
  if (line.starts_with("BDAT ")) co_return co_await chunk(session, line);
  if (line == "RSET") {
    session.mail = TakenMail();
    co_return co_await dialogue.say("250 2.0.0 ok\r\n");
  }
  if (line == "QUIT") {
    co_await dialogue.say("221 2.0.0 bye\r\n");
    co_return false;
  }
  co_return co_await dialogue.say("500 5.5.2 what?\r\n");
}

std::string PlayedSmtp::recipient(Session& session, const std::string& line) {
  if (!session.in_mail) return "503 5.5.1 MAIL first\r\n";
  const auto address = between_angles(line);
  const auto taken = static_cast<int>(session.mail.recipients.size());
  if (manners.recipients_max > 0 && taken == manners.recipients_max) {
    return "452 4.5.3 too many recipients\r\n";
  }
  if (address.starts_with("refused")) {
    said_[address].push_back(550);
    return "550 5.1.1 nobody of that name\r\n";
  }
  if (manners.keeps_later && address.starts_with("later")) {
    said_[address].push_back(450);
    return "450 4.2.0 come back later\r\n";
  }
  session.mail.recipients.push_back(address);
  session.mail.commands.push_back(line);
  return "250 2.1.5 ok\r\n";
}

Task<bool> PlayedSmtp::data(Session& session) {
  auto& dialogue = session.dialogue;
  if (session.mail.recipients.empty()) {
    co_return co_await dialogue.say("554 5.5.1 no valid recipients\r\n");
  }
  const bool asked = co_await dialogue.say("354 go on\r\n");
  if (!asked) co_return false;
  auto body = co_await dialogue.until("\r\n.\r\n");
  if (!body) co_return false;
  body->resize(body->size() - 3);
  auto mail = std::exchange(session.mail, TakenMail());
  mail.bytes = unstuffed(std::move(*body));
  co_return co_await end_of_mail(session, std::move(mail));
}

Task<bool> PlayedSmtp::chunk(Session& session, const std::string& line) {
  auto& dialogue = session.dialogue;
  if (!manners.knows_chunks) {
    if (manners.takes_unknown_chunks) co_await dialogue.bytes(std::stoul(line.substr(5)));
    co_await dialogue.say("502 5.5.1 what is that?\r\n");
    co_return false;
  }
  auto body = co_await dialogue.bytes(std::stoul(line.substr(5)));
  if (!body) co_return false;
  if (session.mail.recipients.empty()) {
    co_return co_await dialogue.say("554 5.5.1 no valid recipients\r\n");
  }
  auto mail = std::exchange(session.mail, TakenMail());
  mail.in_chunk = true;
  mail.bytes = std::move(*body);
  co_return co_await end_of_mail(session, std::move(mail));
}

Task<bool> PlayedSmtp::refuse_mail(Session& session, const TakenMail& mail, std::string reply) {
  for (const auto& address : mail.recipients) said_[address].push_back(std::stoi(reply));
  co_return co_await session.dialogue.say(reply + "\r\n");
}

Task<bool> PlayedSmtp::end_of_mail(Session& session, TakenMail mail) {
  auto& dialogue = session.dialogue;
  mail.at = world_.steady();
  mail.followed = dialogue.more_is_here();
  if (manners.loses_lined_up) dialogue.forget_what_is_here();
  mail.message_id = message_id_of(mail.bytes);
  if (manners.thinks > Duration(0)) co_await net::sleep_for(world_, manners.thinks);
  if (draw(manners.cut_before_taking, chance_)) co_return false;
  if (!manners.refuses_content.empty()) {
    co_return co_await refuse_mail(session, mail, manners.refuses_content);
  }
  if (draw(manners.refuses_for_now, chance_)) {
    co_return co_await refuse_mail(session, mail, "451 4.3.0 not now");
  }
  if (draw(manners.refuses_for_good, chance_)) {
    co_return co_await refuse_mail(session, mail, "554 5.6.0 not this");
  }
  for (const auto& address : mail.recipients) said_[address].push_back(250);
  const auto index = taken_.size();
  world_.note(host_ + " takes a mail");
  taken_.push_back(std::move(mail));
  if (draw(manners.cut_after_taking, chance_)) co_return false;
  const auto& first = taken_[index].recipients.front();
  if (first == manners.answers_late_to || draw(manners.answers_late, chance_)) {
    co_await net::sleep_for(world_, std::chrono::minutes(11));
  }
  const bool confirmed = co_await dialogue.say("250 2.0.0 taken\r\n");
  taken_[index].confirmed = confirmed;
  co_return confirmed;
}

}  // namespace postern::sim
