// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/dialect.h"

#include "text/text.h"

namespace curfew {
namespace {

/// sysv-rc 3.06: /lib/init/rc with startpar.
Dialect Debian() {
  Dialect d;
  d.layout = Layout::kDebian;
  d.levels = "/etc/rc";
  d.init_d = "/etc/init.d";
  d.boot_level = "S";
  d.stops_s_links = true;
  d.native_stages = true;
  d.killers = {"sendsigs", "killprocs"};
  // Debian's rc.local script runs it, but has no link by default (#959860).
  d.hooks = {{"/etc/rc.shutdown", {"0", "6"}, false, false, "rc.local"}};
  return d;
}

/// aaa_base of 2012: /etc/init.d/rc, /etc/init.d/boot.
Dialect Suse() {
  Dialect d;
  d.layout = Layout::kSuse;
  d.levels = "/etc/init.d/rc";
  d.init_d = "/etc/init.d";
  d.boot_dir = "/etc/init.d/boot.d";
  d.boot_level = "boot";
  d.halt_level = "halt";
  d.after_single = "boot.udev";
  d.level_source = LevelSource::kEnvironment;
  d.same_level_returns = true;
  d.stop_links = StopLinks::kOfOldLevel;
  d.state_from = StateFrom::kBothLevels;
  d.state_always = true;
  d.two_digits = true;
  d.unusable = Unusable::kSkipped;
  d.serial = Serial::kWithoutDepend;
  d.killers = {"single"};
  d.serial_start_levels = "S016";  // "Do never call startpar for single, halt or reboot"
  d.hooks = {
      {"/etc/init.d/before.local", {"0", "1", "2", "3", "4", "5", "6", "S"}, false, true, {}},
      {"/etc/init.d/after.local", {"1", "2", "3", "4", "5", "S"}, true, true, {}},
      {"/etc/init.d/boot.local", {"boot"}, true, true, {}},
  };
  d.names_level = true;
  d.confirm = ConfirmStyle::kSuse;
  return d;
}

/// initscripts of RHEL 6: /etc/rc.d/rc.
Dialect RedHat() {
  Dialect d;
  d.layout = Layout::kRedHat;
  d.levels = "/etc/rc.d/rc";
  d.init_d = "/etc/rc.d/init.d";
  d.boot_level = "S";
  d.level_source = LevelSource::kUtmp;
  d.stops_from_none = true;
  d.state_from = StateFrom::kLockFiles;
  d.state_always = true;
  d.two_digits = true;
  d.ignored_suffixes = {"~", ".bak", ".orig", ".rpmnew", ".rpmorig", ".rpmsave"};
  d.unusable = Unusable::kSkipped;
  d.serial = Serial::kAlways;
  d.confirm = ConfirmStyle::kRedHat;
  return d;
}

/// LFS bootscripts 20230101: /etc/rc.d/init.d/rc.
Dialect Lfs() {
  Dialect d;
  d.layout = Layout::kLfs;
  d.levels = "/etc/rc.d/rc";
  d.init_d = "/etc/rc.d/init.d";
  d.boot_level = "S";
  d.state_always = true;
  d.unusable = Unusable::kNamed;
  d.serial = Serial::kAlways;
  d.natural_order = true;
  d.killers = {"sendsignals"};
  d.enter_wait = std::chrono::seconds(15);
  return d;
}

/// The services in Debian, SUSE, Red Hat and LFS that configure interfaces, addresses, tunnels or
/// routes, and the firewall whose stop may refuse all packets. The headers of Debian's packages of
/// these say that they stop before $remote_fs and $network, or nothing: no header tells them.
constexpr std::string_view kNetworkCarriers =
    "networking network network-manager NetworkManager connman wicd "
    "wpa_supplicant wpa-supplicant iwd hostapd ifplugd netplug netplugd bonding vlan bridge "
    "openvswitch openvswitch-switch dhcpcd dhcpcd5 dhclient isc-dhcp-client udhcpc "
    "ppp pppoe pppd openvpn wireguard wg-quick ipsec strongswan strongswan-starter libreswan "
    "racoon "
    "tinc vpnc openfortivpn zerotier-one tailscaled xl2tpd bird bird6 frr quagga zebra "
    "dibbler-client wide-dhcpv6-client nbd-client systemd-networkd "
    "fastd gvpe iodined isatapd miredo n2n tayga vtun babeld batmand keepalived stunnel4 "
    "shorewall shorewall6 shorewall-lite shorewall6-lite";

const std::vector<Dialect>& Table() {
  static const std::vector<Dialect> table = {Debian(), Suse(), RedHat(), Lfs()};
  return table;
}

}  // namespace

const Dialect& DialectOf(Layout layout) {
  for (const Dialect& dialect : Table()) {
    if (dialect.layout == layout) return dialect;
  }
  return Table().front();
}

bool IsFinal(std::string_view level) {
  return level == "0" || level == "6";
}

bool IsNetworkCarrier(std::string_view service) {
  static const std::vector<std::string_view> carriers = WordViews(kNetworkCarriers);
  return Contains(carriers, service);
}

bool IsLevel(const Dialect& dialect, std::string_view level) {
  if (level.empty()) return false;
  if (level == dialect.boot_level || level == dialect.halt_level) return true;
  return level.size() == 1 && std::string_view("0123456789S").find(level[0]) != level.npos;
}

std::string LevelDirectory(const Dialect& dialect, std::string_view level) {
  const bool own = level == dialect.boot_level || level == dialect.halt_level;
  if (own && !dialect.boot_dir.empty()) return std::string(dialect.boot_dir);
  return std::string(dialect.levels) + std::string(level) + ".d";
}

bool StopsOldLevel(const Dialect& dialect, std::string_view level) {
  return dialect.stop_links == StopLinks::kOfOldLevel && level != dialect.halt_level;
}

}  // namespace curfew
