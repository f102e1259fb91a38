// POST /backup: a backup as a download, made while everything goes on. The key is not in it.
//
// It is written beside the data first, then sent; its file has no name any more by then, so that
// nothing stays behind whatever happens. One at a time, on a thread of its own.
#include "net/scope.hpp"
#include "storage/backup.hpp"
#include "web/api.hpp"
#include "web/client_watch.hpp"
#include "web/routes.hpp"
#include "web/token.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <memory>
#include <stop_token>

namespace postern::web {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

/// An open file without a name.
class Archive {
 public:
  explicit Archive(int file) : file_(file) {}
  Archive(const Archive&) = delete;
  ~Archive() { ::close(file_); }
  int file() const { return file_; }

 private:
  int file_;
};

struct Made {
  std::shared_ptr<Archive>
      archive;  // shared with the copies of the answer that std::function makes
};

net::Task<Result<Made>> make(std::string data_dir, std::string version, std::stop_token stop) {
  const auto path = data_dir + "/backup-" + random_text(12) + ".part";
  const auto quiet = [](std::string_view, std::uint64_t, std::uint64_t) {};
  const auto written = storage::write_backup(data_dir, path, version, quiet, stop);
  if (!written) {
    ::unlink(path.c_str());
    co_return written.error();
  }
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::unlink(path.c_str());
  if (file < 0) co_return Error{storage::errc::io, "open " + path};
  co_return Made{std::make_shared<Archive>(file)};
}

net::Task<void> send(std::shared_ptr<Archive> archive, BodyStream& out) {
  for (;;) {
    std::string piece(piece_bytes, '\0');
    const auto count = ::read(archive->file(), piece.data(), piece.size());
    if (count <= 0) co_return;
    piece.resize(static_cast<std::size_t>(count));
    const auto written = co_await out.write(std::move(piece));
    if (!written) co_return;
  }
}

/// "postern-20260131T120000Z.tar".
std::string file_name(Instant now) {
  auto time = to_rfc3339(now).substr(0, 19);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return "postern-" + time + "Z.tar";
}

/// Holds the one place there is.
class Turn {
 public:
  explicit Turn(bool& taken) : taken_(taken) { taken_ = true; }
  Turn(const Turn&) = delete;
  ~Turn() { taken_ = false; }

 private:
  bool& taken_;
};

/// Ends with the call: a client that is gone, or the server's end, ends the making as well.
net::Task<Answer<Response>> backup(Api& api, Call& call) {
  if (api.backup_runs) {
    co_return Problem(409, "backup_runs", "A backup is being made already.",
                      "Wait until it is done.");
  }
  const Turn turn(api.backup_runs);
  std::stop_source stop;
  const auto executor = co_await boost::asio::this_coro::executor;
  const ClientWatch watch(executor, call.request.caller_gone, [stop] { stop.request_stop(); });
  auto making = make(api.options.facts.data_dir, api.options.facts.version, stop.get_token());
  auto made = co_await net::run_on(api.slow, std::move(making));
  if (!made) co_return made.error();
  Response response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + file_name(api.env.now()) + "\"");
  response.stream = [archive = made.value().archive](BodyStream& out) {
    return send(archive, out);
  };
  co_return response;
}

}  // namespace

Routes backup_routes() {
  return {
      {"POST",
       "/api/v1/backup",
       scope_admin,
       BodyKind::none,
       backup,
       {"A backup of database and mail as they are now, to be kept; without the key",
        "",
        "",
        {{200, "application/octet-stream", ""}}}},
  };
}

}  // namespace postern::web
