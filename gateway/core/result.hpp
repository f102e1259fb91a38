// Result<T>: what the world did. Error: why it did not.
//
// Every fallible act that depends on networks, servers, disks or users returns a Result; our own
// mistakes are POSTERN_ASSERT. Codes are for branching, details for people: a detail may quote a
// server (bounded, untrusted) and never holds a secret.
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/success_failure.hpp>
#include <boost/outcome/try.hpp>
#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

namespace postern {

using error_code = boost::system::error_code;

struct Error {
  error_code code;
  std::string detail;
};

template <class T>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

/// The value of a Result<void> that went well: `return success();`
inline auto success() {
  return boost::outcome_v2::success();
}

/// "message of the code: detail", for logs and for people.
std::string describe(const Error& error);

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

/// An error category made of a name and a table of sentences; one static instance a module.
class SentenceCategory final : public boost::system::error_category {
 public:
  using Sentence = const char* (*)(int);
  constexpr SentenceCategory(const char* name, Sentence sentence)
      : name_(name), sentence_(sentence) {}
  const char* name() const noexcept override { return name_; }
  std::string message(int value) const override { return sentence_(value); }

 private:
  const char* name_;
  Sentence sentence_;
};

}  // namespace postern

#define POSTERN_TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
#define POSTERN_CO_TRY(...) BOOST_OUTCOME_CO_TRY(__VA_ARGS__)
#define POSTERN_ASSERT(condition) \
  ((condition) ? void(0) : ::postern::assertion_failed(#condition, __FILE__, __LINE__))
