// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/channel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include <utempter.h>

#include "run/fork_orphan.h"

namespace curfew {
namespace {

/// rc gets the output as the script wrote it: without an echo, and "\n" stays "\n".
void MakePlain(int slave) {
  termios modes{};
  if (tcgetattr(slave, &modes) != 0) return;
  modes.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
  modes.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  tcsetattr(slave, TCSANOW, &modes);
}

Result<Channel> OpenPty(const winsize& size) {
  Channel channel;
  channel.ours = Fd(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!channel.ours || unlockpt(channel.ours.get()) != 0) return LastError();
  // TIOCGPTPEER (Linux 4.13) needs no path: it works with any file system on /dev/pts.
  channel.theirs = Fd(ioctl(channel.ours.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!channel.theirs) {
    char name[64];
    if (ptsname_r(channel.ours.get(), name, sizeof name) != 0) return LastError();
    channel.theirs = Fd(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  if (!channel.theirs) return LastError();
  MakePlain(channel.theirs.get());
  if (size.ws_row != 0) ioctl(channel.ours.get(), TIOCSWINSZ, &size);
  channel.pty = true;
  return channel;
}

}  // namespace

Result<Channel> OpenChannel(const winsize& size) {
  Result<Channel> pty = OpenPty(size);
  if (pty) return pty;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return LastError();
  Channel channel;
  channel.ours = Fd(ends[0]);
  channel.theirs = Fd(ends[1]);
  // A read that waits would hold up everything.
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return LastError();
  return channel;
}

Fd AddUtmpEntry(int master, const std::string& name) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Fd();
  const Fd theirs(ends[0]);
  Fd ours(ends[1]);
  if (ForkOrphan({master, theirs.get()}) != 0) return ours;
  char byte;
  if (utempter_add_record(master, name.c_str()) != 0 && read(theirs.get(), &byte, 1) == 0)
    utempter_remove_record(master);
  _exit(0);
}

}  // namespace curfew
