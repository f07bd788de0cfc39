// SPDX-License-Identifier: GPL-2.0-or-later
// start-stop-daemon --stop --retry, which waits by pidfd; all else is dpkg's program, which this
// one becomes.

#include <cstdio>
#include <exception>
#include <optional>

#include "kernel/linux_kernel.h"
#include "stop/original.h"
#include "stop/stop.h"
#include "stop/stop_options.h"

namespace {

using namespace curfew;

/// What a shell says of a program that is not there.
constexpr int kNoProgram = 127;

class StandardOutput : public StopOutput {
 public:
  explicit StandardOutput(const char* program) : program_(program) {}
  void Tell(const std::string& text) override { fputs(text.c_str(), stdout); }
  void Warn(const std::string& text) override { fprintf(stderr, "%s: %s", program_, text.c_str()); }

 private:
  const char* program_;
};

int Main(int argc, char** argv) {
  LinuxKernel kernel;
  const char* name = argc > 0 ? argv[0] : "start-stop-daemon";
  StandardOutput output(name);
  if (const auto options = ParseStopOptions(argc, argv))
    if (const auto status = Stop(kernel, *options, output).Run()) return *status;
  const std::error_code error = BecomeOriginal(kernel, argv);
  output.Warn("cannot run dpkg's start-stop-daemon: " + error.message() + "\n");
  return kNoProgram;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Main(argc, argv);
  } catch (const std::exception& error) {
    fprintf(stderr, "start-stop-daemon: %s\n", error.what());
    return kNoProgram;
  }
}
