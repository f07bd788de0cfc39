// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/processes/choice.h"

namespace curfew {

/// Leaves alone whoever has nothing to do with some mounts, and whom `spared` spares. What is left
/// works in one of them, has a root, a program or a file there, or a file of it mapped. Nothing on
/// the mounts is touched; a process that shows none of that within 0.2 s is no holder.
class Holders : public Choice {
 public:
  /// `targets`: the mount points.
  Holders(StageContext& context, Choice& spared, std::vector<std::string> targets)
      : context_(context), spared_(spared), targets_(std::move(targets)) {}

  void Refresh() override { spared_.Refresh(); }
  bool Protects(const ProcessInfo& process) const override { return spared_.Protects(process); }
  std::vector<bool> Choose(const std::vector<ProcessInfo>& processes) override;

 private:
  bool IsOnTarget(std::string_view path) const;
  bool Holds(pid_t pid) const;
  bool Maps(pid_t pid) const;

  StageContext& context_;
  Choice& spared_;
  std::vector<std::string> targets_;
};

}  // namespace curfew
