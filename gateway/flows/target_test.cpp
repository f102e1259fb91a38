#include "flows/target_test.hpp"

#include "core/syntax.hpp"
#include "core/utf8.hpp"
#include "flows/limits.hpp"
#include "flows/target_answers.hpp"
#include "flows/target_call.hpp"
#include "flows/verdict.hpp"

#include <fmt/format.h>

namespace postern::flows {
namespace {

constexpr std::size_t answer_bytes_max = 500;

TestStep step_of(std::string_view name, Duration began, Duration ended) {
  TestStep step;
  step.direction = to_string(Direction::outgoing);
  step.step = name;
  step.ms = (ended - began).count();
  return step;
}

/// The field of a target that an error of the network points to.
std::string field_of(std::string_view of_server) {
  return of_server == "tls/ca_pem" ? "/ca_pem" : "/url";
}

/// Whether the host of the URL is known; its addresses are the step's words.
net::Task<bool> look_up(Context& context, const Target& target, TargetTest& test) {
  const auto url = net::parse_url(target.url);
  if (!url || valid_ipv4(url.value().host) || valid_ipv6(url.value().host)) co_return true;
  const auto began = context.env.steady();
  const auto found = co_await context.env.resolve(url.value().host, limits::resolve);
  auto step = step_of("dns", began, context.env.steady());
  step.ok = found.has_value();
  if (found) {
    for (const auto& address : found.value())
      step.server += (step.server.empty() ? "" : " ") + address;
  } else {
    const auto verdict = judge(found.error(), Direction::outgoing, "dns");
    step.server = describe(found.error());
    step.hint = verdict.hint;
    step.field = "/url";
    test.error = step.server;
  }
  test.steps.push_back(std::move(step));
  co_return found.has_value();
}

std::string_view field_of_answer(const Target& target, int status) {
  const auto& type = type_of(target);
  const bool login = status == 401 || status == 403;
  if (login && type.has(setting_api_key)) return "/api_key";
  if (login && type.has(setting_auth)) return "/auth/password";
  return "/url";
}

net::Task<void> test_http(Context& context, const Target& target,
                          const storage::TargetSecrets& secrets, TargetTest& test) {
  const bool known = co_await look_up(context, target, test);
  if (!known) co_return;
  const auto& kind = kind_of(target);
  TargetMail mail(target, secrets);
  mail.handover = fmt::format("test_{:016x}", context.env.random());
  mail.now = context.env.now();
  mail.chance = context.env.random();
  auto request = kind.probe(mail);
  if (!request) {
    test.error = describe(request.error());
    co_return;
  }
  net::HttpClient http(context.env);
  const auto began = context.env.steady();
  const auto response =
      co_await http.call(std::move(request).value(), tls_of(target), limits_of(target));
  auto step = step_of("request", began, context.env.steady());
  test.took = context.env.steady() - began;
  if (!response) {
    const auto verdict = judge(response.error(), Direction::outgoing, "request");
    step.server = test.error = describe(response.error());
    step.hint = verdict.hint;
    step.field = field_of(verdict.field);
    test.steps.push_back(std::move(step));
    co_return;
  }
  const auto answer = kind.judge_probe(mail, response.value());
  test.status = response.value().status;
  test.answer = std::string(cut_utf8(to_valid_utf8(response.value().body), answer_bytes_max));
  test.ok = answer.fate == TargetFate::taken;
  step.ok = test.ok;
  step.server = fmt::format("HTTP {}", test.status);
  if (!answer.words.empty()) step.server = answer.words;
  if (!test.ok) {
    test.error = fmt::format("HTTP {}", test.status);
    step.hint = answer.hint;
    step.field = field_of_answer(target, test.status);
  }
  test.steps.push_back(std::move(step));
}

/// "/outgoing/host" as the target names it.
std::string own_field(std::string_view field) {
  for (const std::string_view prefix : {"/incoming", "/outgoing"}) {
    if (field.starts_with(prefix)) field.remove_prefix(prefix.size());
  }
  return std::string(field);
}

net::Task<void> keep_step(TargetTest& test, TestStep step) {
  step.field = own_field(step.field);
  test.steps.push_back(std::move(step));
  co_return;
}

/// The integration's connection test, with this one server.
net::Task<void> test_mail_server(Context& context, const Target& target,
                                 const storage::TargetSecrets& secrets, TargetTest& test) {
  Integration integration;
  IntegrationSecrets passwords;
  const bool smtp = type_of(target).carrier == TargetCarrier::smtp;
  if (smtp) {
    integration.address = target.sender;
    integration.outgoing.enabled = true;
    integration.outgoing.server = target.server;
    integration.outgoing.auth = target.auth;
    integration.outgoing.tls = target.tls;
    passwords.outgoing_password = secrets.credential;
  } else {
    integration.incoming.enabled = true;
    integration.incoming.server = target.server;
    integration.incoming.auth = target.auth;
    integration.incoming.tls = target.tls;
    integration.incoming.folder = target.folder;
    passwords.incoming_password = secrets.credential;
  }
  auto* const kept = &test;
  const auto tell = [kept](TestStep step) { return keep_step(*kept, std::move(step)); };
  const auto began = context.env.steady();
  test.ok = co_await run_connection_test(context, std::move(integration), std::move(passwords),
                                         smtp ? TestDirections::outgoing : TestDirections::incoming,
                                         false, tell);
  test.took = context.env.steady() - began;
  if (test.ok || test.steps.empty()) co_return;
  auto& last = test.steps.back();
  if (!smtp && last.step == "select") {
    // Whatever is wrong with it: the server let us in, and a folder that is not there is made.
    last.ok = test.ok = true;
    last.hint = "The folder is not there yet; the first mail makes it.";
    last.field.clear();
    last.transcript.reset();
    co_return;
  }
  test.error = last.server;
}

}  // namespace

net::Task<Result<TargetTest>> test_target(Context& context, Target target,
                                          storage::TargetSecrets secrets) {
  TargetTest test;
  if (target.id) {
    POSTERN_CO_TRY(test.waiting, co_await context.store.handovers().waiting(target.id));
  }
  switch (type_of(target).carrier) {
    case TargetCarrier::none:
      test.ok = true;
      break;
    case TargetCarrier::http:
      co_await test_http(context, target, secrets, test);
      break;
    case TargetCarrier::smtp:
    case TargetCarrier::imap:
      co_await test_mail_server(context, target, secrets, test);
      break;
  }
  co_return test;
}

}  // namespace postern::flows
