// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "scripted_kernel.h"

namespace curfew {

/// What a test of a stage of the final sequence needs: a scripted machine in level 0, and what the
/// stage said.
class StageTest : public Report {
 public:
  ScriptedKernel kernel;
  FinalRequest request;
  StageContext context{kernel, *this, request};
  std::vector<std::string> said;
  std::vector<std::string> events;  ///< "NAME VALUE ..."

  StageTest() { request.in_shutdown = true; }
  StageTest(const StageTest&) = delete;

  void Say(std::string_view line) override { said.emplace_back(line); }
  void Event(std::string_view name, std::initializer_list<EventField> fields) override {
    events.emplace_back(name);
    for (const EventField& field : fields) events.back() += " " + field.value;
  }
  bool Said(const std::string& line) const {
    return std::find(said.begin(), said.end(), line) != said.end();
  }
  /// How many lines begin so.
  int SaidWith(const std::string& begin) const {
    return std::count_if(said.begin(), said.end(),
                         [&](const std::string& line) { return line.starts_with(begin); });
  }
};

}  // namespace curfew
