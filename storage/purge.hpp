// What is kept for a time only, and goes by age: memories of the duplicate rule, of threads, of
// idempotency keys, the audit log. Most of it has no index by age, which every mail would pay for:
// the readers look through it, which holds up nobody, and the writer removes by key, in small jobs.
#pragma once

#include "storage/engine.hpp"

#include <cstddef>

namespace postern::storage {

/// Rows that one look finds, and that one transaction removes.
constexpr std::size_t purge_found_rows = 10'000;
constexpr std::size_t purge_job_rows = 100;

/// Forgets what is past its time at `now`, of all tables. Errors: those of the database.
net::Task<Result<void>> purge_aged_rows(Engine& engine, Instant now);

}  // namespace postern::storage
