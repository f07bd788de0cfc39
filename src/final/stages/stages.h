// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

/// The stages of the final sequence, in the order of the table in sequence.cc. Each is defined in
/// the file of its name, unmount-network in unmount_network.cc. A stage returns nothing: it reports
/// a failed step and goes on with the next. Each call that can hang is made in a child with a limit
/// (config/limits.h).
namespace curfew {

/// kill: LowerRealTime(), SecureDisks() and EndTracers(); then ends all processes but those on the
/// SkipList (processes/skip_list.h): HUP to those with a terminal and TERM to all, KILL_WAIT, then
/// KILL, as EndProcesses() says. Last come FUSE daemons, after what they serve was unmounted. After
/// --fast it first stops PID 1, which would start processes again.
void KillStage(StageContext& context);

/// record: appends the shutdown record for last(1) to /var/log/wtmp. It never creates that file: a
/// system without it wants no records. utmp stays as init wrote it. In level 0 and 6 and after
/// --fast it also keeps the trace of this shutdown where no trace writer does, as in a container
/// (trace/kept_trace.h), and says why it is not kept. -d and -n: no record; -n: no trace.
void RecordStage(StageContext& context);

/// quota: turns disk quotas off, because their open files would keep a file system from becoming
/// read-only.
void QuotaStage(StageContext& context);

/// accounting: ends BSD process accounting, which would write to a disk for each process that ends.
void AccountingStage(StageContext& context);

/// unmount-network: EarlyUnmountNetworkStage() for what was mounted since or could not be
/// unmounted. Before that it removes the .clean marks, as Debian's umountnfs.sh does, so that the
/// next boot cleans /tmp, /run and /run/lock again.
void UnmountNetworkStage(StageContext& context);

/// clock: sets the hardware clock to the system's time and notes it in /etc/adjtime, as
/// `hwclock --systohc` does. The file is written before this returns. A child sets the clock at the
/// start of a second while the next stages run; FinishBackground() waits for that child, at most 2
/// s. USE_HWCLOCK=no and SYSTOHC=no leave clock and file alone. A machine without a hardware clock
/// has nothing to set.
void ClockStage(StageContext& context);

/// unmount: unmounts what Unmountable() names (mount_plan.h; Debian's umountfs), but not what
/// carries / or /usr. Each pass makes local superblocks read-only, then unmounts tmpfs, turns swap
/// off that keeps a file system or device in use, unmounts the rest in reverse order of mounting,
/// detaches loop devices and, in the last halt, takes down device mapper, md, nbd and zram that
/// nothing stands on (TakeDown()). When one changes nothing a busy mount that covers a writable
/// disk is detached, or the passes end. Devices do not wait for each other; a device without
/// progress for its limit (DeviceLimits) is dead. A container's stage only unmounts.
void UnmountStage(StageContext& context);

/// read-only: makes /usr, / and every other disk that is still mounted read-only, the carried
/// before the carrier, and / after all that does not carry it. It reads the result back and reports
/// `/ is read-only` or `/ is NOT read-only: REASON`; it reports nothing of what was read-only
/// before. A disk that refuses, for example under a swap file in use, is frozen (FIFREEZE), but
/// never what carries /, /usr or something writable. What is writable after that, whether its path
/// reaches it or not, the last halt forces (sysrq u). First it asks PID 1 to let go of deleted
/// libraries. A container that owns no superblock makes its own mount of / read-only.
void ReadOnlyStage(StageContext& context);

/// sync: writes back each writable file system by syncfs(2). File systems on different devices do
/// not wait for each other, so that a dead disk does not hold up the others; a device without
/// progress for its limit is dead. A disk that was called dead gets one more try, and is made
/// read-only if it answers. Then sync(2) for what no mount here shows, unless a device is dead,
/// because sync(2) would wait for that one. -n: does nothing.
void SyncStage(StageContext& context);

/// flush: flushes the write cache of each disk that has one, all at the same time, each within its
/// limit;
/// not after -n. A hook may cut the power. Defined in drives.cc.
void FlushStage(StageContext& context);

/// hooks: runs, one after the other, the programs of /etc/curfew/final.d in the order of their
/// names, with the argument halt, poweroff, reboot or kexec; the command of HALT_POWERDOWN_INSERT;
/// and before a power-off `ups-monitor poweroff`, as Debian's halt script does. Each may take 60 s.
/// These and Upstart's initctl (processes/upstart.h) are the only programs that halt executes;
/// nothing after this stage needs a file system. In the last halt it sets writable_after_hooks
/// where a disk is writable then, and names what was not so before, with the hook.
void HooksStage(StageContext& context);

/// seal: the last act of the last halt on file systems, for those on disks that answer and are
/// still writable. What became writable since the read-only stage is forced (sysrq u). What resists
/// force and carries nothing that writes is frozen (FIFREEZE), or else shut down with its log
/// written (ShutDownMount()), and named; not /, /usr, what carries them, or what carries a device
/// other than a loop. Then FlushStage() again.
void SealStage(StageContext& context);

/// drives: TakeDeadOffline(). Then, with -h, and not for a restart, has the kernel put those drives
/// into standby that the kernel would leave running. The kernel does so once for each drive, after
/// its own last flush; a drive put into standby here would be woken by that flush. While a RAID is
/// active no drive is put into standby, nor one that did not answer.
void DrivesStage(StageContext& context);

/// interfaces: with -i takes down each network interface that is up, except the loopback. Never
/// while a mount or a disk comes over the network.
void InterfacesStage(StageContext& context);

/// beep: HALT_SOUND. Begins to play one beep, two tones a fifth apart or the eight tones of an
/// octave on the PC's speaker, in a child that the power stage waits for. A machine without a
/// speaker is silent and loses no time.
void BeepStage(StageContext& context);
/// Frequency of the PC's timer chip; a tone's length is given in its ticks (console_ioctl(2),
/// KIOCSOUND).
constexpr unsigned long kTimerHz = 1193180;

/// power: calls reboot(2), in the order of sysvinit 3.06 (halt.c). If the kernel refuses, kexec and
/// a restart with argument become a restart, power-off becomes a halt. Waits first for what runs
/// beside the stages (FinishBackground()). Returns only when the kernel refused everything; PID 1
/// then runs again.
void PowerStage(StageContext& context);

/// early-unmount-network, which only rc starts, while the network is up and the services that carry
/// it still run: ends the processes that use network file systems, then UnmountNetwork(). Reports
/// nothing where there are none.
void EarlyUnmountNetworkStage(StageContext& context);

// dead-man, which only rc starts as a stage of its own, is in guard/dead_man.h.

// Parts of stages.

/// Unmounts the file systems that are served from elsewhere: flushes them first, because a forced
/// unmount throws away what a slow server has not received; then unmounts, then forces, then
/// detaches. Servers do not wait for each other. A server that makes no progress for 5 s is dead:
/// it is named once, and its mounts are forced off and detached within 1 s.
void UnmountNetwork(StageContext& context);

/// Whether a kernel is loaded for kexec. True also where sysfs does not tell: reboot(2) then
/// refuses.
bool KexecLoaded(Files& files);

}  // namespace curfew
