// Story: hours of a gateway's life drawn from a seed: accounts good and hostile, mails in bursts,
// sends, sick targets, crashes at any act; then all is mended, time passes, and what must hold at
// the end of any story is checked.
#pragma once

#include "sim/played_pop3.hpp"
#include "sim/stage.hpp"

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace postern::sim {

class Story {
 public:
  explicit Story(std::uint64_t seed);

  /// From the first word to the last check; gives the journal.
  std::string play();

 private:
  struct Offered {
    Account* account;
    std::string sha256;
    Duration at;
    bool required;
    bool faulty = false;  // something is the matter with it until all is mended
    bool below = false;   // its UID is lower than those of mails that were there before
    std::string bytes = {}, folder = "INBOX";
  };
  struct Trait {
    bool healthy = true;
    bool off = false;  // a person disabled it
    std::chrono::seconds poll_interval{0};
    bool second_folder = false;       // "Archive" is watched as well
    bool takes_small = false;         // message_bytes_max is small
    std::unique_ptr<PlayedPop3> pop;  // read by POP3, and not by IMAP

    const std::string& incoming_host(const Account& account) const {
      return pop ? pop->host() : account.imap->host();
    }
  };

  std::uint64_t pick(std::uint64_t below) { return chance_() % below; }
  bool likely(int percent) { return pick(100) < static_cast<std::uint64_t>(percent); }
  Duration between(Duration low, Duration high);
  Account& any_account();

  // story.cpp: what happens.
  void cast();
  void cast_account(int number);
  void offer_old(Account& account, const std::string& start_from);
  void one_step();
  void offer_some();
  void offer_one(Account& account, const std::string& folder, bool required);
  std::string draw_mail(Account& account, Offered& offered);
  void upload_again(Account& account);
  bool deliver_below(Account& account, const std::string& bytes);
  void send_some();
  void mend();
  void reprocess_all();
  void begin_life();
  bool is_in_scope(const Account& account, const std::string& folder);

  // story_trouble.cpp: what goes wrong.
  void make_trouble(Account& account);
  void trouble_imap(Account& account);
  void trouble_smtp(Account& account);
  void trouble_pop(const Trait& trait);
  bool spoil(Account& account, const std::string& bytes, const std::string& pop_uid);
  void sicken_target();
  void strike();

  // story_checks.cpp: what must hold.
  void check_bounds();
  void check_cursors();
  void check_cursor(const Account& account, const std::string& folder,
                    const std::set<std::string>& stored);
  void check_disabled_are_quiet();
  void check_handed_over();
  void check_no_second_hand_over(const Offered& offered, const std::string& id);
  void check_latency(const Offered& offered, const HookMail& mail);
  void check_sent();
  void check_promise(const Call& call);
  std::set<std::string> stored_mails();

  const std::uint64_t seed_;
  std::mt19937_64 chance_;
  const bool calm_;   // nothing goes wrong: then nothing may come twice
  const bool below_;  // mails come under UIDs that were passed: some are found a day later alone
  Stage stage_;
  PlayedWebhook& steady_;
  PlayedWebhook& sick_;
  std::map<const Account*, Trait> traits_;
  std::vector<Offered> offered_;
  bool any_below_ = false;
  std::vector<Duration> lives_;            // when each began
  std::map<std::string, Duration> quiet_;  // disabled hosts, and since when
};

}  // namespace postern::sim
