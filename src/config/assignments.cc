// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/assignments.h"

#include <utility>

#include "config/shell_construct.h"

namespace curfew {
namespace {

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool IsName(char c) {
  return IsNameStart(c) || (c >= '0' && c <= '9');
}

/// Scans the text once. Each command ends at a newline or ';' outside quotes.
class Scanner {
 public:
  Scanner(const std::string& file, std::string_view text, std::vector<std::string>* warnings)
      : file_(file), text_(text), warnings_(warnings) {}

  std::vector<Assignment> Run() {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") at_ = 3;
    while (at_ < text_.size()) Line();
    if (unreported_ > 0) {
      warnings_->push_back(file_ + ": " + std::to_string(unreported_) +
                           " more lines are no plain assignments; ignored");
    }
    return std::move(found_);
  }

 private:
  static constexpr int kMostWarnings = 5;
  /// Of one assignment. A line that turns out to be wrong is read again from the next on: without a
  /// bound a file of 1 MiB that opens a quote in each line would take minutes.
  static constexpr int kMostLines = 100;

  bool Done() const { return at_ >= text_.size() || line_ > last_; }
  char Peek() const { return text_[at_]; }

  void Next() {
    if (text_[at_++] == '\n') ++line_;
  }

  void SkipBlanks() {
    while (!Done()) {
      if (Peek() == ' ' || Peek() == '\t' || Peek() == '\r') {
        Next();
      } else if (text_.substr(at_, 2) == "\\\n") {
        Next();
        Next();
      } else {
        return;
      }
    }
  }

  void SkipLine() {
    while (!Done() && Peek() != '\n') Next();
    if (!Done()) Next();
  }

  /// Reads one line. Its assignments are kept only if the whole line is plain.
  void Line() {
    const size_t begin = at_;
    const int first = line_;
    last_ = line_ + kMostLines;
    std::vector<Assignment> line;
    const char* wrong = nullptr;
    while (!wrong) {
      SkipBlanks();
      if (line_ > last_) wrong = "goes on for more than 100 lines";
      if (Done() || Peek() == '\n' || Peek() == '#') break;
      if (Peek() == ';') {
        Next();
        continue;
      }
      wrong = Word(&line);
    }
    if (wrong) {
      const size_t end = ConstructEnd(text_, begin);
      at_ = begin;
      line_ = first;
      while (at_ < end) Next();
      Warn(first, wrong);
    } else {
      for (Assignment& assignment : line) found_.push_back(std::move(assignment));
    }
    SkipLine();
  }

  /// Reads one `NAME=VALUE`, `export` or `export NAME`. Returns what is wrong with it, or nullptr.
  const char* Word(std::vector<Assignment>* line) {
    Assignment assignment{{}, {}, line_};
    if (!IsNameStart(Peek())) return "no plain assignment";
    while (!Done() && IsName(Peek())) {
      assignment.name += Peek();
      Next();
    }
    if (Done() || Peek() != '=') {
      if (assignment.name == "export" && (Done() || Blank())) {
        exporting_ = line_;
        return nullptr;
      }
      return exporting_ == line_ && (Done() || Blank()) ? nullptr : "no plain assignment";
    }
    Next();
    if (const char* wrong = Value(&assignment.value)) return wrong;
    line->push_back(std::move(assignment));
    return nullptr;
  }

  bool Blank() const {
    return Peek() == ' ' || Peek() == '\t' || Peek() == '\r' || Peek() == '\n' || Peek() == ';';
  }

  /// Reads a value up to the next blank outside quotes. Returns what is wrong with it, or nullptr.
  const char* Value(std::string* value) {
    while (!Done() && !Blank()) {
      const char c = Peek();
      if (c == '\'' || c == '"') {
        Next();
        if (const char* wrong = Quoted(c, value)) return wrong;
        continue;
      }
      if (c == '\0') return "a NUL byte";
      if (c == '$' || c == '`') return "needs a shell to evaluate";
      if (std::string_view("&|<>()").find(c) != std::string_view::npos) {
        return "no plain assignment";
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        Next();
        if (Peek() == '\0') return "a NUL byte";
        if (Peek() == '\n') {
          Next();
          continue;
        }
      }
      *value += Peek();
      Next();
    }
    return nullptr;
  }

  const char* Quoted(char quote, std::string* value) {
    for (; !Done() && Peek() != quote; Next()) {
      if (Peek() == '\0') return "a NUL byte";
      if (quote == '"') {
        if (Peek() == '$' || Peek() == '`') return "needs a shell to evaluate";
        if (Peek() == '\\' && at_ + 1 < text_.size() &&
            std::string_view("$`\"\\\n").find(text_[at_ + 1]) != std::string_view::npos) {
          Next();
          if (Peek() == '\n') continue;
        }
      }
      *value += Peek();
    }
    if (Done()) return "a quote that does not end";
    Next();
    return nullptr;
  }

  void Warn(int line, const char* what) {
    if (++reported_ > kMostWarnings) {
      ++unreported_;
      return;
    }
    std::string ignored = "; ignored";
    if (line_ > line) ignored += " with all up to line " + std::to_string(line_);
    warnings_->push_back(file_ + ":" + std::to_string(line) + ": " + what + ignored);
  }

  const std::string& file_;
  std::string_view text_;
  std::vector<std::string>* warnings_;
  std::vector<Assignment> found_;
  size_t at_ = 0;
  int line_ = 1;
  int last_ = 0;  ///< the last line of the assignment that is read
  int exporting_ = 0;
  int reported_ = 0;
  int unreported_ = 0;
};

}  // namespace

std::vector<Assignment> ParseAssignments(const std::string& file, std::string_view text,
                                         std::vector<std::string>* warnings) {
  return Scanner(file, text, warnings).Run();
}

}  // namespace curfew
