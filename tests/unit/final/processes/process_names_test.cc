// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/process_names.h"

#include "check.h"

namespace process_names_test {
using namespace curfew;

TEST("process names: each once with its count; of many the rarest are left out, and counted") {
  ProcessNames names, others;
  CHECK_EQ(names.Text(), "");
  for (const char* name : {"sshd", "cron", "sshd"}) names.Add(name);
  others.Add("sshd");
  names.Add(others);
  CHECK_EQ(names.Text(), "cron, sshd (3)");
  CHECK_EQ(names.Count(), 4);
  for (int i = 0; i < 100; ++i) names.Add("w" + std::to_string(i));
  CHECK(names.Text().starts_with("sshd (3), cron, w0,"));
  CHECK(names.Text().ends_with(" and 70 more names"));
}

}  // namespace process_names_test
