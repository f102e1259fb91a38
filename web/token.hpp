// API tokens and other secrets we make: from OpenSSL's generator, kept as SHA-256 hashes only.
#pragma once

#include "core/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::web {

constexpr std::string_view token_prefix = "pst_";

struct NewToken {
  Secret token;        // "pst_" and 43 characters: shown once
  std::string sha256;  // what is stored
};

NewToken make_token();

/// Lower-case hex SHA-256 of `bytes`.
std::string sha256_hex(std::string_view bytes);

/// `bytes` of the secure generator, as base 64 for URLs without padding.
std::string random_text(std::size_t bytes);

/// A new signing secret of a target: "whsec_" and base 64. Source: Standard Webhooks 1.0.
Secret make_webhook_secret();

/// Equality in a time that tells nothing of where they differ, nor of their lengths.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace postern::web
