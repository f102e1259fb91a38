#include "web/patch_tries.hpp"

#include "storage/errc.hpp"
#include "web/router.hpp"

namespace postern::web {

PatchTries::PatchTries(const Call& call)
    : conditional_(call.request.header("if-match") != nullptr) {}

bool PatchTries::again(const Error& error) {
  return error.code == make_error_code(storage::errc::version_mismatch) && once_more();
}

bool PatchTries::again(const Problem& problem) {
  return problem.code == "version_mismatch" && once_more();
}

bool PatchTries::once_more() {
  return !conditional_ && ++made_ < patch_tries_max;
}

}  // namespace postern::web
