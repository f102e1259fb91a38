#include "flows/channels.hpp"

#include "core/json_text.hpp"
#include "core/log.hpp"
#include "flows/event_actions.hpp"
#include "flows/notice_post.hpp"
#include "flows/store_trouble.hpp"
#include "flows/take_up.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

namespace json = boost::json;

constexpr Duration look_again_max = std::chrono::minutes(5);
constexpr std::size_t under_way_max = 32;
constexpr int due_max = 200;

storage::TellingEnd dropped(std::string why) {
  storage::TellingEnd end;
  end.state = storage::TellingState::dropped;
  end.error = std::move(why);
  return end;
}

bool is_kind(const storage::StoredNotice& notice, NoticeKind kind) {
  return notice.kind == to_string(kind);
}

/// Why the ways before were not taken, in the notice's text.
std::string not_by(const json::array& tries) {
  for (const auto& each : tries) {
    if (!each.is_object() || each.get_object().at("ok").as_bool()) continue;
    return fmt::format("\nNot told by {}: {}\n", json_text(each.get_object(), "channel"),
                       json_text(each.get_object(), "detail"));
  }
  return {};
}

}  // namespace

StepTold tell_step(const Profile& profile, std::size_t step, Instant now) {
  StepTold told;
  const auto& of = profile.steps.at(step);
  for (const auto channel : of.channels) told.channels.emplace_back(channel, tell_at(profile, now));
  if (step + 1 < profile.steps.size()) {
    told.next = now + (profile.steps[step + 1].after - of.after);
  }
  return told;
}

std::string told_name(const Profile& profile, std::size_t channel) {
  if (profile.channels.at(channel).type == ActionType::email) return std::string(mail_channel);
  return profile.name + ": " + channel_name(profile, channel);
}

ActionNotice action_notice(const storage::StoredNotice& notice, const std::string& public_url) {
  ActionNotice made;
  made.id = notice.id.str();
  made.subject = notice.subject;
  made.text = notice.text + not_by(notice.channels);
  made.facts.public_url = public_url;
  auto& event = made.event;
  event.id.value = notice.id.value;
  event.kind = "notice." + notice.kind;
  event.at = notice.at;
  event.message = notice.subject;
  const auto* problems = notice.data.if_contains("problems");
  if (problems != nullptr && problems->is_array() && !problems->get_array().empty()) {
    const auto& first = problems->get_array().front().as_object();
    event.server = json_text(first, "server");
    event.login = json_text(first, "login");
    event.message = json_text(first, "message");
    event.hint = json_text(first, "hint");
    if (const auto* of = first.if_contains("integration"); of != nullptr && of->is_object()) {
      const auto id = IntegrationId::parse(json_text(of->get_object(), "id"));
      event.integration = id.value_or(IntegrationId());
      made.facts.integration_name = json_text(of->get_object(), "name");
    }
  }
  auto& about = made.of_problems.emplace();
  about.data = notice.data;
  if (const auto url = take_up_url(notice, public_url); !url.empty()) {
    about.data["acknowledge_url"] = url;
  }
  about.thread = notice.thread;
  about.notice = notice.id;
  for (const auto kind : {NoticeKind::failing, NoticeKind::disabled, NoticeKind::flapping,
                          NoticeKind::reminder, NoticeKind::recovered}) {
    if (is_kind(notice, kind)) about.kind = kind;
  }
  return made;
}

Channels::Channels(Context& context, boost::asio::any_io_executor executor,
                   ChannelTold channel_told)
    : context_(context),
      wake_(context.env, executor),
      channel_told_(std::move(channel_told)),
      scope_(std::move(executor)) {}

void Channels::start() {
  scope_.spawn(run());
}

net::Task<void> Channels::stop() {
  scope_.stop();
  co_await scope_.join();
}

net::Task<void> Channels::run() {
  for (;;) {
    const auto pause = co_await start_due();
    if (!pause) log::error("notices to profiles wait: {}", describe(pause.error()));
    co_await wake_.wait(pause ? pause.value() : store_trouble);
  }
}

/// Starts what is due and gives how long nothing else is.
net::Task<Result<Duration>> Channels::start_due() {
  auto& problems = context_.store.problems();
  const auto now = context_.env.now();
  POSTERN_CO_TRY(auto due, co_await problems.due_tellings(now, due_max));
  for (auto& telling : due) {
    const Lane lane{telling.value.profile, telling.value.channel};
    if (under_way_.size() >= under_way_max || under_way_.contains(lane)) continue;
    under_way_.insert(lane);
    scope_.spawn(attempt(std::move(telling)));
  }
  POSTERN_CO_TRY(const auto next, co_await problems.next_telling());
  Duration pause = look_again_max;
  // What is due already is under way or waits for its lane: the end of an attempt wakes us.
  if (next && *next > now) pause = std::min<Duration>(pause, *next - now);
  co_return std::max<Duration>(pause, Duration(10));
}

net::Task<void> Channels::attempt(storage::DueTelling due) {
  const Lane lane{due.value.profile, due.value.channel};
  auto carried = co_await carry_out(due);
  // Until it is kept: what is not would be told again at once.
  while (carried) {
    const auto kept =
        co_await context_.store.problems().telling_done(due.value.id, carried.value());
    if (kept) break;
    const auto& code = kept.error().code;
    if (code == storage::errc::not_found || code == storage::errc::wrong_state) break;
    log::error("{}: its end is not kept yet: {}", due.value.id.str(), describe(kept.error()));
    co_await net::sleep_for(context_.env, store_trouble);
  }
  if (!carried) {
    log::error("{} waits: {}", due.value.id.str(), describe(carried.error()));
    co_await net::sleep_for(context_.env, store_trouble);
  }
  under_way_.erase(lane);
  wake_.notify();
}

net::Task<Result<storage::TellingEnd>> Channels::carry_out(const storage::DueTelling& due) {
  const auto found = co_await context_.store.profiles().find(due.value.profile.str());
  if (!found && found.error().code != storage::errc::not_found) co_return found.error();
  if (!found) co_return dropped("there is no such profile");
  const auto& profile = found.value().value;
  if (!profile.enabled) co_return dropped("the profile is switched off");
  if (due.value.channel < 0) co_return co_await begin_step(due, profile);
  co_return co_await tell(due, profile);
}

/// A notice that goes on with something told before goes to the channels that were told; another
/// goes step by step.
net::Task<Result<storage::TellingEnd>> Channels::begin_step(const storage::DueTelling& due,
                                                            const Profile& profile) {
  const auto now = context_.env.now();
  const auto& notice = due.notice;
  const auto step = static_cast<std::size_t>(due.value.step);
  storage::TellingEnd end;
  const auto add = [&](int channel, Instant at) {
    auto& more = end.more.emplace_back();
    more.step = due.value.step;
    more.channel = channel;
    more.due = at;
  };
  if (step == 0 && !is_kind(notice, NoticeKind::failing)) {
    POSTERN_CO_TRY(const auto begun, co_await context_.store.problems().channels_begun(
                                         notice.thread, due.value.profile));
    for (const auto& each : begun) add(each.channel, tell_at(profile, now));
    if (!begun.empty()) co_return end;
    if (is_kind(notice, NoticeKind::recovered)) co_return dropped("nobody here was told of it");
  }
  if (step >= profile.steps.size()) co_return dropped("the profile was changed");
  if (co_await of_no_use(context_, notice)) co_return dropped("it is over");
  if (step > 0 && co_await is_taken_up(notice)) co_return dropped("somebody has taken it up");
  const auto told = tell_step(profile, step, now);
  for (const auto& [channel, at] : told.channels) add(static_cast<int>(channel), at);
  if (told.next) {
    add(-1, *told.next);
    ++end.more.back().step;
  }
  co_return end;
}

/// Empty: it is to be told.
net::Task<Result<std::string>> Channels::why_not(const storage::DueTelling& due,
                                                 const Profile& profile) {
  const auto& notice = due.notice;
  const auto channel = static_cast<std::size_t>(due.value.channel);
  if (channel >= profile.channels.size()) co_return std::string("the profile was changed");
  if (is_about_channel(notice, told_name(profile, channel))) {
    co_return std::string("it is what this is about");
  }
  if (due.overtaken) co_return std::string("a later notice tells it");
  if (co_await of_no_use(context_, notice)) co_return std::string("it is over");
  if (!is_kind(notice, NoticeKind::recovered)) co_return std::string();
  POSTERN_CO_TRY(const auto begun, co_await context_.store.problems().channels_begun(
                                       notice.thread, due.value.profile));
  const bool told = std::any_of(begun.begin(), begun.end(), [&](const auto& each) {
    return each.channel == due.value.channel && each.told;
  });
  co_return told ? std::string() : std::string("nobody here was told of it");
}

net::Task<Result<storage::TellingEnd>> Channels::tell(const storage::DueTelling& due,
                                                      const Profile& profile) {
  POSTERN_CO_TRY(auto why, co_await why_not(due, profile));
  if (!why.empty()) co_return dropped(std::move(why));
  const auto now = context_.env.now();
  storage::TellingEnd end;
  const auto quiet_until = tell_at(profile, now);
  if (quiet_until > now) {
    end.state = storage::TellingState::waiting;
    end.due = quiet_until;
    co_return end;
  }
  const auto channel = static_cast<std::size_t>(due.value.channel);
  POSTERN_CO_TRY(auto secrets, co_await context_.store.profiles().secrets(due.value.profile));
  const auto& action = profile.channels[channel];
  auto notice = action_notice(due.notice, context_.options.public_url);
  // A mail gets it when it goes.
  if (action.type != ActionType::email) {
    *notice.text += take_up_line(due.notice, context_.options.public_url);
  }
  const auto result =
      co_await perform(context_, action, std::move(secrets.at(channel)), std::move(notice));
  end.error = result.error;
  end.state = action.type == ActionType::email ? storage::TellingState::passed_on
                                               : storage::TellingState::sent;
  const auto name = told_name(profile, channel);
  if (!result.ok) {
    const auto delay = result.refused ? std::nullopt : action_delay(due.value.tries + 1);
    end.state = delay ? storage::TellingState::waiting : storage::TellingState::failed;
    end.due = context_.env.now() + std::max(delay.value_or(Duration(0)), result.at_least);
    log::warn("notice {} not sent by {}: {}", due.value.notice.str(), name, result.error);
    if (due.value.tries == 0) {
      POSTERN_CO_TRY(co_await context_.store.problems().bring_forward(due.value.notice, now));
    }
  }
  json::object record;
  record["channel"] = name;
  record["ok"] = result.ok;
  record["detail"] = action.type == ActionType::email ? "passed on as a mail" : result.error;
  record["at"] = to_rfc3339(context_.env.now());
  end.record = std::move(record);
  // What tells of a channel's trouble raises no trouble itself.
  const bool of_channel = due.notice.data.contains("channels");
  if (action.type != ActionType::email && !of_channel) {
    channel_told_(name, result.ok, result.error);
  }
  co_return end;
}

net::Task<bool> Channels::is_taken_up(const storage::StoredNotice& notice) {
  for (const auto id : notice.problems) {
    const auto problem = co_await context_.store.problems().get(id);
    if (problem && problem.value().active() && !problem.value().acknowledged_at) co_return false;
  }
  co_return !notice.problems.empty();
}

}  // namespace postern::flows
