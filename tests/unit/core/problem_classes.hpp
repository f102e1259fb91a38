// Every class of problem there is, for tests that hold each of them to something.
#pragma once

#include "core/problem.hpp"

#include <vector>

namespace postern {

/// In their order; the first number without a word ends it.
inline std::vector<ProblemClass> problem_classes() {
  std::vector<ProblemClass> all;
  for (int i = 0;; ++i) {
    const auto of = static_cast<ProblemClass>(i);
    if (to_string(of).empty()) return all;
    all.push_back(of);
  }
}

}  // namespace postern
