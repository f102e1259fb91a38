// Postern's entry. What runs and how it is put together: cli/command_line and cli/serve.
#include "cli/command_line.hpp"

int main(int argc, char** argv) {
  return postern::cli::run(argc, argv);
}
