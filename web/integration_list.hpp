// The list of integrations as a page wants it: filtered, searched, sorted, one page at a time.
//
// Sorting by trouble: failing first, the longest row of errors before the others; then what waits
// for a person, what waits for its server, what is well, what is off.
#pragma once

#include "storage/integrations.hpp"
#include "web/problem.hpp"
#include "web/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::web {

using storage::IntegrationSort;

struct IntegrationWish {
  std::string search;     // in name, address, description and id, whatever the case; empty: all
  std::string state;      // of one of its directions; also "off_by_hand": not enabled; empty: all
  std::string provider;   // empty: all
  std::string direction;  // incoming, outgoing: switched on there; empty: all
  IntegrationSort sort = IntegrationSort::age;
};

/// ?q=, ?state=, ?provider=, ?direction=, ?sort=. Problems: 400.
Answer<IntegrationWish> integration_wish(const Target& target);

/// Whether `entry` is what is looked for.
bool fits(const IntegrationWish& wish, const storage::IntegrationEntry& entry);

/// Whether all are meant.
bool is_wide(const IntegrationWish& wish);

/// The place that sort_key() wrote down; the begin for an empty cursor. Nothing: no such key.
std::optional<storage::IntegrationPlace> place_of(IntegrationSort sort, const std::string& cursor);

/// Its place in the order: texts that sort as the list does, unique by the id at their end.
std::string sort_key(IntegrationSort sort, const storage::IntegrationEntry& entry);

/// The ids of one page of those that fit, in order; the cursor is the key of the last one shown, so
/// inserts shift nothing. Only what stands behind the cursor is sorted, and only as far as needed.
storage::Page<IntegrationId> page_in_order(const std::vector<storage::IntegrationEntry>& all,
                                           const IntegrationWish& wish,
                                           const storage::PageRequest& page);

}  // namespace postern::web
