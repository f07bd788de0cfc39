// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/helpers.h"

#include <algorithm>
#include <cstring>

#include "kernel/shared_memory.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kMostBytes = 256 << 10;

milliseconds Until(Kernel& kernel, microseconds deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - kernel.Now()), milliseconds(0));
}

/// Writes the sum of the lengths, then each string as its length and its bytes.
std::error_code Put(const std::vector<std::string>& strings, char* bytes) {
  std::size_t at = sizeof at;
  for (const std::string& text : strings) {
    const std::size_t size = text.size();
    if (size + sizeof size > kMostBytes - at)
      return std::make_error_code(std::errc::file_too_large);
    std::memcpy(bytes + at, &size, sizeof size);
    std::memcpy(bytes + at + sizeof size, text.data(), size);
    at += sizeof size + size;
  }
  std::memcpy(bytes, &at, sizeof at);
  return {};
}

std::vector<std::string> Get(const char* bytes) {
  std::vector<std::string> strings;
  std::size_t end = 0, size = 0;
  std::memcpy(&end, bytes, sizeof end);
  for (std::size_t at = sizeof end; at < end; at += sizeof size + size) {
    std::memcpy(&size, bytes + at, sizeof size);
    strings.emplace_back(bytes + at + sizeof size, size);
  }
  return strings;
}

}  // namespace

void RunBeside(StageContext& context, milliseconds limit,
               const std::function<std::error_code()>& work,
               const std::function<void(std::error_code)>& done) {
  const auto deadline = context.kernel.Now() + limit;
  auto child = context.kernel.Start(work);
  if (!child) return done(child.error);
  context.helpers.push_back({child.value, deadline, done});
}

void Settle(StageContext& context) {
  for (const Helper& helper : context.helpers)
    helper.done(context.kernel.Await(helper.child, Until(context.kernel, helper.deadline)));
  context.helpers.clear();
}

std::vector<std::error_code> EachAtOnce(Kernel& kernel, std::size_t count, milliseconds limit,
                                        const std::function<std::error_code(std::size_t)>& call) {
  const auto deadline = kernel.Now() + limit;
  std::vector<Result<int>> children;
  for (std::size_t i = 0; i < count; ++i) children.push_back(kernel.Start([&] { return call(i); }));
  std::vector<std::error_code> outcomes;
  for (const auto& child : children)
    outcomes.push_back(child ? kernel.Await(child.value, Until(kernel, deadline)) : child.error);
  return outcomes;
}

Result<std::vector<std::string>> Ask(Kernel& kernel, milliseconds limit,
                                     const std::function<std::vector<std::string>()>& look) {
  const SharedMemory slate(kMostBytes);
  if (!slate.Bytes()) return std::make_error_code(std::errc::not_enough_memory);
  if (auto error = kernel.InChild(limit, [&] { return Put(look(), slate.Bytes()); })) return error;
  return Get(slate.Bytes());
}

}  // namespace curfew
