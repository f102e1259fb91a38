#include "flows/maildrop_plan.hpp"

#include "message/ascii.hpp"
#include "message/scan.hpp"
#include "net/hashing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

namespace postern::flows {
namespace {

using storage::MaildropMail;
using storage::MaildropState;
using storage::Trouble;
using storage::TroubledKey;

/// Where mbox-keeping servers write what has been read, answered or numbered.
constexpr std::array<std::string_view, 6> marks = {"status", "x-status", "x-keywords",
                                                   "x-uid",  "x-uidl",   "x-imap"};

bool is_mark(std::string_view name) {
  return std::ranges::any_of(
      marks, [&](std::string_view mark) { return message::equals_ignoring_case(name, mark); });
}

/// Whether its time has come; if not, when it comes counts for the plan.
bool is_due(MaildropPlan& plan, const Trouble& trouble, const PlanLimits& limits) {
  const auto& at = trouble.note.next_try_at;
  if (!at) return false;
  if (*at <= limits.now) return true;
  plan.next_try = std::min(plan.next_try.value_or(*at), *at);
  return false;
}

void sort_troubled(MaildropPlan& plan, ListedMail mail, const TroubledKey& known,
                   const PlanLimits& limits) {
  const auto& trouble = known.trouble;
  bool wanted = is_due(plan, trouble, limits);
  if (trouble.note.stage == "size") {
    // What it really has may be more than LIST says.
    const auto size = std::max(mail.size_bytes, known.size_bytes);
    wanted = (wanted && trouble.any_size) || size <= limits.message_bytes_max;
  } else {
    wanted = wanted || limits.quarantined_too;
  }
  if (wanted) plan.retry.push_back({std::move(mail), trouble});
}

void sort_into(MaildropPlan& plan, ListedMail mail, const MaildropMail* known,
               const TroubledKey* troubled, const PlanLimits& limits) {
  if (known != nullptr) {
    mail.attempts = known->attempts;
    switch (known->state) {
      case MaildropState::passed_over:
      case MaildropState::stored:
        return;
      case MaildropState::undated:
        plan.undated.push_back(std::move(mail));
        return;
      case MaildropState::quarantined:
      case MaildropState::too_large:
        // Without its row it was removed by retention: nothing is done with it any more.
        if (troubled != nullptr) sort_troubled(plan, std::move(mail), *troubled, limits);
        return;
      case MaildropState::failed:
        break;
    }
  }
  const bool too_large = mail.size_bytes > limits.message_bytes_max;
  (too_large ? plan.too_large : plan.fetch).push_back(std::move(mail));
}

/// Nothing that was there the last time is there now, and nothing that is there now was ever seen.
/// Where all of it was taken, or is to be, the duplicate rule is enough. Else what was passed over
/// would come as new.
bool is_renumbered(const MaildropPlan& plan, const storage::Maildrop& known,
                   const std::unordered_set<std::string_view>& listed) {
  bool passed_over = false;
  for (const auto& mail : known.mails) {
    if (listed.contains(mail.key)) return false;
    const bool old =
        mail.state == MaildropState::passed_over || mail.state == MaildropState::undated;
    passed_over = passed_over || (old && !mail.missing);
  }
  return passed_over && !(plan.fetch.empty() && plan.too_large.empty());
}

void date_all(MaildropPlan& plan) {
  plan.renumbered = true;
  for (auto* mails : {&plan.fetch, &plan.too_large}) {
    std::ranges::move(*mails, std::back_inserter(plan.undated));
    mails->clear();
  }
  std::ranges::sort(plan.undated, {}, &ListedMail::number);
}

}  // namespace

std::string key_of_uid(std::string_view uid) {
  return "u:" + std::string(uid);
}

bool is_key_of_uid(std::string_view key) {
  return key.starts_with("u:");
}

void number_copies(std::vector<ListedMail>& listed) {
  std::unordered_map<std::string, int> seen;
  for (auto& mail : listed) {
    if (is_key_of_uid(mail.key)) continue;
    const int copy = ++seen[mail.key];
    if (copy > 1) mail.key += fmt::format("#{}", copy);
  }
}

std::string key_of_header(std::string_view head, std::uint64_t size_bytes) {
  const auto tree = message::scan(head);
  net::Sha256 hash;
  for (const auto& field : tree.fields) {
    if (is_mark(field.name.in(head))) continue;
    hash.update(field.name.in(head));
    hash.update(":");
    hash.update(field.value.in(head));
    hash.update("\n");
  }
  hash.update(fmt::format("{}", size_bytes));
  return "h:" + hash.finish();
}

std::vector<ListedMail> join_listings(std::vector<pop3::SizeEntry> sizes,
                                      std::vector<pop3::UidEntry> uids) {
  const auto by_number = [](const auto& a, const auto& b) { return a.number < b.number; };
  std::ranges::stable_sort(sizes, by_number);
  std::ranges::stable_sort(uids, by_number);
  std::vector<ListedMail> listed;
  auto uid = uids.begin();
  for (const auto& size : sizes) {
    if (!listed.empty() && listed.back().number == size.number) continue;
    while (uid != uids.end() && uid->number < size.number) ++uid;
    ListedMail mail;
    mail.number = size.number;
    mail.size_bytes = size.size_bytes;
    const bool named = uid != uids.end() && uid->number == size.number && !uid->uid.empty();
    if (named) mail.key = key_of_uid(uid->uid);
    listed.push_back(std::move(mail));
  }
  return listed;
}

MaildropPlan plan_maildrop(const std::vector<ListedMail>& listed, const storage::Maildrop& known,
                           const PlanLimits& limits) {
  std::unordered_map<std::string_view, const MaildropMail*> by_key;
  std::unordered_map<std::string_view, const TroubledKey*> troubles;
  for (const auto& mail : known.mails) by_key.emplace(mail.key, &mail);
  for (const auto& each : known.troubles) troubles.emplace(each.key, &each);
  const auto find = [](const auto& in, std::string_view key) {
    const auto found = in.find(key);
    return found == in.end() ? nullptr : found->second;
  };
  MaildropPlan plan;
  std::unordered_set<std::string_view> seen;
  for (const auto& mail : listed) {
    POSTERN_ASSERT(!mail.key.empty());
    if (!seen.insert(mail.key).second) continue;
    sort_into(plan, mail, find(by_key, mail.key), find(troubles, mail.key), limits);
  }
  for (const auto& mail : known.mails) {
    const bool here = seen.contains(mail.key);
    if (!here && !mail.missing) plan.gone.push_back(mail.key);
    if (here && mail.missing) plan.back.push_back(mail.key);
  }
  for (const auto& each : known.troubles) {
    const bool waits = each.trouble.note.next_try_at.has_value();
    if (waits && !seen.contains(each.key)) plan.lost.push_back(each.trouble);
  }
  std::ranges::stable_sort(plan.fetch, {}, &ListedMail::attempts);
  if (is_renumbered(plan, known, seen)) date_all(plan);
  return plan;
}

}  // namespace postern::flows
