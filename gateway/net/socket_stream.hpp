// SocketStream: Stream over a non-blocking socket, plain until start_tls. All of the program's
// network input and output passes through this file.
#pragma once

#include "net/address.hpp"
#include "net/env.hpp"
#include "net/server_stream.hpp"

#include <memory>

namespace postern::net {

class TlsContexts;

/// A connection to `address`. Errors: refused, connect_timeout, io.
Task<Result<std::unique_ptr<Stream>>> connect_socket(std::shared_ptr<TlsContexts> contexts,
                                                     Address address, std::uint16_t port,
                                                     Duration limit);

/// The stream of a connected socket, which it owns from now on; non-blocking already.
std::unique_ptr<Stream> make_socket_stream(std::shared_ptr<TlsContexts> contexts,
                                           boost::asio::any_io_executor executor, int fd,
                                           std::string peer_address);

/// The stream of a connection that was accepted; it owns `fd`.
std::unique_ptr<ServerStream> accepted_stream(boost::asio::any_io_executor executor, int fd,
                                              std::string peer_address);

}  // namespace postern::net
