// A page of a list: newest first, stable under inserts.
#pragma once

#include <string>
#include <vector>

namespace postern::storage {

struct PageRequest {
  int limit = 50;      // 1 to 500; the caller checks
  std::string cursor;  // empty: from the start
};

template <class T>
struct Page {
  std::vector<T> items;
  std::string next_cursor;  // empty: no more
};

}  // namespace postern::storage
