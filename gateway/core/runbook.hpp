// Where the runbook says what to do: deploy/RUNBOOK.md has a section for each problem class, under
// its word. Notices, GET /problems and the alert rules of deploy/prometheus name it by this anchor;
// tests/tidy/manuals.py and a test beside this file hold all of them to the file.
#pragma once

#include "core/problem.hpp"

#include <string>
#include <string_view>

namespace postern {

inline constexpr std::string_view runbook_file = "deploy/RUNBOOK.md";

/// The section for problems of this class: "deploy/RUNBOOK.md#login".
std::string runbook_section(ProblemClass of);

}  // namespace postern
