// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <limits>

#include "check.h"
#include "runner_test.h"

namespace curfew {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr seconds kNever{1'000'000};

/// A launcher whose scripts take virtual time, and a person who replies at once. Time passes only
/// in Wait().
class FakeLauncher : public Launcher {
 public:
  Time Now() override { return now; }
  bool MayStart() override { return now < halt_begins || now >= halt_ends; }
  pid_t Start(int id, const Script& script, CpuShare share) override {
    if (refused_starts > 0) {
      --refused_starts;
      In(0s, {.kind = Kind::kEnded, .id = id, .status = ExitStatus::NotRun(EAGAIN)});
      return ++running, -1;
    }
    started.push_back(script.service);
    if (share == CpuShare::kLeft) low.push_back(script.service);
    services[id] = script.service;
    most_at_once = std::max(most_at_once, ++running);
    std::erase_if(
        events, [&](const auto& e) { return e.second.id == id && e.second.kind == Kind::kEnded; });
    EndIn(takes[script.service], id, status.emplace(script.service, Exited(0)).first->second);
    return pids[script.service] = ++last_pid;
  }
  void Raise(int id) override { raised[services[id]] = Passed(); }
  void AllowMoreProcesses() override { ++allowed_more; }
  bool Adopt(int id, const Script&, const ProcessId& process) override {
    if (!old.contains(process.pid)) return false;
    EndIn(old[process.pid], id, ExitStatus::Unknown());
    return ++running > 0;
  }
  void Abandon(int) override { --running; }
  void Continue(const ProcessId& process) override { continued.push_back(process.pid); }
  std::uint64_t StartTime(pid_t pid) override { return static_cast<std::uint64_t>(pid) * 10; }
  bool Descends(pid_t process, const ProcessId& ancestor) override {
    return process == ancestor.pid && ancestor.start == StartTime(process);
  }
  void Scan(std::vector<ScanRequest> requests) override {
    ++scans;
    if (on_scan) In(0s, {.kind = Kind::kScanned, .scan = on_scan(requests)});
  }
  void Ask(const Question& question) override {
    asked.push_back(question.text);
    shown += question.shown;
    if (replies.empty()) return;
    In(0s, {.kind = Kind::kAnswer, .text = replies.front()});
    replies.erase(replies.begin());
  }
  RunEvent Wait(Time until) override {
    CHECK(++waits < 1'000'000);
    if (events.empty() || events.begin()->first > until) return now = until, RunEvent{};
    RunEvent event = events.begin()->second;
    now = std::max(now, events.begin()->first);
    events.erase(events.begin());
    if (event.kind == Kind::kEnded) --running;
    return event;
  }

  bool IsTerminated() override { return is_terminated; }

  using Kind = RunEvent::Kind;
  static ExitStatus Exited(int code) { return ExitStatus::Exited(code); }
  void In(std::chrono::milliseconds time, RunEvent event) {
    events.emplace(now + time, std::move(event));
  }
  void EndIn(seconds time, int id, ExitStatus how) {
    if (time < kNever) In(time, {.kind = Kind::kEnded, .id = id, .status = how});
  }
  seconds Passed() const { return std::chrono::duration_cast<seconds>(now - begin); }

  const Time begin{1h};
  Time now = begin;
  std::multimap<Time, RunEvent> events;
  std::map<std::string, seconds> takes;  ///< by service; else the script ends at once
  std::map<std::string, ExitStatus> status;
  std::map<pid_t, seconds> old;  ///< processes of an earlier rc, and how long they still take
  std::function<ScanResult(const std::vector<ScanRequest>&)> on_scan;  ///< empty: no scan answers
  Strings replies;
  bool is_terminated = false;
  Time halt_begins = begin + kNever, halt_ends = halt_begins;  ///< of a halt that a script calls
  int allowed_more = 0;
  int refused_starts = 0;  ///< so many starts fail for want of a process

  Strings started, asked;
  Strings low;                            ///< started with what the others leave
  std::map<std::string, seconds> raised;  ///< and when they were raised
  std::map<int, std::string> services;    ///< by ScriptRun::id
  std::string shown;
  std::map<std::string, pid_t> pids;
  std::vector<pid_t> continued;
  int running = 0, most_at_once = 0, scans = 0, waits = 0;
  pid_t last_pid = 100;
};

/// A shutdown on the fake.
struct FakeRun {
  FakeRun() {
    plan.level = "0";
    plan.down = true;
    options.jobs = 8;
    options.runs_stages = true;
    AddPass();
    launcher.on_scan = [this](const std::vector<ScanRequest>& requests) {
      ScanResult result;
      for (const ScanRequest& request : requests) {
        ScannedProcess process = sees;
        process.id = {request.leader, 1};
        if (request.purpose == ScanRequest::Purpose::kEvidence)
          result.evidence[request.key] = {"sleep S"};
        if (works.contains(request.service) && launcher.Passed() < works[request.service])
          process.io = launcher.now.time_since_epoch().count();
        result.processes[request.key] = {process};
        if (request.purpose == ScanRequest::Purpose::kDaemons) result.processes[request.key] = {};
      }
      return result;
    };
  }
  void AddPass() {
    plan.passes.push_back({Action::kStop, {}});
    plan.passes.back().scripts.reserve(200);
  }
  Script& Add(const std::string& service, std::vector<int> after = {}) {
    Script& script = plan.passes.back().scripts.emplace_back();
    script.service = service;
    script.link = "K01" + service;
    for (const int before : after) script.after.push_back({before});
    return script;
  }
  Script& AddHung(const std::string& service, seconds limit, std::vector<int> after = {}) {
    launcher.takes[service] = kNever;
    Script& script = Add(service, std::move(after));
    script.limit = limit;
    return script;
  }
  Script& AddStage(const std::string& service, std::vector<int> after = {}) {
    Script& script = Add(service, std::move(after));
    script.kind = ScriptKind::kNativeStage;
    script.stages = "kill";
    return script;
  }
  /// An earlier rc left a script that runs as process `pid` for `time`; none: it has ended.
  void LeaveRunning(const std::string& service, Action action, pid_t pid,
                    std::optional<seconds> time, bool abandoned = false) {
    if (time) launcher.old[pid] = *time;
    auto running = files.LeftRunning();
    const auto start = static_cast<unsigned long long>(pid) * 10;
    running.push_back({action, pid, start, service, abandoned});
    files.RecordRunning(running);
  }
  Runner::End Run() {
    Runner runner(plan, options, launcher, log, files);
    const Runner::End end = runner.Run();
    return end;
  }
  ControlAnswer SkipIn(seconds time, const std::string& name) {
    return AskIn(time, {ControlRequest::Kind::kSkip, name});
  }
  /// The answer to what `curfew` asks of the run after `time`.
  ControlAnswer AskIn(seconds time, const ControlRequest& request) {
    ControlAnswer answer;
    launcher.In(time, {.kind = RunEvent::Kind::kRequest,
                       .request = request,
                       .reply = [&](const ControlAnswer& a) { answer = a; }});
    Run();
    return answer;
  }
  void Send(seconds time, RunEvent::Kind kind, const std::string& text = "") {
    launcher.In(time, {.kind = kind, .text = text});
  }
  /// Confirm mode asks about every script; the person has these replies.
  void Confirmed(Strings replies, ConfirmRules::Begin begin = ConfirmRules::Begin::kOn) {
    launcher.replies = std::move(replies);
    ConfirmRules rules;
    rules.begin = begin;
    rules.all = true;
    rules.choices = "?";
    confirm.emplace(kernel, rules, Headers(), true, log);
    options.confirm = &*confirm;
  }

  Root root;
  LinuxKernel kernel;
  StateFiles files{kernel, root.path};
  Plan plan;
  RunOptions options;
  FakeLauncher launcher;
  Log log;
  std::optional<Confirm> confirm;
  ScannedProcess sees;                   ///< the one process that each scan finds of a script
  std::map<std::string, seconds> works;  ///< services that do I/O until then
};

}  // namespace curfew
