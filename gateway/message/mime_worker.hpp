// The program side of a MIME worker: a process that does nothing but digest and compose, so that a
// mail that crashes or stalls the parser costs itself and nothing else.
//
// Started by net::WorkerPool as `postern mime-worker` with one end of a socketpair as fd 3.
#pragma once

#include <cstddef>

namespace postern::message {

inline constexpr std::size_t mime_worker_memory_bytes_max = std::size_t{1} << 30;
inline constexpr std::size_t mime_worker_files_max = 32;

/// Answers requests on `fd` (blocking stream socket) until the other end closes. First takes away
/// its own rights: address space 1 GiB, no core file, no new privileges, dies with its parent.
/// Returns the process's exit code: 0 at end of input, 74 (EX_IOERR) on a broken line or frame.
int run_mime_worker(int fd);

}  // namespace postern::message
