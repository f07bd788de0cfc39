// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <concepts>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace check {

/// One named test; TEST() adds it to the list that main() of check.cc walks.
struct Test {
  const char* file;
  const char* name;
  void (*body)();
};

/// The tests of all files of the binary.
std::vector<Test>& Tests();

/// So many rounds a property has: `all` in an optimized build, else a tenth.
constexpr int Rounds(int all) {
#ifdef __OPTIMIZE__
  return all;
#else
  return all / 10;
#endif
}

/// From one case of an exhaustive list to the next that is tried: all in an optimized build, else
/// each tenth.
constexpr int kStep = 10 / Rounds(10);

/// Notes a failed check of the running test; the test goes on.
void Fail(const char* file, int line, const std::string& what);

struct Register {
  Register(const Test& test) { Tests().push_back(test); }
};

/// A value as text for the message: streamed where it can be, in brackets where it is a range.
template <typename T>
std::string Show(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long>(value));
  } else if constexpr (requires(std::ostream & o) { o << value; }) {
    std::ostringstream out;
    out << std::boolalpha << value;
    return out.str();
  } else if constexpr (requires { value.begin(); }) {
    std::string text = "[";
    for (const auto& item : value) text += (text.size() > 1 ? ", " : "") + Show(item);
    return text + "]";
  } else {
    return "?";
  }
}

template <typename A, typename B>
void Equal(const char* file, int line, const char* text, const A& a, const B& b) {
  if (!(a == b))
    Fail(file, line, std::string(text) + "\n    got  " + Show(a) + "\n    want " + Show(b));
}

}  // namespace check

#define CHECK_JOIN2(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN2(a, b)

/// TEST("what it proves") { ... }
#define TEST(name)                                                                         \
  static void CHECK_JOIN(TestBody, __LINE__)();                                            \
  static check::Register CHECK_JOIN(                                                       \
      test_entry_, __LINE__)(check::Test{__FILE__, name, CHECK_JOIN(TestBody, __LINE__)}); \
  static void CHECK_JOIN(TestBody, __LINE__)()

#define CHECK(condition)                                           \
  do {                                                             \
    if (!(condition)) check::Fail(__FILE__, __LINE__, #condition); \
  } while (0)

/// CHECK_EQ(got, want): both are shown when they differ.
#define CHECK_EQ(got, want) check::Equal(__FILE__, __LINE__, #got, got, want)
