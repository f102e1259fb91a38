#include "flows/target_lines.hpp"

#include "flows/limits.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

Outgoing outgoing_of(const Target& target) {
  Outgoing outgoing;
  outgoing.enabled = true;
  outgoing.server = target.server;
  outgoing.auth = target.auth;
  outgoing.tls = target.tls;
  return outgoing;
}

Incoming incoming_of(const Target& target) {
  Incoming incoming;
  incoming.enabled = true;
  incoming.server = target.server;
  incoming.auth = target.auth;
  incoming.tls = target.tls;
  return incoming;
}

IntegrationSecrets passwords_of(const storage::TargetSecrets& of) {
  IntegrationSecrets secrets;
  secrets.incoming_password = of.credential;
  secrets.outgoing_password = of.credential;
  return secrets;
}

net::Task<void> say_goodbye(std::unique_ptr<RelayLine> line) {
  co_await line->link.quit();
}

net::Task<void> say_goodbye(std::unique_ptr<FolderLine> line) {
  line->link.session().logout();
  static_cast<void>(co_await line->link.next(limits::smtp_quit));
}

}  // namespace

RelayLine::RelayLine(Context& context, const Target& target, const storage::TargetSecrets& of)
    : outgoing(outgoing_of(target)),
      secrets(passwords_of(of)),
      link(context, outgoing, secrets, false) {}

FolderLine::FolderLine(Context& context, const Target& target, const storage::TargetSecrets& of)
    : incoming(incoming_of(target)),
      secrets(passwords_of(of)),
      link(context, incoming, secrets, false) {}

TargetLines::TargetLines(Context& context, const Target& target,
                         const storage::TargetSecrets& secrets, net::Scope& scope)
    : context_(context), target_(target), secrets_(secrets), scope_(scope) {}

template <class Line>
std::unique_ptr<Line> TargetLines::take(Kept<Line>& kept) {
  if (kept.empty()) return nullptr;
  auto line = std::move(kept.back());
  kept.pop_back();
  return line;
}

template std::unique_ptr<RelayLine> TargetLines::take(Kept<RelayLine>& kept);
template std::unique_ptr<FolderLine> TargetLines::take(Kept<FolderLine>& kept);

template <class Line>
void TargetLines::put(Kept<Line>& kept, std::unique_ptr<Line> line) {
  if (line->asked_for) return;  // closed here
  line->idle_since = context_.env.steady();
  kept.push_back(std::move(line));
  if (closing_) return;
  closing_ = true;
  scope_.spawn(close_idle());
}

template void TargetLines::put(Kept<RelayLine>& kept, std::unique_ptr<RelayLine> line);
template void TargetLines::put(Kept<FolderLine>& kept, std::unique_ptr<FolderLine> line);

/// While it is idle it gives its place at the server to whoever waits for one.
template <class Line>
std::unique_ptr<Line> TargetLines::yielding(std::unique_ptr<Line> line, Kept<Line>& kept) {
  LineUser user;
  user.login = target_.auth.username;
  user.give_way = [&kept, own = line.get()] {
    own->asked_for = true;
    std::erase_if(kept, [own](const auto& each) { return each.get() == own; });
  };
  line->link.line().set_user(std::move(user));
  return line;
}

std::unique_ptr<RelayLine> TargetLines::fresh_relay() {
  return yielding(std::make_unique<RelayLine>(context_, target_, secrets_), relays_);
}

std::unique_ptr<FolderLine> TargetLines::fresh_folder() {
  return yielding(std::make_unique<FolderLine>(context_, target_, secrets_), folders_);
}

net::Task<void> TargetLines::close_idle() {
  while (kept() > 0) {
    Duration oldest = context_.env.steady();
    if (!relays_.empty()) oldest = std::min(oldest, relays_.front()->idle_since);
    if (!folders_.empty()) oldest = std::min(oldest, folders_.front()->idle_since);
    const Duration left = oldest + limits::target_line_idle - context_.env.steady();
    if (left > Duration(0)) {
      co_await net::sleep_for(context_.env, left);
      continue;
    }
    if (!relays_.empty() && relays_.front()->idle_since == oldest) {
      auto line = std::move(relays_.front());
      relays_.pop_front();
      line->link.line().set_deadline(context_.env.steady() + limits::smtp_quit);
      co_await say_goodbye(std::move(line));
    } else if (!folders_.empty()) {
      auto line = std::move(folders_.front());
      folders_.pop_front();
      line->link.line().set_deadline(context_.env.steady() + limits::smtp_quit);
      co_await say_goodbye(std::move(line));
    }
  }
  closing_ = false;
}

}  // namespace postern::flows
