// Of the hub: everybody looks again at the rows, after the clock was set.
#include "flows/hub_state.hpp"

#include <boost/asio/post.hpp>

namespace postern::flows {

void Hub::State::wake_all() {
  wake_pumps();
  desk.look();
  for (const auto& [id, supervisor] : supervisors) {
    boost::asio::post(supervisor->executor(), [supervisor] {
      supervisor->delivery_queued();
      supervisor->mail_settled();
    });
  }
}

}  // namespace postern::flows
