// A transcript: what client and server said to each other on one connection, fit to be shown.
// Secrets are *** in it, mails are `[n bytes]`, and its length is bounded: see flows/tape.hpp.
#pragma once

#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace postern {

enum class Side { client, server };

struct TranscriptLine {
  Instant at;
  Side from = Side::client;
  std::string text;    // valid UTF-8 without control characters; what we did stands in [brackets]
  int connection = 0;  // 1 and up where a recording holds several, else 0
};

struct Transcript {
  Instant at;             // when the session ended, or the recording began
  std::string protocol;   // imap, pop3, smtp
  std::string direction;  // incoming, outgoing
  std::string step;       // where it failed; empty: it did not
  std::string message;    // why
  std::vector<TranscriptLine> lines;
};

/// The contract's {at, protocol, lines: [{at, from, text}]}, and the rest beside it.
boost::json::object to_json(const Transcript& transcript);

/// Of what to_json wrote. A field that is missing or not well is left empty.
Transcript transcript_from_json(const boost::json::object& json);

}  // namespace postern
