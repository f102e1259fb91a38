// AfterFetch: what is done with a mail on its server once its fate is sealed: marked, moved,
// deleted. Rows say what is due (storage/after_fetch.hpp); each is marked done after the server's
// OK, so that a crash repeats an action and never forgets one. Until something is due, folders are
// only EXAMINEd.
//
// It works as inbound's chore, on inbound's connection, between fetching and waiting. Never on a
// UID of another UIDVALIDITY, one that another mail has got, or where the server tells no
// UIDVALIDITY: after a reset inbound has fetched the folder anew and knows by its bytes where a
// mail is now; what it did not find is told as gone.
#pragma once

#include "flows/context.hpp"
#include "flows/mail_commands.hpp"
#include "flows/status_board.hpp"
#include "net/wake.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

/// The action of `incoming` for mails of that outcome.
const AfterFetchPolicy& policy_for(const Incoming& incoming, storage::MessageState outcome);

/// Whether there is any action to do; else there need be no AfterFetch.
bool wants_after_fetch(const Incoming& incoming);

class AfterFetch {
 public:
  /// `stir` ends inbound's wait, so that it calls act().
  AfterFetch(Context& context, const Integration& integration, StatusBoard& board,
             boost::asio::any_io_executor executor, std::function<void()> stir);

  /// A hint, from any thread: a mail's fate may be sealed.
  void settled() { wake_.notify(); }

  /// Stirs whenever something is due, until cancelled.
  net::Task<void> run();

  /// Everything that is due, in bounded batches. True when it selected a folder.
  /// Errors: the engine's and the network's, which end the connection; the store's.
  net::Task<Result<bool>> act(ImapLink& link);

 private:
  using Actions = std::vector<storage::DueAction>;

  net::Task<Result<void>> drop_unwanted(Actions& actions);
  net::Task<Result<bool>> act_in(ImapLink& link, const std::string& folder, Actions actions);
  net::Task<Result<void>> keep_what_came_instead(ImapLink& link, Actions& actions);
  net::Task<Result<void>> part_with_replaced(Actions& actions);
  net::Task<Result<bool>> part_with(Actions& actions, const std::string& folder,
                                    std::uint32_t uid_validity);
  net::Task<Result<void>> perform(ImapLink& link, Actions actions);
  net::Task<Result<ServerAnswer>> apply(ImapLink& link, const AfterFetchPolicy& policy,
                                        const Actions& actions);
  net::Task<Result<ServerAnswer>> put_away(ImapLink& link, std::string folder,
                                           const Actions& actions);
  net::Task<Result<void>> record(const Actions& actions, storage::ActionEnd end,
                                 std::string_view why = {});
  NewEvent event_of(const storage::DueAction& action, std::string_view why);

  Context& context_;
  const Integration& integration_;
  StatusBoard& board_;
  std::function<void()> stir_;
  net::Wake wake_;
};

}  // namespace postern::flows
