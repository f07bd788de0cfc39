// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/each_in_child.h"

#include <unistd.h>

#include "check.h"
#include "kernel/linux_kernel.h"
#include "scripted_kernel.h"

using namespace curfew;
using std::chrono::milliseconds;

TEST("every call is made once, in order, in few children, and its answer comes back") {
  ScriptedKernel kernel;
  std::vector<std::size_t> made;
  auto answers = EachInChild(kernel, 5000, milliseconds(10), [&](std::size_t i) {
    made.push_back(i);
    return static_cast<int>(i % 7);
  });
  CHECK_EQ(made.size(), 5000u);
  CHECK_EQ(made[4999], 4999u);
  CHECK_EQ(answers[4999], 4999 % 7);
  CHECK_EQ(kernel.all.size(), 1u);
}

TEST("a call that hangs is given up and the rest is made, seeing what was learned") {
  LinuxKernel kernel;
  bool knows = false;
  std::vector<std::size_t> late;
  auto answers = EachInChild(
      kernel, 4, milliseconds(50),
      [&](std::size_t i) {
        if (i == 1) pause();
        return knows ? 7 : 0;
      },
      [&](std::size_t i) {
        late.push_back(i);
        knows = true;
      });
  CHECK_EQ(late, (std::vector<std::size_t>{1}));
  CHECK_EQ(answers, (std::vector<int>{0, ETIMEDOUT, 7, 7}));
}

TEST("slow calls each get their limit, however many there are") {
  LinuxKernel kernel;
  auto answers = EachInChild(kernel, 6, milliseconds(300), [](std::size_t) {
    usleep(100000);
    return 0;
  });
  CHECK_EQ(answers, std::vector<int>(6, 0));
}

TEST("a child that dies counts as late, and without children the error is the answer") {
  LinuxKernel real;
  auto answers = EachInChild(real, 2, milliseconds(1000), [](std::size_t i) {
    if (i == 0) _exit(9);
    return 0;
  });
  CHECK_EQ(answers[1], 0);
  CHECK(answers[0] != 0);
  ScriptedKernel kernel;
  kernel.errors["in_child"] = std::errc::resource_unavailable_try_again;
  answers = EachInChild(kernel, 3, milliseconds(10), [](std::size_t) { return 0; });
  CHECK_EQ(answers, std::vector<int>(3, EAGAIN));
}
