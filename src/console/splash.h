// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "run/event.h"

namespace curfew {

/// Takes a boot splash away when a run first waits for a script: a person shall see the status
/// line. That is `plymouth hide-splash`, once, where plymouth runs. rc does not wait for it.
class Splash : public Listener {
 public:
  /// `program` is found by PATH. plymouthd listens on the abstract `socket`.
  explicit Splash(bool on, std::string program = "plymouth",
                  std::string socket = "/org/freedesktop/plymouthd")
      : on_(on), program_(std::move(program)), socket_(std::move(socket)) {}

  void On(const Event& event) override;

 private:
  bool IsShown() const;

  bool on_;
  const std::string program_;
  const std::string socket_;
};

}  // namespace curfew
