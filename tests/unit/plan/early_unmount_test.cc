// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/early_unmount.h"

#include <string>

#include "check.h"

using namespace curfew;

namespace {

/// A pass of scripts, each "NAME" or "NAME: BEFORE BEFORE" with numbers of earlier ones.
struct Stop {
  std::string service;
  std::vector<int> after = {};
};

std::string With(const std::vector<Stop>& stops) {
  Pass pass;
  for (const Stop& stop : stops) {
    Script script;
    script.service = stop.service;
    script.after = stop.after;
    pass.scripts.push_back(script);
  }
  AddEarlyUnmount({"sendsigs"}, &pass);
  std::string text;
  for (std::size_t i = 0; i < pass.scripts.size(); ++i) {
    const Script& script = pass.scripts[i];
    text += (i > 0 ? ", " : "") + script.service + (script.after.empty() ? "" : ":");
    for (const int before : script.after) {
      CHECK(before >= 0 && before < static_cast<int>(i));
      text += " " + pass.scripts[before].service;
    }
  }
  return text;
}

}  // namespace

TEST("network file systems go behind all services and before each that carries the network") {
  CHECK_EQ(With({{"db"}, {"openvpn", {0}}, {"cron"}, {"networking", {1}}, {"sendsigs", {0, 2}}}),
           "db, cron, early-unmount-network: db cron, openvpn: db early-unmount-network, "
           "networking: openvpn, sendsigs: db cron early-unmount-network");
}

TEST("without a service that carries the network no stage is put before it") {
  CHECK_EQ(With({{"a"}, {"b", {0}}}), "a, b: a");
}

TEST("a service that waits for a carrier does not keep network file systems mounted") {
  CHECK_EQ(With({{"a"}, {"network-manager"}, {"b", {1}}}),
           "a, early-unmount-network: a, network-manager: early-unmount-network, b: "
           "network-manager");
}

TEST("scripts one after the other stay so, with the stage before the first carrier") {
  CHECK_EQ(With({{"netfs"}, {"network", {0}}, {"killall", {1}}}),
           "netfs, early-unmount-network: netfs, network: netfs early-unmount-network, killall: "
           "network");
}
