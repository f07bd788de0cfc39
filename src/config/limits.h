// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

/// How long one call may take that can hang in the kernel. Each such call is made in a child; when
/// the limit is over, the child is left alone and the call counts as timed out. Where a caller can
/// see progress, the limit counts the time without progress. Limits that people can set (LIMIT,
/// KILL_WAIT, FINAL_BUDGET ...) are in settings.h. The waits of the kill stage are here as well.
/// The name behind a limit is that of the file below src/final that applies it.
namespace curfew::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Storage: in stages/ and storage/.

/// The least for remount, unmount, sync, swapoff, loop device, flush of a drive; record in wtmp. A
/// disk that spins up needs up to 8 s; a full cache is written in seconds and shows progress.
/// read_only.cc, unmount.cc, sync.cc, swap.cc, drives.cc, record.cc.
constexpr seconds kDisk{10};
/// The timeout of one command where the driver shows none, as virtio: the kernel's default for
/// SCSI, ATA and NVMe. storage/device_limits.cc.
constexpr seconds kCommand{30};
/// What the kernel takes after a timeout to abort the command, reset the link and try again; it is
/// added to the timeout. With both a disk that stalled comes back before it counts as dead, and
/// FINAL_BUDGET (60 s) is longer. storage/device_limits.cc.
constexpr seconds kErrorHandling{15};
/// Mount of debugfs, which has no device: takes microseconds. storage/unwritten.cc.
constexpr seconds kDebugfs{1};
/// Flush or unmount of a file system on a server: a living server answers within a second.
/// unmount_network.cc.
constexpr seconds kServer{5};
/// Forced and lazy unmount of a file system whose server is dead: nothing is written any more.
/// mount_calls.cc.
constexpr seconds kForcedUnmount{1};
/// Unmount of a FUSE file system whose daemon ignored SIGTERM. fuse.cc.
constexpr seconds kFuseUnmount{2};
/// Write to /sys/fs/fuse/connections/N/abort, which waits for no daemon. fuse.cc.
constexpr seconds kFuseAbort{1};
/// quotactl(2) writes the quota files back; acct(2) closes one file.
/// quota.cc, accounting.cc.
constexpr seconds kQuota{5};
constexpr seconds kAccounting{5};
/// Removal of the marks of Debian's bootclean, on /tmp and /run. unmount_network.cc.
constexpr seconds kCleanMarks{5};

// rc, before it begins: run/load_guard.cc.

/// Reads of settings, links and halt that do not get on: FINAL_BUDGET's default, whose value is on
/// that disk. In all: a machine that swaps, or whose disk answers slowly, needs minutes.
constexpr seconds kLoad{60};
constexpr seconds kLoadInAll{600};
/// /var/lib/dpkg/status: a disk that answers needs milliseconds for its 6 MiB. Read only where a
/// script is of no version that is known, once for all such scripts. plan/dpkg_record.cc.
constexpr seconds kDpkgRecord{1};
/// The stub, which then runs the links: FINAL_HARD's default.
constexpr seconds kStub{1800};

// Processes: in processes/.

/// Stopping all processes before a signal ends this long after the last new one: a process in state
/// D may never stop. On a busy machine processes that fork and exit can prolong it by kStopChase.
/// target_table.cc.
constexpr milliseconds kStopAll{100};
constexpr seconds kStopChase{2};
/// All targets left are in state D: waiting on is of no use. end_processes.cc, target_table.cc.
constexpr seconds kStuck{2};
/// Wait after KILL: the kernel needs seconds to free the memory of a large process.
/// end_processes.cc.
constexpr seconds kTearDown{5};
/// Wait for FUSE daemons to end after their file systems were unmounted or aborted.
/// end_processes.cc.
constexpr milliseconds kFuseEnd{500};
/// The trace writer's end after SIGKILL, and the last write of the trace: an fsync of some KiB
/// takes milliseconds. What takes longer waits for a disk that the next stage waits for, too.
/// trace_writer.cc.
constexpr seconds kTraceWriter{1};
/// `curfew next-boot`, at the end of a boot's first level: it reads the trace of the last shutdown
/// and the kernel's messages. rc.cc.
constexpr seconds kNextBoot{1};
/// `plymouth hide-splash`: takes milliseconds. rc does not wait for it. console/splash.cc.
constexpr seconds kSplash{1};
/// While rc forks, the list of its process groups is not complete. Forking takes rc less than 1 ms;
/// after this limit rc counts as killed in between. skip_list.cc.
constexpr milliseconds kGroupList{50};
/// Look at the cgroups of all targets and thaw of the frozen ones: each takes the kernel's one lock
/// of all cgroups, usually for microseconds; 20,000 processes take 0.2 s. cgroup_freezer.cc.
constexpr seconds kThaw{2};
/// Files of one process in /proc that wait for its memory lock: io, cmdline, maps, fd.
/// skip_list.cc, target_progress.cc, holders.cc, mount_holders.cc, hidden_holders.cc,
/// stuck_processes.cc.
constexpr milliseconds kProcessFiles{200};
/// What the kernel keeps open, from configfs, procfs and sysfs: some files without a disk behind
/// them. kernel_opens.cc.
constexpr milliseconds kKernelOpens{200};
/// One file of /run/sendsigs.omit.d, which may be a link to a disk. skip_list.cc. The script and
/// the pid files of a service. run/kept_services.cc.
constexpr seconds kReadPidList{1};
/// From TERM to KILL for a process that traces halt: strace lets go at once. tracers.cc.
constexpr seconds kTracer{1};
/// `initctl list` of Upstart. upstart.cc.
constexpr seconds kInitctl{2};
/// Removal of all handlers of binfmt_misc: closes their files. kernel_starts.cc.
constexpr seconds kInterpreters{1};
/// PID 1 executes itself anew (`telinit u`): it reads its state from a pipe and a few libraries.
/// stages/read_only.cc.
constexpr seconds kInitReexec{1};
/// Processes end the system call they are in, then stand still. stop_writers.cc.
constexpr seconds kStopWriters{1};

// Devices: in stages/.

/// RTC_SET_TIME begins with the next second, and an I2C clock takes milliseconds. clock.cc.
constexpr seconds kClock{2};
/// The longest tune takes 0.5 s. beep.cc.
constexpr seconds kBeep{2};
/// A network driver may wait for its card. interfaces.cc.
constexpr seconds kInterface{5};

/// Write to a SCSI disk's state in sysfs, which waits for no disk. storage/take_offline.cc.
constexpr seconds kOffline{2};

// The end: in guard/.

/// From the last heartbeat to the look for a real-time process that takes all CPUs: between two
/// scripts or stages rc and halt need less; then FINAL_BUDGET leaves 50 s for what they do next.
/// The look takes 1 s, and its process begins at normal priority. dead_man.cc.
constexpr seconds kSpinner{10};
constexpr seconds kSpinnerLook{5};
/// Two lines of the kernel's log and a parameter of it, which no disk holds. dead_man.cc.
constexpr seconds kTellNextBoot{1};
/// From reboot(2), or the last line that a driver logged after it, to sysrq b. sd_shutdown() stops
/// one disk after the other and logs each; one that spins down needs up to 15 s. dead_man.cc.
constexpr seconds kReboot{90};
/// The same with a RAID controller, which may write a cache of its own back for 180 s, and the
/// least beyond what an NVMe drive asks for its shutdown. reboot_limit.cc.
constexpr seconds kRebootRaid{180};
constexpr seconds kAfterNvme{30};
/// From reboot(2) to sysrq b, whatever drivers log. dead_man.cc.
constexpr seconds kRebootInAll{600};
/// Identify of an NVMe drive: takes milliseconds. reboot_limit.cc.
constexpr seconds kIdentify{2};

// Files below /etc, on a disk that may be dead by now: halt.cc, pid1.cc, hooks.cc.

constexpr seconds kSettingsFiles{2};
/// utmp, in /run or a link to a disk.
constexpr seconds kLevel{2};
constexpr seconds kShutdownProgram{2};
/// sync(2) of shutdown(8), without a pause: a busy disk may need longer, and may have it beside the
/// shutdown. Then telinit(8), which writes to /run. call_shutdown.cc.
constexpr seconds kShutdownSync{10};
constexpr seconds kTelinit{2};
/// A file of 1 KiB in /run, for rc. Who asked is then not known; halt goes on. halt.cc.
constexpr seconds kAsked{1};
constexpr seconds kHookList{2};

/// One hook. FINAL_BUDGET's default: a hook shows no progress. ups-monitor has in its place what is
/// left of FINAL_HARD, without the time of the stages behind it, but a second even of a short one.
/// hooks.cc.
constexpr seconds kHook{60}, kAfterHooks{10}, kLeastMonitor{1};

}  // namespace curfew::limits
