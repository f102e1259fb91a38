// Passwords of people: scrypt with a salt of their own, in a text that names its cost.
//
// "scrypt$15$8$1$SALT$HASH": log2 N, r, p, and base 64. About 80 ms and 32 MiB a hash, so that a
// stolen database gives few guesses a second; callers keep it off the server's thread.
// Source: RFC 7914.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"

#include <string>
#include <string_view>

namespace postern::web {

constexpr std::size_t password_bytes_min = 8;
constexpr std::size_t password_bytes_max = 1024;

/// Errors: std::errc::invalid_argument with a sentence, for a password outside the limits.
Result<std::string> hash_password(const Secret& password);

/// Whether `hash` was made from `password`; false for a text that is no hash of ours. Takes as long
/// for a wrong password as for the right one.
bool verify_password(const Secret& password, std::string_view hash);

/// A hash that no password fits, for names that do not exist: they must take as long.
std::string_view nobodys_hash();

}  // namespace postern::web
