// The index behind the search of deliveries. It is made some time after a mail was queued, so that
// sending never pays for searching: whoever keeps house asks for it while nothing is to be sent.
#pragma once

#include "storage/deliveries.hpp"

namespace postern::storage {

class SearchIndex {
 public:
  virtual ~SearchIndex() = default;

  /// Puts up to `count` more deliveries, the oldest first, into the index of subjects and
  /// recipients, and gives how many there were. Deliveries::list() looks through what is not in it.
  virtual net::Task<Result<int>> index_for_search(int count) = 0;
  /// How many are not in it, counted up to `at_most`.
  virtual net::Task<Result<int>> unindexed(int at_most) = 0;
};

/// Nothing for an engine that searches well by itself.
SearchIndex* search_index_of(Deliveries& deliveries);

}  // namespace postern::storage
