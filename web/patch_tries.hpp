// PatchTries: how often a PATCH without If-Match reads, merges and writes again when somebody else
// wrote in between. With If-Match the caller wants to know of it instead.
#pragma once

#include "core/result.hpp"
#include "web/problem.hpp"

namespace postern::web {

struct Call;

constexpr int patch_tries_max = 5;

class PatchTries {
 public:
  explicit PatchTries(const Call& call);

  /// After a try that ended so: whether to make another one.
  bool again(const Error& error);
  bool again(const Problem& problem);

 private:
  bool once_more();

  bool conditional_;
  int made_ = 0;
};

}  // namespace postern::web
