#include "flows/journal.hpp"

#include <fmt/format.h>

namespace postern::flows {

void Recording::begin(Duration duration) {
  begun_at_ = env_.now();
  ends_at_ = *begun_at_ + duration;
  until_ = env_.steady() + duration;
  connections_ = 0;
  bytes_ = 0;
  lines_.clear();
}

void Recording::take(TranscriptLine line) {
  bytes_ += line.text.size();
  lines_.push_back(std::move(line));
}

void Journal::note(std::string kind, std::string text, boost::json::object data) {
  const auto at = env_.now();
  if (!entries_.empty() && entries_.back().kind == kind && entries_.back().text == text) {
    auto& last = entries_.back();
    const auto* counted = last.data.if_contains("count");
    data["count"] = counted != nullptr ? counted->to_number<std::int64_t>() + 1 : 2;
    const auto* since = last.data.if_contains("since");
    data["since"] = since != nullptr ? *since : boost::json::value(to_rfc3339(last.at));
    last.data = std::move(data);
    last.at = at;
    return;
  }
  if (entries_.size() == entries_max) entries_.erase(entries_.begin());
  Activity entry;
  entry.at = at;
  // Behind every id of a row of the same millisecond.
  entry.key = fmt::format("~{:012}", ++number_);
  entry.kind = std::move(kind);
  entry.text = std::move(text);
  entry.data = std::move(data);
  entries_.push_back(std::move(entry));
}

}  // namespace postern::flows
