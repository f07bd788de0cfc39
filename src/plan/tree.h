// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "kernel/kernel.h"
#include "plan/depend.h"
#include "plan/dialect.h"
#include "plan/plan.h"

namespace curfew {

/// The kind of file that an entry of rcN.d leads to.
enum class LinkKind { kFile, kDirectory, kDangling, kLoop, kOther };

/// One entry of rcN.d. ParseLink makes it.
struct Link {
  std::string name;         ///< "K02cups"
  std::string target = {};  ///< the text of the symbolic link; empty if the entry is no link
  LinkKind kind = LinkKind::kFile;
  bool executable = true;    ///< kFile only: at least one user may execute it
  int number = 0;            ///< 2
  std::string service = {};  ///< "cups"; empty: the name is no link's name

  char letter() const { return name[0]; }
};

/// The links of one level.
struct LinkDirectory {
  std::string path;         ///< "/etc/rc0.d"
  bool found = false;       ///< it is a directory
  std::error_code error{};  ///< it may be a directory, and cannot be read
  std::vector<Link> links;  ///< in C-locale order; only names K* and S*
};

/// Whose version of a script lies on the disk.
enum class ScriptOrigin {
  kStock,       ///< Debian's own, of a release that is known
  kUnmodified,  ///< as dpkg installed it, of a release that is not known yet
  kEdited,      ///< dpkg installed another
  kNoRecord,    ///< dpkg has no record of it
  kNotAsked     ///< dpkg's record cannot be read
};

/// A file's content and the path, below the root, that warnings name.
struct TextFile {
  std::string path;
  std::string text;  ///< empty if the file is missing
};

/// Everything on disk that decides a plan, read once. All paths are below the root.
struct Tree {
  LinkDirectory level;               ///< of the new level
  LinkDirectory previous;            ///< of the previous level
  LinkDirectory boot;                ///< read only if level S left part of the boot undone
  std::set<std::string> init_d;      ///< names in /etc/init.d
  Depend depend_start, depend_stop;  ///< of the change; boot and halt level have files of their own
  Depend depend_boot;                ///< read only with `boot`
  /// By service: a text with its LSB header, of the script or of an insserv override. Read only if
  /// a .depend file does not name every link of the change.
  std::map<std::string, std::string> headers;
  /// The same of scripts without a link in the level: an order may go through them. Read only where
  /// the pass has no .depend file.
  std::map<std::string, std::string> unlinked;
  std::vector<TextFile> facilities;             ///< insserv.conf and insserv.conf.d/*
  std::map<std::string, ScriptOrigin> origins;  ///< by service, of the scripts with a native stage
  std::string traced;                           ///< the beginning of the script that is traced
  std::error_code record_error;                 ///< why dpkg's record cannot be read
  std::set<std::string> locks;                  ///< names in /var/lock/subsys
  std::set<std::string> hooks;                  ///< paths of the dialect's hooks that can run
  /// A file system that another machine serves is mounted, or a disk that needs the network.
  bool network_mounts = false;
  /// One that this machine serves to itself.
  bool own_mounts = false;
  bool legacy_order = false;          ///< /etc/init.d/.legacy-bootordering exists
  std::vector<std::string> warnings;  ///< what could not be read
};

/// Reads what the change of level needs from `root`: "" or "/" is the running system; symbolic
/// links never lead out of another. Never blocks on a FIFO or device. A child of `kernel` asks
/// dpkg. What cannot be read becomes a warning; but directories of links keep their error, since
/// without them there is no plan.
Tree LoadTree(Kernel& kernel, const std::string& root, const Dialect& dialect,
              const Request& request);

/// What the system below a root tells about its own state.
struct MachineState {
  std::string level, previous;  ///< the last change of level that utmp records; empty: none
  /// Something that every boot does is missing: /proc, /sys or /dev/pts is not mounted, or the
  /// machine has no name (SUSE's signs of a cold start, bnc#709825).
  bool cold = false;
};

/// Reads those parts of the state that requests of the dialect depend on.
MachineState LoadMachineState(const std::string& root, const Dialect& dialect);

/// Reads only `level` and `previous`, from /run/utmp or /var/run/utmp.
MachineState LoadUtmpLevels(const std::string& root);

}  // namespace curfew
