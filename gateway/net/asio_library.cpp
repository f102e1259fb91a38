// The one file that compiles Asio (BOOST_ASIO_SEPARATE_COMPILATION): 15 s saved in every other.
#include <boost/asio/impl/src.hpp>
