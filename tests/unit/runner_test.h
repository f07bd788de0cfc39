// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "run/runner.h"

namespace curfew {

using Strings = std::vector<std::string>;

/// A tree whose scripts the tests write.
struct Root {
  Root() {
    char name[] = "/tmp/curfew-unit-XXXXXX";
    path = mkdtemp(name);
    std::filesystem::create_directory(path + "/run");
  }
  ~Root() { std::filesystem::remove_all(path); }
  Script Add(const std::string& service, const std::string& text) const {
    std::ofstream(path + "/" + service) << "#!/bin/sh\n" << text << "\n";
    chmod((path + "/" + service).c_str(), 0755);
    Script script;
    script.service = service;
    script.link = "K01" + service;
    script.path = "/" + service;
    script.argv0 = script.path;
    return script;
  }
  std::string path;
};

/// "start a", "line a TEXT", "abandoned a", "skipped a", "end a" in the order in which they were
/// told.
class Log : public Status {
 public:
  void Started(const Script& script, pid_t pid) override {
    events.push_back("start " + script.service);
    pids[script.service] = pid;
  }
  void Line(const Script& script, std::string_view text) override {
    events.push_back("line " + script.service + " " + std::string(text));
  }
  void Ended(const Script& script, ExitStatus) override {
    events.push_back("end " + script.service);
  }
  void Skipped(const Script& script) override { events.push_back("skipped " + script.service); }
  void NearLimit(const Script&, std::chrono::seconds, std::chrono::seconds) override {}
  void Evidence(const Script& script, const std::vector<std::string>& lines) override {
    evidence[script.service] = lines;
  }
  void WaitsFor(const Waiting* what) override {
    if (on_waiting) on_waiting(what);
  }
  void Abandoned(const Script& script, const Abandonment& why) override {
    events.push_back("abandoned " + script.service);
    reasons[script.service] = why.reason;
  }
  void Note(std::string_view) override {}
  void ConsoleLent(bool) override {}

  Strings events;
  std::map<std::string, pid_t> pids;
  std::map<std::string, std::string> reasons;
  std::map<std::string, Strings> evidence;
  std::function<void(const Waiting*)> on_waiting;
};

inline RunOptions Options(const Root& root) {
  RunOptions options;
  options.root = root.path;
  options.jobs = 8;
  options.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  return options;
}

}  // namespace curfew
