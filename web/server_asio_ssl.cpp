// The one file that compiles Asio's TLS stream (BOOST_ASIO_SEPARATE_COMPILATION); net has the rest.
#include <boost/asio/ssl/impl/src.hpp>
