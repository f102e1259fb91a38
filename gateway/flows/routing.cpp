#include "flows/routing.hpp"

#include "core/route_book.hpp"
#include "flows/threads.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>

namespace postern::flows {
namespace {

NewEvent event_of(const storage::DigestedMail& mail, MessageId id, IntegrationId integration,
                  Instant at) {
  NewEvent event;
  event.kind = mail.routing.quarantined ? "message.quarantined" : "message.received";
  event.integration = integration;
  event.at = at;
  event.message = mail.summary.subject.value_or("");
  event.data["message"] = id.str();
  if (!mail.summary.from.empty()) event.data["from"] = mail.summary.from.front().address;
  const auto& recipients = mail.summary.envelope_recipients;
  event.data["recipients"] = boost::json::array(recipients.begin(), recipients.end());
  if (mail.routing.goes_out()) return event;
  if (mail.routing.quarantined) event.message = *mail.routing.quarantined;
  const auto state = mail.routing.quarantined ? "quarantined"
                     : mail.routing.held      ? "held"
                                              : "ignored";
  event.data["state"] = state;
  event.data["reason"] = mail.routing.why_not();
  return event;
}

/// A mail with its question to the store.
struct Asked {
  SeenMail mail;
  ThreadPlan plan;
};

/// True when the mail may belong to the thread of one whose names are in `met`; adds its own.
bool related(const storage::ThreadQuestion& question, std::set<std::string>& met) {
  std::vector<std::string> names = question.keys;
  names.push_back(question.fallback);
  if (!question.message_id.empty()) names.push_back(question.message_id);
  const bool known =
      std::ranges::any_of(names, [&](const auto& name) { return met.contains(name); });
  met.insert(std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
  return known;
}

/// Takes the mails from the front that do not depend on one before them.
std::vector<Asked> take_unrelated(std::deque<Asked>& waiting) {
  std::vector<Asked> taken;
  std::set<std::string> met;
  while (!waiting.empty() && !related(waiting.front().plan.question, met)) {
    taken.push_back(std::move(waiting.front()));
    waiting.pop_front();
  }
  return taken;
}

storage::DigestedMessage decide(const RouteBook& book, const IntegrationWords& words, Asked asked,
                                const storage::ThreadAnswer& answer, Instant now) {
  const auto& integration = words.integration;
  storage::DigestedMessage decided;
  decided.id = asked.mail.id;
  auto& mail = decided.mail;
  mail.summary = std::move(asked.mail.summary);
  mail.thread = apply_thread(asked.plan, answer, mail.summary);
  MailFacts facts{.mail = mail.summary};
  facts.size_bytes = asked.mail.size_bytes;
  facts.received_at = asked.mail.received_at;
  facts.integration = integration.id;
  facts.integration_name = integration.name;
  facts.integration_address = integration.address;
  mail.routing = book.route(facts, words.ignore.reason(mail.summary));
  mail.events.push_back(event_of(mail, decided.id, integration.id, now));
  return decided;
}

}  // namespace

net::Task<Result<bool>> settle_mails(Context& context, const IntegrationWords& words,
                                     std::vector<SeenMail> mails) {
  const auto now = context.env.now();
  bool ended = false;
  std::deque<Asked> waiting;
  for (auto& mail : mails) {
    auto plan = plan_thread(words.integration, words.references, mail.summary, mail.id, now);
    waiting.push_back({std::move(mail), std::move(plan)});
  }
  while (!waiting.empty()) {
    auto asked = take_unrelated(waiting);
    std::vector<storage::ThreadQuestion> questions;
    for (const auto& each : asked) questions.push_back(each.plan.question);
    POSTERN_CO_TRY(const auto answers, co_await context.store.threads().find(std::move(questions)));
    POSTERN_CO_TRY(const auto book, co_await context.store.rules().book());
    std::vector<storage::DigestedMessage> decided;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      decided.push_back(decide(*book, words, std::move(asked[i]), answers[i], now));
      ended = ended || !decided.back().mail.routing.goes_out();
    }
    POSTERN_CO_TRY(co_await context.store.messages().record_digests(std::move(decided), now));
  }
  co_return ended;
}

net::Task<Result<Routing>> try_rules(storage::Store& store, MessageId id,
                                     std::optional<Rule> rule) {
  POSTERN_CO_TRY(const auto message, co_await store.messages().get(id));
  std::string address;
  std::optional<std::string> ignored;
  const auto integration = co_await store.integrations().get(message.integration);
  if (integration) {
    address = integration.value().value.address;
    if (!rule) {
      ignored = IgnoreList(integration.value().value.incoming.ignore).reason(message.summary);
    }
  }
  MailFacts facts{.mail = message.summary};
  facts.size_bytes = message.size_bytes;
  facts.received_at = message.received_at;
  facts.integration = message.integration;
  facts.integration_name = message.integration_name;
  facts.integration_address = address;
  if (!rule) {
    POSTERN_CO_TRY(const auto book, co_await store.rules().book());
    co_return book->route(facts, ignored);
  }
  POSTERN_CO_TRY(const auto stored, co_await store.targets().list());
  std::vector<Rule> rules;
  rules.push_back(std::move(*rule));
  std::vector<Target> targets;
  for (const auto& each : stored) targets.push_back(each.value);
  const RouteBook alone(std::move(rules), std::move(targets));
  co_return alone.route(facts, ignored);
}

net::Task<Result<void>> route_anew(storage::Store& store, MessageId id, Instant now) {
  POSTERN_CO_TRY(const auto message, co_await store.messages().get(id));
  POSTERN_CO_TRY(auto routing, co_await try_rules(store, id, std::nullopt));
  // That it came was told at its coming.
  std::vector<NewEvent> events;
  if (routing.quarantined && !message.routing.quarantined) {
    storage::DigestedMail mail;
    mail.summary = message.summary;
    mail.routing = routing;
    events.push_back(event_of(mail, id, message.integration, now));
  }
  co_return co_await store.messages().route_anew(id, std::move(routing), std::move(events), now);
}

}  // namespace postern::flows
