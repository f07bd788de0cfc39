// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/console_report.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "console/escape.h"

namespace curfew {

ConsoleReport::ConsoleReport(std::string program) : program_(std::move(program)) {
  if (isatty(2)) own_ = Fd(open("/proc/self/fd/2", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

void ConsoleReport::Say(std::string_view line) {
  const std::string text = program_ + ": " + Escaped(line) + "\n";
  pollfd ready{own_ ? own_.get() : 2, POLLOUT, 0};
  if (poll(&ready, 1, 0) > 0 && (ready.revents & POLLOUT))
    (void)!write(ready.fd, text.data(), text.size());
}

void ConsoleReport::OpenTrace() {
  trace_.Open(Trace::kPath, false);
}

void ConsoleReport::Event(std::string_view name, std::initializer_list<EventField> fields) {
  TraceLine line(name);
  for (const auto& [key, value] : fields) {
    const bool digits =
        !value.empty() && value.size() < 19 && value.find_first_not_of("0123456789") == value.npos;
    if (digits)
      line.Number(key, std::stoll(value));
    else
      line.Text(key, value);
  }
  trace_.Write(std::move(line));
}

}  // namespace curfew
