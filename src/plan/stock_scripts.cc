// SPDX-License-Identifier: GPL-2.0-or-later
// Written by src/plan/stock-scripts; do not edit.
#include "plan/stock_scripts.h"

namespace curfew {
namespace {

constexpr StockScript kTable[] = {
    // initscripts 3.18-1
    {"halt", "8742b3508d6b24a19308c9d274738df7"},
    // initscripts 2.96-7+deb11u1
    // initscripts 3.06-4
    // initscripts 3.14-4
    {"halt", "e2a519e79e1af00e13bf3172bedd1028"},
    // initscripts 3.18-1
    {"hwclock.sh", "4fadc0c88928561b59d30a50ce1b2a50"},
    // initscripts 3.14-4
    {"hwclock.sh", "52c158b2b4adc2d5b4c0bdb0afafd4a1"},
    // util-linux 2.36.1-8+deb11u2
    // util-linux-extra 2.38.1-5+deb12u3
    {"hwclock.sh", "576b3286a20d116bf8ac04c6068bdf99"},
    // kexec-tools 1:2.0.25-3+deb12u3
    {"kexec", "0c5a458ecaa307bcef3b96dbc3afd519"},
    // kexec-tools 1:2.0.20-2.1
    {"kexec", "fbb196c1bf446ce7c5f8b3ca4d206461"},
    // initscripts 2.96-7+deb11u1
    // initscripts 3.06-4
    // initscripts 3.14-4
    {"killprocs", "44532ac8f7dd0f00b7947f1c747d7ab6"},
    // initscripts 3.18-1
    {"killprocs", "cda0b5d4728bc9dedda0aab3418fceb2"},
    // initscripts 2.96-7+deb11u1
    // initscripts 3.06-4
    // initscripts 3.14-4
    {"reboot", "c1de7fc0683b7ae175fdf52d86250e67"},
    // initscripts 3.18-1
    {"reboot", "f35f41db596b97a219156222d4febfb3"},
    // initscripts 2.96-7+deb11u1
    // initscripts 3.06-4
    // initscripts 3.14-4
    {"sendsigs", "34f70ff97a0d78f34ca4db3ebecfab92"},
    // initscripts 3.18-1
    {"sendsigs", "3aae571e1bb6a8dbb6dd673061177285"},
    // initscripts 2.96-7+deb11u1
    // initscripts 3.06-4
    // initscripts 3.14-4
    {"umountfs", "6579ef0127becc290486e1baf47448ed"},
    // initscripts 3.18-1
    {"umountfs", "940a07d29c050958ae3b8f9e7c4ecf5c"},
    // initscripts 2.96-7+deb11u1
    // initscripts 3.06-4
    // initscripts 3.14-4
    {"umountnfs.sh", "cafc090527eba308f3e3019292199dbd"},
    // initscripts 3.18-1
    {"umountnfs.sh", "f62d0ecbf84019a75bf918215aca250c"},
    // initscripts 3.18-1
    {"umountroot", "0eeaecd9fa0190d739d4b5d0ec11c34c"},
    // initscripts 2.96-7+deb11u1
    // initscripts 3.06-4
    // initscripts 3.14-4
    {"umountroot", "27349bd5781c2e8e7e38341e382da2c7"},
};

}  // namespace

std::span<const StockScript> StockScripts() {
  return kTable;
}

}  // namespace curfew
