// See integration_list.hpp.
#include "web/integration_list.hpp"

#include "core/integration_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace postern::web {
namespace {

constexpr int errors_shown_max = 999999;
constexpr std::size_t trouble_key_bytes = 7;  // a digit, and the six of errors_shown_max
constexpr std::string_view off_by_hand = "off_by_hand";
constexpr std::array states = {std::string_view("ok"),
                               std::string_view("waiting"),
                               std::string_view("failing"),
                               std::string_view("needs_consent"),
                               std::string_view("disabled"),
                               std::string_view("off"),
                               off_by_hand};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return result;
}

int trouble(DirectionState state) {
  switch (state) {
    case DirectionState::failing:
      return 0;
    case DirectionState::disabled:
      return 1;
    case DirectionState::needs_consent:
      return 2;
    case DirectionState::waiting:
      return 3;
    case DirectionState::ok:
      return 4;
    case DirectionState::off:
      return 5;
  }
  return 5;
}

std::string trouble_key(const storage::IntegrationEntry& entry) {
  int rank = std::min(trouble(entry.incoming_state), trouble(entry.outgoing_state));
  if (!entry.enabled) rank = 6;
  const int errors = std::max(entry.consecutive_incoming_errors, entry.consecutive_outgoing_errors);
  return fmt::format("{}{:06}", rank, errors_shown_max - std::min(errors, errors_shown_max));
}

bool one_of(std::string_view word, const std::string* text, std::string& out) {
  if (text == nullptr || *text != word) return false;
  out = *text;
  return true;
}

}  // namespace

Answer<IntegrationWish> integration_wish(const Target& target) {
  IntegrationWish wish;
  if (const auto* search = target.parameter("q")) wish.search = lower(*search);
  if (const auto* provider = target.parameter("provider")) wish.provider = *provider;
  if (const auto* state = target.parameter("state")) {
    if (std::ranges::find(states, *state) == states.end()) {
      return invalid_parameter("state",
                               "must be ok, waiting, failing, needs_consent, disabled, off or "
                               "off_by_hand");
    }
    wish.state = *state;
  }
  if (const auto* direction = target.parameter("direction")) {
    if (!one_of("incoming", direction, wish.direction) &&
        !one_of("outgoing", direction, wish.direction)) {
      return invalid_parameter("direction", "must be incoming or outgoing");
    }
  }
  if (const auto* sort = target.parameter("sort")) {
    if (*sort == "name") {
      wish.sort = IntegrationSort::name;
    } else if (*sort == "trouble") {
      wish.sort = IntegrationSort::trouble;
    } else if (*sort != "age") {
      return invalid_parameter("sort", "must be age, name or trouble");
    }
  }
  return wish;
}

bool fits(const IntegrationWish& wish, const storage::IntegrationEntry& entry) {
  if (!wish.provider.empty() && entry.provider != wish.provider) return false;
  if (wish.direction == "incoming" && !entry.incoming_on) return false;
  if (wish.direction == "outgoing" && !entry.outgoing_on) return false;
  if (wish.state == off_by_hand) {
    if (entry.enabled) return false;
  } else if (!wish.state.empty()) {
    const bool in = to_string(entry.incoming_state) == wish.state;
    const bool out = to_string(entry.outgoing_state) == wish.state;
    if (!entry.enabled || (!in && !out)) return false;
  }
  if (wish.search.empty()) return true;
  for (const auto& text : {entry.name, entry.address, entry.description, entry.id.str()}) {
    if (lower(text).find(wish.search) != std::string::npos) return true;
  }
  return false;
}

bool is_wide(const IntegrationWish& wish) {
  return wish.search.empty() && wish.state.empty() && wish.provider.empty() &&
         wish.direction.empty();
}

std::optional<storage::IntegrationPlace> place_of(IntegrationSort sort, const std::string& cursor) {
  storage::IntegrationPlace place;
  if (cursor.empty()) return place;
  std::string_view keys = cursor;
  if (sort == IntegrationSort::trouble) {
    if (keys.size() < trouble_key_bytes) return std::nullopt;
    place.trouble_key = keys.substr(0, trouble_key_bytes);
    keys.remove_prefix(trouble_key_bytes);
  }
  if (sort != IntegrationSort::age) {
    const auto end = keys.rfind('\x01');
    if (end == std::string_view::npos) return std::nullopt;
    place.name_key = keys.substr(0, end);
    keys.remove_prefix(end + 1);
  }
  const auto id = IntegrationId::parse(keys);
  if (!id) return std::nullopt;
  place.id = *id;
  return place;
}

std::string sort_key(IntegrationSort sort, const storage::IntegrationEntry& entry) {
  auto id = entry.id.str();
  switch (sort) {
    case IntegrationSort::age:
      return id;
    case IntegrationSort::name:
      return lower(entry.name) + '\x01' + id;
    case IntegrationSort::trouble:
      return trouble_key(entry) + lower(entry.name) + '\x01' + id;
  }
  return id;
}

storage::Page<IntegrationId> page_in_order(const std::vector<storage::IntegrationEntry>& all,
                                           const IntegrationWish& wish,
                                           const storage::PageRequest& page) {
  std::vector<std::pair<std::string, IntegrationId>> behind;
  for (const auto& each : all) {
    if (!fits(wish, each)) continue;
    auto key = sort_key(wish.sort, each);
    if (key > page.cursor) behind.emplace_back(std::move(key), each.id);
  }
  const auto shown = std::min(behind.size(), static_cast<std::size_t>(page.limit));
  std::ranges::partial_sort(behind, behind.begin() + static_cast<std::ptrdiff_t>(shown));
  storage::Page<IntegrationId> result;
  for (std::size_t i = 0; i < shown; ++i) result.items.push_back(behind[i].second);
  if (shown < behind.size()) result.next_cursor = behind[shown - 1].first;
  return result;
}

}  // namespace postern::web
