// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/processes/skip_list.h"
#include "final/storage/mountinfo.h"

namespace curfew {

/// Skips every process that holds none of some mounts, and those that `rule` skips. A process holds
/// a mount if its working directory, its root, its program, an open file or a mapped file is on it;
/// a process of another mount namespace, if that is on a mount of the same file system there.
/// Only links and maps in /proc are read, not the mounts. A process whose links cannot be read
/// within 0.2 s is skipped.
class SkipNonHolders : public SkipRule {
 public:
  SkipNonHolders(StageContext& context, SkipRule& rule, std::vector<Mount> mounts)
      : context_(context), rule_(rule), mounts_(std::move(mounts)) {}

  void Refresh() override { rule_.Refresh(); }
  bool Skips(const ProcessInfo& process) const override { return rule_.Skips(process); }
  std::vector<bool> SkipEach(const std::vector<ProcessInfo>& processes) override;

 private:
  using Targets = std::vector<std::string>;

  Targets TargetsFor(pid_t pid) const;
  bool HoldsMount(pid_t pid) const;
  bool MapsFile(pid_t pid, const Targets& targets) const;

  StageContext& context_;
  SkipRule& rule_;
  std::vector<Mount> mounts_;
};

}  // namespace curfew
