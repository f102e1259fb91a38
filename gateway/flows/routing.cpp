#include "flows/routing.hpp"

#include "core/route_book.hpp"
#include "flows/threads.hpp"

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

}  // namespace

net::Task<Result<storage::DigestedMail>> settle_mail(Context& context,
                                                     const IntegrationWords& words, MessageId id,
                                                     MessageSummary summary,
                                                     std::uint64_t size_bytes) {
  const auto now = context.env.now();
  storage::DigestedMail mail;
  mail.summary = std::move(summary);
  auto plan = plan_thread(words.integration, words.references, mail.summary, id, now);
  auto question = plan.question;
  POSTERN_CO_TRY(const auto answer, co_await context.store.threads().find(std::move(question)));
  mail.thread = apply_thread(plan, answer, mail.summary);
  POSTERN_CO_TRY(const auto book, co_await context.store.rules().book());
  MailFacts facts{.mail = mail.summary};
  facts.size_bytes = size_bytes;
  facts.received_at = now;
  facts.integration = words.integration.id;
  facts.integration_name = words.integration.name;
  facts.integration_address = words.integration.address;
  if (book->asks_for_time()) {
    POSTERN_CO_TRY(const auto row, co_await context.store.messages().get(id));
    facts.received_at = row.received_at;
  }
  mail.routing = book->route(facts, words.ignore.reason(mail.summary));
  mail.events.push_back(event_of(mail, id, words.integration.id, now));
  co_return mail;
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
