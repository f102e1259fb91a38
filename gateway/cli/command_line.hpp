// The command line: which command, with which flags.
#pragma once

namespace postern::cli {

/// Runs what the arguments say. Returns the exit code, as in sysexits(3).
int run(int argc, char** argv);

}  // namespace postern::cli
