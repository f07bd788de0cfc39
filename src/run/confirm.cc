// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/confirm.h"

#include <fcntl.h>
#include <unistd.h>

#include "kernel/fd.h"
#include "kernel/result.h"
#include "run/detach.h"

namespace curfew {
namespace {

/// A line that makes noise must not hold up the run for ever.
constexpr int kMostOddReplies = 50;

/// Whether `reply` is one of these keys; nothing at all is each of them.
bool IsOneOf(std::string_view keys, const std::string& reply) {
  return keys.find(reply) != keys.npos;
}

}  // namespace

Confirm::Confirm(ConfirmRules rules, Headers headers, Asker& asker, Listener& listener)
    : rules_(std::move(rules)),
      headers_(std::move(headers)),
      asker_(asker),
      listener_(listener),
      asking_(rules_.begin == ConfirmRules::Begin::kOn) {}

void Confirm::Begin(std::function<void()> go) {
  if (asking_ && !asker_.CanAsk()) {
    asking_ = false;
    listener_.On(Note{"no terminal to ask on; every script runs"});
  }
  if (rules_.begin != ConfirmRules::Begin::kOffer || !asker_.CanAsk()) {
    const std::string& banner = asking_ ? rules_.banner : rules_.banner_off;
    if (!banner.empty()) listener_.On(Note{banner});
    return go();
  }
  Question offer;
  offer.text = "Enter Interactive startup mode? y/[n]";
  offer.limit = rules_.limit;
  if (offer.limit) offer.text += "(" + std::to_string(offer.limit->count()) + "s)";
  offer.text += " ";
  listener_.On(ConsoleLent{true});
  asker_.Ask(offer, [this, go = std::move(go)](const std::string& reply) {
    listener_.On(ConsoleLent{false});
    OfferAnswered(reply);
    go();
  });
}

void Confirm::OfferAnswered(const std::string& reply) {
  asking_ = reply.size() == 1 && IsOneOf("yYiI", reply);
  if (!asking_) return;
  listener_.On(Note{rules_.banner});
  if (rules_.create.empty()) return;
  const Fd made(open(rules_.create.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!made) {
    listener_.On(
        Note{"/run/do_confirm: " + LastError().message() + "; the next level asks nothing"});
  }
}

bool Confirm::Asks(const Script& script) const {
  if (!asking_ || script.kind != ScriptKind::kScript) return false;
  return rules_.all || (script.action == Action::kStart && script.link.starts_with('S'));
}

void Confirm::Decide(const Script& script, const std::vector<std::string>& waiting,
                     OnDecided on_decided) {
  open_ = {&script, Description(script, waiting), std::move(on_decided)};
  listener_.On(ConsoleLent{true});
  Ask();
}

void Confirm::Ask() {
  const Script& script = *open_.script;
  const char* verb = script.action == Action::kStart ? "Start" : "Stop";
  asker_.Ask({verb + (" service " + script.service) + rules_.choices, rules_.line, rules_.limit},
             [this](const std::string& reply) { Take(reply); });
}

void Confirm::Take(const std::string& reply) {
  if (IsOneOf("yY", reply)) return Decided(true);
  if (IsOneOf("nN", reply)) return Decided(false);
  if (IsOneOf("cC", reply)) {
    Continue();
    return Decided(true);
  }
  if (IsOneOf("sS", reply)) {
    asker_.Show(open_.shown);
  } else if (++open_.odd_replies == kMostOddReplies) {
    return Decided(true);
  }
  Ask();
}

/// The file may be on a disk that does not answer: nobody waits for its end.
void Confirm::Continue() {
  asking_ = false;
  if (rules_.remove.empty() || !Detach({})) return;
  unlink(rules_.remove.c_str());
  _exit(0);
}

void Confirm::Decided(bool run) {
  listener_.On(ConsoleLent{false});
  const OnDecided report = std::exchange(open_.on_decided, nullptr);
  report(run);
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
