#include "flows/threads.hpp"

#include "core/rule_values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

std::string sender_of(const MessageSummary& mail) {
  std::string sender = mail.from.empty() ? "" : mail.from.front().address;
  std::ranges::transform(sender, sender.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return sender;
}

void add_key(ThreadPlan& plan, std::string key, std::string_view by) {
  auto& keys = plan.question.keys;
  if (key == plan.question.message_id || keys.size() >= thread_keys_max) return;
  if (std::ranges::find(keys, key) != keys.end()) return;
  keys.push_back(std::move(key));
  plan.by.push_back(by);
}

std::string fallback_of(const MessageSummary& mail, MessageId id) {
  if (!mail.references.empty()) return mail.references.front();
  if (mail.in_reply_to) return *mail.in_reply_to;
  if (mail.bounce && mail.bounce->original_message_id) return *mail.bounce->original_message_id;
  return mail.message_id.value_or(id.str());
}

}  // namespace

ThreadPlan plan_thread(const Integration& integration, const ReferencePatterns& patterns,
                       const MessageSummary& mail, MessageId id, Instant now) {
  ThreadPlan plan;
  auto& question = plan.question;
  question.integration = integration.id;
  question.message_id = mail.message_id.value_or("");
  question.fallback = fallback_of(mail, id);
  question.sender = sender_of(mail);
  question.at = now;
  if (mail.in_reply_to) add_key(plan, *mail.in_reply_to, "in_reply_to");
  for (auto each = mail.references.rbegin(); each != mail.references.rend(); ++each) {
    add_key(plan, *each, "references");
  }
  if (mail.bounce && mail.bounce->original_message_id) {
    add_key(plan, *mail.bounce->original_message_id, "bounce");
  }
  if (mail.thread_index) add_key(plan, "index:" + *mail.thread_index, "thread_index");
  plan.tag = patterns.find(mail.subject);
  if (plan.tag) add_key(plan, "tag:" + *plan.tag, "subject");
  const auto tags = subaddresses_of(mail, integration.address);
  if (!tags.empty()) {
    plan.subaddress = tags.front();
    add_key(plan, "sub:" + tags.front(), "subaddress");
  }
  return plan;
}

storage::ThreadNote apply_thread(const ThreadPlan& plan, const storage::ThreadAnswer& answer,
                                 MessageSummary& mail) {
  mail.thread_id = answer.thread;
  mail.thread_known = answer.matched.has_value();
  if (plan.tag) {
    mail.matched_reference = plan.tag;
    mail.matched_by = "subject";
  } else if (plan.subaddress) {
    mail.matched_reference = plan.subaddress;
    mail.matched_by = "subaddress";
  } else if (!answer.matched_id.empty()) {
    mail.matched_reference = answer.matched_id;
    mail.matched_by = "provider";
  } else if (answer.matched) {
    const auto by = plan.by[*answer.matched];
    mail.matched_reference =
        by == "thread_index" ? answer.thread : plan.question.keys[*answer.matched];
    mail.matched_by = std::string(by);
  }
  mail.also_in.clear();
  for (const auto each : answer.also_in) mail.also_in.push_back(each.str());
  if (answer.sent_today >= thread_mails_a_day_max && !plan.question.sender.empty()) {
    mail.mail_class = "loop";
    mail.class_evidence.push_back(fmt::format("{} mails of {} in this thread today",
                                              answer.sent_today + 1, plan.question.sender));
  }
  storage::ThreadNote note;
  note.thread = answer.thread;
  note.message_id = plan.question.message_id;
  note.sender = plan.question.sender;
  const auto count = std::min(plan.question.keys.size(), thread_keys_noted_max);
  note.keys.assign(plan.question.keys.begin(),
                   plan.question.keys.begin() + static_cast<std::ptrdiff_t>(count));
  return note;
}

}  // namespace postern::flows
