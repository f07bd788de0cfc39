// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/options.h"

#include <boost/program_options.hpp>

#include "config/option_error.h"
#include "text/text.h"

namespace curfew {
namespace {

namespace po = boost::program_options;

/// A switch that may be repeated: `-f -f` and `-ff` are one -f, as with getopt.
struct Flag {
  bool on = false;
};

/// A value; of several the last counts, as with getopt.
struct LastValue {
  std::string text;
};

void validate(boost::any& value, const std::vector<std::string>&, Flag*, int) {
  value = Flag{true};
}

void validate(boost::any& value, const std::vector<std::string>& words, LastValue*, int) {
  value = LastValue{po::validators::get_single_string(words)};
}

po::options_description Table() {
  auto flag = [] { return po::value<Flag>()->zero_tokens(); };
  po::options_description table;
  auto add = table.add_options();
  for (const char* name :
       {"no-sync,n", "wtmp-only,w", "no-wtmp,d", "force,f", "interfaces-down,i", "standby,h",
        "poweroff,p", "kexec,k", "fast", "until-power", "now", "dry-run", "help", "version,V"})
    add(name, flag());
  for (const char* name : {"delay,t", "message,m", "stage", "spare-fd", "heartbeat-fd"})
    add(name, po::value<LastValue>());
  return table;
}

/// The options of a command line, by long name.
class CommandLine {
 public:
  CommandLine(int argc, const char* const* argv) {
    auto table = Table();
    po::positional_options_description none;
    po::store(
        po::command_line_parser(argc, argv)
            .options(table)
            .positional(none)
            .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
            .run(),
        map_);
  }
  bool Has(const char* name) const { return map_.count(name) != 0; }
  std::string Text(const char* name) const {
    return Has(name) ? map_[name].as<LastValue>().text : std::string();
  }

 private:
  po::variables_map map_;
};

Ending EndingOf(const std::string& program, const CommandLine& line) {
  if (line.Has("kexec")) return Ending::kKexec;
  if (program == "reboot" || line.Has("message")) return Ending::kRestart;
  return program == "poweroff" || line.Has("poweroff") ? Ending::kPowerOff : Ending::kHalt;
}

bool ParseStages(const std::string& list, std::vector<StageId>* stages, std::string* error) {
  for (std::size_t begin = 0, end = 0; end != list.npos; begin = end + 1) {
    end = list.find(',', begin);
    const std::string name = list.substr(begin, end - begin);
    const auto id = FindStage(name);
    if (!id) {
      *error = "there is no stage '" + name + "'";
      return false;
    }
    stages->push_back(*id);
  }
  return true;
}

/// Leaves `fd` alone where the option is not given.
bool ParseDescriptor(const CommandLine& line, const char* name, int* fd, std::string* error) {
  if (!line.Has(name)) return true;
  const std::string text = line.Text(name);
  if (const auto number = ParseNumber<int>(text); number && *number >= 0) {
    *fd = *number;
    return true;
  }
  *error = "--" + std::string(name) + " needs the number of a descriptor, not '" + text + "'";
  return false;
}

bool Translate(const CommandLine& line, Options* options, std::string* error) {
  options->ending = EndingOf(options->program, line);
  options->no_sync = line.Has("no-sync");
  options->record_only = line.Has("wtmp-only");
  options->no_record = line.Has("no-wtmp");
  options->force = line.Has("force") || line.Has("message");
  options->interfaces_down = line.Has("interfaces-down");
  options->standby = line.Has("standby");
  options->fast = line.Has("fast");
  options->until_power = line.Has("until-power");
  options->now = line.Has("now");
  options->dry_run = line.Has("dry-run");
  options->help = line.Has("help");
  options->version = line.Has("version");
  options->delay = line.Text("delay");
  options->restart_argument = line.Text("message");
  if (line.Has("stage") && !ParseStages(line.Text("stage"), &options->stages, error)) return false;
  return ParseDescriptor(line, "spare-fd", &options->spare_fd, error) &&
         ParseDescriptor(line, "heartbeat-fd", &options->heartbeat_fd, error);
}

/// The names of all stages, a few a line, each line after `indent`.
std::string StageNames(const std::string& indent) {
  constexpr size_t kWidth = 80;
  std::string text, line = indent;
  for (std::size_t i = 0; i < kStageCount; ++i) {
    const std::string name(StageName(static_cast<StageId>(i)));
    if (line.size() + name.size() + 2 > kWidth) {
      text += line + "\n";
      line = indent;
    }
    line += " " + name;
  }
  return text + line + "\n";
}

}  // namespace

std::string ProgramName(const std::string& argv0) {
  std::string name = argv0.substr(argv0.rfind('/') + 1);
  if (name.starts_with('-')) name.erase(0, 1);
  return name == "reboot" || name == "poweroff" ? name : "halt";
}

bool ParseOptions(int argc, const char* const* argv, Options* options, std::string* error) {
  options->program = ProgramName(argc > 0 ? argv[0] : "");
  try {
    return Translate(CommandLine(argc, argv), options, error);
  } catch (const po::error& wrong) {
    *error = OptionErrorText(wrong, argc, argv);
    return false;
  } catch (const std::exception& wrong) {
    *error = wrong.what();
    return false;
  }
}

std::string Usage(const std::string& program) {
  return "usage: " + program +
         " [-ndfihpwk] [-t SEC] [-m MSG] [--fast | --now | --until-power |\n"
         "            --stage NAME,...] [--dry-run]\n"
         "In runlevel 0 and 6 this ends the machine; in any other it asks init to do so: by\n"
         "shutdown(8), or by a signal where that is busybox.\n"
         "  -n, --no-sync          no sync and no record in wtmp\n"
         "  -w, --wtmp-only        write the record and go; the machine stays up\n"
         "  -d, --no-wtmp          no record in wtmp\n"
         "  -f, --force            do not call shutdown(8)\n"
         "  -i, --interfaces-down  take the network interfaces down\n"
         "  -h, --standby          have the drives put into standby\n"
         "  -p, --poweroff         switch the power off (no effect on a restart)\n"
         "  -k, --kexec            restart into the kernel that kexec loaded\n"
         "  -m, --message MSG      restart with MSG for the firmware; implies -f\n"
         "  -t, --delay SEC        handed to shutdown(8)\n"
         "      --fast             the whole final sequence now, in any runlevel, without rc\n"
         "      --now              reboot(2) at once: no sync, nothing is unmounted\n"
         "      --until-power      run all stages but the last and go; rc does, before a script "
         "that\n"
         "                         ends the machine\n"
         "      --stage NAME,...   run these stages and go; rc does. They are:\n" +
         StageNames("                        ") +
         "      --spare-fd FD      process groups that the stage kill spares\n"
         "      --heartbeat-fd FD     what the dead-man is told, in memory that rc shares\n"
         "      --dry-run          say what would be done, and do nothing\n"
         "      --help             print this text (-h is --standby, as in sysvinit)\n"
         "  -V, --version          print the version\n"
         "Exit status: 0 done; 1 wrong usage, not root, or init cannot be asked; 3 the kernel "
         "refused to end.\n";
}

}  // namespace curfew
