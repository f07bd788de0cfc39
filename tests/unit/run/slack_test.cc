// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/slack.h"

#include <cmath>
#include <random>

#include "fake_launcher.h"

namespace slack_test {
using namespace curfew;
using Us = std::chrono::microseconds;

UsualDurations Usual(std::initializer_list<std::pair<const char*, Us>> times) {
  UsualDurations usual;
  for (const auto& [service, time] : times) usual[{service, Action::kStop}] = time;
  return usual;
}

TEST("slack: what the longest chain leaves, of usual durations") {
  FakeRun run;
  run.Add("exim4");
  run.Add("postgresql", {0});
  run.Add("cron");
  const Slack slack(MakeRuns(run.plan, Usual({{"exim4", 2s}, {"postgresql", 7s}, {"cron", 1s}})));
  CHECK_EQ(slack.Chain(0), 9s);
  CHECK_EQ(slack.Chain(1), 7s);
  CHECK_EQ(slack.Of(0), 0s);
  CHECK_EQ(slack.Of(1), 0s);
  CHECK_EQ(slack.Of(2), 8s);
}

TEST("slack: an unknown script takes the median, and each pass has a chain of its own") {
  FakeRun run;
  for (const char* name : {"a", "b", "c", "new"}) run.Add(name);
  run.AddPass();
  run.Add("alone");
  const Slack slack(MakeRuns(run.plan, Usual({{"a", 9s}, {"b", 4s}, {"c", 1s}})));
  CHECK_EQ(slack.Chain(3), 4s);
  CHECK_EQ(slack.Of(3), 5s);
  CHECK_EQ(slack.Of(4), 0s);
}

TEST("slack: without any trace chains count by their length") {
  FakeRun run;
  run.Add("a");
  run.Add("b", {0});
  run.Add("c", {1});
  run.Add("alone");
  const Slack slack(MakeRuns(run.plan));
  CHECK_EQ(slack.Chain(0), 3 * slack.Chain(3));
  CHECK_EQ(slack.Of(1), 0s);
  CHECK_EQ(slack.Of(3), 2 * slack.Chain(3));
}

/// A chain of 5 s and 6 s, and a script of 2 s that nothing waits for.
struct ChainRun : FakeRun {
  ChainRun() {
    Add("exim4");
    Add("postgresql", {0});
    Add("cron");
    options.usual = Usual({{"exim4", 5s}, {"postgresql", 6s}, {"cron", 2s}});
    options.uses_slack = true;
    launcher.takes = {{"exim4", 5s}, {"postgresql", 6s}, {"cron", 30s}};
  }
};

TEST("run: a stop with slack gets what others leave, until its slack is used up") {
  ChainRun run;
  run.Run();
  CHECK_EQ(run.launcher.low, Strings{"cron"});
  CHECK_EQ(run.launcher.raised.size(), 1u);
  CHECK_EQ(run.launcher.raised["cron"], 9s);
}

TEST("run: a low share lasts a third of the script's LIMIT at the most") {
  ChainRun run;
  run.plan.passes[0].scripts[2].limit = 6s;
  run.Run();
  CHECK_EQ(run.launcher.low, Strings{"cron"});
  CHECK_EQ(run.launcher.raised["cron"], 2s);
}

TEST("run: a chain that ends early leaves no slack") {
  ChainRun run;
  run.launcher.takes["exim4"] = 1s;
  run.launcher.takes["postgresql"] = 1s;
  run.Run();
  CHECK_EQ(run.launcher.raised["cron"], 2s);
}

TEST("run: a slack that is small beside the chain is none") {
  ChainRun run;
  run.options.usual[{"cron", Action::kStop}] = 10s;
  run.Run();
  CHECK(run.launcher.low.empty());
}

TEST("run: what comes behind all scripts leaves their slack as it is") {
  ChainRun run;
  run.Add("end", {1, 2});
  run.Add("last", {0, 3});
  run.options.usual[{"last", Action::kStop}] = 60s;
  run.Run();
  CHECK_EQ(run.launcher.low, Strings{"cron"});
}

TEST("run: what holds the machine, the console or a daemon has a full share") {
  ChainRun run;
  run.plan.passes[0].scripts[2].kind = ScriptKind::kNativeStage;
  run.Add("shell").interactive = true;
  run.Add("start").action = Action::kStart;
  run.launcher.takes["cron"] = 1s;
  run.Run();
  CHECK(run.launcher.low.empty());
  CHECK_EQ(run.launcher.started.size(), 5u);
}

TEST("run: without SLACK all scripts have a full share") {
  ChainRun run;
  run.options.uses_slack = false;
  run.Run();
  CHECK(run.launcher.low.empty() && run.launcher.raised.empty());
  CHECK_EQ(run.launcher.started.size(), 3u);
}

TEST("run: a script that is left alone holds no slack of the others") {
  ChainRun run;
  run.plan.passes[0].scripts[0].limit_hard = 3s;
  run.launcher.takes["exim4"] = kNever;
  run.launcher.takes["postgresql"] = 1s;
  run.Run();
  CHECK(run.launcher.raised["cron"] <= 5s);
}

/// One random script: sleeps, and CPU in between.
struct Work {
  double cpu = 0, sleep = 0;
  bool sleeps_first = false;
};

/// A machine whose processors scripts share by weight, as the kernel's scheduler has them.
class Machine {
 public:
  Machine(const Plan& plan, const std::vector<Work>& work, double processors)
      : plan_(plan), work_(work), processors_(processors) {}

  /// Seconds until the last script ends; `took` gets how long each took.
  double Run(const UsualDurations& usual, bool weighs, UsualDurations* took = nullptr) {
    std::vector<ScriptRun> runs = MakeRuns(plan_, usual);
    Slack slack(runs);
    std::vector<Work> left = work_;
    std::vector<double> begun(runs.size());
    std::map<int, double> weights;
    const auto begin = [&](ScriptRun& run) {
      const bool low = slack.Begin(run, Us(0), At(now_)) && weighs;
      weights[run.id] = low ? kLow : kFull;
      begun[run.id] = now_;
    };
    now_ = 0;
    for (ScriptRun& run : runs)
      if (run.open == 0) begin(run);
    while (!weights.empty()) {
      for (const int id : slack.ToRaise(Us(0), At(now_))) weights[id] = kFull;
      Step(&left, weights, slack.NextRaise());
      for (const int id : IdsOf(weights)) {
        if (left[id].cpu > 0 || left[id].sleep > 0) continue;
        weights.erase(id);
        slack.End(runs[id]);
        if (took)
          (*took)[{runs[id].script->service, Action::kStop}] =
              std::chrono::duration_cast<Us>(At(now_) - At(begun[id]));
        for (const int next : runs[id].next)
          if (--runs[next].open == 0) begin(runs[next]);
      }
    }
    return now_;
  }

 private:
  /// sched(7): nice 0 and nice 19.
  static constexpr double kFull = 1024, kLow = 15;

  static Deadline::Time At(double seconds) {
    return Deadline::Time(Us(std::llround(seconds * 1e6)));
  }
  static std::vector<int> IdsOf(const std::map<int, double>& weights) {
    std::vector<int> ids;
    for (const auto& [id, weight] : weights) ids.push_back(id);
    return ids;
  }
  static bool Computes(const Work& work) {
    return work.cpu > 0 && (work.sleep <= 0 || !work.sleeps_first);
  }

  /// Until the next script ends or changes from CPU to sleep or back, or a slack is used up.
  void Step(std::vector<Work>* left, const std::map<int, double>& weights, Deadline::Time raise) {
    std::map<int, double> rates;
    double free = processors_, sum = 0;
    for (const auto& [id, weight] : weights)
      if (Computes((*left)[id])) rates[id] = 0, sum += weight;
    for (bool again = true; again && sum > 0;) {
      again = false;
      for (auto& [id, rate] : rates) {
        const double weight = weights.at(id);
        if (rate == 1 || free * weight / sum < 1) continue;
        rate = 1, free -= 1, sum -= weight, again = true;
        break;
      }
    }
    double step = 1e9;
    if (raise != Deadline::Time::max())
      step = std::max(1e-6, std::chrono::duration<double>(raise - At(now_)).count());
    for (auto& [id, rate] : rates) {
      if (rate < 1) rate = free * weights.at(id) / sum;
      step = std::min(step, (*left)[id].cpu / rate);
    }
    for (const auto& [id, weight] : weights)
      if (!rates.contains(id)) step = std::min(step, (*left)[id].sleep);
    for (const auto& [id, weight] : weights) {
      Work& work = (*left)[id];
      double& part = rates.contains(id) ? work.cpu : work.sleep;
      part -= step * (rates.contains(id) ? rates[id] : 1);
      if (part < 1e-9) part = 0;
    }
    now_ += step;
  }

  const Plan& plan_;
  const std::vector<Work>& work_;
  const double processors_;
  double now_ = 0;
};

/// A graph of 8 to 31 scripts, each of which waits for about one of the six before it.
struct RandomGraph : FakeRun {
  explicit RandomGraph(unsigned seed) : random(seed) {
    const int scripts = 8 + static_cast<int>(UpTo(24));
    for (int i = 0; i < scripts; ++i) {
      std::vector<int> after;
      for (int j = std::max(0, i - 6); j < i; ++j)
        if (UpTo(1) < 0.15) after.push_back(j);
      Add(std::to_string(i), after);
      work.push_back({UpTo(1) * UpTo(1), UpTo(1) < 0.5 ? 0 : UpTo(1), UpTo(1) < 0.5});
    }
  }
  double UpTo(double most) { return std::uniform_real_distribution<double>(0, most)(random); }

  std::mt19937 random;
  std::vector<Work> work;
};

/// No order ends earlier: all CPU that is needed, and the longest chain.
double Bound(const RandomGraph& graph, double processors) {
  UsualDurations alone;
  double cpu = 0, longest = 0;
  for (size_t i = 0; i < graph.work.size(); ++i) {
    cpu += graph.work[i].cpu;
    alone[{std::to_string(i), Action::kStop}] =
        Us(std::llround((graph.work[i].cpu + graph.work[i].sleep) * 1e6));
  }
  const Slack slack(MakeRuns(graph.plan, alone));
  for (size_t i = 0; i < graph.work.size(); ++i)
    longest = std::max(longest, static_cast<double>(slack.Chain(static_cast<int>(i)).count()));
  return std::max(cpu / processors, longest / 1e6);
}

constexpr int kGraphs = check::Rounds(1000);

struct Gain {
  double worst = 0;
  int longer = 0;   ///< graphs that take 2 % longer
  double mean = 0;  ///< of the graphs that end a fifth later than they could
};

/// Times with weights, as parts of those without; the durations are those of the run without.
Gain GainWith(double processors) {
  Gain gain;
  int count = 0;
  for (unsigned seed = 1; seed <= kGraphs; ++seed) {
    const RandomGraph graph(seed);
    Machine machine(graph.plan, graph.work, processors);
    UsualDurations usual;
    const double without = machine.Run({}, false, &usual);
    const double part = machine.Run(usual, true) / without;
    gain.worst = std::max(gain.worst, part);
    gain.longer += part > 1.02;
    if (without > 1.2 * Bound(graph, processors)) gain.mean += part, ++count;
  }
  gain.mean /= std::max(count, 1);
  std::printf(
      "# %g processors: %d graphs end late, mean %.3f, worst of all %.3f, %d take 2 %% longer\n",
      processors, count, gain.mean, gain.worst, gain.longer);
  return gain;
}

TEST("slack: in random graphs it costs next to nothing, and wins where CPUs are short") {
  for (const double processors : {1., 2.}) {
    const Gain gain = GainWith(processors);
    CHECK(gain.longer <= kGraphs / 100);
    CHECK(gain.worst <= 1.1);
    CHECK(gain.mean <= 0.9);
  }
  CHECK(GainWith(8).worst <= 1.0001);
}

}  // namespace slack_test
