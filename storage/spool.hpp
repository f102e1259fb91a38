// The spool: mails over blob_bytes_max as files of their own, data_dir/spool/xx/NAME.
//
// A file is written and fsynced, then its directory, then a row names it, in that order; so a row
// never names a file that is not there. A file no row names is left by a crash and goes at the next
// start. Source: promises 1 and 9.
#pragma once

#include "storage/chance.hpp"
#include "storage/file.hpp"
#include "storage/messages.hpp"
#include "storage/submit.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace postern::storage {

class Spool {
 public:
  struct Options {
    std::string directory;
    bool durable = true;  // false: nothing is fsynced
  };
  Spool(Options options, Chance chance);

  /// `queue`: where finish() does its fsyncs. Errors: io, disk_full.
  Result<std::unique_ptr<SpoolFile>> create(WorkQueue& queue);

  /// create, append and finish at once, on the calling thread.
  Result<std::unique_ptr<SpoolFile>> write(std::string_view bytes, WorkQueue& queue);

  /// Errors: io, corrupt (not `size_bytes` long).
  Result<std::string> read(const std::string& name, std::uint64_t size_bytes) const;

  /// Removes a file whose row is gone; a file that is not there is no error.
  void remove(const std::string& name) const;

  /// Removes files whose rows are gone, and fsyncs their directories. Errors: io.
  Result<void> remove_durably(const std::vector<std::string>& names) const;

  /// Removes every file that is not in `named`; gives how many.
  Result<int> remove_others(const std::unordered_set<std::string>& named) const;

 private:
  std::string path(const std::string& name) const;
  Options options_;
  Chance chance_;
};

/// Whether finish() went well, so that a row may name the file.
bool is_finished(const SpoolFile& file);

/// A row names the file now: it stays when `file` goes.
void keep(SpoolFile& file);

}  // namespace postern::storage
