#include "flows/own_certificate.hpp"

#include "flows/metrics.hpp"
#include "oauth/assertion.hpp"

#include <fstream>
#include <iterator>

namespace postern::flows {

void tell_own_certificate(Metrics& metrics, const std::string& section, const std::string& file) {
  if (file.empty()) return;
  std::ifstream stream(file, std::ios::binary);
  const std::string pem((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const auto ends = oauth::certificate_end(pem);
  if (ends) metrics.certificate(section, ends.value());
}

}  // namespace postern::flows
