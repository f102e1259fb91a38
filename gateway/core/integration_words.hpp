// The contract's words for an integration's enumerations, in one place for writing and reading.
// The configuration understands the same word for security.
#pragma once

#include "core/integration.hpp"
#include "core/json_fields.hpp"

namespace postern::words {

inline constexpr Choice<Security> security[] = {
    {"tls", Security::tls},
    {"starttls", Security::starttls},
    {"none", Security::none},
    // What the forms of other systems call them.
    {"ssl", Security::tls, true},
    {"ssl/tls", Security::tls, true},
    {"null", Security::none, true},
};

inline constexpr Choice<AuthMethod> auth_method[] = {
    {"password", AuthMethod::password},
    {"oauth2", AuthMethod::oauth2},
    {"none", AuthMethod::none},
};

inline constexpr Choice<IncomingMode> incoming_mode[] = {
    {"idle", IncomingMode::idle},
    {"poll", IncomingMode::poll},
};

inline constexpr Choice<AfterFetch> after_fetch[] = {
    {"none", AfterFetch::none}, {"seen", AfterFetch::seen},     {"keyword", AfterFetch::keyword},
    {"move", AfterFetch::move}, {"delete", AfterFetch::remove},
};

inline constexpr Choice<ReplyToMode> reply_to_mode[] = {
    {"none", ReplyToMode::none},
    {"reply_to", ReplyToMode::reply_to},
    {"from", ReplyToMode::from},
};

inline constexpr Choice<OnUnknown> on_unknown[] = {
    {"resend", OnUnknown::resend},
    {"report", OnUnknown::report},
};

inline constexpr Choice<FromPolicy> from_policy[] = {
    {"rewrite", FromPolicy::rewrite},
    {"refuse", FromPolicy::refuse},
};

inline constexpr Choice<DirectionState> direction_state[] = {
    {"ok", DirectionState::ok},
    {"waiting", DirectionState::waiting},
    {"failing", DirectionState::failing},
    {"needs_consent", DirectionState::needs_consent},
    {"disabled", DirectionState::disabled},
    {"off", DirectionState::off},
};

/// The first word of a value.
template <class Value, std::size_t size>
constexpr std::string_view of(Value value, const Choice<Value> (&choices)[size]) {
  for (const auto& choice : choices) {
    if (choice.value == value) return choice.word;
  }
  return choices[0].word;
}

}  // namespace postern::words
