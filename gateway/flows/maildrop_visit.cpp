#include "flows/maildrop_visit.hpp"

#include "core/log.hpp"
#include "flows/limits.hpp"
#include "net/hashing.hpp"

#include <fmt/format.h>

namespace postern::flows {
namespace {

using storage::MaildropState;

constexpr std::size_t head_bytes_max = 256 * 1024;

/// Of the keys in their order, so that any change is seen.
std::string hash_of(const std::vector<ListedMail>& listed) {
  net::Sha256 hash;
  for (const auto& mail : listed) hash.update(mail.key + "\n");
  return hash.finish();
}

}  // namespace

MaildropVisit::MaildropVisit(MaildropWorld& world, MaildropMemory& memory, bool asked)
    : world_(world),
      memory_(memory),
      asked_(asked),
      link_(world.context, world.integration.incoming, world.secrets),
      quarantine_(world.context, world.integration, world.board) {
  LineUser user;
  user.integration = world.integration.id;
  user.login = world.integration.incoming.auth.username;
  user.in_haste = asked;
  user.last_check = world.board.status().last_check.value_or(Instant());
  link_.line().set_user(std::move(user));
}

Duration MaildropVisit::login_delay() const {
  return link_.session().capabilities().login_delay().value_or(std::chrono::seconds(0));
}

net::Task<Result<void>> MaildropVisit::run() {
  auto visited = co_await visit();
  if (intake_) {
    auto settled = co_await intake_->settle();
    if (!settled) visited = std::move(settled).error();
  }
  if (!visited) co_await line_lost(visited.error());
  link_.line().close();
  co_return visited;
}

net::Task<Result<void>> MaildropVisit::visit() {
  POSTERN_CO_TRY(co_await link_.connect());
  POSTERN_CO_TRY(co_await log_in());
  POSTERN_CO_TRY(auto listed, co_await list());
  POSTERN_CO_TRY(co_await name_by_header(listed));
  const auto listing = hash_of(listed);
  const Instant now = world_.context.env.now();
  const bool retries = memory_.next_try && *memory_.next_try <= now;
  if (asked_ || retries || listing != memory_.settled) {
    memory_.look_again();
    link_.line().enter("store");
    POSTERN_CO_TRY(auto drop, co_await known(listed));
    const PlanLimits limits{world_.integration.incoming.message_bytes_max, asked_, now};
    auto plan = plan_maildrop(listed, drop, limits);
    const auto next_try = plan.next_try;
    intake_ = std::make_unique<Intake>(
        world_.context, world_.integration.id, "INBOX", storage::maildrop_uid_validity,
        world_.scope, [board = &world_.board, digester = &world_.digester](std::size_t count) {
          board->mail_stored(count);
          digester->mails_stored();
        });
    intake_->of_maildrop(drop.next_uid);
    intake_->on_refused([this](std::uint32_t uid, MessageId id, Error why) {
      unfinished_ = true;
      return quarantine_.tell_refused("INBOX", uid, id, std::move(why));
    });
    drop = {};
    POSTERN_CO_TRY(co_await follow(std::move(plan)));
    POSTERN_CO_TRY(co_await intake_->settle());
    if (!unfinished_) {
      memory_.settled = listing;
      memory_.next_try = next_try;
    }
  }
  if (removes()) co_return co_await remove(listed);
  co_await quit();
  co_return success();
}

net::Task<Result<void>> MaildropVisit::log_in() {
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next());
    if (std::holds_alternative<pop3::Ready>(step)) co_return success();
  }
}

net::Task<Result<std::vector<ListedMail>>> MaildropVisit::list() {
  link_.session().stat();
  std::vector<pop3::SizeEntry> sizes;
  std::vector<pop3::UidEntry> uids;
  POSTERN_CO_TRY(auto step, co_await link_.next());
  const auto* stat = std::get_if<pop3::StatDone>(&step);
  POSTERN_ASSERT(stat != nullptr);
  if (stat->error) co_return *stat->error;
  if (stat->drop.count == 0) co_return std::vector<ListedMail>();
  const auto& capabilities = link_.session().capabilities();
  if (capabilities.has("UIDL") || !capabilities.known()) {
    POSTERN_CO_TRY(const bool offered, co_await list_uids(uids));
    if (!offered) uids.clear();
  }
  POSTERN_CO_TRY(co_await list_sizes(sizes));
  co_return join_listings(std::move(sizes), std::move(uids));
}

/// False when the server has no UIDL.
net::Task<Result<bool>> MaildropVisit::list_uids(std::vector<pop3::UidEntry>& uids) {
  link_.session().uidl();
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next());
    if (auto* listed = std::get_if<pop3::ListedUid>(&step))
      uids.push_back(std::move(listed->entry));
    const auto* done = std::get_if<pop3::CommandDone>(&step);
    if (done == nullptr) continue;
    if (!done->error) co_return true;
    if (done->error->code != pop3::errc::command_refused) co_return *done->error;
    co_return false;
  }
}

net::Task<Result<void>> MaildropVisit::list_sizes(std::vector<pop3::SizeEntry>& sizes) {
  link_.session().list();
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next());
    if (const auto* listed = std::get_if<pop3::ListedSize>(&step)) sizes.push_back(listed->entry);
    const auto* done = std::get_if<pop3::CommandDone>(&step);
    if (done == nullptr) continue;
    if (done->error) co_return *done->error;
    co_return success();
  }
}

/// Keys for the mails without a unique-id. One whose header cannot be had is left for later.
net::Task<Result<void>> MaildropVisit::name_by_header(std::vector<ListedMail>& listed) {
  for (auto& mail : listed) {
    if (!mail.key.empty()) continue;
    POSTERN_CO_TRY(const auto head, co_await head_of(mail));
    if (head) mail.key = key_of_header(*head, mail.size_bytes);
    unfinished_ = unfinished_ || !head;
  }
  std::erase_if(listed, [](const ListedMail& mail) { return mail.key.empty(); });
  number_copies(listed);
  co_return success();
}

/// By TOP; by RETR where TOP is not known. Nothing when the server refuses.
net::Task<Result<std::optional<std::string>>> MaildropVisit::head_of(const ListedMail& mail) {
  POSTERN_CO_TRY(auto head, co_await head_by_top(mail));
  const auto& capabilities = link_.session().capabilities();
  const bool top = !top_refused_ && (capabilities.has("TOP") || !capabilities.known());
  if (head || top) co_return head;
  constexpr bool any_size = true;  // else one that is too large would stop the mailbox
  link_.session().retrieve(mail.number, any_size);
  co_return co_await receive_head();
}

net::Task<Result<std::optional<std::string>>> MaildropVisit::head_by_top(const ListedMail& mail) {
  const auto& capabilities = link_.session().capabilities();
  const bool top = !top_refused_ && (capabilities.has("TOP") || !capabilities.known());
  if (!top) co_return std::optional<std::string>();
  link_.session().top(mail.number, 0);
  POSTERN_CO_TRY(auto head, co_await receive_head());
  top_refused_ = !head;
  co_return head;
}

/// Nothing when the server refuses.
net::Task<Result<std::optional<std::string>>> MaildropVisit::receive_head() {
  std::string head;
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await link_.next());
    if (const auto* piece = std::get_if<pop3::RetrievedPiece>(&step)) {
      const auto room = head_bytes_max - head.size();
      head += piece->bytes.substr(0, room);
    }
    const auto* done = std::get_if<pop3::RetrieveDone>(&step);
    if (done == nullptr) continue;
    if (!done->error) co_return std::optional(std::move(head));
    if (done->error->code != pop3::errc::command_refused) co_return *done->error;
    co_return std::optional<std::string>();
  }
}

/// At the first look what is there is written down, so that what comes later is known as new.
net::Task<Result<storage::Maildrop>> MaildropVisit::known(const std::vector<ListedMail>& listed) {
  auto& maildrops = world_.context.store.maildrops();
  const auto id = world_.integration.id;
  POSTERN_CO_TRY(auto drop, co_await maildrops.get(id));
  if (drop) co_return std::move(*drop);
  const auto& from = world_.integration.incoming.start_from;
  std::vector<std::string> keys;
  if (from != "all") {
    for (const auto& mail : listed) keys.push_back(mail.key);
  }
  const auto state = from == "now" ? MaildropState::passed_over : MaildropState::undated;
  POSTERN_CO_TRY(co_await maildrops.begin(id, std::move(keys), state));
  POSTERN_CO_TRY(drop, co_await maildrops.get(id));
  if (!drop) co_return Error{storage::errc::not_found, "the integration was removed"};
  co_return std::move(*drop);
}

/// Nothing was marked: a good-bye, on which nothing depends.
net::Task<void> MaildropVisit::quit() {
  link_.line().set_deadline(world_.context.env.steady() + limits::pop3_quit);
  link_.session().quit();
  for (;;) {
    const auto step = co_await link_.next();
    if (!step || std::holds_alternative<pop3::Closed>(step.value())) co_return;
  }
}

}  // namespace postern::flows
