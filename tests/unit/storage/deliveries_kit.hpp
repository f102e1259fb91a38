// A store with one integration, and the words in which the tests of outgoing mail are told.
#pragma once

#include "unit/storage/kit.hpp"

namespace postern::storage {

class OutgoingTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    integration_ = make_integration();
  }
  Deliveries& deliveries() { return store_->deliveries(); }
  DeliveryId make(bool sync = false) {
    auto fresh = new_delivery(integration_, "bytes");
    fresh.sync = sync;
    return good(deliveries().create(std::move(fresh))).delivery.id;
  }
  DeliveryState state(DeliveryId id) { return good(deliveries().get(id)).outcome.state; }

  IntegrationId integration_;
};

}  // namespace postern::storage
