// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/confirm_rules.h"
#include "run/event.h"
#include "run/launcher.h"

namespace curfew {

/// Confirm mode in one run: which question stands before a script, and what an answer means. The
/// runner passes the questions on to the person, and the answers back.
///
/// y, Y and an empty answer mean yes; n means no; c means yes and ends the questions; s shows what
/// the script is and asks again; each other answer asks again. Without an answer until the limit of
/// the rules a script runs.
class Confirm {
 public:
  enum class Decision { kRun, kSkip, kAskAgain };

  /// `can_ask`: there is a terminal to ask on. Notes for the person go to `listener`.
  Confirm(Files& files, ConfirmRules rules, Headers headers, bool can_ask, Listener& listener);

  /// Before the first script: the question whether to ask at all, where the rules offer that.
  std::optional<Question> Offer();
  void TakeOffer(const std::string& reply);

  /// While this is so, one script runs at a time.
  bool asking() const { return asking_; }
  bool Asks(const Script& script) const;

  /// The question whether `script` shall run; `waiting` names the links that wait for the script.
  Question Ask(const Script& script, const std::vector<std::string>& waiting);
  /// The answer to the last question. After kAskAgain, Again() is the next one.
  Decision Take(const std::string& reply);
  const Question& Again() const { return question_; }

 private:
  void StopAsking();
  std::string Description(const Script& script, const std::vector<std::string>& waiting) const;

  Files& files_;
  const ConfirmRules rules_;
  const Headers headers_;
  const bool can_ask_;
  Listener& listener_;
  bool asking_;
  Question question_;
  std::string description_;  ///< the answer to "show"
  int odd_replies_ = 0;
};

}  // namespace curfew
