// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/dialect.h"
#include "plan/plan.h"

namespace curfew {

/// What an entry of rcN.d leads to.
enum class LinkKind { kFile, kDirectory, kDangling, kLoop, kOther };

/// One entry of rcN.d, as it is on disk.
struct Link {
  std::string name;    ///< "K02cups"
  std::string target;  ///< the text of the symbolic link; empty for an entry that is none
  LinkKind kind = LinkKind::kFile;
  bool executable = true;  ///< kFile only: somebody may execute it
};

/// The links of one level.
struct LinkDirectory {
  std::string path;         ///< "/etc/rc0.d"
  bool found = false;       ///< it is a directory
  std::vector<Link> links;  ///< in C-locale order; names not K* or S* left away
};

/// A file's content and the path, below the root, that warnings name.
struct TextFile {
  std::string path;
  std::string text;  ///< empty if the file is missing
};

/// Everything on disk that decides a plan, read once. All paths are below the root.
struct Tree {
  LinkDirectory level;           ///< the one to be reached
  LinkDirectory previous;        ///< the one left
  LinkDirectory boot;            ///< read only if the request has something to do after S
  std::set<std::string> init_d;  ///< names in /etc/init.d
  TextFile depend_boot, depend_start, depend_stop, depend_halt;
  /// By service: a text with its LSB header (the script's or an insserv override's). Read only if
  /// a link of the change is missing from its .depend file.
  std::map<std::string, std::string> headers;
  std::vector<TextFile> facilities;        ///< insserv.conf and insserv.conf.d/*
  std::map<std::string, std::string> md5;  ///< by service, of the scripts with a native stage
  std::set<std::string> locks;             ///< names in /var/lock/subsys
  std::set<std::string> hooks;             ///< paths of the dialect's hooks that can run
  bool legacy_order = false;               ///< /etc/init.d/.legacy-bootordering exists
  std::vector<std::string> warnings;       ///< what could not be read
};

/// Reads from `root` ("" or "/" is the running system; symbolic links never lead out of another)
/// what the change of level needs. Never fails and never blocks on a FIFO or device: what cannot
/// be read becomes a warning.
Tree LoadTree(const std::string& root, const Dialect& dialect, const Request& request);

/// What the system below a root says of its own state.
struct MachineState {
  std::string level, previous;  ///< the last change that utmp has; empty: none
  /// Something that every boot does is missing: /proc, /sys or /dev/pts is not mounted, or the
  /// machine has no name (SUSE's signs of a cold start, bnc#709825).
  bool cold = false;
};

/// Reads of it what the dialect's requests depend on. What is not there says nothing.
MachineState LoadMachineState(const std::string& root, const Dialect& dialect);

/// Only `level` and `previous`, from /run/utmp or /var/run/utmp.
MachineState LoadUtmpLevels(const std::string& root);

}  // namespace curfew
