// What notices say: whatever is wrong, the section of the runbook that is about it.
#include "flows/notice_text.hpp"

#include "core/runbook.hpp"
#include "unit/core/problem_classes.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>

namespace postern::flows {
namespace {

constexpr Instant now{std::chrono::hours(1)};

Problem problem_of(ProblemClass of) {
  Problem problem;
  problem.key.of = of;
  problem.title = "Support";
  problem.message = "the server's words";
  return problem;
}

bool names(const std::string& text, ProblemClass of) {
  return text.find("Runbook: " + runbook_section(of) + "\n") != text.npos;
}

TEST(NoticeText, Names_the_section_of_the_runbook_for_each_class) {
  for (const auto of : problem_classes()) {
    for (const auto kind :
         {NoticeKind::failing, NoticeKind::disabled, NoticeKind::flapping, NoticeKind::reminder}) {
      postern::Notice notice;
      notice.kind = kind;
      notice.problems = {problem_of(of)};

      const auto made = notice_text(notice, {}, now, "");

      EXPECT_TRUE(names(made.text, of)) << made.text;
      const auto& told = made.data.at("problems").as_array().front().as_object();
      EXPECT_EQ(told.at("runbook").as_string(), runbook_section(of));
    }
  }
}

TEST(NoticeText, Of_a_recovery_sends_nobody_to_the_runbook) {
  postern::Notice notice;
  notice.kind = NoticeKind::recovered;
  notice.problems = {problem_of(ProblemClass::login)};

  EXPECT_EQ(notice_text(notice, {}, now, "").text.find("Runbook"), std::string::npos);
}

TEST(NoticeText, May_name_the_section_in_ones_own_words) {
  postern::Notice notice;
  notice.problems = {problem_of(ProblemClass::space)};
  MonitoringSettings settings;
  settings.text = "See {{runbook}}.";

  const auto made = notice_text(notice, settings, now, "");

  EXPECT_EQ(made.text, "See deploy/RUNBOOK.md#space.\n");
}

TEST(NoticeText, Of_a_day_names_each_section_once) {
  const auto made = digest_text({problem_of(ProblemClass::login), problem_of(ProblemClass::login),
                                 problem_of(ProblemClass::space)},
                                now, "");

  EXPECT_NE(made.text.find("\nRunbook: deploy/RUNBOOK.md#login, deploy/RUNBOOK.md#space\n"),
            std::string::npos)
      << made.text;
}

}  // namespace
}  // namespace postern::flows
