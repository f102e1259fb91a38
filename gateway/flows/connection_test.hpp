// The connection test: what a check or a send would do, step by step, nothing stored or sent.
#pragma once

#include "core/integration.hpp"
#include "core/transcript.hpp"
#include "flows/context.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

/// One line of the answer: {"direction", "step", "ok", "ms", "server", "hint", "field"}, and in the
/// step that failed "transcript": what was said up to there.
/// Steps: dns, tcp, tls, greeting, capabilities, login, select, newest (IMAP); dns, tcp, greeting,
/// capabilities, tls, login, mail_from, reset (SMTP); as for IMAP but stat, newest, quit (POP3).
struct TestStep {
  std::string direction;  // incoming, outgoing
  std::string step;
  bool ok = false;
  std::int64_t ms = 0;
  std::string server;  // the server's words, or what was found: addresses, chain and days left
  std::string hint;    // when !ok: what to do
  std::string field;   // when !ok: the JSON pointer of the field to look at
  std::optional<Transcript> transcript;  // when !ok, and in the last step when it was asked for
};

boost::json::object to_json(const TestStep& step);

enum class TestDirections { incoming, outgoing, both };

/// Gives each step to `tell` as it ends; the last step of a direction is the first that failed.
/// `with_transcript`: also where all went well, the last step has one. True when all went well.
net::Task<bool> run_connection_test(Context& context, Integration integration,
                                    IntegrationSecrets secrets, TestDirections directions,
                                    bool with_transcript,
                                    std::function<net::Task<void>(TestStep)> tell);

}  // namespace postern::flows
