// What is wrong with a body or a file, field by field.
#pragma once

#include <string>
#include <vector>

namespace postern {

struct FieldProblem {
  std::string pointer;  // RFC 6901: /incoming/port
  std::string detail;   // a sentence for people
};
using FieldProblems = std::vector<FieldProblem>;

}  // namespace postern
