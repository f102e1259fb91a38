// What notices say: whatever is wrong, the section of the runbook that is about it.
#include "flows/notice_text.hpp"

#include "core/runbook.hpp"
#include "core/showable.hpp"
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

/// What ends, colours or turns a line, in every field that somebody else fills.
Problem forged() {
  const std::string end = " \r\n- all is well\nBcc: mallory@else.test\x1b[2J\x7f\u0085\u2028\u202e";
  auto problem = problem_of(ProblemClass::login);
  for (auto* words : {&problem.title, &problem.key.direction, &problem.kind, &problem.server,
                      &problem.login, &problem.message, &problem.hint}) {
    *words = "<b>canary</b>" + end;
  }
  return problem;
}

/// Whether each of its lines is one that we have written, and none holds what is not to be shown.
void expect_harmless(std::string_view text) {
  EXPECT_NE(text.find("canary"), text.npos);
  for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(1)) {
    if (rest.front() == '\n') {
      EXPECT_FALSE(rest.starts_with("\n- all is well") || rest.starts_with("\nBcc:")) << text;
    } else {
      EXPECT_EQ(unshowable(rest), 0U) << text;
    }
  }
}

TEST(NoticeText, Has_no_line_that_a_name_or_a_server_has_made) {
  MonitoringSettings own_words;
  own_words.subject = "{{title}} {{message}} {{hint}}";
  own_words.text = "{{title}} {{login}} {{server}} {{list}}";
  for (const auto& settings : {MonitoringSettings(), own_words}) {
    for (const auto kind : {NoticeKind::failing, NoticeKind::recovered}) {
      postern::Notice notice;
      notice.kind = kind;
      notice.problems = {forged()};

      const auto made = notice_text(notice, settings, now, "");

      expect_harmless(made.subject);
      EXPECT_EQ(made.subject.find('\n'), made.subject.npos) << made.subject;
      expect_harmless(made.text);
    }
  }
}

TEST(NoticeText, Of_a_day_has_no_line_that_a_name_or_a_server_has_made) {
  const auto made = digest_text({forged(), forged()}, now, "");

  expect_harmless(made.text);
  EXPECT_EQ(made.subject, "[Postern] DIGEST: 2 problems");
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
