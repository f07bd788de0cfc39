// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/confirm_rules.h"
#include "run/event.h"
#include "run/launcher.h"

namespace curfew {

/// Confirm mode in one run: which question is asked before a script, and what an answer means. It
/// asks nobody: the runner carries questions and answers.
///
/// y, Y and no answer at all are yes, n is no, c is yes and the end of the questions, s shows what
/// the script is and asks again, as does every other answer. Each question has a limit, unless the
/// rules have none.
class Confirm {
 public:
  enum class Decision { kRun, kSkip, kAskAgain };

  /// `can_ask`: there is a terminal to ask on. Notes for the person go to `listener`.
  Confirm(ConfirmRules rules, Headers headers, bool can_ask, Listener& listener);

  /// Before the first script: the question whether to ask at all, where the rules offer that.
  std::optional<Question> Begin();
  void TakeOffer(const std::string& reply);

  /// As long as this is so, one script runs at a time.
  bool asking() const { return asking_; }
  bool Asks(const Script& script) const;

  /// Whether `script` shall run; `waiting` names the links that wait for it.
  Question Ask(const Script& script, const std::vector<std::string>& waiting);
  /// The answer to the last question. After kAskAgain, Again() is the next one.
  Decision Take(const std::string& reply);
  const Question& Again() const { return question_; }

 private:
  void StopAsking();
  std::string Description(const Script& script, const std::vector<std::string>& waiting) const;

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
