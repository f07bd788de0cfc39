// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/member.h"

#include <algorithm>
#include <map>
#include <utility>

#include "plan/done_services.h"
#include "plan/link_name.h"

namespace curfew {
namespace {

class Finder {
 public:
  Finder(const PlanInput& input, const PassSource& source, Plan* plan)
      : input_(input),
        dialect_(input.dialect),
        source_(source),
        plan_(plan),
        done_(FindDoneServices(input, source, plan->serial)),
        final_(IsFinal(input.request.level)),
        stops_s_links_(final_ && dialect_.stops_s_links) {}

  std::vector<Member> Find() {
    if (source_.action == Action::kStop) TakeAll('K');
    if (source_.action == Action::kStart || stops_s_links_) TakeAll('S');
    if (dialect_.natural_order) {
      std::stable_sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) {
        return NaturallyLess(a.link->name, b.link->name);
      });
    }
    if (source_.by_name) EndAtPower();
    return std::move(members_);
  }

 private:
  void TakeAll(char letter) {
    for (const Link& link : source_.directory.links) {
      if (link.letter() == letter) Take(link);
    }
  }

  void Take(const Link& link) {
    if (!source_.only_service.empty() && link.service != source_.only_service) return;
    if (IsIgnored(link.name)) return Omit(link, "the name of a backup");
    if (link.service.empty()) return Omit(link, "no number and name behind the letter");
    if (std::string reason = WhyUnusable(link); !reason.empty()) {
      if (link.kind != LinkKind::kDirectory && dialect_.unusable != Unusable::kSkipped) {
        plan_->warnings.push_back(source_.directory.path + "/" + link.name + ": " + reason +
                                  "; it is left out");
      }
      return Omit(link, reason);
    }
    auto [first, is_new] = links_.insert({link.service, link.name});
    if (!is_new) return Omit(link, "the same service as " + first->second);
    std::string reason = WhyNever(input_, link.service, source_.action);
    if (reason.empty() && done_.Has(link.service)) reason = done_.why_done;
    if (!reason.empty()) Omit(link, reason);
    const bool will_run = reason.empty() && link.service != source_.ran_before;
    members_.push_back({&link, RankOf(link), will_run});
  }

  bool IsIgnored(const std::string& name) const {
    const auto& suffixes = dialect_.ignored_suffixes;
    return std::any_of(suffixes.begin(), suffixes.end(),
                       [&](std::string_view suffix) { return name.ends_with(suffix); });
  }

  /// Why an entry cannot be run; empty if it can.
  std::string WhyUnusable(const Link& link) const {
    switch (link.kind) {
      case LinkKind::kFile:
        // /bin/sh runs those of SUSE's boot; MakeScript sees to it.
        if (link.executable || dialect_.unusable == Unusable::kTried || IsBoot()) return {};
        return "not executable";
      case LinkKind::kDirectory:
        return "a directory";
      case LinkKind::kDangling:
        return "a link to " + link.target + ", which is missing";
      case LinkKind::kLoop:
        return "a link that leads to itself";
      case LinkKind::kOther:
        break;
    }
    return "neither a file nor a link to one";
  }

  bool IsBoot() const {
    return !dialect_.boot_dir.empty() && source_.directory.path == dialect_.boot_dir;
  }

  Rank RankOf(const Link& link) const {
    const bool stops = stops_s_links_ || link.letter() == 'S';
    if (!final_ || !stops) return Rank::kService;
    if (link.service == "halt" || link.service == "reboot") return Rank::kPower;
    if (!stops_s_links_) return Rank::kService;
    if (link.service == "kexec") return Rank::kKexec;
    return link.letter() == 'S' ? Rank::kStopByS : Rank::kService;
  }

  /// Drops the members behind the script that ends the machine: stock rc never reached them.
  void EndAtPower() {
    const auto power = std::find_if(members_.begin(), members_.end(), [](const Member& member) {
      return member.will_run && member.rank == Rank::kPower;
    });
    if (power == members_.end()) return;
    for (auto behind = power + 1; behind != members_.end(); ++behind) {
      if (behind->will_run) Omit(*behind->link, "behind " + power->link->name);
    }
    members_.erase(power + 1, members_.end());
  }

  void Omit(const Link& link, const std::string& reason) {
    plan_->omitted.push_back({link.name, reason, link.service});
  }

  const PlanInput& input_;
  const Dialect& dialect_;
  const PassSource& source_;
  Plan* plan_;
  const DoneServices done_;
  const bool final_;
  const bool stops_s_links_;
  std::map<std::string, std::string> links_;  ///< by service, the first link of each
  std::vector<Member> members_;
};

}  // namespace

std::vector<Member> FindMembers(const PlanInput& input, const PassSource& source, Plan* plan) {
  return Finder(input, source, plan).Find();
}

}  // namespace curfew
