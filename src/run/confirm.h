// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "run/asker.h"
#include "run/confirm_rules.h"
#include "run/event.h"
#include "run/header_block.h"

namespace curfew {

/// Confirm mode in one run: asks before a script whether it shall run, until somebody says
/// "continue".
///
/// y, Y and no answer at all are yes, n is no, c is yes and the end of the questions, s shows what
/// the script is and asks again, as does everything else. No reply is waited for without end unless
/// the rules say so.
class Confirm {
 public:
  using OnDecided = std::function<void(bool run)>;

  Confirm(ConfirmRules rules, Headers headers, Asker& asker, Listener& listener);

  /// Calls `go` when it is settled whether there are questions: at once, or when the offer to ask
  /// was answered. Without somebody to ask there are none.
  void Begin(std::function<void()> go);

  /// As long as this is so, one script runs at a time.
  bool asking() const { return asking_; }
  bool Asks(const Script& script) const;

  /// Calls `on_decided` once, from the loop. `waiting` names the links that wait for the script.
  void Decide(const Script& script, const std::vector<std::string>& waiting, OnDecided on_decided);

 private:
  struct Open {
    const Script* script;
    std::string shown;  ///< the answer to "show"
    OnDecided on_decided;
    int odd_replies = 0;
  };

  void Ask();
  void Take(const std::string& reply);
  void Decided(bool run);
  void OfferAnswered(const std::string& reply);
  void Continue();
  std::string Description(const Script& script, const std::vector<std::string>& waiting) const;

  const ConfirmRules rules_;
  const Headers headers_;
  Asker& asker_;
  Listener& listener_;
  bool asking_;
  Open open_{};
};

}  // namespace curfew
