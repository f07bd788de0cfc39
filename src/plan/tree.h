// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace curfew {

/// What an entry of rcN.d leads to.
enum class LinkKind { kFile, kDirectory, kDangling, kLoop, kOther };

/// One entry of rcN.d, as it is on disk.
struct Link {
  std::string name;    ///< "K02cups"
  std::string target;  ///< the text of the symbolic link; empty for an entry that is none
  LinkKind kind = LinkKind::kFile;
};

/// A file's content and the path, below the root, that warnings name.
struct TextFile {
  std::string path;
  std::string text;  ///< empty if the file is missing
};

/// Everything on disk that decides a plan, read once. All paths are below the root.
struct Tree {
  std::string level_dir;    ///< "/etc/rc0.d"
  bool has_level = false;   ///< level_dir is a directory
  std::vector<Link> links;  ///< of the level, in C-locale order; names not K* or S* left away
  std::vector<Link> previous_links;  ///< of the level that is left
  std::set<std::string> init_d;      ///< names in /etc/init.d
  TextFile depend_boot, depend_start, depend_stop;
  /// By service: a text with its LSB header (the script's or an insserv override's). Read only if
  /// a link of the level is missing from its .depend file.
  std::map<std::string, std::string> headers;
  std::vector<TextFile> facilities;        ///< insserv.conf and insserv.conf.d/*
  std::map<std::string, std::string> md5;  ///< by service, of the scripts with a native stage
  bool legacy_order = false;               ///< /etc/init.d/.legacy-bootordering exists
  std::vector<std::string> warnings;       ///< what could not be read
};

/// Reads from `root` ("" or "/" is the running system; symbolic links never lead out of another)
/// what a change from level `previous` to `level` needs. Never fails and never blocks on a FIFO or
/// device: what cannot be read becomes a warning.
Tree LoadTree(const std::string& root, const std::string& level, const std::string& previous);

}  // namespace curfew
