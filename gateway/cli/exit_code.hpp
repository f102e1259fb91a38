// The exit codes of sysexits(3) that the command line gives.
#pragma once

namespace postern::cli {

enum ExitCode : int {
  ok = 0,
  failed = 1,       // a connection test that found something wrong
  usage = 64,       // wrong flags or arguments
  data_error = 65,  // the mail or the file is not right
  no_input = 66,    // no such file
  no_integration = 67,
  unavailable = 69,  // the server is not reachable
  internal = 70,
  io_error = 74,
  try_later = 75,
  no_permission = 77,
  configuration = 78,
};

}  // namespace postern::cli
