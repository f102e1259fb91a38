// Problem: why a call was refused, in the form of RFC 9457; and Answer<T>, what a handler returns.
//
// A Problem is made from any Error, so that POSTERN_CO_TRY works on calls of the store; what an
// error means for the caller is decided here alone.
#pragma once

#include "core/problems.hpp"
#include "core/result.hpp"
#include "web/http.hpp"

#include <optional>
#include <string>

namespace postern::web {

struct Problem {
  int status = 500;
  std::string code;      // for programs: "not_found"
  std::string detail;    // a sentence for people
  std::string hint;      // what to do
  FieldProblems errors;  // a pointer "?limit" is the query parameter `limit`
  std::optional<int> result_code;
  Headers headers;

  Problem() = default;
  Problem(int status_code, std::string word, std::string sentence, std::string advice = "");
  /// The problem that an error of storage, or of anything else, is to the caller.
  Problem(const Error& error);  // NOLINT: implicit, so that TRY converts
};

template <class T>
using Answer = boost::outcome_v2::basic_result<T, Problem, boost::outcome_v2::policy::terminate>;

/// 400 with the fields that are wrong.
Problem invalid_body(FieldProblems errors);

/// 400 about one query parameter.
Problem invalid_parameter(std::string_view name, std::string detail);

/// application/problem+json.
Response to_response(const Problem& problem, const Request& request);

}  // namespace postern::web
