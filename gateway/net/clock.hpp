// The steady clock for net's own deadlines; read in real_env.cpp alone.
#pragma once

#include "core/time.hpp"

namespace postern::net {

Duration steady_now();

}  // namespace postern::net
