// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace curfew {

/// Which file or rule says that one script waits for another.
enum class EdgeSource {
  kDepend,   ///< the .depend file of the pass
  kHeader,   ///< an LSB header
  kNumber,   ///< the numbers of the links
  kThrough,  ///< these, by way of services that do not run
  kEnd,      ///< rule: what ends processes and file systems waits for all that does not need it
  kStopByS,  ///< rule: S links stop after K links
  kPower,    ///< rule: what ends the machine comes last
  kEarlyUnmount,  ///< rule: network file systems go before the network
  kOneByOne,      ///< rule: one script at a time, in the order of the links' names
};

/// A script that another one waits for.
struct Dependency {
  int script = 0;  ///< its index in the pass
  EdgeSource source = EdgeSource::kDepend;

  bool operator==(const Dependency&) const = default;
};

}  // namespace curfew
