// The page's files as the build has put them into the program; web/embed.cmake writes the bytes.
#pragma once

#include <string_view>
#include <vector>

namespace postern::web {

struct PageBytes {
  std::string_view path;  // "/pages/main.js", "/modules/preact.js"
  std::string_view bytes;
};

/// web/pages as it was built, and what web/modules.txt names of web/node_modules.
std::vector<PageBytes> page_bytes();

/// Whether every file of web/modules.txt was there when the program was built.
bool page_modules_embedded();

}  // namespace postern::web
