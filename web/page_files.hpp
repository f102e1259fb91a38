// PageFiles: the admin page's files as a browser gets them, from inside the program or, while the
// page is worked on, its own ones from a folder.
//
// A browser cannot resolve the bare name "preact", and our policy forbids the inline import map
// that would tell it: so bare names are replaced by paths. Embedded files are also served under a
// path that holds the hash of them all, which never changes and may be kept for ever; every mention
// of another file in them is made to stay under it.
#pragma once

#include "web/http.hpp"
#include "web/page_bytes.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::web {

constexpr std::size_t page_file_bytes_max = 4 * 1024 * 1024;  // of one read from a folder

class PageFiles {
 public:
  /// `folder`: where /pages/… comes from; empty: what is in `bytes`.
  PageFiles(const std::vector<PageBytes>& bytes, std::string folder);

  /// /index.html of the page, or nothing when there is none.
  std::optional<Response> index() const;

  /// The file at `path` ("/pages/main.js", "/modules/preact.js"), to be asked for anew each time.
  std::optional<Response> file(std::string_view path) const;

  /// The same under `version`, to be kept for ever; nothing when it is not of this build.
  std::optional<Response> file(std::string_view version, std::string_view path) const;

  /// Of the embedded files, all together.
  const std::string& version() const { return version_; }

 private:
  std::optional<std::string> text(std::string_view path, std::string_view prefix) const;

  std::map<std::string, std::string, std::less<>> files_;  // by path
  std::string folder_;
  std::string version_;
};

/// `text`, a module or a page, with bare names of modules as paths, and paths under `prefix`
/// (empty, or "/assets/HASH").
std::string with_paths(std::string text, std::string_view prefix);

/// The policy of the page: nothing but what is ours, no script or style inside a document, no frame
/// around it.
inline constexpr std::string_view page_policy =
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

}  // namespace postern::web
