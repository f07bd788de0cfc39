// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "config/file.h"
#include "config/rooted.h"
#include "kernel/network_types.h"
#include "plan/depend.h"
#include "plan/dpkg_record.h"
#include "plan/link_name.h"
#include "plan/lsb.h"
#include "plan/md5.h"
#include "plan/native.h"
#include "plan/stock_scripts.h"
#include "plan/tree.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Longer scripts are not those that native stages replace.
constexpr size_t kMostScript = 4 << 20;

/// Whether `name` is that of a hidden file, a backup or a package manager's copy. insserv ignores
/// the same names, except that it reads "NAME~".
bool IsBackup(std::string_view name) {
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
  Loader(Kernel& kernel, const std::string& root, const Dialect& dialect, const Request& request)
      : kernel_(kernel),
        root_(root == "/" ? "" : root),
        dialect_(dialect),
        request_(request),
        init_d_(std::string(dialect.init_d) + "/") {}

  Tree Load() {
    for (std::string& name : Names(init_d_)) tree_.init_d.insert(std::move(name));
    tree_.legacy_order =
        dialect_.serial == Serial::kNever && tree_.init_d.contains(".legacy-bootordering");
    if (IsFinal(request_.level)) FindNetworkMounts();
    ReadLevel();
    ReadOldLevel();
    if (request_.after_single != AfterSingle::kNothing) {
      ReadLinks(std::string(dialect_.boot_level), &tree_.boot);
    }
    if (dialect_.serial != Serial::kAlways) ReadOrder();
    if (dialect_.native_stages) ReadNative();
    if (!request_.trace.empty()) ReadTraced();
    if (dialect_.state_from == StateFrom::kLockFiles) {
      for (std::string& name : Names("/var/lock/subsys")) tree_.locks.insert(std::move(name));
    }
    for (const HookFile& hook : dialect_.hooks) FindHook(hook);
    return std::move(tree_);
  }

 private:
  /// The names in a directory below the root.
  Result<std::vector<std::string>> List(const std::string& path) const {
    const Result<std::string> real = ResolveBelow(root_, path);
    return real ? ListDirectory(real.value) : Result<std::vector<std::string>>(real.error);
  }

  /// The same. Empty, with a warning unless it is missing, where it cannot be read.
  std::vector<std::string> Names(const std::string& path) {
    Result<std::vector<std::string>> names = List(path);
    if (!names && !IsMissing(names.error)) {
      tree_.warnings.push_back(path + ": " + names.error.message() + "; taken as empty");
    }
    return std::move(names.value);
  }

  static bool IsMissing(std::error_code error) {
    return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
  }

  /// The content of a regular file. Else empty, with a warning unless the file is missing.
  std::string ReadText(const std::string& path, size_t limit = 16 << 20) {
    Result<std::string> real = ResolveBelow(root_, path);
    Result<std::string> text = real ? ReadRegularFile(real.value, limit) : real;
    if (text || text.error == std::errc::no_such_file_or_directory) return text.value;
    const bool odd = text.error == std::errc::invalid_argument;
    tree_.warnings.push_back(path + ": " + (odd ? "not a regular file" : text.error.message()) +
                             "; taken as empty");
    return {};
  }

  /// The text of a small file of the kernel, or of libmount; empty if there is none.
  std::string StateText(const char* path) const {
    const Result<std::string> real = ResolveBelow(root_, path);
    return real ? ReadRegularFile(real.value).value : std::string();
  }

  void FindNetworkMounts() {
    const std::string mounts = StateText("/proc/mounts");
    for (const std::string_view line : Lines(mounts)) {
      const std::vector<std::string_view> words = WordViews(line);
      if (words.size() < 4 || !IsNetworkType(words[2])) continue;
      tree_.network_mounts = true;
      tree_.own_mounts |= IsOwnServer(words[0], words[3]);
    }
    tree_.network_mounts |= StateText("/run/mount/utab").find("_netdev") != std::string::npos;
  }

  void ReadLinks(const std::string& level, LinkDirectory* directory) {
    directory->path = LevelDirectory(dialect_, level);
    if (!IsLevel(dialect_, level)) return;
    const Result<std::vector<std::string>> names = List(directory->path);
    directory->found = bool(names);
    if (!names && !IsMissing(names.error)) directory->error = names.error;
    for (const std::string& name : names.value) {
      if (name[0] != 'K' && name[0] != 'S') continue;
      directory->links.push_back(ReadLink(directory->path, name));
    }
  }

  /// The links of the level. Where they cannot be read in level 0 or 6, those of the other of the
  /// two: they stop the same services.
  void ReadLevel() {
    ReadLinks(request_.level, &tree_.level);
    if (!tree_.level.error || !IsFinal(request_.level) || !dialect_.stops_s_links) return;
    LinkDirectory other;
    ReadLinks(request_.level == "0" ? "6" : "0", &other);
    if (!other.found) return;
    std::erase_if(other.links, [](const Link& link) {
      return link.service == "halt" || link.service == "reboot";
    });
    tree_.warnings.push_back(tree_.level.path + ": " + tree_.level.error.message() +
                             "; the links of " + other.path + " are used");
    tree_.level = std::move(other);
  }

  /// Without the links of the old level services count as not running, and start again.
  void ReadOldLevel() {
    // init may also pass '#' or '*', which mean that there is no previous level (init.c:2105).
    ReadLinks(request_.previous, &tree_.previous);
    if (!tree_.previous.error || StopsOldLevel(dialect_, request_.level)) return;
    tree_.warnings.push_back(tree_.previous.path + ": " + tree_.previous.error.message() +
                             "; taken as empty");
    tree_.previous.error.clear();
  }

  Link ReadLink(const std::string& directory, const std::string& name) {
    std::error_code error;
    // Resolves only the directory: the target is the text of the entry itself.
    const Result<std::string> parent = ResolveBelow(root_, directory);
    const std::string target = std::filesystem::read_symlink(parent.value + "/" + name, error);
    Link link = ParseLink(name, target, tree_.init_d, dialect_.two_digits);
    link.kind = LinkKind::kOther;
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
      link.kind = LinkKind::kFile;  // an error when it is run tells more
    }
    return link;
  }

  void ReadOrder() {
    auto read = [this](const char* name) {
      return ParseDepend(init_d_ + name, ReadText(init_d_ + name));
    };
    const bool boots = request_.level == dialect_.boot_level;
    const bool halts = !dialect_.halt_level.empty() && request_.level == dialect_.halt_level;
    if (tree_.boot.found) tree_.depend_boot = read(".depend.boot");
    if (boots) {
      tree_.depend_start = read(".depend.boot");
    } else {
      tree_.depend_stop = read(halts ? ".depend.halt" : ".depend.stop");
      const bool starts = !halts && !(IsFinal(request_.level) && dialect_.stops_s_links);
      if (starts) tree_.depend_start = read(".depend.start");
    }
    const bool one_pass = tree_.depend_start.path.empty();
    if (!halts) ReadHeaders(tree_.level, 'S', one_pass ? tree_.depend_stop : tree_.depend_start);
    if (boots) return;
    const bool old = StopsOldLevel(dialect_, request_.level);
    ReadHeaders(old ? tree_.previous : tree_.level, 'K', tree_.depend_stop);
  }

  /// Reads headers only if `depend` does not name all services: each costs a read of its script.
  void ReadHeaders(const LinkDirectory& directory, char letter, const Depend& depend) {
    const bool by_name = dialect_.serial == Serial::kWithoutDepend && depend.empty;
    // With a file system of the network mounted a header tells who carries the network.
    if (by_name || (NamesAll(depend, directory, letter) && !tree_.network_mounts)) return;
    for (const Link& link : directory.links) {
      if (link.service.empty() || link.kind != LinkKind::kFile) continue;
      if (tree_.headers.contains(link.service)) continue;
      tree_.headers[link.service] = HeaderText(directory.path + "/" + link.name, link.service);
    }
    if (!depend.Usable()) ReadUnlinked(directory);
    if (!tree_.facilities.empty()) return;
    tree_.facilities.push_back({"/etc/insserv.conf", ReadText("/etc/insserv.conf")});
    for (const std::string& name : Names("/etc/insserv.conf.d")) {
      if (IsBackup(name)) continue;
      const std::string path = "/etc/insserv.conf.d/" + name;
      tree_.facilities.push_back({path, ReadText(path)});
    }
  }

  static bool NamesAll(const Depend& depend, const LinkDirectory& directory, char letter) {
    std::unordered_set<std::string> names(depend.targets.begin(), depend.targets.end());
    for (const DependRule& rule : depend.rules) names.insert(rule.name);
    return std::all_of(directory.links.begin(), directory.links.end(), [&](const Link& link) {
      return link.letter() != letter || link.service.empty() || names.contains(link.service);
    });
  }

  /// The first of these files with a header: the administrator's override, the package's override,
  /// the script (insserv(8), OVERRIDES).
  std::string HeaderText(const std::string& path, const std::string& service) {
    std::string text = ReadText("/etc/insserv/overrides/" + service, kMostHeader);
    if (!FindHeader(text).empty()) return text;
    text = ReadText("/usr/share/insserv/overrides/" + service, kMostHeader);
    if (!FindHeader(text).empty()) return text;
    return ReadText(path, kMostHeader);
  }

  /// As insserv, which orders all scripts of init.d and then writes down those of a level.
  void ReadUnlinked(const LinkDirectory& directory) {
    std::set<std::string> linked;
    for (const Link& link : directory.links) linked.insert(link.service);
    for (const std::string& name : tree_.init_d) {
      if (IsBackup(name) || linked.contains(name) || tree_.unlinked.contains(name)) continue;
      const Result<std::string> real = ResolveBelow(root_, init_d_ + name);
      struct stat status {};
      if (!real || stat(real.value.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
      tree_.unlinked[name] = HeaderText(init_d_ + name, name);
    }
  }

  void ReadTraced() {
    constexpr size_t kFirstLine = 256;  // The kernel reads no more of it (BINPRM_BUF_SIZE).
    for (const LinkDirectory* directory : {&tree_.level, &tree_.previous, &tree_.boot}) {
      for (const Link& link : directory->links) {
        if (link.service != request_.trace || link.kind != LinkKind::kFile) continue;
        tree_.traced = ReadText(directory->path + "/" + link.name, kFirstLine);
        return;
      }
    }
  }

  void ReadNative() {
    std::map<std::string, std::string> unknown;
    for (const Link& link : tree_.level.links) {
      if (link.kind != LinkKind::kFile || !FindNativeStage(link.service, request_.level)) continue;
      const std::string text = ReadText(tree_.level.path + "/" + link.name, kMostScript);
      if (IsStockScript(link.service, text))
        tree_.origins[link.service] = ScriptOrigin::kStock;
      else
        unknown[init_d_ + link.service] = Md5(text);
    }
    if (!unknown.empty()) AskDpkg(unknown);
  }

  /// `scripts`: the MD5 of each, by path.
  void AskDpkg(const std::map<std::string, std::string>& scripts) {
    std::set<std::string> paths;
    for (const auto& [path, md5] : scripts) paths.insert(path);
    const auto record = ReadConffiles(kernel_, root_, paths);
    tree_.record_error = record.error;
    for (const auto& [path, md5] : scripts) {
      ScriptOrigin origin = record ? ScriptOrigin::kNoRecord : ScriptOrigin::kNotAsked;
      for (const Conffile& file : record.value) {
        if (file.path != path || origin == ScriptOrigin::kUnmodified) continue;
        origin = file.md5 == md5 ? ScriptOrigin::kUnmodified : ScriptOrigin::kEdited;
      }
      tree_.origins[path.substr(init_d_.size())] = origin;
    }
  }

  void FindHook(const HookFile& hook) {
    const std::string path(hook.path);
    const Result<std::string> real = ResolveBelow(root_, path);
    struct stat status {};
    if (!real || stat(real.value.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    if (hook.by_shell || (status.st_mode & 0111) != 0) tree_.hooks.insert(path);
  }

  Kernel& kernel_;
  const std::string root_;
  const Dialect& dialect_;
  const Request& request_;
  const std::string init_d_;
  Tree tree_;
};

}  // namespace

Tree LoadTree(Kernel& kernel, const std::string& root, const Dialect& dialect,
              const Request& request) {
  return Loader(kernel, root, dialect, request).Load();
}

}  // namespace curfew
