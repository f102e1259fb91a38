# Writes the C++ file that holds the page's files as bytes.
#
#   cmake -DLIST=FILE -DCOMPLETE=true|false -DOUTPUT=FILE -P embed.cmake
#
# Each line of LIST is PATH|FILE: under which path it is served, and where its bytes are.
file(STRINGS "${LIST}" lines)
set(arrays "")
set(entries "")
set(index 0)
foreach(line IN LISTS lines)
  string(FIND "${line}" "|" bar)
  string(SUBSTRING "${line}" 0 ${bar} path)
  math(EXPR after "${bar} + 1")
  string(SUBSTRING "${line}" ${after} -1 file)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................................................)" "\\1\n"
    hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  # A zero follows, so that an empty file is an array as well.
  string(APPEND arrays "constexpr unsigned char bytes_${index}[] = {\n${bytes}0x00};\n")
  string(APPEND entries "    {\"${path}\", text_of(bytes_${index}, sizeof bytes_${index} - 1)},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUTPUT}" "// Made by web/embed.cmake.
#include \"web/page_bytes.hpp\"

namespace postern::web {
namespace {

${arrays}
std::string_view text_of(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

bool page_modules_embedded() { return ${COMPLETE}; }

std::vector<PageBytes> page_bytes() {
  return {
${entries}  };
}

}  // namespace postern::web
")
