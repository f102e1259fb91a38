// See archive.hpp. Libarchive writes and reads through our own descriptors, so that the errors of
// the disk are ours.
#include "storage/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <vector>

namespace postern::storage {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr int readable_by_owner = 0600;

struct WriterCloser {
  void operator()(::archive* handle) const { ::archive_write_free(handle); }
};
struct ReaderCloser {
  void operator()(::archive* handle) const { ::archive_read_free(handle); }
};
struct EntryCloser {
  void operator()(::archive_entry* entry) const { ::archive_entry_free(entry); }
};
using WriteHandle = std::unique_ptr<::archive, WriterCloser>;
using ReadHandle = std::unique_ptr<::archive, ReaderCloser>;

std::string words_of(::archive* handle) {
  const char* words = ::archive_error_string(handle);
  return words == nullptr ? "unknown" : words;
}

/// read() that ends early for a signal only when nothing was read.
Result<std::size_t> read_piece(const Fd& file, std::vector<char>& buffer, const std::string& path) {
  for (;;) {
    const auto count = ::read(file.number(), buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return system_error("read", path);
  }
}

}  // namespace

struct ArchiveWriter::State {
  std::string path, partial;
  Fd file;
  std::optional<Error> failed;  // of the descriptor, while libarchive writes
  std::uint64_t bytes = 0;
  std::string sums;
  bool kept = false;
  WriteHandle handle;  // last: it goes first

  static ::la_ssize_t write(::archive*, void* self, const void* bytes, std::size_t size) {
    auto& state = *static_cast<State*>(self);
    const std::string_view piece(static_cast<const char*>(bytes), size);
    if (const auto written = write_whole(state.file, piece, state.partial); !written) {
      state.failed = written.error();
      return -1;
    }
    state.bytes += size;
    return static_cast<::la_ssize_t>(size);
  }

  Error trouble() const {
    if (failed) return *failed;
    return Error{errc::io, partial + ": " + words_of(handle.get())};
  }

  Result<void> begin(std::string_view name, std::uint64_t size_bytes) {
    const std::unique_ptr<::archive_entry, EntryCloser> entry(::archive_entry_new());
    ::archive_entry_set_pathname(entry.get(), std::string(name).c_str());
    ::archive_entry_set_size(entry.get(), static_cast<::la_int64_t>(size_bytes));
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_perm(entry.get(), readable_by_owner);
    if (::archive_write_header(handle.get(), entry.get()) != ARCHIVE_OK) return trouble();
    return success();
  }
  Result<void> append(std::string_view piece) {
    const auto count = ::archive_write_data(handle.get(), piece.data(), piece.size());
    if (count == static_cast<::la_ssize_t>(piece.size())) return success();
    return trouble();
  }
  void note(std::string_view name, const std::string& sha256) {
    sums += sha256 + "  " + std::string(name) + "\n";  // as sha256sum -c reads it
  }
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

ArchiveWriter::~ArchiveWriter() {
  if (state_->kept) return;
  state_->handle.reset();
  ::unlink(state_->partial.c_str());
}

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::create(std::string path) {
  auto state = std::make_unique<State>();
  state->partial = path + ".partial";
  state->path = std::move(path);
  POSTERN_TRY(state->file, open_file(state->partial, O_WRONLY | O_CREAT | O_TRUNC));
  state->handle.reset(::archive_write_new());
  ::archive_write_set_format_pax_restricted(state->handle.get());
  ::archive_write_set_bytes_per_block(state->handle.get(), static_cast<int>(piece_bytes));
  ::archive_write_set_bytes_in_last_block(state->handle.get(), 512);
  const int opened =
      ::archive_write_open(state->handle.get(), state.get(), nullptr, &State::write, nullptr);
  if (opened != ARCHIVE_OK) return state->trouble();
  return std::unique_ptr<ArchiveWriter>(new ArchiveWriter(std::move(state)));
}

Result<void> ArchiveWriter::add_text(std::string_view name, std::string_view text) {
  POSTERN_TRY(state_->begin(name, text.size()));
  POSTERN_TRY(state_->append(text));
  state_->note(name, net::sha256(text));
  return success();
}

Result<void> ArchiveWriter::add_file(std::string_view name, const std::string& file,
                                     const std::stop_token& stop) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) {
    if (errno == ENOENT) return Error{errc::not_found, file};
    return system_error("stat", file);
  }
  POSTERN_TRY(const auto source, open_file(file, O_RDONLY));
  if (::fstat(source.number(), &facts) != 0) return system_error("stat", file);
  auto left = static_cast<std::uint64_t>(facts.st_size);
  POSTERN_TRY(state_->begin(name, left));
  net::Sha256 hash;
  std::vector<char> buffer(piece_bytes);
  while (left > 0) {
    if (stop.stop_requested()) return Error{errc::stopped, file};
    POSTERN_TRY(const auto count, read_piece(source, buffer, file));
    if (count == 0) return Error{errc::corrupt, file + " became shorter while it was read"};
    const std::string_view piece(buffer.data(), std::min<std::uint64_t>(count, left));
    hash.update(piece);
    POSTERN_TRY(state_->append(piece));
    left -= piece.size();
  }
  state_->note(name, hash.finish());
  return success();
}

Result<void> ArchiveWriter::finish() {
  auto& state = *state_;
  POSTERN_TRY(state.begin(sums_name, state.sums.size()));
  POSTERN_TRY(state.append(state.sums));
  if (::archive_write_close(state.handle.get()) != ARCHIVE_OK) return state.trouble();
  POSTERN_TRY(sync_file(state.file, state.partial));
  if (::rename(state.partial.c_str(), state.path.c_str()) != 0) {
    return system_error("rename", state.partial);
  }
  state.kept = true;
  return sync_directory(parent_directory(state.path));
}

std::uint64_t ArchiveWriter::bytes() const {
  return state_->bytes;
}

namespace {

struct Source {
  Fd file;
  std::string path;
  std::vector<char> buffer = std::vector<char>(piece_bytes);
  std::optional<Error> failed;

  static ::la_ssize_t read(::archive*, void* self, const void** bytes) {
    auto& source = *static_cast<Source*>(self);
    const auto count = read_piece(source.file, source.buffer, source.path);
    if (!count) {
      source.failed = count.error();
      return -1;
    }
    *bytes = source.buffer.data();
    return static_cast<::la_ssize_t>(count.value());
  }
  Error trouble(::archive* handle) const {
    if (failed) return *failed;
    return Error{errc::corrupt, path + " is damaged, or no backup: " + words_of(handle)};
  }
};

Result<std::string> pass_on(::archive* handle, const Source& source, std::uint64_t size_bytes,
                            const ArchiveSink& sink) {
  net::Sha256 hash;
  std::uint64_t count = 0;
  for (;;) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    ::la_int64_t offset = 0;
    const int code = ::archive_read_data_block(handle, &bytes, &size, &offset);
    if (code == ARCHIVE_EOF) break;
    if (code != ARCHIVE_OK) return source.trouble(handle);
    const std::string_view piece(static_cast<const char*>(bytes), size);
    if (static_cast<std::uint64_t>(offset) != count) {
      return Error{errc::corrupt, source.path + " has a file with holes"};
    }
    count += size;
    hash.update(piece);
    if (sink && !piece.empty()) {
      POSTERN_TRY(sink(piece));
    }
  }
  if (count != size_bytes) return Error{errc::corrupt, source.path + " is cut off"};
  if (sink) {
    POSTERN_TRY(sink({}));
  }
  return hash.finish();
}

}  // namespace

Result<std::map<std::string, std::string>> read_archive(
    const std::string& path,
    const std::function<Result<ArchiveSink>(const ArchiveEntry& entry)>& open) {
  Source source;
  source.path = path;
  POSTERN_TRY(source.file, open_file(path, O_RDONLY));
  const ReadHandle handle(::archive_read_new());
  ::archive_read_support_format_tar(handle.get());
  const int opened = ::archive_read_open(handle.get(), &source, nullptr, &Source::read, nullptr);
  if (opened != ARCHIVE_OK) return source.trouble(handle.get());
  std::map<std::string, std::string> hashes;
  for (;;) {
    ::archive_entry* facts = nullptr;
    const int code = ::archive_read_next_header(handle.get(), &facts);
    if (code == ARCHIVE_EOF) return hashes;
    if (code != ARCHIVE_OK) return source.trouble(handle.get());
    ArchiveEntry entry;
    const char* name = ::archive_entry_pathname(facts);
    entry.name = name == nullptr ? "" : name;
    if (::archive_entry_filetype(facts) != AE_IFREG || hashes.contains(entry.name)) {
      return Error{errc::corrupt, path + " holds what no backup holds: " + entry.name};
    }
    entry.size_bytes = static_cast<std::uint64_t>(::archive_entry_size(facts));
    POSTERN_TRY(const auto sink, open(entry));
    POSTERN_TRY(hashes[entry.name], pass_on(handle.get(), source, entry.size_bytes, sink));
  }
}

}  // namespace postern::storage
