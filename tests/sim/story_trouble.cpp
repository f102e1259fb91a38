// What goes wrong in a story: servers, single mails, targets, and the gateway itself.
#include "sim/story.hpp"

#include <array>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::array mail_faults = {
    MailFault::refused,       MailFault::not_understood, MailFault::left_out,  MailFault::no_bytes,
    MailFault::breaks_inside, MailFault::breaks_before,  MailFault::other_uid, MailFault::twice,
    MailFault::split,         MailFault::false_size,     MailFault::small_size};

}  // namespace

void Story::make_trouble(Account& account) {
  auto& trait = traits_.at(&account);
  if (trait.healthy) {
    if (likely(20)) account.imap->kick();
    return;
  }
  if (likely(10)) {
    trait.off = !trait.off;
    stage_.set_enabled(account, !trait.off);
    quiet_.clear();
    if (!stage_.gateway->alive()) return;
  }
  if (likely(40)) return trouble_smtp(account);
  if (trait.pop) return trouble_pop(trait);
  trouble_imap(account);
}

void Story::trouble_imap(Account& account) {
  auto& imap = account.imap->manners;
  switch (pick(6)) {
    case 0:
      imap.refuses_login = !imap.refuses_login;
      break;
    case 1:
      imap.falls_silent = !imap.falls_silent;
      break;
    case 2:
      imap.greets_with_bye = !imap.greets_with_bye;
      break;
    case 3:
      imap.commands_before_cut = likely(50) ? static_cast<int>(pick(5)) : -1;
      break;
    case 4:
      imap.fetched_before_cut = likely(50) ? 1 + pick(4) : 0;
      break;
    case 5:
      // Where the server tells no UIDVALIDITY, nobody can know of it.
      if (account.imap->uid_validity() != 0) account.imap->renumber();
      break;
  }
  imap.announces = likely(80);
}

void Story::trouble_smtp(Account& account) {
  auto& smtp = account.smtp->manners;
  switch (pick(5)) {
    case 0:
      smtp.refuses_login = !smtp.refuses_login;
      break;
    case 1:
      smtp.greets_with_421 = !smtp.greets_with_421;
      break;
    case 2:
      smtp.cut_before_taking = likely(50) ? 0.5 : 0;
      break;
    case 3:
      smtp.cut_after_taking = likely(50) ? 0.5 : 0;
      break;
    case 4:
      smtp.answers_late = likely(50) ? 0.3 : 0;
      break;
  }
  smtp.refuses_for_now = likely(20) ? 0.3 : 0;
  smtp.thinks = likely(30) ? between(0s, 30s) : 0s;
}

void Story::sicken_target() {
  auto& manners = sick_.manners;
  manners.answers_500 = likely(50) ? 0.5 : 0;
  manners.answers_503 = likely(30) ? 0.5 : 0;
  manners.hangs = likely(30) ? 0.3 : 0;
  manners.cuts_after_taking = likely(30) ? 0.3 : 0;
  manners.thinks = likely(50) ? between(0s, 20s) : 0s;
}

void Story::strike() {
  switch (pick(4)) {
    case 0:
      stage_.restart();
      break;
    case 1:
      stage_.stop();
      stage_.start();
      break;
    default:
      stage_.gateway->env().die_in_acts(1 + pick(likely(50) ? 30 : 300));
      break;
  }
}

void Story::trouble_pop(const Trait& trait) {
  auto& pop = *trait.pop;
  auto& manners = pop.manners;
  switch (pick(7)) {
    case 0:
      manners.refuses_login = !manners.refuses_login;
      break;
    case 1:
      manners.falls_silent = !manners.falls_silent;
      break;
    case 2:
      manners.is_in_use = !manners.is_in_use;
      break;
    case 3:
      manners.retrieved_before_cut = likely(50) ? 1 + pick(4) : 0;
      break;
    case 4:
      manners.cuts_at_quit = !manners.cuts_at_quit;
      break;
    case 5:
      manners.cuts_after_update = !manners.cuts_after_update;
      break;
    case 6:
      pop.renumber();
      break;
  }
}

/// Sometimes something is the matter with a single mail, whatever the server is like.
bool Story::spoil(Account& account, const std::string& bytes, const std::string& pop_uid) {
  const auto& trait = traits_.at(&account);
  if (calm_ || trait.healthy || !likely(15)) return false;
  if (trait.pop) {
    auto& manners = trait.pop->manners;
    (likely(50) ? manners.refuses : manners.cuts_at).insert(pop_uid);
    return true;
  }
  // Its name, told in its Subject.
  const auto begin = bytes.find("mail ");
  const auto name = bytes.substr(begin, bytes.find("\r\n", begin) - begin);
  account.imap->manners.faults[name] = mail_faults[pick(mail_faults.size())];
  return true;
}

}  // namespace postern::sim
