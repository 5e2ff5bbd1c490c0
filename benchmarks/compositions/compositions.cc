// SPDX-License-Identifier: Apache-2.0
//
// What the gateway's compositions cost: a dossier composed anew for each call, beside the barest
// fan-out over three servers that answer with as many bytes; the same dossier kept, beside an echo
// of as many bytes; an overview and a fact sheet; in four processes and in one.
//
//   scripts/bench.sh compositions
//
// As in point_reads, rounds are short and many, and a ratio is the median of those of the rounds,
// with the quartiles beside it. All calls have a deadline and a request id.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "benchmarks/point_reads/echo.pb.h"
#include "benchmarks/point_reads/load.h"
#include "benchmarks/point_reads/processes.h"
#include "entente/gateway/v1/gateway_service.pb.h"

ABSL_FLAG(std::string, record, "data/us-asean-csp", "the record that the servers hold");
ABSL_FLAG(std::string, initiative, "initiatives/us-asean-dialogue-energy",
          "the initiative whose dossier is asked for");
ABSL_FLAG(int, in_flight, 64, "calls in flight");
ABSL_FLAG(int, rounds, 9, "rounds; each asks every server once");
ABSL_FLAG(absl::Duration, round_time, absl::Milliseconds(500),
          "how long a server is asked in a round");
ABSL_FLAG(std::string, only, "", "measure only what has this in its title, for a profiler");
ABSL_FLAG(absl::Duration, paced_time, absl::Seconds(3), "how long a server is asked at half load");

namespace entente::benchmarks {
namespace {

// In flight, of what people ask for.
constexpr int kPeople = 4;

constexpr char kEcho[] = "/entente.benchmarks.Echo/Echo";

// All services in processes of their own, or in one.
class Services {
 public:
  Services(bool in_one, const std::vector<std::string>& gateway_flags) {
    for (int i = 0; i < 4; ++i) addresses_.push_back(FreeAddress());
    static constexpr const char* kNames[] = {"catalogue", "funding", "events", "gateway"};
    const std::vector<std::string> peers = {absl::StrCat("--catalogue=", addresses_[0]),
                                            absl::StrCat("--funding=", addresses_[1]),
                                            absl::StrCat("--events=", addresses_[2])};
    const std::string entente = OwnDirectory() + "/entente";
    if (in_one) {
      std::vector<std::string> arguments = {"serve",
                                            absl::StrCat("--data_dir=", scratch_.File(""))};
      for (int i = 0; i < 4; ++i) {
        arguments.push_back(absl::StrCat("--listen_", kNames[i], "=", addresses_[i]));
      }
      arguments.insert(arguments.end(), gateway_flags.begin(), gateway_flags.end());
      servers_.push_back(std::make_unique<Server>(entente, arguments, scratch_));
    } else {
      for (int i = 0; i < 4; ++i) {
        std::vector<std::string> arguments = {absl::StrCat("--listen=", addresses_[i]),
                                              "--max_connection_age=1h"};
        if (i < 3) {
          arguments.push_back(
              absl::StrCat("--database=", scratch_.File(absl::StrCat(kNames[i], ".db"))));
        }
        if (i == 1 || i == 2) arguments.push_back(peers[0]);
        if (i == 3) {
          arguments.insert(arguments.end(), peers.begin(), peers.end());
          arguments.insert(arguments.end(), gateway_flags.begin(), gateway_flags.end());
        }
        servers_.push_back(std::make_unique<Server>(
            absl::StrCat(OwnDirectory(), "/entente-", kNames[i]), arguments, scratch_));
      }
    }
    static constexpr const char* kServices[] = {
        "entente.catalogue.v1.CatalogueService", "entente.funding.v1.FundingService",
        "entente.events.v1.EventsService", "entente.gateway.v1.GatewayService"};
    for (int i = 0; i < 4; ++i) Run(entente, {"wait", addresses_[i], kServices[i]}, scratch_);
    std::vector<std::string> load = {"load", absl::GetFlag(FLAGS_record)};
    load.insert(load.end(), peers.begin(), peers.end());
    Run(entente, load, scratch_);
  }

  const std::string& gateway() const { return addresses_[3]; }

 private:
  const Scratch scratch_;
  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<Server>> servers_;
};

struct Contender {
  std::string title;
  std::unique_ptr<Target> target;
  size_t bytes = 0;
  int in_flight = 0;
  std::vector<double> calls_per_second;  // By round.
  Latencies half;
};

double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size()))];
}

void PrintRatio(const Contender& one, const Contender& other) {
  std::vector<double> ratios;
  for (size_t i = 0; i < one.calls_per_second.size(); ++i) {
    ratios.push_back(one.calls_per_second[i] / other.calls_per_second[i]);
  }
  absl::PrintF("  %s: %.2f of the throughput of %s (%.2f to %.2f), p99 at half load %.1f times\n",
               one.title, Quantile(ratios, 0.5), other.title, Quantile(ratios, 0.25),
               Quantile(ratios, 0.75), absl::FDivDuration(one.half.p99, other.half.p99));
}

// Servers that answer with `bytes` bytes, whatever they are asked.
class Echoes {
 public:
  std::string Start(size_t bytes) {
    const std::string file = scratch_.File(absl::StrCat("payload-", ++started_));
    std::ofstream(file, std::ios::binary) << std::string(bytes, 'x');
    const std::string address = FreeAddress();
    servers_.push_back(std::make_unique<Server>(OwnDirectory() + "/point_reads_echo",
                                                std::vector<std::string>{address, file}, scratch_));
    return address;
  }
  std::string StartFanOut(const std::vector<std::string>& targets) {
    const std::string address = FreeAddress();
    std::vector<std::string> arguments = {address, kEcho};
    arguments.insert(arguments.end(), targets.begin(), targets.end());
    servers_.push_back(
        std::make_unique<Server>(OwnDirectory() + "/compositions_fan_out", arguments, scratch_));
    return address;
  }

 private:
  const Scratch scratch_;
  int started_ = 0;
  std::vector<std::unique_ptr<Server>> servers_;
};

int Main() {
  // With 0 bytes nothing is kept, and nothing that is the same is made once.
  const Services cold(false, {"--kept_answers_bytes=0"});
  const Services cold_in_one(true, {"--kept_answers_bytes=0"});
  const Services kept(false, {});
  const Services kept_in_one(true, {});
  const std::string service = "/entente.gateway.v1.GatewayService/";
  gateway::v1::GetDossierRequest dossier;
  dossier.set_name(absl::GetFlag(FLAGS_initiative));
  gateway::v1::GetOverviewRequest overview;
  overview.set_name("partnerships/us-asean-csp");
  gateway::v1::ComposeFactSheetRequest sheet;
  sheet.set_name("partnerships/us-asean-csp");
  EchoRequest echo;
  echo.set_name(dossier.name());

  std::vector<std::unique_ptr<Contender>> contenders;
  const auto add = [&](const std::string& title, const std::string& address,
                       const std::string& method, const google::protobuf::Message& request,
                       int in_flight = absl::GetFlag(FLAGS_in_flight)) {
    auto contender = std::make_unique<Contender>();
    contender->title = title;
    contender->target = std::make_unique<Target>(address, method, request, TargetOptions());
    contender->bytes = contender->target->Ask().size();
    contender->in_flight = in_flight;
    contenders.push_back(std::move(contender));
    return contenders.back().get();
  };
  const Contender* anew = add("dossier, anew", cold.gateway(), service + "GetDossier", dossier);
  const Contender* anew_in_one =
      add("dossier, anew, in one", cold_in_one.gateway(), service + "GetDossier", dossier);
  Echoes echoes;
  // A third of the bytes from each: their sum is what counts.
  const size_t third = anew->bytes / 3;
  const std::string fan_out_address = echoes.StartFanOut(
      {echoes.Start(third), echoes.Start(third), echoes.Start(anew->bytes - 2 * third)});
  const std::string echo_address = echoes.Start(anew->bytes);
  const Contender* fan_out = add("bare fan-out", fan_out_address, kEcho, echo);
  const Contender* bare_echo = add("bare echo", echo_address, kEcho, echo);
  const Contender* again = add("dossier, kept", kept.gateway(), service + "GetDossier", dossier);
  const Contender* again_in_one =
      add("dossier, kept, in one", kept_in_one.gateway(), service + "GetDossier", dossier);
  // What people look at: a few at once.
  add("overview, anew", cold.gateway(), service + "GetOverview", overview, kPeople);
  add("overview, anew, in one", cold_in_one.gateway(), service + "GetOverview", overview, kPeople);
  add("overview, kept", kept.gateway(), service + "GetOverview", overview, kPeople);
  add("fact sheet, anew", cold.gateway(), service + "ComposeFactSheet", sheet, kPeople);
  add("fact sheet, anew, in one", cold_in_one.gateway(), service + "ComposeFactSheet", sheet,
      kPeople);
  add("fact sheet, kept", kept.gateway(), service + "ComposeFactSheet", sheet, kPeople);
  const std::string only = absl::GetFlag(FLAGS_only);
  const bool all = only.empty();
  if (!all) {
    contenders.erase(std::remove_if(contenders.begin(), contenders.end(),
                                    [&](const auto& contender) {
                                      return !absl::StrContains(contender->title, only);
                                    }),
                     contenders.end());
  }

  // The first round warms up.
  for (int i = 0; i <= absl::GetFlag(FLAGS_rounds); ++i) {
    for (const auto& contender : contenders) {
      const Saturation saturation = Saturate(
          contender->target.get(), contender->in_flight, absl::GetFlag(FLAGS_round_time), [] {},
          [] {});
      if (i > 0) contender->calls_per_second.push_back(saturation.calls_per_second());
    }
  }
  absl::PrintF("%d rounds of %s\n  %-24s %9s %9s %9s %9s %9s\n", absl::GetFlag(FLAGS_rounds),
               absl::FormatDuration(absl::GetFlag(FLAGS_round_time)), "", "bytes", "in flight",
               "calls/s", "p50 us", "p99 us");
  for (const auto& contender : contenders) {
    const double calls = Quantile(contender->calls_per_second, 0.5);
    contender->half = Pace(contender->target.get(), calls / 2, absl::GetFlag(FLAGS_paced_time));
    absl::PrintF("  %-24s %9d %9d %9.0f %9.0f %9.0f\n", contender->title, contender->bytes,
                 contender->in_flight, calls, absl::ToDoubleMicroseconds(contender->half.p50),
                 absl::ToDoubleMicroseconds(contender->half.p99));
    std::fflush(stdout);
  }
  if (!all) return 0;
  PrintRatio(*anew, *fan_out);
  PrintRatio(*anew_in_one, *fan_out);
  PrintRatio(*again, *bare_echo);
  PrintRatio(*again_in_one, *bare_echo);
  return 0;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("what compositions of the gateway cost");
  absl::ParseCommandLine(argc, argv);
  // As in our servers: the client shall do little beside what is measured.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return entente::benchmarks::Main();
}
