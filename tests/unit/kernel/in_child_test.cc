// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/in_child.h"

#include <unistd.h>

#include "check.h"
#include "kernel/linux_kernel.h"
#include "scripted_kernel.h"

namespace in_child_test {
using namespace curfew;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

namespace {

std::error_code Error(int number) {
  return {number, std::generic_category()};
}

std::vector<int> Numbers(const std::vector<std::error_code>& errors) {
  std::vector<int> numbers;
  for (const auto error : errors) numbers.push_back(error.value());
  return numbers;
}

/// Its first calls to wait for a child fail.
struct ShortOfMemory : LinuxKernel {
  bool polled = false, waited = false;
  Result<int> Poll(std::span<pollfd> fds, milliseconds limit) override {
    if (!std::exchange(polled, true)) return Error(ENOMEM);
    return LinuxKernel::Poll(fds, limit);
  }
  Result<int> Wait(pid_t child) override {
    if (!std::exchange(waited, true)) return Error(EINTR);
    return LinuxKernel::Wait(child);
  }
};

struct Figures {
  std::uint64_t bytes;
  bool stuck;
};

}  // namespace

TEST("a child answers with a value of any plain type, or with an error") {
  LinuxKernel kernel;
  CHECK_EQ(InChild(kernel, 5s, [] { return '@'; }).value, '@');
  const auto no = InChild(kernel, 5s, [] { return false; });
  CHECK(no && !no.value);
  const auto figures = InChild(kernel, 5s, [] { return Figures{1ull << 40, true}; });
  CHECK(figures && figures.value.bytes == 1ull << 40 && figures.value.stuck);
  const auto refused = InChild(kernel, 5s, []() -> Result<bool> { return Error(ENODEV); });
  CHECK(refused.error == std::errc::no_such_device);
  CHECK(!InChild(kernel, 5s, [] { return std::error_code(); }));
  CHECK(InChild(kernel, 5s, [] { return Error(ENODEV); }) == std::errc::no_such_device);
}

TEST("a child is waited for although the kernel refuses to wait once") {
  ShortOfMemory kernel;
  CHECK_EQ(InChild(kernel, 5s, [] { return usleep(50000), '@'; }).value, '@');
  CHECK(kernel.polled && kernel.waited);
}

TEST("a child that dies or is late has not answered") {
  LinuxKernel kernel;
  const auto died = InChild(kernel, 5s, []() -> bool { _exit(0); });
  CHECK(died.error == std::errc::interrupted);
  const auto late = InChild(kernel, 20ms, []() -> bool {
    for (;;) pause();
  });
  CHECK(late.error == std::errc::timed_out);
}

TEST("a refused fork is tried again for 1 s in all, then this process makes the calls") {
  ScriptedKernel kernel;
  kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  CHECK(InChild(kernel, 5s, [] { return true; }).value);
  CHECK(kernel.now >= 900ms && kernel.now <= 1s);
  const auto words = StringsFromChild(kernel, 5s, [] { return std::vector<std::string>{"a"}; });
  CHECK(words && words.value[0] == "a" && kernel.now <= 1s);
  ScriptedKernel for_a_while;
  for_a_while.errors["fork"] = std::errc::not_enough_memory;
  for_a_while.on_poll = [&](std::span<pollfd>, milliseconds) -> Result<int> {
    for_a_while.errors.clear();
    return 0;
  };
  CHECK(InChild(for_a_while, 5s, [] { return true; }).value);
  CHECK_EQ(for_a_while.children.size(), 1u);
}

TEST("strings arrive byte for byte; without an answer there are none") {
  LinuxKernel kernel;
  const std::vector<std::string> words = {"", "a b", std::string("\0x\n", 3),
                                          std::string(70000, 'y')};
  CHECK_EQ(StringsFromChild(kernel, 5s, [&] { return words; }).value, words);
  auto late = StringsFromChild(kernel, 20ms, []() -> std::vector<std::string> {
    for (;;) pause();
  });
  CHECK(late.error == std::errc::timed_out && late.value.empty());
  auto huge = StringsFromChild(
      kernel, 5s, [] { return std::vector<std::string>(2, std::string(600000, 'z')); });
  CHECK(huge.error == std::errc::file_too_large);
}

TEST("every call is made once, in order, in few children, and its answer comes back") {
  ScriptedKernel kernel;
  std::vector<std::size_t> made;
  auto answers = EachInChild(kernel, 5000, milliseconds(10), [&](std::size_t i) -> Result<char> {
    made.push_back(i);
    return i % 7 == 0 ? Result<char>(Error(ENOENT)) : static_cast<char>(i % 7);
  });
  CHECK_EQ(made.size(), 5000u);
  CHECK_EQ(made[4999], 4999u);
  CHECK_EQ(answers[4999].value, 4999 % 7);
  CHECK(answers[7].error == std::errc::no_such_file_or_directory && answers[8]);
  CHECK_EQ(std::count(kernel.all.begin(), kernel.all.end(), "fork"), 1);
}

TEST("a call that hangs is given up, the rest is made meanwhile") {
  LinuxKernel kernel;
  std::vector<std::size_t> late;
  const auto begin = kernel.Now();
  auto errors = EachInChild(kernel, {.count = 8,
                                     .limit = milliseconds(1000),
                                     .call =
                                         [&](std::size_t i) {
                                           if (i % 2 == 1) pause();
                                           return Error(7);
                                         },
                                     .timed_out = [&](std::size_t i) { late.push_back(i); }});
  CHECK_EQ(late, (std::vector<std::size_t>{1, 3, 5, 7}));
  CHECK_EQ(Numbers(errors),
           (std::vector<int>{7, ETIMEDOUT, 7, ETIMEDOUT, 7, ETIMEDOUT, 7, ETIMEDOUT}));
  CHECK(kernel.Now() - begin < milliseconds(3000));
}

TEST("calls on one resource are made in order, one at a time, and none after a timeout") {
  LinuxKernel kernel;
  auto errors =
      EachInChild(kernel, {.count = 6,
                           .limit = milliseconds(1500),
                           .call =
                               [](std::size_t i) {
                                 if (i == 2) pause();
                                 if (i == 1) usleep(100000);
                                 return Error(static_cast<int>(i));
                               },
                           .resource = [](std::size_t i) { return i % 2 ? "good" : "dead"; }});
  CHECK_EQ(Numbers(errors), (std::vector<int>{0, 1, ETIMEDOUT, 3, ECANCELED, 5}));
}

TEST("a call may take any time while it makes progress") {
  LinuxKernel kernel;
  int asked = 0;
  auto errors = EachInChild(kernel, {.count = 2,
                                     .limit = milliseconds(1500),
                                     .call =
                                         [](std::size_t i) {
                                           if (i == 1) pause();
                                           usleep(2000000);
                                           return Error(5);
                                         },
                                     .made_progress =
                                         [&](std::size_t i) {
                                           asked += i == 0;
                                           return i == 0;
                                         }});
  CHECK_EQ(Numbers(errors), (std::vector<int>{5, ETIMEDOUT}));
  CHECK(asked >= 1);
}

TEST("ETIMEDOUT as an answer counts as a missed limit") {
  ScriptedKernel kernel;
  std::vector<std::size_t> late;
  auto errors =
      EachInChild(kernel, {.count = 3,
                           .limit = milliseconds(10),
                           .call = [](std::size_t i) { return Error(i == 0 ? ETIMEDOUT : 0); },
                           .resource = [](std::size_t i) { return i < 2 ? "server" : "other"; },
                           .timed_out = [&](std::size_t i) { late.push_back(i); }});
  CHECK_EQ(Numbers(errors), (std::vector<int>{ETIMEDOUT, ECANCELED, 0}));
  CHECK_EQ(late, (std::vector<std::size_t>{0}));
}

TEST("slow calls each get their limit, however many there are") {
  LinuxKernel kernel;
  const auto errors = EachInChild(kernel, 6, milliseconds(300), [](std::size_t) {
    usleep(100000);
    return std::error_code();
  });
  CHECK_EQ(Numbers(errors), std::vector<int>(6, 0));
}

TEST("a child that dies counts as late") {
  LinuxKernel real;
  const auto answers = EachInChild(real, 2, milliseconds(1000), [](std::size_t i) {
    if (i == 0) _exit(9);
    return true;
  });
  CHECK(answers[1] && answers[1].value);
  CHECK(answers[0].error == std::errc::timed_out);
}

TEST("children that die before their first call cost a call each, and not the end") {
  struct Dying : LinuxKernel {
    Result<pid_t> Fork(const std::function<void()>&) override {
      return LinuxKernel::Fork([] { _exit(1); });
    }
  } kernel;
  const auto answers = EachInChild(kernel, 3, milliseconds(1000), [](std::size_t) { return true; });
  for (const auto& answer : answers) CHECK(answer.error == std::errc::timed_out);
}

TEST("without children this process makes the calls, but for those that need a child") {
  ScriptedKernel kernel;
  kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  const auto answers = EachInChild(
      kernel, 3, milliseconds(10), [](std::size_t i) { return i; },
      [](std::size_t i) { return i == 1; });
  CHECK(answers[0] && answers[2].value == 2);
  CHECK(answers[1].error == std::errc::resource_unavailable_try_again);
}

}  // namespace in_child_test
