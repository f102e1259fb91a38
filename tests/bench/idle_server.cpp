// An IMAP server for thousands of clients in IDLE: one thread, epoll, OpenSSL. On its second port
// it tells whoever connects how many clients are in IDLE. On its third one it takes "MAILS AT_ONCE"
// and announces so many mails, each to the next client in turn, until at most AT_ONCE of those told
// are not back in IDLE.
//
//   bench_idle_server PORT CONTROL_PORT CERTIFICATE_FILE KEY_FILE [MAIL_PORT]
#include "bench/idle_session.hpp"
#include "bench/tls_line.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>

namespace {

using namespace postern::bench;

struct Client {
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
  bool greeted = false;
  bool told = false;  // of a mail, and not back in IDLE
  std::string input;
  IdleSession session;
};

std::map<int, Client> clients;
std::size_t idle_count = 0;
long mails_left = 0, told_count = 0, at_once = 1;
int last_told = -1;

void say(Client& client, const std::string& text) {
  if (!text.empty()) SSL_write(client.ssl.get(), text.data(), static_cast<int>(text.size()));
}

void set_told(Client& client, bool told) {
  told_count += (told ? 1 : 0) - (client.told ? 1 : 0);
  client.told = told;
}

/// The next client in turn that waits for mail, or none.
Client* next_waiting() {
  auto at = clients.upper_bound(last_told);
  for (std::size_t looked = 0; looked < clients.size(); ++looked, ++at) {
    if (at == clients.end()) at = clients.begin();
    if (!at->second.session.idle() || at->second.told) continue;
    last_told = at->first;
    return &at->second;
  }
  return nullptr;
}

void announce() {
  while (mails_left > 0 && told_count < at_once) {
    auto* client = next_waiting();
    if (client == nullptr) return;
    --mails_left;
    set_told(*client, true);
    say(*client, client->session.announce());
  }
}

void answer(Client& client, const std::string& line) {
  const bool idled = client.session.idle();
  say(client, client.session.answer(line));
  const bool idles = client.session.idle();
  idle_count = idle_count + (idles ? 1U : 0U) - (idled ? 1U : 0U);
  if (idles) set_told(client, false);
}

/// Whatever the client has to say now. False at its end.
bool serve(Client& client) {
  if (!client.greeted) {
    const int result = SSL_accept(client.ssl.get());
    if (result != 1) return SSL_get_error(client.ssl.get(), result) == SSL_ERROR_WANT_READ;
    client.greeted = true;
    say(client, std::string("* OK [CAPABILITY ") + idle_capabilities + "] ready\r\n");
  }
  std::array<char, 4096> buffer;
  for (;;) {
    const int count = SSL_read(client.ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0) return SSL_get_error(client.ssl.get(), count) == SSL_ERROR_WANT_READ;
    client.input.append(buffer.data(), static_cast<std::size_t>(count));
    for (auto end = client.input.find("\r\n"); end != std::string::npos;
         end = client.input.find("\r\n")) {
      const auto line = client.input.substr(0, end);
      client.input.erase(0, end + 2);
      answer(client, line);
    }
  }
}

void remove(int fd) {
  auto& client = clients[fd];
  if (client.session.idle()) --idle_count;
  set_told(client, false);
  clients.erase(fd);
  ::close(fd);
}

void tell_count(int listening) {
  const int fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  const auto text = std::to_string(idle_count) + "\n";
  ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  ::close(fd);
}

void take_wish(int listening) {
  TlsLine line(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
  const auto* text = line.line();
  long mails = 0;
  if (text == nullptr ||
      std::sscanf(std::string(*text).c_str(), "%ld %ld", &mails, &at_once) != 2) {
    give_up("what is announced? MAILS AT_ONCE");
  }
  mails_left += mails;
}

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void take_client(int epoll, int listening, SSL_CTX* context) {
  const int fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  set_no_delay(fd);
  auto& client = clients[fd];
  client.ssl.reset(SSL_new(context));
  SSL_set_fd(client.ssl.get(), fd);
  SSL_set_accept_state(client.ssl.get());
  watch(epoll, fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5 || argc > 6) {
    give_up("usage: bench_idle_server PORT CONTROL_PORT CERTIFICATE_FILE KEY_FILE [MAIL_PORT]");
  }
  ::signal(SIGPIPE, SIG_IGN);
  const auto context = server_context(argv[3], argv[4]);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  const int listening = listen_loopback(port_of(argv[1]));
  const int control = listen_loopback(port_of(argv[2]));
  const int wishes = argc == 6 ? listen_loopback(port_of(argv[5])) : -1;
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (const int fd : {listening, control, wishes}) {
    if (fd >= 0) watch(epoll, fd);
  }
  std::array<epoll_event, 64> events;
  for (;;) {
    const int count = ::epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == control) {
        tell_count(control);
      } else if (fd == wishes) {
        take_wish(wishes);
      } else if (fd == listening) {
        take_client(epoll, listening, context.get());
      } else if (!serve(clients[fd])) {
        remove(fd);
      }
    }
    announce();
  }
}
