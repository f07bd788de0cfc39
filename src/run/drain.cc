// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/drain.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/linux_kernel.h"
#include "run/fork_orphan.h"
#include "run/line_buffer.h"

namespace curfew {
namespace {

/// A daemon that writes more bytes than this floods: 4 KiB each 5 ms are enough.
constexpr size_t kFlood = 1 << 20;
constexpr useconds_t kFloodPauseUs = 5000;

struct Source {
  std::string name;
  Fd output;
  LineBuffer lines;
  size_t size = 0;
};

/// False at the end of the output.
bool Forward(Source& source, LineText show, int to) {
  char chunk[4096];
  const ssize_t size = read(source.output.get(), chunk, sizeof chunk);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  const auto print = [&](std::string_view line) {
    if (to < 0) return;
    const std::string text = show(source.name, line) + "\n";
    // A console that takes nothing loses the line: the daemon must not wait for the console.
    if (write(to, text.data(), text.size()) < 0) return;
  };
  if (size <= 0) {
    source.lines.Flush(print);
    return false;
  }
  source.size += static_cast<size_t>(size);
  // A pause bounds the share of a CPU: poll(2) would return at once.
  if (source.size > kFlood) usleep(kFloodPauseUs);
  source.lines.Add({chunk, static_cast<size_t>(size)}, print);
  return true;
}

/// A file in `directory` with the pid of this process. Returns its path; empty: there is none.
std::string WritePid(const std::string& directory) {
  if (directory.empty()) return "";
  LinuxKernel kernel;
  const std::string pid = std::to_string(getpid());
  const std::string path = directory + "/rc-drain-" + pid;
  return ReplaceFile(kernel, path, pid + "\n") ? "" : path;
}

void Drain(std::vector<Source> sources, LineText show, int to) {
  while (!sources.empty()) {
    std::vector<pollfd> fds;
    for (const Source& s : sources) fds.push_back({s.output.get(), POLLIN, 0});
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) break;
    for (size_t i = sources.size(); i-- > 0;) {
      if (fds[i].revents != 0 && !Forward(sources[i], show, to)) {
        sources.erase(sources.begin() + static_cast<long>(i));
      }
    }
  }
}

/// A new open file on the terminal: O_NONBLOCK on stderr itself would change it for all its users.
Fd OpenTerminal() {
  if (!isatty(STDERR_FILENO)) return Fd();
  return Fd(open("/proc/self/fd/2", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

}  // namespace

bool LeaveDrain(std::vector<OpenOutput> outputs, LineText text, const std::string& spare) {
  if (outputs.empty()) return true;
  const Fd terminal = text ? OpenTerminal() : Fd();
  std::vector<int> keep{terminal.get()};
  std::vector<Source> sources;
  for (OpenOutput& o : outputs) {
    keep.push_back(o.output.get());
    sources.push_back({std::move(o.name), std::move(o.output), {}, 0});
  }
  if (const pid_t pid = ForkOrphan(keep); pid != 0) return pid > 0;
  prctl(PR_SET_NAME, "rc-drain");
  const std::string pid_file = WritePid(spare);
  Drain(std::move(sources), text, terminal.get());
  if (!pid_file.empty()) unlink(pid_file.c_str());
  _exit(0);
}

}  // namespace curfew
