// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "check.h"
#include "final/stages/stages.h"
#include "final/storage_world.h"

namespace unmount_random_test {
using namespace curfew;

namespace {

/// An optimized build has the time for all of them.
#ifdef __OPTIMIZE__
constexpr unsigned kSeeds = 100000;
#else
constexpr unsigned kSeeds = 2000;
#endif
/// So many nodes has the largest graph; one in 500 is that large.
constexpr int kMost = 200;

/// Random storage of a machine: / on some stack of devices, and other stacks, mounts and swap areas
/// in any order above, below and beside it.
class RandomStorage : public StorageWorld, public Report {
 public:
  explicit RandomStorage(unsigned seed) : random_(seed) {
    AddRoot();
    const int size = Below(500) == 0 ? kMost : 2 + Below(Below(10) == 0 ? 40 : 12);
    while (static_cast<int>(nodes.size()) < size) AddAny();
    const int held = Below(2) == 0 ? 0 : 3;
    const auto needed = NeededByRoot();
    for (std::size_t i = 1; i < nodes.size(); ++i)
      if (nodes[i].kind != kDisk && nodes[i].kind != kPartition && nodes[i].kind != kSwap &&
          nodes[i].kind != kNbd && !needed.contains(static_cast<int>(i)))
        nodes[i].held = Below(20) < held;
    for (const Node& node : nodes) text += Describe(node) + "\n";
  }

  std::string text;            ///< The graph, for a person.
  std::set<std::string> told;  ///< What the events `busy` and `attached` name.

  void Say(std::string_view) override {}
  void Event(std::string_view name, std::initializer_list<EventField> fields) override {
    if (name == "busy" || name == "attached")
      told.insert(fields.begin()->value);  // Devices here have no label.
  }

  /// What / stands on, near and far.
  std::set<int> NeededByRoot() const {
    std::set<int> needed;
    Reach(&needed, 0, [&](int i) { return nodes[i].on; });
    return needed;
  }

  /// What has to stay, by the kernel's rules and the reason why each thing is kept.
  std::set<int> Remainder() const {
    std::set<int> stay = NeededByRoot();
    std::set<std::string> numbers;
    for (const int i : stay)
      if (nodes[i].number != nodes[0].number) numbers.insert(nodes[i].number);
    auto add = [&](int i) { Reach(&stay, i, [&](int at) { return Before(at); }); };
    for (std::size_t i = 1; i < nodes.size(); ++i) {
      const int index = static_cast<int>(i);
      const bool bind = IsMount(nodes[i]) && numbers.contains(nodes[i].number);
      if (nodes[i].held || bind || (nodes[i].kind == kSwap && !HoldsStorage(index)) ||
          nodes[i].kind == kDisk)
        add(index);
    }
    add(0);
    return stay;
  }

  /// Of `stay` the mounts, and the devices that nothing stands on, but not what / needs.
  std::set<std::string> ToTell(const std::set<int>& stay) const {
    std::set<std::string> names, needed;
    for (const int i : NeededByRoot())
      if (nodes[i].number != nodes[0].number) needed.insert(nodes[i].number);
    for (const int i : stay) {
      const Node& node = nodes[i];
      const bool made = node.kind >= kLoop && node.kind <= kZram && !HasUsers(i);
      if (i != 0 && (IsMount(node) || made) && !needed.contains(node.number) &&
          !NeededByRoot().contains(i))
        names.insert(node.name);
    }
    return names;
  }

  /// Whether nobody but the passes has looked at the storage: no mark was read back, and nothing
  /// was left for which processes are ended.
  bool PassesAlone() const { return pools_.empty() && told.empty(); }

  /// Nodes on the longest way from something that nothing stands on to what it needs gone first.
  int Depth() const {
    std::vector<int> depth(nodes.size(), 0);
    std::function<int(int)> of = [&](int i) {
      if (depth[i]) return depth[i];
      int most = 0;
      for (const int next : Before(i)) most = std::max(most, of(next));
      return depth[i] = most + 1;
    };
    int deepest = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) deepest = std::max(deepest, of(int(i)));
    return deepest;
  }

  /// What cannot go before `i` has gone.
  std::vector<int> Before(int i) const {
    auto next = nodes[i].on;
    if (nodes[i].parent > 0) next.push_back(nodes[i].parent);
    for (std::size_t s = 0; s < nodes.size(); ++s)
      if (nodes[s].kind == kSwap && nodes[s].tmpfs == i) next.push_back(static_cast<int>(s));
    return next;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  template <typename Next>
  static void Reach(std::set<int>* all, int first, Next next) {
    std::vector<int> open{first};
    all->insert(first);
    while (!open.empty()) {
      const int at = open.back();
      open.pop_back();
      for (const int i : next(at))
        if (all->insert(i).second) open.push_back(i);
    }
  }

  bool HoldsStorage(int swap) const {
    if (IsMount(nodes[nodes[swap].on.at(0)])) return true;
    std::set<int> carriers;
    Reach(&carriers, swap, [&](int i) { return nodes[i].on; });
    return std::any_of(carriers.begin(), carriers.end(),
                       [&](int i) { return nodes[i].kind > kPartition && nodes[i].kind < kZram; });
  }

  int Add(Node node) {
    static constexpr const char* kNames[] = {"sd", "", "loop", "dm-", "md", "nbd", "zram"};
    const int index = static_cast<int>(nodes.size());
    if (IsDevice(node)) {
      if (node.name.empty()) node.name = kNames[node.kind] + std::to_string(index);
      node.number = (node.kind == kMapped ? "253:" : std::to_string(8 + node.kind) + ":") +
                    std::to_string(index);
      free_.push_back(index);
    }
    nodes.push_back(std::move(node));
    return index;
  }

  /// Takes a device that nothing uses; some are left there, because device mapper shares them.
  int TakeFree(bool shared = false) {
    if (free_.empty()) Add({.kind = Below(4) == 0 ? kNbd : kDisk});
    const int at = Below(static_cast<int>(free_.size()));
    const int device = free_[at];
    if (!shared) free_.erase(free_.begin() + at);
    return device;
  }
  std::vector<int> TakeSome() {
    std::vector<int> taken;
    for (int n = 1 + Below(3); n > 0; --n) {
      const int device = TakeFree();
      taken.push_back(device);
    }
    return taken;
  }

  int AnyMount() {
    int at = Below(static_cast<int>(nodes.size()));
    while (!IsMount(nodes[at])) at = (at + 1) % static_cast<int>(nodes.size());
    return at;
  }

  Node NewMount(std::vector<int> on, int parent, bool btrfs) {
    const auto index = std::to_string(nodes.size());
    Node node{.kind = kMount, .on = std::move(on), .parent = parent > 0 ? parent : -1};
    node.name = (parent > 0 ? nodes[parent].name : "") + "/m" + index;
    const Node& first = nodes[node.on.at(0)];
    node.number = btrfs ? "0:" + index : first.number;
    node.source = "/dev/" + first.name;
    node.type = btrfs ? "btrfs" : "jfs";
    return node;
  }

  /// / on a stack; its mounts of other file systems are in / itself.
  void AddRoot() {
    nodes.push_back({});
    int device = Add({.kind = kDisk});
    for (int n = Below(4); n > 0; --n) {
      free_.clear();
      const Kind kinds[] = {kLoop, kMapped, kRaid};
      const Kind kind = kinds[Below(3)];
      if (kind == kLoop) device = Add(NewMount({device}, -1, false));
      device = Add({.kind = kind, .on = {device}});
    }
    free_.clear();
    nodes[0] = {.kind = kMount,
                .name = "/",
                .number = nodes[device].number,
                .on = {device},
                .source = "/dev/" + nodes[device].name,
                .type = "ext4"};
  }

  void AddAny() {
    switch (Below(12)) {
      case 0:
        Add({.kind = kDisk});
        break;
      case 1:
        AddPartitions();
        break;
      case 2:
      case 3:
        Add({.kind = kLoop, .on = {Below(6) == 0 ? TakeFree() : AnyMount()}});
        break;
      case 4:
        Add({.kind = kMapped, .on = TakeSome()});
        break;
      case 5:
        Add({.kind = kMapped, .on = {TakeFree(true)}});
        break;
      case 6:
        Add({.kind = kRaid, .on = TakeSome()});
        break;
      case 7:
        AddZramOrNbd();
        break;
      case 8:
      case 9:
        AddMountOf();
        break;
      case 10:
        AddTmpfsOrBind();
        break;
      default:
        AddSwap();
        break;
    }
  }

  void AddPartitions() {
    const int disk = TakeFree();
    if (nodes[disk].kind == kPartition || nodes[disk].kind == kMapped) return;
    for (int n = 1 + Below(2); n > 0; --n)
      Add({.kind = kPartition, .name = nodes[disk].name + "p" + std::to_string(n), .on = {disk}});
  }
  void AddZramOrNbd() {
    if (Below(2) == 0)
      Add({.kind = kNbd});
    else
      Add({.kind = kZram, .on = Below(2) == 0 ? std::vector{TakeFree()} : std::vector<int>{}});
  }
  void AddMountOf() {
    const bool btrfs = Below(3) == 0;
    auto on = btrfs ? TakeSome() : std::vector{TakeFree()};
    const int mount = Add(NewMount(std::move(on), AnyMount(), btrfs));
    if (btrfs) pools_.push_back(mount);
  }
  void AddTmpfsOrBind() {
    const int parent = AnyMount();
    const auto name = (parent > 0 ? nodes[parent].name : "") + "/m" + std::to_string(nodes.size());
    Node node = Below(2) == 0 ? nodes[AnyMount()] : Node{.kind = kTmpfs};
    if (node.number.empty()) {
      node.number = "0:" + std::to_string(nodes.size());
      node.source = node.type = "tmpfs";
    }
    node.name = name;
    node.parent = parent > 0 ? parent : -1;
    Add(std::move(node));
  }
  void AddSwap() {
    Node node{.kind = kSwap};
    const bool file = Below(2) == 0;
    node.on = {file ? AnyMount() : TakeFree()};
    // The kernel takes no swap file on tmpfs.
    if (nodes[node.on[0]].kind == kTmpfs) return;
    const auto& below = nodes[node.on[0]].name;
    node.name = file ? (below == "/" ? "" : below) + "/swap" + std::to_string(nodes.size())
                     : "/dev/" + below;
    const int tmpfs = AnyMount();
    std::set<int> reached;
    Reach(&reached, node.on[0], [&](int i) { return Before(i); });
    // Pages of a tmpfs that has to outlive the area would need memory that is not there.
    if (nodes[tmpfs].kind == kTmpfs && !reached.contains(tmpfs)) node.tmpfs = tmpfs;
    Add(std::move(node));
  }

  Result<std::vector<std::string>> List(const std::string& dir) override {
    if (dir == "/sys/fs/btrfs" || dir.starts_with("/sys/fs/btrfs/")) return Pools(dir);
    return StorageWorld::List(dir);
  }
  Result<std::vector<std::string>> Pools(const std::string& dir) const {
    std::vector<std::string> names;
    for (const int mount : pools_) {
      const auto id = "/sys/fs/btrfs/" + std::to_string(mount);
      if (dir == "/sys/fs/btrfs") names.push_back(std::to_string(mount));
      if (dir == id + "/devices")
        for (const int device : nodes[mount].on) names.push_back(nodes[device].name);
    }
    return names;
  }

  std::string Describe(const Node& node) const {
    std::string line = "# " + node.name + (node.held ? " held" : "") + " on";
    for (const int below : node.on) line += " " + nodes[below].name;
    if (node.tmpfs >= 0) line += ", pages of " + nodes[node.tmpfs].name;
    return line;
  }

  std::mt19937 random_;
  std::vector<int> free_;
  std::vector<int> pools_;
};

}  // namespace

TEST("random storage goes whole but for what has to stay, which is told, one level a pass") {
  int most = 0, wrong = 0;
  for (unsigned seed = 0; seed < kSeeds && wrong < 3; ++seed) {
    RandomStorage storage(seed);
    const auto stay = storage.Remainder();
    FinalRequest request;
    request.in_shutdown = request.last = true;
    StageContext context{storage, storage, request};
    UnmountStage(context);
    std::string why = storage.broken;
    for (std::size_t i = 1; i < storage.nodes.size(); ++i) {
      const auto& node = storage.nodes[i];
      const bool stays = stay.contains(static_cast<int>(i));
      if (node.kind != StorageWorld::kPartition && node.up != stays)
        why += node.name + (stays ? " had to stay; " : " could go; ");
    }
    if (storage.told != storage.ToTell(stay)) why += "not told as it is; ";
    // One look is for network mounts, and the last one finds nothing to do.
    const int passes = storage.reads - 2;
    if (storage.PassesAlone()) {
      if (passes > storage.Depth() + 1) why += std::to_string(passes) + " passes; ";
      most = std::max(most, passes);
    }
    if (why.empty()) continue;
    ++wrong;
    std::printf("# seed %u: %s\n%s", seed, why.c_str(), storage.text.c_str());
  }
  CHECK_EQ(wrong, 0);
  CHECK(most > 5);
}

TEST("before the last halt no random device goes but loop devices, and none is told") {
  int wrong = 0;
  for (unsigned seed = 0; seed < 500 && wrong < 3; ++seed) {
    RandomStorage storage(seed);
    FinalRequest request;
    request.in_shutdown = true;
    StageContext context{storage, storage, request};
    UnmountStage(context);
    for (const auto& node : storage.nodes) {
      const bool device = storage.IsDevice(node);
      const bool may_go = node.kind == StorageWorld::kLoop || node.kind == StorageWorld::kPartition;
      if (!device || (!storage.told.contains(node.name) && (node.up || may_go))) continue;
      ++wrong;
      std::printf("# seed %u: %s\n%s", seed, node.name.c_str(), storage.text.c_str());
    }
  }
  CHECK_EQ(wrong, 0);
}

}  // namespace unmount_random_test
