#include "imap/mail_gathering.hpp"

#include <algorithm>
#include <utility>

namespace postern::imap {
namespace {

bool complete(const FetchedMail& mail, const FetchItems& wanted) {
  const auto& facts = mail.facts;
  return facts.uid && (!wanted.body || mail.body != Body::none) &&
         (!wanted.internal_date || facts.internal_date) &&
         (!wanted.rfc822_size || facts.rfc822_size) && (!wanted.flags || facts.flags) &&
         (!wanted.mod_seq || facts.mod_seq) && (!wanted.gmail_message_id || facts.gmail_message_id);
}

// A server tells size and date only when asked, flags whenever it likes.
Step tell(FetchedMail mail) {
  if (mail.body != Body::none || mail.facts.rfc822_size || mail.facts.internal_date) return mail;
  return MailboxChanged{MailboxChanged::What::flags, mail.facts.sequence, {}, mail.facts};
}

}  // namespace

void merge(MailFacts& facts, const MailFacts& from) {
  if (from.uid) facts.uid = from.uid;
  if (from.internal_date) facts.internal_date = from.internal_date;
  if (from.rfc822_size) facts.rfc822_size = from.rfc822_size;
  if (from.flags) facts.flags = from.flags;
  if (from.mod_seq) facts.mod_seq = from.mod_seq;
  if (from.gmail_message_id) facts.gmail_message_id = from.gmail_message_id;
}

MailFacts MailGathering::known(const MailFacts& facts) const {
  for (const auto& mail : mails_) {
    if (mail.facts.sequence != facts.sequence) continue;
    auto all = mail.facts;
    merge(all, facts);
    return all;
  }
  return facts;
}

void MailGathering::add(const MailFacts& facts, Body body, const FetchItems& wanted,
                        std::vector<Step>& told) {
  auto at = std::find_if(mails_.begin(), mails_.end(), [&](const FetchedMail& mail) {
    return mail.facts.sequence == facts.sequence;
  });
  FetchedMail mail{facts, body};
  if (at != mails_.end()) {
    mail = std::move(*at);
    mails_.erase(at);
    merge(mail.facts, facts);
    if (body != Body::none) mail.body = body;
  }
  if (complete(mail, wanted)) {
    flush_bodies(told);  // no other mail may come between a body's begin and its mail
    told.emplace_back(std::move(mail));
    return;
  }
  if (mails_.size() == mails_max) {
    told.push_back(tell(std::move(mails_.front())));
    mails_.erase(mails_.begin());
  }
  mails_.push_back(std::move(mail));
}

void MailGathering::flush(std::vector<Step>& told) {
  flush_bodies(told);
  for (auto& mail : mails_) told.push_back(tell(std::move(mail)));
  mails_.clear();
}

void MailGathering::flush_bodies(std::vector<Step>& told) {
  for (auto at = mails_.begin(); at != mails_.end();) {
    if (at->body == Body::none) {
      ++at;
      continue;
    }
    told.emplace_back(std::move(*at));
    at = mails_.erase(at);
  }
}

}  // namespace postern::imap
