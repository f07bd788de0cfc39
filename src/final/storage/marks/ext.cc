// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marks/checksum.h"
#include "final/storage/marks/fields.h"
#include "final/storage/marks/formats.h"

namespace curfew {
namespace {

constexpr std::uint64_t kSuperblock = 1024;
constexpr std::size_t kExtSuperSize = 1024, kExtChecksum = 1020;
constexpr std::uint16_t kExtMagic = 0xEF53;
constexpr std::uint16_t kValid = 1, kExtErrors = 2;            // s_state
constexpr std::uint32_t kJournal = 0x4;                        // s_feature_compat
constexpr std::uint32_t kRecover = 0x4, kJournalDevice = 0x8;  // s_feature_incompat
constexpr std::uint32_t kMetadataChecksum = 0x400;             // s_feature_ro_compat

}  // namespace

Mark ExtMark(const MarkReader& device) {
  const Fields super = Fields::At(device, kSuperblock, kExtSuperSize);
  if (super.Little<std::uint16_t>(56) != kExtMagic) return kUnknownMark;
  const auto state = super.Little<std::uint16_t>(58);
  const auto features = [&](std::size_t offset) { return super.Little<std::uint32_t>(offset); };
  if (features(96) & kJournalDevice) return kUnknownMark;
  if (features(100) & kMetadataChecksum &&
      Crc32c(~0U, super.Text(0, kExtChecksum)) != super.Little<std::uint32_t>(kExtChecksum))
    return kUnknownMark;
  if (features(96) & kRecover) return Dirty("its journal still has to be replayed");
  if (state & kExtErrors) return Dirty("the kernel has found errors in it");
  if (state & kValid) return kCleanMark;
  // The kernel writes the state of the mount back; with a journal it does not change it.
  return DirtyBefore(features(92) & kJournal ? "it was never checked since it was left unclean"
                                             : "it is not marked valid");
}

}  // namespace curfew
