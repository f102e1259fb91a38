// Each problem class has its section in deploy/RUNBOOK.md, under the anchor that notices name.
#include "core/runbook.hpp"

#include "unit/core/problem_classes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <vector>

namespace postern {
namespace {

/// The anchors of the file's sections about classes: their headings have one word.
std::vector<std::string> anchors() {
  std::ifstream file(std::string(POSTERN_SOURCE_DIR "/") + std::string(runbook_file));
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("### ")) all.push_back(line.substr(4));
  }
  return all;
}

TEST(Runbook, Has_a_section_for_each_problem_class_and_no_other) {
  std::vector<std::string> wanted;
  for (const auto of : problem_classes()) wanted.push_back(std::string(to_string(of)));
  EXPECT_EQ(wanted.size(), 14U);

  EXPECT_EQ(anchors(), wanted);
}

TEST(Runbook, Is_named_by_each_problem_with_the_anchor_of_its_section) {
  const auto there = anchors();
  for (const auto of : problem_classes()) {
    Problem problem;
    problem.key.of = of;

    const auto shown = std::string(to_json(problem, "").at("runbook").as_string());

    EXPECT_EQ(shown, runbook_section(of));
    const auto mark = shown.find('#');
    ASSERT_NE(mark, shown.npos);
    EXPECT_EQ(shown.substr(0, mark), runbook_file);
    EXPECT_NE(std::ranges::find(there, shown.substr(mark + 1)), there.end()) << shown;
  }
}

}  // namespace
}  // namespace postern
