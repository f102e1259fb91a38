// See memory.hpp.
#include "net/memory.hpp"

#include <malloc.h>

namespace postern::net {

void give_back_free_memory() {
  ::malloc_trim(0);
}

}  // namespace postern::net
