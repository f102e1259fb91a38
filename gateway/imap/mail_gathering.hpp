// Puts the facts of a message together when a server tells them in several FETCH responses.
//
// Most servers answer with one response a message, which passes straight through. But the grammar
// lets them split an answer, and unsolicited FLAGS come in between. RFC 9051 §7.5.2.
#pragma once

#include "imap/fetch.hpp"
#include "imap/session.hpp"

#include <vector>

namespace postern::imap {

class MailGathering {
 public:
  static constexpr std::size_t mails_max = 16;  // incomplete ones kept at a time

  /// Begins a body that streams: the facts known of its message, those of earlier responses too.
  MailFacts known(const MailFacts& facts) const;

  /// Takes one response, `body` saying what became of its body. Appends to `told` the messages
  /// that are complete now: those with all `wanted` facts, or pushed out by newer ones.
  void add(const MailFacts& facts, Body body, const FetchItems& wanted, std::vector<Step>& told);

  /// Appends all that is left: with a body or a size or date as FetchedMail, flags alone as
  /// MailboxChanged.
  void flush(std::vector<Step>& told);

  /// The same for those whose body has passed; before another body begins.
  void flush_bodies(std::vector<Step>& told);

 private:
  std::vector<FetchedMail> mails_;
};

/// Takes over what `from` tells.
void merge(MailFacts& facts, const MailFacts& from);

}  // namespace postern::imap
