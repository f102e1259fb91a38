// SentCopies: puts a copy of each sent mail into the mailbox's Sent folder, for integrations whose
// provider does not do so itself. Never twice: a copy that is there by its Message-ID is enough.
//
// It has an IMAP connection of its own, open only while copies are due. A trouble is no error of
// the integration's: the mail was sent. It is tried again over days, then told by an event.
#pragma once

#include "flows/context.hpp"
#include "flows/imap_link.hpp"
#include "flows/status_board.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"
#include "storage/deliveries.hpp"

#include <string>

namespace postern::flows {

/// Whether copies are asked for and the provider behind this server keeps none of what is sent
/// through it, as Gmail, Exchange Online and Outlook.com do: another one would be a double.
bool wants_copies(const Outgoing& outgoing);

class SentCopies {
 public:
  SentCopies(Context& context, const Integration& integration, const IntegrationSecrets& secrets,
             StatusBoard& board, net::Scope& scope);

  void wake() { wake_.notify(); }
  /// Until cancelled.
  net::Task<void> run();

 private:
  net::Task<Duration> copy_due();
  net::Task<Result<void>> copy_all(const std::vector<storage::SentCopy>& copies);
  net::Task<Result<std::string>> sent_folder(ImapLink& link);
  net::Task<Result<void>> add(ImapLink& link, std::string folder, DeliveryId id);
  net::Task<void> failed(std::vector<storage::SentCopy> copies, Error error);

  Context& context_;
  const Integration& integration_;
  const IntegrationSecrets& secrets_;
  StatusBoard& board_;
  net::Wake wake_;
  Incoming mailbox_;  // the integration's, with no folder to be opened at first
};

}  // namespace postern::flows
