// A folder by IMAP at folder.test, which loses the line where it is told to; like Courier it takes
// no mail while it is open read-only.
#pragma once

#include "sim/dialogue.hpp"
#include "sim/world.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace postern::sim {

class PlayedFolder {
 public:
  explicit PlayedFolder(World& world) {
    world.serve("folder.test", [this](std::unique_ptr<net::Stream> stream) -> net::Task<void> {
      return play(std::move(stream));
    });
  }
  std::vector<std::string> mails;
  int searches = 0, logins = 0;
  std::set<int> cut_before, cut_after;  // the APPENDs (from 1) at whose taking the line is lost

 private:
  net::Task<void> play(std::unique_ptr<net::Stream> stream) {
    Dialogue dialogue(std::move(stream));
    const bool secure = co_await dialogue.hear_tls();
    if (!secure) co_return;
    bool heard = co_await dialogue.say("* OK [CAPABILITY IMAP4rev1] here\r\n");
    bool read_only = false;
    while (heard) {
      const auto line = co_await dialogue.line();
      if (!line) co_return;
      const auto tag = line->substr(0, line->find(' '));
      const auto command = line->substr(tag.size() + 1);
      std::string answer;
      std::string end = " OK done\r\n";
      if (command.starts_with("APPEND")) {
        heard = co_await dialogue.say("+ go on\r\n");
        const auto size = std::stoul(command.substr(command.rfind('{') + 1));
        auto mail = co_await dialogue.bytes(size);
        static_cast<void>(co_await dialogue.line());
        if (!mail) co_return;
        const int number = ++appends_;
        if (cut_before.contains(number)) co_return;
        if (read_only) {
          end = " NO it is open read-only\r\n";
        } else {
          mails.push_back(std::move(*mail));
          if (cut_after.contains(number)) co_return;
        }
      } else if (command.starts_with("UID SEARCH")) {
        ++searches;
        answer =
            mails.empty() || !is_about(command, mails.back()) ? "* SEARCH\r\n" : "* SEARCH 1\r\n";
      } else if (command.starts_with("LOGIN") || command.starts_with("AUTHENTICATE")) {
        ++logins;
      } else if (command.starts_with("SELECT") || command.starts_with("EXAMINE")) {
        read_only = command.starts_with("EXAMINE");
        answer = "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] first\r\n* OK [UIDNEXT 2] next\r\n";
      }
      heard = co_await dialogue.say(answer + tag + end);
    }
  }

  static bool is_about(const std::string& search, const std::string& mail) {
    const auto open = search.find('<');
    return open != search.npos &&
           mail.find(search.substr(open, search.find('>', open) - open + 1)) != mail.npos;
  }

  int appends_ = 0;
};

}  // namespace postern::sim
