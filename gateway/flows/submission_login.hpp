// The login of a program that submits by SMTP: made by us, shown once, kept as a hash.
#pragma once

#include "core/secret.hpp"
#include "net/env.hpp"
#include "storage/submission_logins.hpp"

#include <string>

namespace postern::flows {

struct NewSubmissionLogin {
  std::string login;  // the integration's id
  Secret password;    // 32 letters and digits of base 64 for URLs: 192 random bits
  storage::SubmissionLoginRow row;
};

NewSubmissionLogin make_submission_login(IntegrationId integration, net::Env& env);

/// Whether `password` is the one of `row`.
bool fits(const storage::SubmissionLoginRow& row, const Secret& password);

}  // namespace postern::flows
