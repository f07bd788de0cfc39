// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/colour.h"

#include <cctype>
#include <cstdlib>

#include "console/terminal.h"

namespace curfew {
namespace {

struct Phrase {
  std::string_view words;
  Colour colour;
};
/// Of the plan, the status and the reports. None is the begin of another.
constexpr Phrase kPhrases[] = {
    {"failed", Colour::kRed},         {"unclean", Colour::kRed},
    {"cannot run", Colour::kRed},     {"NOT read-only", Colour::kRed},
    {"left alone", Colour::kYellow},  {"had not ended", Colour::kYellow},
    {"did not end", Colour::kYellow}, {"unusually slow", Colour::kYellow},
};

bool IsPartOfWord(char c) {
  return isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
}

/// The phrase that stands at `at`, as whole words; null: none.
const Phrase* PhraseAt(std::string_view text, size_t at) {
  if (at > 0 && IsPartOfWord(text[at - 1])) return nullptr;
  for (const Phrase& phrase : kPhrases) {
    if (!text.substr(at).starts_with(phrase.words)) continue;
    const size_t end = at + phrase.words.size();
    return end < text.size() && IsPartOfWord(text[end]) ? nullptr : &phrase;
  }
  return nullptr;
}

}  // namespace

bool ShowsColours(int fd) {
  const char* refused = getenv("NO_COLOR");
  return CanErase(fd) && !(refused && *refused);
}

std::string Coloured(Colour colour, std::string_view text) {
  return (colour == Colour::kRed ? "\033[31m" : "\033[33m") + std::string(text) + "\033[m";
}

std::string Painted(std::string_view text) {
  std::string painted;
  for (size_t at = 0; at < text.size();) {
    const Phrase* phrase = PhraseAt(text, at);
    if (phrase) {
      painted += Coloured(phrase->colour, phrase->words);
      at += phrase->words.size();
    } else {
      painted += text[at++];
    }
  }
  return painted;
}

std::string PaintedFor(int fd, std::string text) {
  return ShowsColours(fd) ? Painted(text) : text;
}

}  // namespace curfew
