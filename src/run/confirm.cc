// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/confirm.h"

#include <unistd.h>

#include "run/fork_orphan.h"

namespace curfew {
namespace {

/// So many answers that mean nothing are noise on the line: the script runs.
constexpr int kMostOddReplies = 50;

/// Whether `reply` is one of `keys`. The empty reply is one of any keys.
bool IsOneOf(std::string_view keys, const std::string& reply) {
  return keys.find(reply) != keys.npos;
}

}  // namespace

Confirm::Confirm(Files& files, ConfirmRules rules, Headers headers, bool can_ask,
                 Listener& listener)
    : files_(files),
      rules_(std::move(rules)),
      headers_(std::move(headers)),
      can_ask_(can_ask),
      listener_(listener),
      asking_(rules_.begin == ConfirmRules::Begin::kOn) {}

std::optional<Question> Confirm::Offer() {
  if (asking_ && !can_ask_) {
    asking_ = false;
    listener_.On(Note{"no terminal to ask on; every script runs"});
  }
  if (rules_.begin != ConfirmRules::Begin::kOffer || !can_ask_) {
    const std::string& banner = asking_ ? rules_.banner : rules_.banner_off;
    if (!banner.empty()) listener_.On(Note{banner});
    return std::nullopt;
  }
  Question offer;
  offer.text = "Enter Interactive startup mode? y/[n]";
  offer.limit = rules_.limit;
  if (offer.limit) offer.text += "(" + std::to_string(offer.limit->count()) + "s)";
  offer.text += " ";
  return offer;
}

void Confirm::TakeOffer(const std::string& reply) {
  asking_ = reply.size() == 1 && IsOneOf("yYiI", reply);
  if (!asking_) return;
  listener_.On(Note{rules_.banner});
  if (rules_.create.empty()) return;
  if (const auto error = files_.Create(rules_.create, "", 0644))
    listener_.On(Note{"/run/do_confirm: " + error.message() + "; the next level asks nothing"});
}

bool Confirm::Asks(const Script& script) const {
  if (!asking_ || script.kind != ScriptKind::kScript) return false;
  return rules_.all || (script.action == Action::kStart && script.link.starts_with('S'));
}

Question Confirm::Ask(const Script& script, const std::vector<std::string>& waiting) {
  const char* verb = script.action == Action::kStart ? "Start" : "Stop";
  question_ = {verb + (" service " + script.service) + rules_.choices, rules_.line, rules_.limit};
  description_ = Description(script, waiting);
  odd_replies_ = 0;
  return question_;
}

Confirm::Decision Confirm::Take(const std::string& reply) {
  question_.shown.clear();
  if (IsOneOf("yY", reply)) return Decision::kRun;
  if (IsOneOf("nN", reply)) return Decision::kSkip;
  if (IsOneOf("cC", reply)) {
    StopAsking();
    return Decision::kRun;
  }
  if (IsOneOf("sS", reply)) {
    question_.shown = description_;
  } else if (++odd_replies_ == kMostOddReplies) {
    return Decision::kRun;
  }
  return Decision::kAskAgain;
}

/// The file may be on a disk that does not answer. So an orphan removes it.
void Confirm::StopAsking() {
  asking_ = false;
  if (rules_.remove.empty() || ForkOrphan({}) != 0) return;
  files_.Unlink(rules_.remove);
  _exit(0);
}

std::string Confirm::Description(const Script& script,
                                 const std::vector<std::string>& waiting) const {
  std::string text = script.link + ": " + script.path + " " + ActionWord(script.action) + "\n";
  const auto header = headers_.find(script.path);
  const bool found = header != headers_.end() && !header->second.empty();
  text += found ? header->second + "\n" : "no LSB header\n";
  if (waiting.empty()) return text + "no script waits for it\n";
  text += "waiting for it:";
  for (const std::string& link : waiting) text += " " + link;
  return text + "\n";
}

}  // namespace curfew
