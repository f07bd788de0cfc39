// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "report/recorded_run.h"

/// Writes a trace of level 0, an event at a time, as rc and halt do.
class TraceMaker {
 public:
  TraceMaker() {
    Add(R"("event":"begin","schema":1,"wall_us":1764367181000000,"level":"0","previous":"2")");
  }

  /// Lets time pass.
  TraceMaker& Wait(long long milliseconds) {
    now_us_ += milliseconds * 1000;
    return *this;
  }
  TraceMaker& Add(const std::string& fields) {
    text_ += "{\"time_us\":" + std::to_string(now_us_) + "," + fields + "}\n";
    return *this;
  }
  /// `after`: "\"a\",\"b\""
  TraceMaker& Plan(const std::string& service, const std::string& after = "") {
    return Add(Of("script", service) + ",\"link\":\"K01" + service + "\",\"after\":[" + after +
               "]");
  }
  TraceMaker& Start(const std::string& service) {
    return Add(Of("start", service) + ",\"link\":\"K01" + service + "\",\"pid\":7");
  }
  TraceMaker& End(const std::string& service) {
    return Add(Of("exit", service) + R"(,"status":"exit status 0","outcome":"ended")");
  }
  TraceMaker& Stage(const std::string& stage, long long milliseconds) {
    Add(R"("event":"stage-start","stage":")" + stage + "\"");
    Wait(milliseconds);
    return Add(R"("event":"stage-end","stage":")" + stage + "\"");
  }
  TraceMaker& ScriptsEnd() { return Add(R"("event":"scripts-end")"); }
  TraceMaker& TraceEnd() { return Add(R"("event":"trace-end")"); }
  TraceMaker& NextBoot(bool clean, const std::string& reason = "") {
    return Add(std::string(R"("event":"next-boot","clean":)") + (clean ? "1" : "0") +
               ",\"reason\":\"" + reason + "\"");
  }

  const std::string& text() const { return text_; }
  curfew::RecordedRun Run() const { return curfew::ReadRecordedRun({text_, false}); }

 private:
  static std::string Of(const std::string& event, const std::string& service) {
    return "\"event\":\"" + event + "\",\"service\":\"" + service + R"(","action":"stop")";
  }

  std::string text_;
  long long now_us_ = 1000000;
};
