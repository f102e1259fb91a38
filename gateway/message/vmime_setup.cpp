#include "message/vmime_setup.hpp"

#include <mutex>
#include <vmime/platforms/posix/posixHandler.hpp>
#include <vmime/vmime.hpp>

namespace postern::message {
namespace {

/// The stock handler resolves the host's name over the network, blocking.
class QuietHandler final : public vmime::platforms::posix::posixHandler {
 public:
  const vmime::string getHostName() const override { return "postern.invalid"; }
};

}  // namespace

void setup_vmime() {
  static std::once_flag once;
  std::call_once(once, [] {
    vmime::platform::setHandler<QuietHandler>();
    vmime::parsingContext::getDefaultContext().setInternationalizedEmailSupport(true);
    vmime::generationContext::getDefaultContext().setInternationalizedEmailSupport(true);
  });
}

}  // namespace postern::message
