// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/member.h"

#include <algorithm>
#include <map>
#include <utility>

#include "plan/compare.h"
#include "plan/link_name.h"

namespace curfew {
namespace {

class Finder {
 public:
  Finder(const Input& input, const Source& source, Plan* plan)
      : input_(input),
        dialect_(input.dialect),
        source_(source),
        plan_(plan),
        comparison_(input, source, *plan),
        final_(IsFinal(input.request.level)),
        stops_s_links_(final_ && dialect_.stops_s_links) {}

  std::vector<Member> Find() {
    if (source_.action == Action::kStop) Letter('K');
    if (source_.action == Action::kStart || stops_s_links_) Letter('S');
    if (dialect_.natural_order) {
      std::stable_sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) {
        return NaturallyLess(a.link->name, b.link->name);
      });
    }
    if (source_.by_name) EndAtPower();
    return std::move(members_);
  }

 private:
  void Letter(char letter) {
    for (const Link& link : source_.directory.links) {
      if (link.name[0] == letter) Take(link);
    }
  }

  void Take(const Link& link) {
    LinkName name = SplitLinkName(link, input_.tree.init_d, dialect_.two_digits);
    if (!source_.only.empty() && name.service != source_.only) return;
    if (IsIgnored(link.name)) return LeaveOut(link, "the name of a backup");
    if (name.service.empty()) return LeaveOut(link, "no number and name behind the letter");
    if (std::string reason = WhyUnusable(link); !reason.empty()) {
      if (link.kind != LinkKind::kDirectory && dialect_.unusable != Unusable::kSkipped) {
        plan_->warnings.push_back(source_.directory.path + "/" + link.name + ": " + reason +
                                  "; it is left out");
      }
      return LeaveOut(link, reason);
    }
    auto [first, is_new] = links_.insert({name.service, link.name});
    if (!is_new) return LeaveOut(link, "the same service as " + first->second);
    const std::string reason = comparison_.Reason(name.service);
    if (!reason.empty()) LeaveOut(link, reason);
    const bool runs = reason.empty() && (source_.apart.empty() || name.service != source_.apart);
    members_.push_back({&link, name.service, name.number, RankOf(name), runs});
  }

  bool IsIgnored(const std::string& name) const {
    const auto& suffixes = dialect_.ignored_suffixes;
    return std::any_of(suffixes.begin(), suffixes.end(),
                       [&](std::string_view suffix) { return name.ends_with(suffix); });
  }

  /// Why an entry cannot be run at all; empty if it can.
  std::string WhyUnusable(const Link& link) const {
    switch (link.kind) {
      case LinkKind::kFile:
        // SUSE's boot gives these to /bin/sh, as MakeScript does.
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

  Rank RankOf(const LinkName& name) const {
    const bool ends = stops_s_links_ || name.letter == 'S';
    if (!final_ || !ends) return Rank::kService;
    if (name.service == "halt" || name.service == "reboot") return Rank::kPower;
    if (!stops_s_links_) return Rank::kService;
    if (name.service == "kexec") return Rank::kKexec;
    return name.letter == 'S' ? Rank::kStopByS : Rank::kService;
  }

  /// What is behind the script that ends the machine never had a turn.
  void EndAtPower() {
    const auto power = std::find_if(members_.begin(), members_.end(), [](const Member& member) {
      return member.runs && member.rank == Rank::kPower;
    });
    if (power == members_.end()) return;
    for (auto behind = power + 1; behind != members_.end(); ++behind) {
      if (behind->runs) LeaveOut(*behind->link, "behind " + power->link->name);
    }
    members_.erase(power + 1, members_.end());
  }

  void LeaveOut(const Link& link, const std::string& reason) {
    plan_->left_out.push_back({link.name, reason});
  }

  const Input& input_;
  const Dialect& dialect_;
  const Source& source_;
  Plan* plan_;
  const Comparison comparison_;
  const bool final_;
  const bool stops_s_links_;
  std::map<std::string, std::string> links_;
  std::vector<Member> members_;
};

}  // namespace

std::vector<Member> FindMembers(const Input& input, const Source& source, Plan* plan) {
  return Finder(input, source, plan).Find();
}

}  // namespace curfew
