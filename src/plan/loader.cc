// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>
#include <utmp.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <unordered_set>

#include "config/file.h"
#include "config/rooted.h"
#include "plan/depend.h"
#include "plan/link_name.h"
#include "plan/md5.h"
#include "plan/native.h"
#include "plan/tree.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr size_t kMostHeader = 64 << 10;  // an LSB header stands at a script's beginning
constexpr size_t kMostScript = 4 << 20;

std::string WithoutSlash(std::string root) {
  while (root.ends_with('/')) root.pop_back();
  return root;
}

/// Hidden files, backups and what package managers leave: insserv does not read these either
/// (except that it reads "NAME~").
bool IsLeftOver(std::string_view name) {
  if (name.starts_with('.') || name.ends_with('~')) return true;
  const std::string_view suffix = name.substr(std::min(name.rfind('.'), name.size()));
  for (std::string_view whole : {".old", ".new", ".org", ".orig", ".save", ".swp", ".core"}) {
    if (suffix == whole) return true;
  }
  for (std::string_view begin : {".rpm", ".ba", ".dpkg", ".ucf"}) {
    if (suffix.starts_with(begin)) return true;
  }
  return false;
}

class Loader {
 public:
  Loader(const std::string& root, const Dialect& dialect, const Request& request)
      : root_(WithoutSlash(root)),
        dialect_(dialect),
        request_(request),
        init_d_(std::string(dialect.init_d) + "/") {}

  Tree Load() {
    for (std::string& name : Names(init_d_)) tree_.init_d.insert(std::move(name));
    tree_.legacy_order =
        dialect_.serial == Serial::kNever && tree_.init_d.contains(".legacy-bootordering");
    ReadLinks(request_.level, &tree_.level);
    // Init may also hand over '#' or '*': no level is left then (init.c:2105).
    ReadLinks(request_.previous, &tree_.previous);
    if (request_.after_single != AfterSingle::kNothing) {
      ReadLinks(std::string(dialect_.boot_level), &tree_.boot);
    }
    if (dialect_.serial != Serial::kAlways) ReadOrder();
    if (dialect_.native_stages) ReadNative();
    if (dialect_.compare == Compare::kLocks) {
      for (std::string& name : Names("/var/lock/subsys")) tree_.locks.insert(std::move(name));
    }
    for (const HookFile& hook : dialect_.hooks) FindHook(hook);
    return std::move(tree_);
  }

 private:
  /// The names in a directory, sorted as in the C locale.
  std::vector<std::string> Names(const std::string& path, bool* found = nullptr) {
    std::vector<std::string> names;
    Result<std::string> real = ResolveBelow(root_, path);
    std::error_code error = real.error;
    std::filesystem::directory_iterator it, end;
    if (!error) it = std::filesystem::directory_iterator(real.value, error);
    if (found) *found = !error;
    if (error && error != std::errc::no_such_file_or_directory) {
      tree_.warnings.push_back(path + ": " + error.message() + "; taken as empty");
    }
    for (; !error && it != end; it.increment(error)) names.push_back(it->path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  /// The content of a regular file; empty, with a warning unless it is just missing, otherwise.
  std::string Text(const std::string& path, size_t limit = 16 << 20) {
    Result<std::string> real = ResolveBelow(root_, path);
    Result<std::string> text = real ? ReadRegularFile(real.value, limit) : real;
    if (text || text.error == std::errc::no_such_file_or_directory) return text.value;
    const bool odd = text.error == std::errc::invalid_argument;
    tree_.warnings.push_back(path + ": " + (odd ? "not a regular file" : text.error.message()) +
                             "; taken as empty");
    return {};
  }

  void ReadLinks(const std::string& level, LinkDirectory* directory) {
    directory->path = LevelDirectory(dialect_, level);
    if (!IsLevel(dialect_, level)) return;
    for (const std::string& name : Names(directory->path, &directory->found)) {
      if (name[0] != 'K' && name[0] != 'S') continue;
      directory->links.push_back(ReadLink(directory->path, name));
    }
  }

  Link ReadLink(const std::string& directory, const std::string& name) {
    Link link{name, {}, LinkKind::kOther, true};
    std::error_code error;
    // Only the directory itself is resolved: the entry's own text is wanted.
    const Result<std::string> parent = ResolveBelow(root_, directory);
    const std::string own = parent.value + "/" + name;
    link.target = std::filesystem::read_symlink(own, error);
    const Result<std::string> real = ResolveBelow(root_, directory + "/" + name);
    struct stat status {};
    errno = 0;
    if (real && stat(real.value.c_str(), &status) == 0) {
      link.kind = S_ISREG(status.st_mode)   ? LinkKind::kFile
                  : S_ISDIR(status.st_mode) ? LinkKind::kDirectory
                                            : LinkKind::kOther;
      link.executable = (status.st_mode & 0111) != 0;
    } else if (real.error == std::errc::too_many_symbolic_link_levels || errno == ELOOP) {
      link.kind = LinkKind::kLoop;
    } else if (errno == ENOENT || errno == ENOTDIR) {
      link.kind = LinkKind::kDangling;
    } else {
      link.kind = LinkKind::kFile;  // the attempt to run it says what is wrong
    }
    return link;
  }

  void ReadOrder() {
    auto read = [this](const char* name) { return TextFile{init_d_ + name, Text(init_d_ + name)}; };
    const bool boots = request_.level == dialect_.boot_level;
    const bool halts = !dialect_.halt_level.empty() && request_.level == dialect_.halt_level;
    if (boots || tree_.boot.found) tree_.depend_boot = read(".depend.boot");
    if (halts) tree_.depend_halt = read(".depend.halt");
    if (!boots && !halts) {
      tree_.depend_stop = read(".depend.stop");
      if (!IsFinal(request_.level) || !dialect_.stops_s_links) {
        tree_.depend_start = read(".depend.start");
      }
    }
    const TextFile& starts = boots                             ? tree_.depend_boot
                             : tree_.depend_start.path.empty() ? tree_.depend_stop
                                                               : tree_.depend_start;
    if (!halts) ReadHeaders(tree_.level, 'S', starts);
    if (boots) return;
    const bool old = StopsOldLevel(dialect_, request_.level);
    ReadHeaders(old ? tree_.previous : tree_.level, 'K',
                halts ? tree_.depend_halt : tree_.depend_stop);
  }

  /// Headers cost a read of each script: only if a .depend file does not name them all.
  void ReadHeaders(const LinkDirectory& directory, char letter, const TextFile& depend) {
    const bool by_name = dialect_.serial == Serial::kWithoutDepend && depend.text.empty();
    if (by_name || !Missing(directory, letter, depend)) return;
    for (const Link& link : directory.links) {
      LinkName name = SplitLinkName(link, tree_.init_d, dialect_.two_digits);
      if (name.service.empty() || link.kind != LinkKind::kFile) continue;
      if (tree_.headers.contains(name.service)) continue;
      tree_.headers[name.service] = HeaderText(directory.path + "/" + link.name, name.service);
    }
    if (!tree_.facilities.empty()) return;
    tree_.facilities.push_back({"/etc/insserv.conf", Text("/etc/insserv.conf")});
    for (const std::string& name : Names("/etc/insserv.conf.d")) {
      if (IsLeftOver(name)) continue;
      const std::string path = "/etc/insserv.conf.d/" + name;
      tree_.facilities.push_back({path, Text(path)});
    }
  }

  bool Missing(const LinkDirectory& directory, char letter, const TextFile& file) {
    std::vector<std::string> ignored;
    const Depend depend = ParseDepend(file, &ignored);
    std::unordered_set<std::string> listed(depend.targets.begin(), depend.targets.end());
    for (const DependRule& rule : depend.rules) listed.insert(rule.name);
    for (const std::string& service :
         ServicesOf(directory.links, letter, tree_.init_d, dialect_.two_digits)) {
      if (!listed.contains(service)) return true;
    }
    return false;
  }

  /// insserv's order: the administrator's override, the script, the package's override.
  std::string HeaderText(const std::string& path, const std::string& service) {
    static constexpr char kBegin[] = "### BEGIN INIT INFO";
    std::string text = Text("/etc/insserv/overrides/" + service, kMostHeader);
    if (text.find(kBegin) != std::string::npos) return text;
    text = Text(path, kMostHeader);
    if (text.find(kBegin) != std::string::npos) return text;
    return Text("/usr/share/insserv/overrides/" + service, kMostHeader);
  }

  void ReadNative() {
    for (const Link& link : tree_.level.links) {
      LinkName name = SplitLinkName(link, tree_.init_d, dialect_.two_digits);
      if (link.kind != LinkKind::kFile || !FindNativeStage(name.service, request_.level)) continue;
      tree_.md5[name.service] = Md5(Text(tree_.level.path + "/" + link.name, kMostScript));
    }
  }

  void FindHook(const HookFile& hook) {
    const std::string path(hook.path);
    const Result<std::string> real = ResolveBelow(root_, path);
    struct stat status {};
    if (!real || stat(real.value.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    if (hook.by_shell || (status.st_mode & 0111) != 0) tree_.hooks.insert(path);
  }

  const std::string root_;
  const Dialect& dialect_;
  const Request& request_;
  const std::string init_d_;
  Tree tree_;
};

/// A small file below the root; empty if it cannot be read.
std::string TextBelow(const std::string& root, const char* path) {
  const Result<std::string> real = ResolveBelow(root, path);
  return real ? ReadRegularFile(real.value).value : std::string();
}

/// Init packs both levels into the pid: the new one plus 256 times the one before, as characters;
/// no character is no level before (runlevel(8) prints N).
void ReadLevels(const std::string& bytes, MachineState* state) {
  utmp record;
  for (size_t at = 0; at + sizeof record <= bytes.size(); at += sizeof record) {
    std::memcpy(&record, bytes.data() + at, sizeof record);
    if (record.ut_type != RUN_LVL) continue;
    const char previous = static_cast<char>(record.ut_pid >> 8);
    state->level = static_cast<char>(record.ut_pid & 255);
    state->previous = previous == 0 ? 'N' : previous;
    return;
  }
}

}  // namespace

Tree LoadTree(const std::string& root, const Dialect& dialect, const Request& request) {
  return Loader(root, dialect, request).Load();
}

MachineState LoadUtmpLevels(const std::string& root) {
  MachineState state;
  for (const char* path : {"/run/utmp", "/var/run/utmp"}) {
    if (state.level.empty()) ReadLevels(TextBelow(WithoutSlash(root), path), &state);
  }
  return state;
}

MachineState LoadMachineState(const std::string& where, const Dialect& dialect) {
  const std::string root = WithoutSlash(where);
  MachineState state;
  if (dialect.level_source == LevelSource::kUtmp) state = LoadUtmpLevels(root);
  if (dialect.after_single.empty()) return state;
  const std::string mounts = TextBelow(root, "/proc/mounts");
  for (const char* type : {" proc ", " sysfs ", " devpts "}) {
    state.cold = state.cold || mounts.find(type) == mounts.npos;
  }
  const std::string text = TextBelow(root, "/proc/sys/kernel/hostname");
  const std::string_view name = Trimmed(text);
  state.cold = state.cold || name.empty() || name == "(none)" || name == "unknown";
  return state;
}

}  // namespace curfew
