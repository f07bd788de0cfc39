// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace curfew::run_files {

/// What Curfew keeps below /run until the next boot.
constexpr char kDirectory[] = "/run/curfew";

/// A link to the heartbeat page of this shutdown. The dead-man makes it; it is valid while that
/// process lives.
constexpr char kHeartbeat[] = "/run/curfew/heartbeat";
/// The devices and mounts that do not answer, a line each; later stages leave them alone.
constexpr char kDead[] = "/run/curfew/dead";
/// What could not be written to file systems, a line each, and why.
constexpr char kUnwritten[] = "/run/curfew/unwritten";
/// Markers of the stages that run once in a shutdown. A stage makes its own when it begins.
constexpr char kRecorded[] = "/run/curfew/recorded";
constexpr char kClockSet[] = "/run/curfew/clock-set";
constexpr char kHooksRun[] = "/run/curfew/hooks-run";
/// All stages but power have run: halt --until-power makes it at its end.
constexpr char kFinished[] = "/run/curfew/finished";
/// A link to the copy of the trace on the disk (trace/kept_trace.h).
constexpr char kKept[] = "/run/curfew/kept";
/// What rc removes when a shutdown begins.
constexpr const char* kMarkers[] = {kRecorded, kClockSet, kHooksRun, kFinished};
/// What one rc leaves to the next about its scripts: see run/state_files.h.
constexpr char kStopped[] = "/run/curfew/stopped";
constexpr char kRunning[] = "/run/curfew/running";
constexpr char kLevelLeft[] = "/run/curfew/left";
/// Who called halt, poweroff or reboot, for the rc that init starts then (trace/level_request.h).
constexpr char kAsked[] = "/run/curfew/asked";
/// How long services usually take (run/usual_durations.h).
constexpr char kUsual[] = "/run/curfew/usual";
/// rc's socket, for `curfew skip` and `curfew status`; and that on which each user may ask for more
/// time for a service (run/control.h).
constexpr char kControl[] = "/run/curfew/control";
constexpr char kExtend[] = "/run/curfew/extend";
/// The events of the run.
constexpr char kTrace[] = "/run/curfew/trace.jsonl";
/// The kernel stacks of processes that held up the run, for root alone.
constexpr char kStacks[] = "/run/curfew/stacks.jsonl";

/// What Debian's sendsigs spares: files with pids, or links to such.
constexpr char kOmitDirectory[] = "/run/sendsigs.omit.d";
/// The names of those that rc makes begin with this: of services with KILL="no".
constexpr char kKeptService[] = "curfew-";

}  // namespace curfew::run_files
