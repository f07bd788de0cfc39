// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/uuid/detail/md5.hpp>
#include <string>
#include <string_view>

namespace curfew {

/// The MD5 of `text` in lower-case hex, as dpkg records it. It identifies a version of a script; it
/// does not protect from forgery.
inline std::string Md5(std::string_view text) {
  boost::uuids::detail::md5 hash;
  hash.process_bytes(text.data(), text.size());
  boost::uuids::detail::md5::digest_type digest;
  hash.get_digest(digest);
  // The digest is four words in Boost 1.71 to 1.85, high byte first, and sixteen bytes in later
  // ones.
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (auto part : digest) {
    for (int shift = sizeof part * 8 - 4; shift >= 0; shift -= 4) hex += kHex[part >> shift & 15];
  }
  return hex;
}

}  // namespace curfew
