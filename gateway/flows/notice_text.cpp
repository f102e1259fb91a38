#include "flows/notice_text.hpp"

#include "core/runbook.hpp"
#include "core/showable.hpp"
#include "core/template.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <algorithm>
#include <span>

namespace postern::flows {
namespace {

namespace json = boost::json;

std::string duration_words(Duration duration) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(duration).count();
  if (minutes < 1) return fmt::format("{} s", std::max<std::int64_t>(duration.count() / 1000, 0));
  if (minutes < 120) return fmt::format("{} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{} h {} min", minutes / 60, minutes % 60);
  return fmt::format("{} days", minutes / 60 / 24);
}

std::string_view words_of(ProblemClass of) {
  switch (of) {
    case ProblemClass::connection:
      return "no connection";
    case ProblemClass::login:
      return "login refused";
    case ProblemClass::consent:
      return "authorisation needed";
    case ProblemClass::token:
      return "no token";
    case ProblemClass::transfer:
      return "mails are not taken";
    case ProblemClass::stale:
      return "no check succeeded for too long";
    case ProblemClass::quarantine:
      return "mails in quarantine";
    case ProblemClass::handover:
      return "mails not handed over";
    case ProblemClass::target:
      return "target disabled";
    case ProblemClass::certificate:
      return "a certificate runs out";
    case ProblemClass::secret:
      return "a secret runs out";
    case ProblemClass::space:
      return "disk nearly full";
    case ProblemClass::network:
      return "nothing is reached";
    case ProblemClass::channel:
      return "notices do not go out";
  }
  return "";
}

std::string about(const Problem& problem) {
  return problem.key.direction.empty() ? problem.title
                                       : problem.title + " (" + problem.key.direction + ")";
}

/// "Support (incoming)", or "40 mailboxes at imap.example.com".
std::string title_of(const postern::Notice& notice) {
  const auto& first = notice.problems.front();
  if (notice.problems.size() == 1) return about(first);
  if (first.server.empty()) return fmt::format("{} problems", notice.problems.size());
  return fmt::format("{} integrations at {}", notice.problems.size(), first.server);
}

std::string_view status_of(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::failing:
    case NoticeKind::disabled:
      return "FAILING";
    case NoticeKind::flapping:
      return "FAILING AGAIN AND AGAIN";
    case NoticeKind::reminder:
      return "STILL FAILING";
    case NoticeKind::recovered:
      return "RECOVERED";
  }
  return "";
}

std::string what(const postern::Notice& notice, Instant now) {
  const auto& first = notice.problems.front();
  const auto since = [&] { return duration_words(now - first.since); };
  switch (notice.kind) {
    case NoticeKind::failing:
      return first.disabled ? fmt::format("{}, disabled", words_of(first.key.of))
                            : std::string(words_of(first.key.of));
    case NoticeKind::disabled:
      return fmt::format("disabled: {}", words_of(first.key.of));
    case NoticeKind::flapping:
      return "it fails and works in turn";
    case NoticeKind::reminder:
      return fmt::format("{}, for {}", words_of(first.key.of), since());
    case NoticeKind::recovered:
      return "after " + since();
  }
  return "";
}

std::string next_of(const postern::Notice& notice, const MonitoringSettings& settings) {
  const auto& first = notice.problems.front();
  if (notice.kind == NoticeKind::recovered) return "Nothing: it works again.";
  if (first.disabled) {
    return "Nothing is tried until somebody enables it again, on its page or by POST "
           "/integrations/…/enable; a test is run first.";
  }
  switch (first.key.of) {
    case ProblemClass::connection:
    case ProblemClass::token:
    case ProblemClass::transfer:
      return fmt::format(
          "It is tried again by itself, less often with each failure; after {} failures in a row "
          "this direction is disabled, unless the integration has its own limit. Nothing is lost: "
          "mails wait where they are.",
          settings.disable_after);
    case ProblemClass::login:
      return fmt::format(
          "It is tried again by itself, slowly, since refused logins lock accounts; after {} "
          "refusals in a row it is disabled, unless the integration has its own limit.",
          settings.login_disable_after);
    case ProblemClass::consent:
      return "Nothing is tried until a person has authorised it at its provider.";
    case ProblemClass::stale:
    case ProblemClass::network:
      return "It is tried again by itself.";
    case ProblemClass::quarantine:
    case ProblemClass::handover:
    case ProblemClass::target:
    case ProblemClass::certificate:
    case ProblemClass::secret:
    case ProblemClass::space:
    case ProblemClass::channel:
      return "It stays so until somebody acts.";
  }
  return "";
}

std::string list_of(const postern::Notice& notice) {
  std::string list;
  std::size_t shown = 0;
  for (const auto& problem : notice.problems) {
    if (shown++ == notice_list_max) {
      list += fmt::format("… and {} more\n", notice.problems.size() - notice_list_max);
      break;
    }
    list += fmt::format("- {}{}{}: {} {} since {}", about(problem),
                        problem.login.empty() ? "" : ", login ", problem.login, problem.count,
                        problem.count == 1 ? "failure" : "failures in a row",
                        to_rfc3339(problem.since));
    if (!problem.message.empty()) list += fmt::format("\n  \"{}\"", problem.message);
    list += '\n';
  }
  return list;
}

/// The sections of the runbook that are about them, each once.
std::string runbook_line(std::span<const Problem> problems) {
  std::vector<std::string> sections;
  for (const auto& problem : problems) {
    auto section = runbook_section(problem.key.of);
    if (std::ranges::find(sections, section) == sections.end()) {
      sections.push_back(std::move(section));
    }
  }
  return fmt::format("Runbook: {}\n", fmt::join(sections, ", "));
}

std::string held_back_words(int count) {
  if (count == 0) return "";
  return fmt::format("{} more failed meanwhile and {} not told, as notices come at most so often.",
                     count, count == 1 ? "was" : "were");
}

TemplateVariables variables_of(const postern::Notice& notice, const MonitoringSettings& settings) {
  const auto& first = notice.problems.front();
  TemplateVariables variables;
  variables["status"] = status_of(notice.kind);
  variables["title"] = title_of(notice);
  variables["direction"] = first.key.direction;
  variables["kind"] = first.kind;
  variables["server"] = first.server;
  variables["login"] = first.login;
  variables["message"] = first.message;
  variables["hint"] = first.hint;
  variables["next"] = next_of(notice, settings);
  variables["runbook"] = runbook_section(first.key.of);
  variables["since"] = to_rfc3339(first.since);
  variables["count"] = std::to_string(first.count);
  variables["held_back"] = held_back_words(notice.held_back);
  variables["list"] = list_of(notice);
  return variables;
}

std::string own_text(const postern::Notice& notice, const MonitoringSettings& settings,
                     const std::string& headline) {
  const auto& first = notice.problems.front();
  std::string text = headline + "\n\n" + list_of(notice);
  if (!first.server.empty()) text += fmt::format("\nServer: {}\n", first.server);
  if (!first.hint.empty() && notice.kind != NoticeKind::recovered) {
    text += fmt::format("What to do: {}\n", first.hint);
  }
  text += fmt::format("What happens next: {}\n", next_of(notice, settings));
  if (notice.kind != NoticeKind::recovered) text += runbook_line({&first, 1});
  if (notice.held_back > 0) text += held_back_words(notice.held_back) + "\n";
  return text;
}

/// Names and servers' words end no line of a notice, and turn none.
postern::Notice in_lines(postern::Notice notice) {
  for (auto& each : notice.problems) {
    for (auto* words : {&each.title, &each.key.direction, &each.kind, &each.server, &each.login,
                        &each.message, &each.hint}) {
      *words = as_one_line(*words);
    }
  }
  return notice;
}

json::object data_of(const postern::Notice& notice, Instant now) {
  json::array problems;
  for (const auto& problem : notice.problems) {
    auto shown = to_json(problem, problem.title);
    if (notice.kind == NoticeKind::recovered) shown["state"] = "closed";
    problems.push_back(std::move(shown));
    if (problems.size() == notice_list_max) break;
  }
  json::object data;
  data["notice"] = to_string(notice.kind);
  data["status"] = notice.kind == NoticeKind::recovered ? "closed" : "open";
  data["dedup_key"] = notice.thread;
  data["at"] = to_rfc3339(now);
  data["held_back"] = notice.held_back;
  data["problems"] = std::move(problems);
  return data;
}

}  // namespace

NoticeText notice_text(const postern::Notice& untrusted, const MonitoringSettings& settings,
                       Instant now, const std::string& public_url) {
  NoticeText made;
  const auto notice = in_lines(untrusted);
  const auto variables = variables_of(notice, settings);
  const auto headline =
      fmt::format("{}: {} - {}", status_of(notice.kind), title_of(notice), what(notice, now));
  made.subject = "[Postern] " + headline;
  made.text = own_text(notice, settings, headline);
  if (!settings.subject.empty()) {
    auto own = expand_template(settings.subject, variables, TemplateEscape::none, 1000);
    // The word that says whether it fails is never left out.
    if (own.mistakes.empty()) {
      made.subject = std::move(own.text);
      if (made.subject.find(status_of(notice.kind)) == std::string::npos) {
        made.subject = fmt::format("{}: {}", status_of(notice.kind), made.subject);
      }
    }
  }
  if (!settings.text.empty()) {
    auto own = expand_template(settings.text, variables, TemplateEscape::none, 200'000);
    if (own.mistakes.empty()) made.text = std::move(own.text) + "\n";
  }
  std::replace_if(
      made.subject.begin(), made.subject.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  if (!public_url.empty()) made.text += fmt::format("\n{}/\n", public_url);
  made.data = data_of(untrusted, now);
  return made;
}

NoticeText digest_text(const std::vector<Problem>& open, Instant now,
                       const std::string& public_url) {
  postern::Notice all;
  all.kind = NoticeKind::reminder;
  all.problems = open;
  NoticeText made;
  made.data = data_of(all, now);
  made.data["notice"] = "digest";
  made.data["status"] = open.empty() ? "closed" : "open";
  if (open.empty()) {
    made.subject = "[Postern] DIGEST: nothing is wrong";
    made.text = "Nothing is wrong.\n";
  } else {
    made.subject = fmt::format("[Postern] DIGEST: {} {}", open.size(),
                               open.size() == 1 ? "problem" : "problems");
    made.text =
        "What is wrong:\n\n" + list_of(in_lines(std::move(all))) + "\n" + runbook_line(open);
  }
  if (!public_url.empty()) made.text += fmt::format("\n{}/\n", public_url);
  return made;
}

NoticeText test_text(Instant now, const std::string& public_url) {
  NoticeText made;
  made.subject = "[Postern] TEST: this way of telling you works";
  made.text = "This is the test that was asked for. Nothing is wrong, and nothing is to be done.\n";
  if (!public_url.empty()) made.text += fmt::format("\n{}/\n", public_url);
  made.data["notice"] = "test";
  made.data["status"] = "closed";
  made.data["at"] = to_rfc3339(now);
  made.data["problems"] = json::array();
  return made;
}

NoticeText summary_text(const std::vector<SummaryItem>& items, std::size_t texts_max) {
  const auto count = items.size();
  std::size_t still = 0, failing = 0;
  for (const auto& item : items) {
    still += item.over ? 0 : 1;
    failing += item.of_problem && !item.over ? 1 : 0;
  }
  NoticeText made;
  made.subject = fmt::format("[Postern] SUMMARY: {} {} could not be sent when due", count,
                             count == 1 ? "notice" : "notices");
  if (still == 0) made.subject += ", all is over";
  if (failing > 0) made.subject += fmt::format(", {} still FAILING", failing);
  made.text = fmt::format("Between {} and {} there was no way to send these.\n",
                          to_rfc3339(items.front().at), to_rfc3339(items.back().at));
  if (still > 0) made.text += "\nWhat still holds:\n";
  std::size_t shown = 0;
  for (const auto& item : items) {
    if (item.over) continue;
    made.text += fmt::format("\n{} {}\n", to_rfc3339(item.at), item.subject);
    if (shown++ < texts_max) made.text += item.text;
  }
  if (still < count) made.text += "\nWhat is over meanwhile:\n";
  for (const auto& item : items) {
    if (item.over) made.text += fmt::format("- {} {}\n", to_rfc3339(item.at), item.subject);
  }
  return made;
}

}  // namespace postern::flows
