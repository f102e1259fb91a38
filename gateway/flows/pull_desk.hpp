// PullDesk: where consumers of pull targets wait for mail. It leases at once what there is, and
// lets the others wait in the order they came, without asking the database again and again.
//
// Of the consumers of one target only the first in line asks for mail: at a hint that some was
// queued or given back, and when another's lease ends. Who leaves lets the next one ask.
// Lives on one executor; all calls there.
#pragma once

#include "flows/context.hpp"
#include "net/wake.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <list>
#include <map>
#include <memory>

namespace postern::flows {

/// How long a consumer waits. Whoever sets `over`, from any thread, calls Hub::look_for_leases()
/// then: the consumer is gone, and gets nothing.
struct PullWait {
  Duration time{0};
  std::shared_ptr<std::atomic<bool>> over;  // may be empty
};

class PullDesk {
 public:
  PullDesk(Context& context, boost::asio::any_io_executor executor)
      : context_(context), executor_(std::move(executor)) {}

  /// No items when nothing came within the wait, or it was ended. Errors: storage's Pull::lease.
  net::Task<Result<storage::Leases>> lease(TargetId target, storage::LeaseTerms terms,
                                           PullWait wait);

  /// Storage's Pull::acknowledge; those whose mail is taken now hear of it.
  net::Task<Result<std::vector<storage::LeaseFate>>> acknowledge(TargetId target,
                                                                 std::vector<LeaseId> leases);

  void queued();  // there may be mail for anybody
  void look();    // a wait may be over, or a target changed
  void stop();    // every wait ends; later ones do at once

 private:
  using Line = std::list<net::Wake*>;
  class Place;

  Context& context_;
  boost::asio::any_io_executor executor_;
  std::map<TargetId, Line> lines_;
  bool stopped_ = false;
};

}  // namespace postern::flows
