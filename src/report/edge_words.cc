// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/edge_words.h"

namespace curfew {
namespace {

struct Words {
  EdgeSource source;
  const char* word;
  const char* reason;
};

constexpr Words kWords[] = {
    {EdgeSource::kDepend, "depend", ""},
    {EdgeSource::kHeader, "header", "LSB header"},
    {EdgeSource::kNumber, "number", "link number"},
    {EdgeSource::kThrough, "through", "by way of services that do not run"},
    {EdgeSource::kEnd, "end", "rule: processes and file systems end last"},
    {EdgeSource::kStopByS, "s-links", "rule: S links stop after K links"},
    {EdgeSource::kPower, "power", "rule: what ends the machine comes last"},
    {EdgeSource::kEarlyUnmount, "early-unmount",
     "rule: network file systems go before the network"},
    {EdgeSource::kOneByOne, "one-by-one", "rule: one at a time, by the names of the links"},
};

const Words& WordsOf(EdgeSource source) {
  for (const Words& words : kWords) {
    if (words.source == source) return words;
  }
  return kWords[0];
}

}  // namespace

const char* EdgeWord(EdgeSource source) {
  return WordsOf(source).word;
}

std::string EdgeReason(EdgeSource source, const Pass& pass) {
  return source == EdgeSource::kDepend ? pass.depend : WordsOf(source).reason;
}

}  // namespace curfew
