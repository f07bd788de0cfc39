// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/shell_construct.h"

#include <algorithm>
#include <string>

namespace curfew {
namespace {

/// Follows quotes, brackets and the words that open and close commands, from line to line.
class Construct {
 public:
  Construct(std::string_view text, std::size_t begin) : text_(text), at_(begin) {}

  std::size_t End() {
    const std::size_t first = std::min(text_.find('\n', at_), text_.size());
    while (at_ < text_.size()) {
      if (text_[at_] == '\n' && open_ <= 0) return at_;
      if (!Step()) return first;
    }
    return open_ <= 0 ? at_ : first;
  }

 private:
  /// Takes one character, quoted text or word. False: a quote does not end.
  bool Step() {
    const char c = text_[at_];
    if (c == '\\') {
      at_ = std::min(at_ + 2, text_.size());
      return true;
    }
    if (c == '\'' || c == '"' || c == '`') return SkipQuoted(c);
    if (c == '#' && starts_word_) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return true;
    }
    if (IsWordCharacter(c)) return TakeWord(), true;
    // In a list of case a bracket closes what none has opened.
    if (c == '(' || c == '{') ++open_;
    if ((c == ')' && !(in_case_ > 0 && open_ <= case_open_)) || c == '}') --open_;
    starts_word_ = c != '$' && c != '=';
    starts_command_ = std::string_view(";&|(){}\n!").find(c) != std::string_view::npos ||
                      (starts_command_ && (c == ' ' || c == '\t'));
    ++at_;
    return true;
  }

  static bool IsWordCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./=:+,@%").find(c) != std::string_view::npos;
  }

  bool SkipQuoted(char quote) {
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_)
      if (text_[at_] == '\\' && quote != '\'') ++at_;
    if (at_ >= text_.size()) return false;
    ++at_;
    starts_word_ = starts_command_ = false;
    return true;
  }

  void TakeWord() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && IsWordCharacter(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    bool next = false;  // Whether a command begins behind the word.
    if (starts_command_) {
      next = word == "then" || word == "else" || word == "do" || word == "elif";
      if (word == "if" || word == "while" || word == "until") ++open_, next = true;
      if (word == "for" || word == "case") ++open_;
      if (word == "case" && in_case_++ == 0) case_open_ = open_;
      if (word == "fi" || word == "done" || word == "esac") --open_;
      if (word == "esac") --in_case_;
    }
    starts_command_ = next;
    starts_word_ = false;
  }

  const std::string_view text_;
  std::size_t at_;
  int open_ = 0;       ///< What is open: commands and brackets.
  int in_case_ = 0;    ///< How many of them are case.
  int case_open_ = 0;  ///< open_ within the outermost case.
  bool starts_command_ = true;
  bool starts_word_ = true;
};

}  // namespace

std::size_t ConstructEnd(std::string_view text, std::size_t begin) {
  // A damaged file may open one in each of its lines.
  constexpr std::size_t kLongest = 4096;
  return Construct(text.substr(0, std::min(text.size(), begin + kLongest)), begin).End();
}

}  // namespace curfew
