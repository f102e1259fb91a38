// See page_files.hpp.
#include "web/page_files.hpp"

#include "web/token.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace postern::web {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t version_characters = 16;

struct Bare {
  std::string_view name, path;
};
constexpr std::array bare_names = {
    Bare{"preact", "/modules/preact.js"}, Bare{"preact/hooks", "/modules/hooks.js"},
    Bare{"htm", "/modules/htm.js"}, Bare{"uplot", "/modules/uplot.js"}};

struct Kind {
  std::string_view ending, type;
  bool has_paths;  // mentions other files
};
constexpr std::array kinds = {Kind{".html", "text/html; charset=utf-8", true},
                              Kind{".js", "text/javascript; charset=utf-8", true},
                              Kind{".css", "text/css; charset=utf-8", true},
                              Kind{".svg", "image/svg+xml", false},
                              Kind{".png", "image/png", false},
                              Kind{".ico", "image/vnd.microsoft.icon", false},
                              Kind{".woff2", "font/woff2", false},
                              Kind{".json", "application/json", false},
                              Kind{".webmanifest", "application/manifest+json", true}};

const Kind* kind_of(std::string_view path) {
  for (const auto& each : kinds) {
    if (path.ends_with(each.ending)) return &each;
  }
  return nullptr;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

bool names_a_file(std::string_view path) {
  return path.find("..") == std::string_view::npos && path.find("//") == std::string_view::npos &&
         path.find('\\') == std::string_view::npos && path.find("/.") == std::string_view::npos;
}

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  if (ec || size > page_file_bytes_max || !fs::is_regular_file(path, ec)) return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!stream) return std::nullopt;
  return bytes;
}

Response answer(const Kind& kind, std::string bytes, std::string_view caching) {
  Response response;
  response.content_type = kind.type;
  response.headers.emplace_back("Content-Security-Policy", page_policy);
  response.headers.emplace_back("Cache-Control", caching);
  response.body = std::move(bytes);
  return response;
}

}  // namespace

std::string with_paths(std::string text, std::string_view prefix) {
  for (const auto quote : {'"', '\''}) {
    for (const auto& [name, path] : bare_names) {
      const auto quoted = std::string(1, quote) + std::string(name) + quote;
      const auto instead = std::string(1, quote) + std::string(path) + quote;
      for (const char* before : {"from", "from ", "import", "import "}) {
        replace_all(text, before + quoted, before + instead);
      }
    }
    if (prefix.empty()) continue;
    for (const char* folder : {"/pages/", "/modules/"}) {
      const auto start = std::string(1, quote);
      replace_all(text, start + folder, start + std::string(prefix) + folder);
    }
  }
  return text;
}

PageFiles::PageFiles(const std::vector<PageBytes>& bytes, std::string folder)
    : folder_(std::move(folder)) {
  std::string all;
  for (const auto& each : bytes) {
    files_.emplace(each.path, each.bytes);
    all += std::string(each.path) + '\n' + sha256_hex(each.bytes) + '\n';
  }
  version_ = sha256_hex(all).substr(0, version_characters);
}

std::optional<std::string> PageFiles::text(std::string_view path, std::string_view prefix) const {
  const auto* kind = kind_of(path);
  if (kind == nullptr || !names_a_file(path)) return std::nullopt;
  constexpr std::string_view own = "/pages/";
  std::optional<std::string> bytes;
  if (!folder_.empty() && path.starts_with(own)) {
    bytes = read_file(fs::path(folder_) / path.substr(own.size()));
  } else if (const auto found = files_.find(path); found != files_.end()) {
    bytes = found->second;
  }
  if (bytes && kind->has_paths) bytes = with_paths(std::move(*bytes), prefix);
  return bytes;
}

std::optional<Response> PageFiles::index() const {
  constexpr std::string_view path = "/pages/index.html";
  auto bytes = text(path, folder_.empty() ? "/assets/" + version_ : "");
  if (!bytes) return std::nullopt;
  return answer(*kind_of(path), std::move(*bytes), "no-cache");
}

std::optional<Response> PageFiles::file(std::string_view path) const {
  auto bytes = text(path, "");
  if (!bytes) return std::nullopt;
  return answer(*kind_of(path), std::move(*bytes), "no-cache");
}

std::optional<Response> PageFiles::file(std::string_view version, std::string_view path) const {
  if (version != version_) return std::nullopt;
  auto bytes = text(path, "/assets/" + version_);
  if (!bytes) return std::nullopt;
  return answer(*kind_of(path), std::move(*bytes), "public, max-age=31536000, immutable");
}

}  // namespace postern::web
