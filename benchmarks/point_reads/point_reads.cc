// SPDX-License-Identifier: Apache-2.0
//
// How much of what gRPC can do is left of a point read: Get of the catalogue and of funding, with
// the record loaded, against an echo with as many bytes. One client with calls of 64 in flight asks
// both in turn, each call with a deadline and an x-request-id; servers and client share the
// machine, and each server is a process of its own.
//
//   scripts/bench.sh point_reads
//   scripts/bench.sh point_reads --only=GetClaim --server_flags=--log_level=warning
//   scripts/bench.sh point_reads --against=DIR      and the servers of another build, in DIR
//
// Rounds are short and many, so that what else the machine does meets all of them alike: a ratio is
// the median of those of the rounds, with the quartiles beside it. Times of calls are at half the
// calls a second of each.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "benchmarks/point_reads/echo.pb.h"
#include "benchmarks/point_reads/load.h"
#include "benchmarks/point_reads/processes.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"

ABSL_FLAG(std::string, record, "data/us-asean-csp", "the record that the servers hold");
ABSL_FLAG(std::string, only, "", "only the cases whose names contain this");
ABSL_FLAG(std::string, server_flags, "", "more flags of the servers, separated by spaces");
ABSL_FLAG(std::string, against, "",
          "a directory with the programs of another build, which is measured as well");
ABSL_FLAG(int, in_flight, 64, "calls in flight");
ABSL_FLAG(int, channels, 4, "connections");
ABSL_FLAG(int, rounds, 11, "rounds; each asks every server once");
ABSL_FLAG(absl::Duration, round_time, absl::Milliseconds(400),
          "how long a server is asked in a round");
ABSL_FLAG(absl::Duration, paced_time, absl::Seconds(2), "how long a server is asked at half load");
ABSL_FLAG(bool, unix, false, "over Unix sockets instead of TCP");

namespace entente::benchmarks {
namespace {

using google::protobuf::Message;

std::string Address(const Scratch& scratch, const std::string& name) {
  return absl::GetFlag(FLAGS_unix) ? absl::StrCat("unix:", scratch.File(name)) : FreeAddress();
}

// The data services with the record.
class Services {
 public:
  // `directory`: where their programs are.
  explicit Services(const std::string& directory) {
    const Scratch& scratch = scratch_;
    for (const std::string name : {"catalogue", "funding", "events"}) {
      addresses_.push_back(Address(scratch, name));
      std::vector<std::string> arguments = {absl::StrCat("--listen=", addresses_.back()),
                                            absl::StrCat("--database=", scratch.File(name + ".db")),
                                            // No connection shall end in a round.
                                            "--max_connection_age=1h"};
      if (name != "catalogue") arguments.push_back(absl::StrCat("--catalogue=", addresses_[0]));
      for (const auto flag :
           absl::StrSplit(absl::GetFlag(FLAGS_server_flags), ' ', absl::SkipEmpty())) {
        arguments.emplace_back(flag);
      }
      servers_.push_back(
          std::make_unique<Server>(absl::StrCat(directory, "/entente-", name), arguments, scratch));
    }
    const std::string entente = OwnDirectory() + "/entente";
    Run(entente, {"wait", addresses_[0], "entente.catalogue.v1.CatalogueService"}, scratch);
    Run(entente, {"wait", addresses_[1], "entente.funding.v1.FundingService"}, scratch);
    Run(entente, {"wait", addresses_[2], "entente.events.v1.EventsService"}, scratch);
    Run(entente,
        {"load", absl::GetFlag(FLAGS_record), absl::StrCat("--catalogue=", addresses_[0]),
         absl::StrCat("--funding=", addresses_[1]), absl::StrCat("--events=", addresses_[2])},
        scratch);
    // Nobody asks it anything.
    servers_.pop_back();
  }

  const Server& catalogue() const { return *servers_[0]; }
  const Server& funding() const { return *servers_[1]; }
  const std::string& catalogue_address() const { return addresses_[0]; }
  const std::string& funding_address() const { return addresses_[1]; }

 private:
  const Scratch scratch_;
  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<Server>> servers_;
};

// One point read.
struct Case {
  std::string title;
  std::string method;
  std::shared_ptr<const Message> request;
  const Server* server;
  std::string address;
};

std::vector<Case> Cases(const Services& services) {
  std::vector<Case> cases;
  const auto add = [&](const char* service, const Server& server, const std::string& address,
                       auto request, const std::string& name, type::v1::ResourceView view) {
    request.set_name(name);
    request.set_view(view);
    std::string method = std::string(request.GetDescriptor()->name());
    method.resize(method.size() - std::string("Request").size());
    cases.push_back({absl::StrCat(method, " ", name,
                                  view == type::v1::RESOURCE_VIEW_BASIC ? " (basic view)" : ""),
                     absl::StrCat("/", service, "/", method),
                     std::make_shared<decltype(request)>(request), &server, address});
  };
  const auto catalogue = [&](auto request, const std::string& name,
                             type::v1::ResourceView view = type::v1::RESOURCE_VIEW_UNSPECIFIED) {
    add(catalogue::v1::CatalogueService::service_full_name(), services.catalogue(),
        services.catalogue_address(), request, name, view);
  };
  catalogue(catalogue::v1::GetPlaceRequest(), "places/hanoi", type::v1::RESOURCE_VIEW_BASIC);
  catalogue(catalogue::v1::GetPlaceRequest(), "places/hanoi");
  catalogue(catalogue::v1::GetInitiativeRequest(), "initiatives/us-asean-dialogue-energy");
  add(funding::v1::FundingService::service_full_name(), services.funding(),
      services.funding_address(), funding::v1::GetClaimRequest(), "claims/dfc-financing",
      type::v1::RESOURCE_VIEW_UNSPECIFIED);
  return cases;
}

// One of those that are held against each other, and what was measured of it.
struct Contender {
  std::string title;
  std::unique_ptr<Target> target;
  const Server* server;
  std::vector<double> calls_per_second;  // By round, as all that follow.
  std::vector<double> server_us;         // Of the processors, per call.
  std::vector<double> client_us;
  Latencies half;
};

// The value below which `share` of the values are.
double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size()))];
}

double Median(const std::vector<double>& values) { return Quantile(values, 0.5); }

void Round(Contender* contender) {
  absl::Duration server;
  absl::Duration client;
  const Saturation saturation = Saturate(
      contender->target.get(), absl::GetFlag(FLAGS_in_flight), absl::GetFlag(FLAGS_round_time),
      [&] {
        server -= contender->server->CpuTime();
        client -= OwnCpuTime();
      },
      [&] {
        server += contender->server->CpuTime();
        client += OwnCpuTime();
      });
  const auto calls = static_cast<double>(saturation.calls);
  contender->calls_per_second.push_back(saturation.calls_per_second());
  contender->server_us.push_back(absl::ToDoubleMicroseconds(server) / calls);
  contender->client_us.push_back(absl::ToDoubleMicroseconds(client) / calls);
}

void PrintRow(const Contender& contender) {
  absl::PrintF("  %-20s %9.0f %12.1f %12.1f %9.0f %9.0f\n", contender.title,
               Median(contender.calls_per_second), Median(contender.server_us),
               Median(contender.client_us), absl::ToDoubleMicroseconds(contender.half.p50),
               absl::ToDoubleMicroseconds(contender.half.p99));
}

void PrintRatio(const Contender& get, const Contender& echo) {
  std::vector<double> ratios;
  for (size_t i = 0; i < get.calls_per_second.size(); ++i) {
    ratios.push_back(get.calls_per_second[i] / echo.calls_per_second[i]);
  }
  absl::PrintF("  %s: %.2f of %s (%.2f to %.2f)\n", get.title, Median(ratios), echo.title,
               Quantile(ratios, 0.25), Quantile(ratios, 0.75));
}

// The point reads `gets`, one of each build, and the echoes.
void Measure(const std::vector<Case>& gets) {
  const Scratch scratch;
  TargetOptions options;
  options.channels = absl::GetFlag(FLAGS_channels);
  TargetOptions without = options;
  without.deadline_and_request_id = false;

  const Case& own = gets[0];
  const std::string answer = Target(own.address, own.method, *own.request, options).Ask();
  std::ofstream(scratch.File("answer"), std::ios::binary) << answer;
  const std::string address = Address(scratch, "echo");
  const Server echo(OwnDirectory() + "/point_reads_echo", {address, scratch.File("answer")},
                    scratch);
  EchoRequest request;
  request.set_name(own.request->GetReflection()->GetString(
      *own.request, own.request->GetDescriptor()->FindFieldByName("name")));

  std::vector<Contender> contenders;
  const auto add = [&](const std::string& title, const Server& server, const std::string& at,
                       const std::string& method, const Message& asked, const TargetOptions& with) {
    contenders.emplace_back();
    contenders.back().title = title;
    contenders.back().server = &server;
    contenders.back().target = std::make_unique<Target>(at, method, asked, with);
  };
  constexpr char kEcho[] = "/entente.benchmarks.Echo/Echo";
  add("echo", echo, address, kEcho, request, options);
  add("echo without", echo, address, kEcho, request, without);
  add("Get", *own.server, own.address, own.method, *own.request, options);
  if (gets.size() > 1) {
    const Case& other = gets[1];
    add("Get of the other", *other.server, other.address, other.method, *other.request, options);
  }

  absl::PrintF("%s, %d bytes\n  %-20s %9s %12s %12s %9s %9s\n", own.title, answer.size(), "",
               "calls/s", "server us", "client us", "p50 us", "p99 us");
  std::fflush(stdout);
  // The first round warms up.
  for (int i = 0; i <= absl::GetFlag(FLAGS_rounds); ++i) {
    for (Contender& contender : contenders) {
      Round(&contender);
      if (i > 0) continue;
      contender.calls_per_second.clear();
      contender.server_us.clear();
      contender.client_us.clear();
    }
  }
  for (Contender& contender : contenders) {
    contender.half = Pace(contender.target.get(), Median(contender.calls_per_second) / 2,
                          absl::GetFlag(FLAGS_paced_time));
    PrintRow(contender);
  }
  for (size_t i = 2; i < contenders.size(); ++i) {
    PrintRatio(contenders[i], contenders[0]);
    PrintRatio(contenders[i], contenders[1]);
  }
  std::fflush(stdout);
}

int Main() {
  const Services own(OwnDirectory());
  std::vector<std::vector<Case>> builds = {Cases(own)};
  std::unique_ptr<const Services> other;
  if (const std::string directory = absl::GetFlag(FLAGS_against); !directory.empty()) {
    other = std::make_unique<const Services>(directory);
    builds.push_back(Cases(*other));
  }
  absl::PrintF(
      "%d calls in flight on %d connections over %s, %d rounds of %s. All but \"echo "
      "without\" have a deadline and a request id.\n",
      absl::GetFlag(FLAGS_in_flight), absl::GetFlag(FLAGS_channels),
      absl::GetFlag(FLAGS_unix) ? "Unix sockets" : "TCP", absl::GetFlag(FLAGS_rounds),
      absl::FormatDuration(absl::GetFlag(FLAGS_round_time)));
  for (size_t i = 0; i < builds[0].size(); ++i) {
    if (!absl::StrContains(builds[0][i].title, absl::GetFlag(FLAGS_only))) continue;
    std::vector<Case> gets;
    for (const std::vector<Case>& cases : builds) gets.push_back(cases[i]);
    Measure(gets);
  }
  return 0;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("how much of what gRPC can do is left of a point read");
  absl::ParseCommandLine(argc, argv);
  // As in our servers: the client shall do little beside what is measured.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return entente::benchmarks::Main();
}
