#include "bench/process.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace postern::bench {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Fields 14 and 15 of /proc/PID/stat; the name before them may have spaces.
long ticks_of(long pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;  // it has ended meanwhile
  std::istringstream fields(text.substr(name_end + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  long user = 0, system = 0;
  fields >> user >> system;
  return user + system;
}

/// A child is listed under the thread that started it.
std::vector<long> living_children() {
  std::vector<long> pids;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(thread.path() / "children");
    for (long pid = 0; children >> pid;) pids.push_back(pid);
  }
  return pids;
}

long sum_of_lines(const std::string& name, std::initializer_list<const char*> wanted) {
  std::ifstream file(name);
  long sum = 0;
  for (std::string line; std::getline(file, line);) {
    for (const char* each : wanted) {
      if (line.starts_with(each)) sum += std::atol(line.c_str() + line.find(':') + 1);
    }
  }
  return sum;
}

}  // namespace

double children_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  long ticks = 0;
  for (const long pid : living_children()) ticks += ticks_of(pid);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime) +
         static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

long peak_kib() {
  return sum_of_lines("/proc/self/status", {"VmHWM:"});
}

long children_peak_kib() {
  long sum = 0;
  for (const long pid : living_children()) {
    sum += sum_of_lines("/proc/" + std::to_string(pid) + "/status", {"VmHWM:"});
  }
  return sum;
}

long private_kib() {
  ::malloc_trim(0);
  return sum_of_lines("/proc/self/smaps_rollup", {"Private_Clean:", "Private_Dirty:"});
}

}  // namespace postern::bench
