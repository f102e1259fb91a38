// An IMAP server of one empty mailbox for thousands of clients that only IDLE: one thread, epoll,
// OpenSSL. On its second port it tells whoever connects how many clients are in IDLE.
//
//   bench_idle_server PORT CONTROL_PORT CERTIFICATE_FILE KEY_FILE
#include "bench/tls_line.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <memory>
#include <unordered_map>

namespace {

using namespace postern::bench;

constexpr const char* capabilities = "IMAP4rev1 IDLE LITERAL+ SASL-IR AUTH=PLAIN UIDPLUS MOVE";

struct Client {
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
  bool greeted = false, idle = false, wants_response = false;
  std::string input, idle_tag;
};

std::size_t idle_count = 0;

void set_idle(Client& client, bool idle) {
  idle_count = idle_count + (idle ? 1U : 0U) - (client.idle ? 1U : 0U);
  client.idle = idle;
}

std::string answer(Client& client, const std::string& line) {
  if (client.idle) {
    set_idle(client, false);
    return client.idle_tag + " OK idled\r\n";
  }
  if (client.wants_response) {
    client.wants_response = false;
    return client.idle_tag + " OK [CAPABILITY " + capabilities + "] welcome\r\n";
  }
  const auto space = line.find(' ');
  const auto tag = line.substr(0, space);
  std::string command = space == std::string::npos ? "" : line.substr(space + 1);
  for (auto& c : command) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (command.starts_with("CAPABILITY")) {
    return std::string("* CAPABILITY ") + capabilities + "\r\n" + tag + " OK done\r\n";
  }
  if (command.starts_with("AUTHENTICATE PLAIN") && command.size() <= 19) {
    client.idle_tag = tag;
    client.wants_response = true;
    return "+ \r\n";
  }
  if (command.starts_with("LOGIN") || command.starts_with("AUTHENTICATE")) {
    return tag + " OK [CAPABILITY " + capabilities + "] welcome\r\n";
  }
  if (command.starts_with("EXAMINE") || command.starts_with("SELECT")) {
    return "* FLAGS (\\Seen \\Deleted)\r\n* 0 EXISTS\r\n* 0 RECENT\r\n"
           "* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\n" +
           tag + " OK [READ-ONLY] selected\r\n";
  }
  if (command.starts_with("IDLE")) {
    client.idle_tag = tag;
    set_idle(client, true);
    return "+ idling\r\n";
  }
  if (command.starts_with("UID SEARCH")) return "* SEARCH\r\n" + tag + " OK done\r\n";
  return tag + " OK done\r\n";
}

/// Whatever the client has to say now. False at its end.
bool serve(Client& client) {
  if (!client.greeted) {
    const int result = SSL_accept(client.ssl.get());
    if (result != 1) return SSL_get_error(client.ssl.get(), result) == SSL_ERROR_WANT_READ;
    client.greeted = true;
    const std::string greeting = std::string("* OK [CAPABILITY ") + capabilities + "] ready\r\n";
    SSL_write(client.ssl.get(), greeting.data(), static_cast<int>(greeting.size()));
  }
  std::array<char, 4096> buffer;
  for (;;) {
    const int count = SSL_read(client.ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0) return SSL_get_error(client.ssl.get(), count) == SSL_ERROR_WANT_READ;
    client.input.append(buffer.data(), static_cast<std::size_t>(count));
    for (auto end = client.input.find("\r\n"); end != std::string::npos;
         end = client.input.find("\r\n")) {
      const auto reply = answer(client, client.input.substr(0, end));
      client.input.erase(0, end + 2);
      SSL_write(client.ssl.get(), reply.data(), static_cast<int>(reply.size()));
    }
  }
}

void tell_count(int listening) {
  const int fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  const auto text = std::to_string(idle_count) + "\n";
  ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  ::close(fd);
}

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) give_up("usage: bench_idle_server PORT CONTROL_PORT CERTIFICATE_FILE KEY_FILE");
  ::signal(SIGPIPE, SIG_IGN);
  const auto context = server_context(argv[3], argv[4]);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  const int listening = listen_loopback(port_of(argv[1]));
  const int control = listen_loopback(port_of(argv[2]));
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listening);
  watch(epoll, control);
  std::unordered_map<int, Client> clients;
  std::array<epoll_event, 64> events;
  for (;;) {
    const int count = ::epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == control) {
        tell_count(control);
      } else if (fd == listening) {
        const int fresh = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fresh < 0) continue;
        set_no_delay(fresh);
        auto& client = clients[fresh];
        client.ssl.reset(SSL_new(context.get()));
        SSL_set_fd(client.ssl.get(), fresh);
        SSL_set_accept_state(client.ssl.get());
        watch(epoll, fresh);
      } else if (!serve(clients[fd])) {
        set_idle(clients[fd], false);
        clients.erase(fd);
        ::close(fd);
      }
    }
  }
}
