// What a notice says: its subject (FAILING, RECOVERED) and its text, with the server's own words,
// what to do, and what happens next. Pure.
#pragma once

#include "core/monitoring.hpp"
#include "core/problem.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace postern::flows {

inline constexpr std::size_t notice_list_max = 200;  // problems that are listed, each on its line

struct NoticeText {
  std::string subject, text;
  boost::json::object data;  // the same for programs: status, dedup_key, problems
};

/// `public_url` without a slash at its end, or empty.
NoticeText notice_text(const postern::Notice& notice, const MonitoringSettings& settings,
                       Instant now, const std::string& public_url);

/// What is wrong at the moment, to be told once a day.
NoticeText digest_text(const std::vector<Problem>& open, Instant now,
                       const std::string& public_url);

/// That this way of telling works.
NoticeText test_text(Instant now, const std::string& public_url);

/// A notice that could not be sent when it was due.
struct SummaryItem {
  Instant at;
  std::string subject, text;
  bool over = false;        // what it tells of is over meanwhile
  bool of_problem = false;  // else of an event
};

/// One mail for several of them: `texts_max` of those that still hold in full, a line of each
/// other. `data` is empty.
NoticeText summary_text(const std::vector<SummaryItem>& items, std::size_t texts_max);

}  // namespace postern::flows
