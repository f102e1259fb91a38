// See spool.hpp.
#include "storage/spool.hpp"

#include "core/hex.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

namespace postern::storage {
namespace {

constexpr std::size_t name_bytes = 16;

// What the disk holds of one file. Shared by SpoolFile and the job that fsyncs it, which may
// outlive a cancelled owner.
struct OpenFile {
  ~OpenFile() {
    if (!kept) ::unlink(path.c_str());
  }
  Result<void> finish() {
    if (durable) {
      POSTERN_TRY(sync_file(file, path));
      // The folder xx may be new itself.
      const auto folder = parent_directory(path);
      POSTERN_TRY(sync_directory(folder));
      POSTERN_TRY(sync_directory(parent_directory(folder)));
    }
    finished = true;
    file.close();
    return success();
  }

  std::string path, name;
  bool durable = true;
  Fd file;
  bool finished = false;
  bool kept = false;
};

class FileOnDisk final : public SpoolFile {
 public:
  FileOnDisk(std::shared_ptr<OpenFile> open, WorkQueue& queue)
      : open_(std::move(open)), queue_(queue) {}

  Result<void> append(std::string_view bytes) override {
    return write_whole(open_->file, bytes, open_->path);
  }
  net::Task<Result<void>> finish() override {
    return submit(queue_, [open = open_](Transaction&) { return open->finish(); });
  }
  std::string name() const override { return open_->name; }
  OpenFile& open() const { return *open_; }

 private:
  std::shared_ptr<OpenFile> open_;
  WorkQueue& queue_;
};

OpenFile& open_file_of(const SpoolFile& file) {
  const auto* on_disk = dynamic_cast<const FileOnDisk*>(&file);
  POSTERN_ASSERT(on_disk != nullptr);
  return on_disk->open();
}

}  // namespace

Spool::Spool(Options options, Chance chance)
    : options_(std::move(options)), chance_(std::move(chance)) {}

std::string Spool::path(const std::string& name) const {
  return options_.directory + '/' + name.substr(0, 2) + '/' + name;
}

Result<std::unique_ptr<SpoolFile>> Spool::create(WorkQueue& queue) {
  auto open = std::make_shared<OpenFile>();
  open->kept = true;  // until it is there
  open->name = to_hex(chance_.bytes(name_bytes));
  open->path = path(open->name);
  open->durable = options_.durable;
  std::error_code failed;
  std::filesystem::create_directories(parent_directory(open->path), failed);
  if (failed) {
    errno = failed.value();
    return system_error("mkdir", parent_directory(open->path));
  }
  POSTERN_TRY(open->file, open_file(open->path, O_WRONLY | O_CREAT | O_EXCL));
  open->kept = false;
  return std::make_unique<FileOnDisk>(std::move(open), queue);
}

Result<std::unique_ptr<SpoolFile>> Spool::write(std::string_view bytes, WorkQueue& queue) {
  POSTERN_TRY(auto file, create(queue));
  POSTERN_TRY(file->append(bytes));
  POSTERN_TRY(open_file_of(*file).finish());
  return file;
}

Result<std::string> Spool::read(const std::string& name, std::uint64_t size_bytes) const {
  POSTERN_TRY(auto bytes, read_whole(path(name), size_bytes));
  if (bytes.size() == size_bytes) return bytes;
  return Error{errc::corrupt, path(name) + " is shorter than its row says"};
}

void Spool::remove(const std::string& name) const {
  ::unlink(path(name).c_str());
}

Result<void> Spool::remove_durably(const std::vector<std::string>& names) const {
  std::unordered_set<std::string> directories;
  for (const auto& name : names) {
    remove(name);
    directories.insert(parent_directory(path(name)));
  }
  if (!options_.durable) return success();
  for (const auto& directory : directories) {
    POSTERN_TRY(sync_directory(directory));
  }
  return success();
}

Result<int> Spool::remove_others(const std::unordered_set<std::string>& named) const {
  namespace fs = std::filesystem;
  int removed = 0;
  std::error_code failed;
  fs::recursive_directory_iterator it(options_.directory, failed), end;
  if (failed)
    return failed == std::errc::no_such_file_or_directory
               ? Result<int>(0)
               : Result<int>(Error{errc::io, options_.directory + ": " + failed.message()});
  for (; it != end; it.increment(failed)) {
    if (failed) break;
    if (!it->is_regular_file(failed) || named.contains(it->path().filename().string())) continue;
    if (fs::remove(it->path(), failed)) ++removed;
  }
  if (failed) return Error{errc::io, options_.directory + ": " + failed.message()};
  return removed;
}

bool is_finished(const SpoolFile& file) {
  return open_file_of(file).finished;
}

void keep(SpoolFile& file) {
  open_file_of(file).kept = true;
}

}  // namespace postern::storage
