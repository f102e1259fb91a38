// TargetLines: the connections that a target behind SMTP or IMAP keeps between two mails, each for
// limits::target_line_idle at most, so that a row of mails is one login. There are never more than
// the target takes in parallel. One a pump, on its executor.
//
// A kept line may have been closed by the server meanwhile: who takes one is ready to begin again
// with a fresh one.
#pragma once

#include "flows/imap_link.hpp"
#include "flows/smtp_link.hpp"
#include "net/scope.hpp"
#include "storage/handovers.hpp"

#include <list>
#include <memory>

namespace postern::flows {

/// A target's server and login as the links want them, and the link.
struct RelayLine {
  RelayLine(Context& context, const Target& target, const storage::TargetSecrets& of);

  Outgoing outgoing;
  IntegrationSecrets secrets;
  SmtpLink link;
  Duration idle_since{0};  // of Env::steady()
  bool asked_for = false;  // others wait for its place at the server
};

struct FolderLine {
  FolderLine(Context& context, const Target& target, const storage::TargetSecrets& of);

  Incoming incoming;
  IntegrationSecrets secrets;
  ImapLink link;
  Duration idle_since{0};
  bool asked_for = false;
};

class TargetLines {
 public:
  /// `target`, `secrets` and `scope` outlive this; nothing of the scope's runs when it ends.
  TargetLines(Context& context, const Target& target, const storage::TargetSecrets& secrets,
              net::Scope& scope);

  /// The line used last; nothing when none is kept.
  std::unique_ptr<RelayLine> kept_relay() { return take(relays_); }
  std::unique_ptr<FolderLine> kept_folder() { return take(folders_); }
  /// One that is not open yet.
  std::unique_ptr<RelayLine> fresh_relay();
  std::unique_ptr<FolderLine> fresh_folder();

  /// Its server waits for the next command.
  void keep(std::unique_ptr<RelayLine> line) { put(relays_, std::move(line)); }
  void keep(std::unique_ptr<FolderLine> line) { put(folders_, std::move(line)); }

  std::size_t kept() const { return relays_.size() + folders_.size(); }

 private:
  template <class Line>
  using Kept = std::list<std::unique_ptr<Line>>;  // the longest idle first

  template <class Line>
  static std::unique_ptr<Line> take(Kept<Line>& kept);
  template <class Line>
  void put(Kept<Line>& kept, std::unique_ptr<Line> line);
  template <class Line>
  std::unique_ptr<Line> yielding(std::unique_ptr<Line> line, Kept<Line>& kept);
  net::Task<void> close_idle();

  Context& context_;
  const Target& target_;
  const storage::TargetSecrets& secrets_;
  net::Scope& scope_;
  Kept<RelayLine> relays_;
  Kept<FolderLine> folders_;
  bool closing_ = false;  // close_idle() runs
};

}  // namespace postern::flows
