// Story: hours of a gateway's life drawn from a seed: accounts good and hostile, mails in bursts,
// sends, sick targets, crashes at any act; then all is mended, time passes, and what must hold at
// the end of any story is checked.
#pragma once

#include "sim/stage.hpp"

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
  };
  struct Trait {
    bool healthy = true;
    bool off = false;  // a person disabled it
    std::chrono::seconds poll_interval{0};
  };

  std::uint64_t pick(std::uint64_t below) { return chance_() % below; }
  bool likely(int percent) { return pick(100) < static_cast<std::uint64_t>(percent); }
  Duration between(Duration low, Duration high);
  Account& any_account();

  // story.cpp: what happens.
  void cast();
  void cast_account(int number);
  void one_step();
  void offer_some();
  void send_some();
  void make_trouble(Account& account);
  void sicken_target();
  void strike();
  void mend();
  void reprocess_all();
  void begin_life();
  bool is_in_scope(const Account& account);

  // story_checks.cpp: what must hold.
  void check_bounds();
  void check_cursors();
  void check_disabled_are_quiet();
  void check_handed_over();
  void check_no_second_hand_over(const Offered& offered, const std::string& id);
  void check_latency(const Offered& offered, const HookMail& mail);
  void check_sent();
  void check_promise(const Call& call);
  std::set<std::string> stored_mails();

  const std::uint64_t seed_;
  std::mt19937_64 chance_;
  const bool calm_;  // nothing goes wrong: then nothing may come twice
  Stage stage_;
  PlayedWebhook& steady_;
  PlayedWebhook& sick_;
  std::map<const Account*, Trait> traits_;
  std::vector<Offered> offered_;
  std::vector<Duration> lives_;            // when each began
  std::map<std::string, Duration> quiet_;  // disabled hosts, and since when
};

}  // namespace postern::sim
