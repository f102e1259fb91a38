// What the token endpoint answered: tokens, or why there are none, sorted by what is to be done.
//
// RFC 6749 §5 (answers), RFC 8628 §3.5 (device), and the words of Microsoft and Google. Sorted by
// `error` and `suberror` alone, as Microsoft wants it; the numbers (AADSTS…) choose the hint, and
// spare a person the trouble where they tell of Microsoft's own.
#pragma once

#include "core/secret.hpp"
#include "core/time.hpp"
#include "net/http_client.hpp"
#include "oauth/errc.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::oauth {

/// A refresh_token that is not there is empty: the one before it stays good.
struct Tokens {
  Secret access_token, refresh_token, id_token;
  std::optional<std::chrono::seconds> lifetime;  // of the access token; nothing: not told
  std::vector<std::string> scopes;               // empty: those that were asked for
};

enum class FaultKind {
  consent,    // a person must authorise again
  app,        // the app's registration: an admin must act, for all its grants
  transient,  // the server's or the network's own; tried again
  pending,    // device: nobody has entered the code yet
  slow_down,  // device: asked too often
  ended,      // device: declined, or the code has run out
};

struct TokenFault {
  FaultKind kind = FaultKind::transient;
  std::string error;             // the word the server gave, or "http 503", "not json"
  std::string words;             // for people: its error and description, fit to be shown
  std::string hint;              // what to do, one sentence
  std::optional<Duration> wait;  // what it asked for
};

std::variant<Tokens, TokenFault> read_token_answer(const net::HttpResponse& response);

/// The JSON object in an answer, bounded in depth; nothing when it is none.
std::optional<boost::json::object> read_object(std::string_view body);
/// A whole number, also one written as a string ("3600"); nothing when it is none.
std::optional<std::int64_t> number_in(const boost::json::object& object, std::string_view name);

/// The error that a fault is to whoever waits for a token.
Error to_error(const TokenFault& fault);

}  // namespace postern::oauth
