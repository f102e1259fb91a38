// The ends of our own certificates, told to the watch over them (monitor_certificates) whenever one
// was read.
#pragma once

#include <string>

namespace postern::flows {

class Metrics;

/// `section`: the configuration's, "[http]" or "[submission]"; `file`: PEM, the leaf first. What
/// can't be read is told by whoever serves with it.
void tell_own_certificate(Metrics& metrics, const std::string& section, const std::string& file);

}  // namespace postern::flows
