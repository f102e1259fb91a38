// What stands in one column: lists as JSON, states as words, and the cursors of pages.
#pragma once

#include "core/delivery.hpp"
#include "storage/database.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

/// The readers of columns throw std::exception when the column does not hold such a thing;
/// guarded() makes errc::corrupt of it.
std::string strings_to_json(const std::vector<std::string>& strings);
std::vector<std::string> strings_from_json(std::string_view json);

std::string results_to_json(const std::vector<RecipientResult>& results);
std::vector<RecipientResult> results_from_json(std::string_view json);

/// Empty where nothing is wished for.
std::string wishes_to_json(const TransportWishes& wishes);
TransportWishes wishes_from_json(std::string_view json);

boost::json::object object_from_json(std::string_view json);
/// For a value that is read and let go: its parts share one piece of memory.
boost::json::value passing_json(std::string_view json);

/// `parsed`, or throws.
template <class T>
T known(std::optional<T> parsed, std::string_view text) {
  if (!parsed) throw std::runtime_error("unknown word in a row: " + std::string(text));
  return *parsed;
}

/// A cursor names the last row of a page; `list` tells one list's cursors from another's.
std::string make_cursor(std::string_view list, std::int64_t last_id);
/// The id to go on below; the largest number for an empty cursor. Errors: bad_cursor.
Result<std::int64_t> parse_cursor(std::string_view list, std::string_view cursor);

/// A page out of a query that gives up to `limit` + 1 rows, newest first. `read` reads one row,
/// `id` is a number of a row.
template <class T, class Read>
Page<T> read_page(Query query, std::string_view list, int limit, Read read) {
  Page<T> page;
  while (query.step()) {
    if (static_cast<int>(page.items.size()) == limit) {
      page.next_cursor = make_cursor(list, page.items.back().id.value);
      break;
    }
    page.items.push_back(read(query));
  }
  return page;
}

}  // namespace postern::storage
