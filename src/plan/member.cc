// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/member.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "plan/link_name.h"

namespace curfew {
namespace {

/// Why an entry cannot be run at all; empty if it can.
std::string Unusable(const Link& link) {
  switch (link.kind) {
    case LinkKind::kFile:
      return {};
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

Rank RankOf(const LinkName& name, bool down) {
  if (!down) return Rank::kService;
  if (name.service == "halt" || name.service == "reboot") return Rank::kPower;
  if (name.service == "kexec") return Rank::kKexec;
  return name.letter == 'S' ? Rank::kStopByS : Rank::kService;
}

class Finder {
 public:
  Finder(const Request& request, const Tree& tree, Action action, Plan* plan)
      : request_(request), tree_(tree), action_(action), plan_(plan) {
    down_ = request.level == "0" || request.level == "6";
    // Link numbers alone order a serial run, and a service may have been started or stopped by
    // hand: like Debian's serial rc it compares nothing (#669406).
    if (!down_ && !plan->serial) {
      done_ = ServicesOf(tree.previous_links, action == Action::kStop ? 'K' : 'S', tree.init_d);
    }
  }

  std::vector<Member> Find() {
    if (down_ || action_ == Action::kStop) Letter('K');
    if (down_ || action_ == Action::kStart) Letter('S');
    return std::move(members_);
  }

 private:
  void Letter(char letter) {
    for (const Link& link : tree_.links) {
      if (link.name[0] == letter) Take(link);
    }
  }

  void Take(const Link& link) {
    LinkName name = SplitLinkName(link, tree_.init_d);
    if (name.service.empty()) return LeaveOut(link, "no number and name behind the letter");
    if (std::string reason = Unusable(link); !reason.empty()) {
      if (link.kind != LinkKind::kDirectory) {
        plan_->warnings.push_back(tree_.level_dir + "/" + link.name + ": " + reason +
                                  "; it is left out");
      }
      return LeaveOut(link, reason);
    }
    auto [first, is_new] = links_.insert({name.service, link.name});
    if (!is_new) return LeaveOut(link, "the same service as " + first->second);
    const std::string done = Done(name.service);
    if (!done.empty()) LeaveOut(link, done);
    members_.push_back({&link, name.service, name.number, RankOf(name, down_), done.empty()});
  }

  /// Why a service needs no start or stop; empty if it does.
  std::string Done(const std::string& service) const {
    if (down_) {
      const std::vector<std::string>& stopped = request_.already_stopped;
      const bool done = std::find(stopped.begin(), stopped.end(), service) != stopped.end();
      return done ? "stopped already in this shutdown" : "";
    }
    if (!done_.contains(service)) return {};
    return (action_ == Action::kStop ? "stopped already in level " : "runs already in level ") +
           request_.previous;
  }

  void LeaveOut(const Link& link, const std::string& reason) {
    plan_->left_out.push_back({link.name, reason});
  }

  const Request& request_;
  const Tree& tree_;
  const Action action_;
  Plan* plan_;
  bool down_ = false;
  std::set<std::string> done_;
  std::map<std::string, std::string> links_;
  std::vector<Member> members_;
};

}  // namespace

std::vector<Member> FindMembers(const Request& request, const Tree& tree, Action action,
                                Plan* plan) {
  return Finder(request, tree, action, plan).Find();
}

}  // namespace curfew
