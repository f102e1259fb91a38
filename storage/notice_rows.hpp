// A notice's row, as problems_table and tellings_table read it.
#pragma once

#include "storage/engine.hpp"
#include "storage/problems.hpp"

namespace postern::storage {

inline constexpr std::string_view notice_columns =
    "SELECT id, kind, at, thread, subject, text, data, state, tries, channels FROM notice";

/// After a step of a query of notice_columns; without its problems.
StoredNotice read_notice(Query& query);
void add_problems(Transaction& transaction, StoredNotice& notice);
/// A new row; its id is made.
void put_telling(Transaction& transaction, const Telling& telling);

}  // namespace postern::storage
