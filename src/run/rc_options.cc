// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/rc_options.h"

#include <boost/program_options.hpp>

#include "config/option_error.h"
#include "config/rooted.h"

namespace curfew {

namespace po = boost::program_options;

std::string ParseRcOptions(int argc, const char* const* argv, RcOptions* options) {
  // Linux before 5.18 starts a program without any word; Boost takes it for a huge number of them.
  if (argc == 0) return "";
  po::options_description known;
  auto add = known.add_options();
  add("help,h", po::bool_switch(&options->help));
  add("version,V", po::bool_switch(&options->version));
  add("dry-run", po::bool_switch(&options->dry_run));
  add("confirm", po::bool_switch(&options->confirm));
  add("root", po::value(&options->root));
  add("level", po::value(&options->level));
  po::positional_options_description operands;
  operands.add("level", 1);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map found;
  try {
    po::store(
        po::command_line_parser(argc, argv).options(known).positional(operands).style(style).run(),
        found);
    po::notify(found);
  } catch (const po::error& error) {
    return OptionErrorText(error, argc, argv) + kRcHint;
  }
  if (found.count("root") == 0) return "";
  const Result<std::string> prefix = TreePrefix(options->root);
  if (!prefix) return "--root needs a directory, not an empty word; nothing is done";
  options->root = prefix.value;
  return "";
}

}  // namespace curfew
