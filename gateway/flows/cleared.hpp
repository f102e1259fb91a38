// A pointer to what lives in a coroutine's frame: null again when the frame goes, so that what is
// cancelled in the middle is not reached for any more.
#pragma once

namespace postern::flows {

template <class T>
class Cleared {
 public:
  explicit Cleared(T*& pointer) : pointer_(pointer) {}
  Cleared(const Cleared&) = delete;
  Cleared& operator=(const Cleared&) = delete;
  ~Cleared() { pointer_ = nullptr; }

 private:
  T*& pointer_;
};

}  // namespace postern::flows
