// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/curfew_options.h"

#include <boost/program_options.hpp>

#include "config/option_error.h"
#include "config/rooted.h"

namespace curfew {

namespace po = boost::program_options;

std::string ParseCurfewOptions(int argc, const char* const* argv, CurfewOptions* options) {
  // Linux before 5.18 starts a program without any word; Boost takes it for a huge number of them.
  if (argc == 0) return "";
  po::options_description known;
  auto add = known.add_options();
  add("root", po::value(&options->root));
  add("all", po::bool_switch(&options->all));
  add("boot", po::bool_switch(&options->boot));
  add("json", po::bool_switch(&options->json));
  add("dot", po::bool_switch(&options->dot));
  add("why", po::value(&options->why));
  add("help,h", po::bool_switch(&options->help));
  add("version,V", po::bool_switch(&options->version));
  add("words", po::value(&options->words));
  po::positional_options_description words;
  words.add("words", -1);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map found;
  try {
    po::store(
        po::command_line_parser(argc, argv).options(known).positional(words).style(style).run(),
        found);
    po::notify(found);
  } catch (const po::error& error) {
    return OptionErrorText(error, argc, argv) + "; curfew --help says more";
  }
  for (const auto& [name, value] : found)
    if (!value.defaulted() && name != "words" && name != "root") options->given.push_back(name);
  if (found.count("root") == 0) return "";
  const Result<std::string> prefix = TreePrefix(options->root);
  if (!prefix) return "--root needs a directory, not an empty word; nothing is done";
  options->root = prefix.value;
  return "";
}

}  // namespace curfew
