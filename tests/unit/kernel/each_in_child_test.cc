// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/each_in_child.h"

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

TEST("a call that hangs is given up, the rest is made meanwhile") {
  LinuxKernel kernel;
  std::vector<std::size_t> late;
  const auto begin = kernel.Now();
  auto answers = EachInChild(
      kernel, 8, milliseconds(1000),
      [&](std::size_t i) {
        if (i % 2 == 1) pause();
        return 7;
      },
      [&](std::size_t i) { late.push_back(i); });
  CHECK_EQ(late, (std::vector<std::size_t>{1, 3, 5, 7}));
  CHECK_EQ(answers, (std::vector<int>{7, ETIMEDOUT, 7, ETIMEDOUT, 7, ETIMEDOUT, 7, ETIMEDOUT}));
  CHECK(kernel.Now() - begin < milliseconds(3000));
}

TEST("calls on one thing are made in order, one at a time, and none after one that was missed") {
  LinuxKernel kernel;
  auto answers = EachInChild(kernel, {.count = 6,
                                      .limit = milliseconds(1500),
                                      .call =
                                          [](std::size_t i) {
                                            if (i == 2) pause();
                                            if (i == 1) usleep(100000);
                                            return static_cast<int>(i);
                                          },
                                      .on = [](std::size_t i) { return i % 2 ? "good" : "dead"; }});
  CHECK_EQ(answers, (std::vector<int>{0, 1, ETIMEDOUT, 3, ECANCELED, 5}));
}

TEST("a call has as long as it gets on") {
  LinuxKernel kernel;
  int asked = 0;
  auto answers = EachInChild(kernel, {.count = 2,
                                      .limit = milliseconds(1500),
                                      .call =
                                          [](std::size_t i) {
                                            if (i == 1) pause();
                                            usleep(2000000);
                                            return 5;
                                          },
                                      .got_on =
                                          [&](std::size_t i) {
                                            asked += i == 0;
                                            return i == 0;
                                          }});
  CHECK_EQ(answers, (std::vector<int>{5, ETIMEDOUT}));
  CHECK(asked >= 1);
}

TEST("ETIMEDOUT as an answer is a call that was missed") {
  ScriptedKernel kernel;
  std::vector<std::size_t> late;
  auto answers =
      EachInChild(kernel, {.count = 3,
                           .limit = milliseconds(10),
                           .call = [](std::size_t i) { return i == 0 ? ETIMEDOUT : 0; },
                           .on = [](std::size_t i) { return i < 2 ? "server" : "other"; },
                           .missed = [&](std::size_t i) { late.push_back(i); }});
  CHECK_EQ(answers, (std::vector<int>{ETIMEDOUT, ECANCELED, 0}));
  CHECK_EQ(late, (std::vector<std::size_t>{0}));
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
