// ServiceManager: what is said to whoever has started the program, and what is taken as meant.
#include "cli/service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

namespace postern::cli {
namespace {

class ServiceManagerTest : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
    if (listening_ >= 0) ::close(listening_);
    ::unlink(path_.c_str());
  }
  /// Where the service manager would listen; an abstract name begins with '@'.
  void listen_at(const std::string& path) {
    path_ = path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path[0] == '@') address.sun_path[0] = '\0';
    listening_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(listening_, reinterpret_cast<const sockaddr*>(&address),
                     socklen_t(offsetof(sockaddr_un, sun_path) + path.size())),
              0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  std::string heard() const {
    std::array<char, 512> text{};
    const auto count = ::recv(listening_, text.data(), text.size(), 0);
    return count < 0 ? "" : std::string(text.data(), std::size_t(count));
  }
  std::string own_path() const {
    return testing::TempDir() + "notify-" + std::to_string(::getpid());
  }

  int listening_ = -1;
  std::string path_;
};

TEST_F(ServiceManagerTest, Is_told_of_each_stage_of_the_programs_life) {
  listen_at(own_path());
  const auto manager = ServiceManager::of_environment();

  manager.ready("serves http://127.0.0.1:8025/");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=serves http://127.0.0.1:8025/");
  manager.reloading();
  EXPECT_EQ(heard(), "RELOADING=1");
  manager.alive();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  manager.stopping();
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(ServiceManagerTest, Is_found_by_an_abstract_name_too) {
  listen_at("@postern-test-" + std::to_string(::getpid()));

  ServiceManager::of_environment().alive();

  EXPECT_EQ(heard(), "WATCHDOG=1");
}

TEST_F(ServiceManagerTest, Takes_its_variables_out_of_the_environment) {
  listen_at(own_path());
  ::setenv("WATCHDOG_USEC", "60000000", 1);

  const auto manager = ServiceManager::of_environment();

  EXPECT_EQ(manager.watchdog(), std::chrono::seconds(60));
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  EXPECT_EQ(std::getenv("WATCHDOG_USEC"), nullptr);
}

TEST_F(ServiceManagerTest, A_watchdog_of_another_process_or_of_no_time_is_not_ours) {
  ::setenv("WATCHDOG_USEC", "60000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager::of_environment().watchdog(), std::nullopt);

  for (const char* no_time : {"", "0", "-5", "soon", "60s"}) {
    ::setenv("WATCHDOG_USEC", no_time, 1);
    EXPECT_EQ(ServiceManager::of_environment().watchdog(), std::nullopt) << no_time;
  }
}

TEST_F(ServiceManagerTest, That_does_not_listen_or_has_no_name_is_no_trouble) {
  ServiceManager::of_environment().ready("");
  ::setenv("NOTIFY_SOCKET", (own_path() + "-nobody").c_str(), 1);
  ServiceManager::of_environment().ready("");
  ::setenv("NOTIFY_SOCKET", std::string(300, 'x').c_str(), 1);
  ServiceManager::of_environment().ready("");
}

}  // namespace
}  // namespace postern::cli
