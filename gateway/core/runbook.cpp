// See runbook.hpp.
#include "core/runbook.hpp"

#include <fmt/format.h>

namespace postern {

std::string runbook_section(ProblemClass of) {
  return fmt::format("{}#{}", runbook_file, to_string(of));
}

}  // namespace postern
