// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/early_unmount.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>

namespace curfew {
namespace {

/// Services without which a server on the network cannot be reached, by the names that Debian's,
/// SUSE's, Red Hat's and LFS's scripts have.
constexpr std::string_view kCarriers[] = {"networking",
                                          "network",
                                          "network-manager",
                                          "NetworkManager",
                                          "connman",
                                          "wicd",
                                          "wpa_supplicant",
                                          "wpa-supplicant",
                                          "iwd",
                                          "ifplugd",
                                          "netplug",
                                          "netplugd",
                                          "dhcpcd",
                                          "dhcpcd5",
                                          "dhclient",
                                          "isc-dhcp-client",
                                          "udhcpc",
                                          "ppp",
                                          "pppoe",
                                          "pppd",
                                          "openvpn",
                                          "wireguard",
                                          "wg-quick",
                                          "ipsec",
                                          "strongswan",
                                          "strongswan-starter",
                                          "libreswan",
                                          "racoon",
                                          "tinc",
                                          "vpnc",
                                          "openfortivpn",
                                          "zerotier-one",
                                          "tailscaled",
                                          "hostapd",
                                          "bonding",
                                          "vlan",
                                          "bridge",
                                          "openvswitch",
                                          "openvswitch-switch"};

bool Among(std::span<const std::string_view> names, const Script& script) {
  return std::find(names.begin(), names.end(), script.service) != names.end();
}

/// What comes after the stage: carriers, what ends all processes, and what waits for one of them.
std::vector<bool> Later(const std::vector<Script>& scripts,
                        std::span<const std::string_view> killers) {
  std::vector<bool> later(scripts.size());
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    const Script& script = scripts[i];
    later[i] = Among(kCarriers, script) || Among(killers, script) ||
               script.runs == Runs::kHandOver ||
               std::any_of(script.after.begin(), script.after.end(),
                           [&](int before) { return later[before]; });
  }
  return later;
}

/// Of the scripts that are not `later`, those that no other of them waits for.
std::vector<int> Last(const std::vector<Script>& scripts, const std::vector<bool>& later) {
  std::vector<bool> last(scripts.size());
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    last[i] = !later[i];
    if (later[i]) continue;
    for (int before : scripts[i].after) last[before] = false;
  }
  std::vector<int> indices;
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    if (last[i]) indices.push_back(static_cast<int>(i));
  }
  return indices;
}

Script Stage(const std::vector<Script>& scripts) {
  Script stage;
  stage.service = stage.link = stage.stages = "early-unmount-network";
  stage.runs = Runs::kStages;
  for (const Script& script : scripts)
    stage.importance = std::max(stage.importance, script.importance);
  return stage;
}

}  // namespace

void AddEarlyUnmount(const std::vector<std::string_view>& killers, Pass* pass) {
  std::vector<Script>& scripts = pass->scripts;
  const auto is_carrier = [](const Script& script) { return Among(kCarriers, script); };
  if (std::none_of(scripts.begin(), scripts.end(), is_carrier)) return;
  const std::vector<bool> later = Later(scripts, killers);
  Script stage = Stage(scripts);
  stage.after = Last(scripts, later);
  const int new_index = static_cast<int>(scripts.size());
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    std::vector<int>& after = scripts[i].after;
    const bool first =
        later[i] && std::none_of(after.begin(), after.end(), [&](int b) { return later[b]; });
    if (first) after.push_back(new_index);
  }
  scripts.push_back(std::move(stage));

  // The others keep their order: first what is not later, then the stage, then the rest.
  std::vector<int> sequence(scripts.size());
  std::iota(sequence.begin(), sequence.end(), 0);
  std::stable_sort(sequence.begin(), sequence.end(), [&](int a, int b) {
    const auto rank = [&](int i) { return i == new_index ? 1 : later[i] ? 2 : 0; };
    return rank(a) < rank(b);
  });
  std::vector<int> place(scripts.size());
  std::vector<Script> sorted;
  for (std::size_t i = 0; i < sequence.size(); ++i) place[sequence[i]] = static_cast<int>(i);
  for (const int i : sequence) {
    for (int& before : scripts[i].after) before = place[before];
    std::sort(scripts[i].after.begin(), scripts[i].after.end());
    sorted.push_back(std::move(scripts[i]));
  }
  scripts = std::move(sorted);
}

}  // namespace curfew
