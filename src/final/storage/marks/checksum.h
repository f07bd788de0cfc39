// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace curfew {

/// The checksums of superblocks, as the kernel's functions of these names have them: without the
/// last inversion, so that one call goes on where another ended.
std::uint32_t Crc32(std::uint32_t seed, std::string_view bytes);   ///< crc32_le()
std::uint32_t Crc32c(std::uint32_t seed, std::string_view bytes);  ///< crc32c()

}  // namespace curfew
