// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/dead_devices.h"
#include "final/storage/marks/mark.h"
#include "final/storage/storage_graph.h"
#include "final/storage/teardown.h"

namespace curfew {

/// Proves that the file systems that were writable are closed: reads the mark of each back from its
/// device. Says what is not clean, in a line, in the trace and for the closing line. A mark that
/// cannot be read, or is of no known type, is only in the trace.
class MarkCheck {
 public:
  /// What reads one mark, in a child; empty log: none is known.
  using Reader = std::function<Mark(const std::string& type, const std::string& number,
                                    const std::string& log)>;

  /// Both must live as long as this does. Without `read` the devices are read.
  MarkCheck(StageContext& context, DeadDevices& dead, Reader read = {});

  /// Before `mounts` are remounted or unmounted: remembers their file systems that have a mark.
  /// What is read-only before is left out: it is as others left it. Nothing in a container.
  void Watch(const std::vector<Mount>& mounts, const StorageGraph& graph);

  /// Reads the mark of each watched file system that is read-only or unmounted by now, or whose
  /// device is in `closed`; each once. Not of dead devices.
  void Prove(const std::set<std::string>& closed = {});

  /// The same for file systems that no mount shows and that were made read-only by force.
  void Prove(const std::vector<HiddenFileSystem>& hidden);

  /// The same for what lies below devices that were taken down, by the graph from before: the
  /// members of an array, and the metadata of dm-cache. What has no such mark is left out.
  void Prove(const std::vector<Teardown>& taken_down, const StorageGraph& graph);

 private:
  struct Watched {
    std::string device;  ///< Of the mount.
    std::string target;  ///< Empty: no mount shows it.
    std::string type;
    std::string number;  ///< Of the block device.
    std::string log;     ///< Of the external log of xfs; empty: none is known.
    std::string name;    ///< Of the block device, for people.
    bool gone = false;   ///< It is in no mount.
    bool below = false;  ///< It is below a device that was taken down, and may have no mark.
  };

  std::vector<Watched> TakeClosed(const std::set<std::string>& closed);
  void ReadAll(const std::vector<Watched>& due);
  void Tell(const Watched& watched, const Mark& mark);
  void Record(const std::string& name, const std::string& why);

  StageContext& context_;
  DeadDevices& dead_;
  Reader read_;
  StorageGraph graph_;  ///< Of the last Watch().
  std::vector<Watched> watched_;
};

}  // namespace curfew
