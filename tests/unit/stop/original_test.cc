// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/original.h"

#include "check.h"
#include "scripted_kernel.h"

namespace original_test {
using namespace curfew;
using Strings = std::vector<std::string>;

/// A machine whose files are told apart by their device.
struct Machine : ScriptedKernel {
  explicit Machine(const std::map<std::string, dev_t>& programs) {
    devices = programs;
    for (const auto& [path, number] : programs) files[path] = "";
  }
  Strings Found() { return Originals(*this, OwnFile(*this)); }
};

constexpr dev_t kOurs = 1;
constexpr dev_t kTheirs = 2;

TEST("original: before the diversion it is where dpkg has it") {
  CHECK_EQ(Machine({{"/proc/self/exe", kOurs}, {"/sbin/start-stop-daemon", kTheirs}}).Found(),
           Strings{"/sbin/start-stop-daemon"});
  CHECK_EQ(Machine({{"/proc/self/exe", kOurs}, {"/usr/sbin/start-stop-daemon", kTheirs}}).Found(),
           Strings{"/usr/sbin/start-stop-daemon"});
}

TEST("original: after the diversion it is where that keeps it") {
  CHECK_EQ(Machine({{"/proc/self/exe", kOurs},
                    {"/sbin/start-stop-daemon", kOurs},
                    {"/usr/sbin/start-stop-daemon", kOurs},
                    {"/sbin/start-stop-daemon.dpkg", kTheirs}})
               .Found(),
           Strings{"/sbin/start-stop-daemon.dpkg"});
}

TEST("original: this program is never its own, and copies of it come to an end") {
  CHECK_EQ(Machine({{"/proc/self/exe", kOurs},
                    {"/sbin/start-stop-daemon", kOurs},
                    {"/sbin/start-stop-daemon.dpkg", kOurs}})
               .Found(),
           Strings{});
  // The copy in /sbin starts that in /usr/sbin, which starts none.
  CHECK_EQ(Machine({{"/proc/self/exe", kOurs},
                    {"/sbin/start-stop-daemon", kOurs},
                    {"/usr/sbin/start-stop-daemon", kTheirs}})
               .Found(),
           Strings{"/usr/sbin/start-stop-daemon"});
  CHECK_EQ(Machine({{"/proc/self/exe", kTheirs},
                    {"/sbin/start-stop-daemon", kOurs},
                    {"/usr/sbin/start-stop-daemon", kTheirs}})
               .Found(),
           Strings{});
}

TEST("original: nothing there is nothing found") {
  CHECK_EQ(Machine({{"/proc/self/exe", kOurs}}).Found(), Strings{});
}

}  // namespace original_test
