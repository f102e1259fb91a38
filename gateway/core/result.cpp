#include "core/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace postern {

std::string describe(const Error& error) {
  if (error.detail.empty()) return error.code.message();
  return error.code.message() + ": " + error.detail;
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "postern: assertion failed: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace postern
