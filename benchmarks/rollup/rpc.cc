// SPDX-License-Identifier: Apache-2.0
//
// What a call over gRPC adds to a roll-up: claims (generated.h) in the logs of a catalogue and of a
// funding service, which run as processes of their own, and the same log read into this process.
// Each query is answered here, to the messages that would be sent, and there, in turn. The rows of
// both answers must be the same. One line of JSON each:
//
//   rollup_rpc --claims=1000000
//
// Both sides answer from sums that are kept (services/funding/query/cube.h) where they can; what is
// asked "of rows" names a funder, and there are too many of those.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/point_reads/processes.h"
#include "benchmarks/rollup/generated.h"
#include "benchmarks/rollup/queries.h"
#include "common/log/sqlite_log.h"
#include "common/parallel/parallel.h"
#include "common/resource/store.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"
#include "google/protobuf/text_format.h"
#include "services/funding/query/answer.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/snapshots.h"

ABSL_FLAG(int64_t, claims, 1'000'000, "how many claims there are");
ABSL_FLAG(int, asked, 51, "how often each query is asked on either side");

namespace entente::benchmarks {
namespace {

namespace v1 = funding::v1;
using Clock = std::chrono::steady_clock;

double MsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::unique_ptr<log::SqliteLog> Open(const std::string& path) {
  auto log = log::SqliteLog::Open(path, {});
  if (!log.ok()) Die(std::string(log.status().message()));
  return *std::move(log);
}

void WriteClaims(const std::string& path) {
  const auto log = Open(path);
  FlatClaims claims;
  const auto count = static_cast<size_t>(absl::GetFlag(FLAGS_claims));
  int64_t head = 0;
  for (size_t made = 0; made < count;) {
    log::Proposal proposal;
    for (; made < count && proposal.changes.size() < 10'000; ++made) {
      log::Change change = claims.Next();
      // The log has the name beside the body.
      v1::Claim claim;
      claim.ParseFromString(change.body);
      claim.clear_name();
      change.body = claim.SerializeAsString();
      proposal.changes.push_back(std::move(change));
    }
    const auto committed = log->Append(head, {proposal});
    if (!committed.ok()) Die(std::string(committed.status().message()));
    head = committed->back().number;
  }
}

void WritePlaces(const std::string& path) {
  log::Proposal proposal;
  for (int i = 0; i < kCountries; ++i) {
    catalogue::v1::Place place;
    place.set_kind(catalogue::v1::PLACE_KIND_COUNTRY);
    proposal.changes.push_back(
        {absl::StrCat("places/c", i), log::ChangeKind::kPut, place.SerializeAsString()});
  }
  const auto committed = Open(path)->Append(0, {proposal});
  if (!committed.ok()) Die(std::string(committed.status().message()));
}

std::string RowsOf(const v1::QueryFundingResponse& answer) {
  std::string rows;
  for (const v1::FundingRow& row : answer.rows()) rows += row.SerializeAsString();
  return rows;
}

class Here {
 public:
  explicit Here(const std::string& path) : store_(Open(path), &FundingTypes(), {}) {
    if (const absl::Status status = store_.Load(); !status.ok()) Die(std::string(status.message()));
  }

  v1::QueryFundingResponse Ask(const v1::QueryFundingRequest& request, double* ms) {
    using namespace funding::query;  // NOLINT: nothing else
    const auto begin = Clock::now();
    const auto plan = MakePlan(request, "");
    const auto resources =
        std::make_shared<const Resources>(&parallel_, kDefaultQueryMemory, nullptr);
    const auto evaluation = Evaluation::Of(
        *plan, Sources{snapshots_.Of(store_.Current()), catalogue_, nullptr}, resources);
    if (!evaluation.ok()) Die(std::string(evaluation.status().message()));
    const auto answer = MakeAnswer(**evaluation, nullptr);
    if (!answer.ok()) Die(std::string(answer.status().message()));
    *ms = MsSince(begin);
    v1::QueryFundingResponse all;
    for (const auto& message : answer->messages) all.MergeFrom(*message);
    return all;
  }

 private:
  resource::Store store_;
  funding::query::Snapshots snapshots_{&store_};
  Parallel parallel_{0};
  const std::shared_ptr<const resource::State> catalogue_ = Catalogue();
};

class There {
 public:
  explicit There(const std::string& address)
      : stub_(v1::FundingService::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {}

  grpc::Status Ask(const v1::QueryFundingRequest& request, v1::QueryFundingResponse* all,
                   double* ms) {
    const auto begin = Clock::now();
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    context.AddMetadata("x-request-id", "0123456789abcdef");
    const auto reader = stub_->QueryFunding(&context, request);
    std::vector<v1::QueryFundingResponse> messages(1);
    while (reader->Read(&messages.back())) messages.emplace_back();
    const grpc::Status status = reader->Finish();
    *ms = MsSince(begin);
    all->Clear();
    for (const auto& message : messages) all->MergeFrom(message);
    return status;
  }

 private:
  const std::unique_ptr<v1::FundingService::Stub> stub_;
};

constexpr Query kAsked[] = {
    kQueries[0],
    kQueries[4],
    {"a, of rows",
     "mix: MONEY_KIND_STAGE filter: 'NOT funding:\"organisations/f7\"' "
     "group_by { field: 'value_date' unit: PERIOD_UNIT_YEAR }"},
    {"e, of rows",
     "mix: MONEY_KIND_STAGE "
     "filter: 'countries:\"places/c90\" AND NOT funding:\"organisations/f7\"'"},
};

int Measure() {
  const Scratch scratch;
  WriteClaims(scratch.File("funding.db"));
  // A log is of one process.
  std::filesystem::copy_file(scratch.File("funding.db"), scratch.File("here.db"));
  WritePlaces(scratch.File("catalogue.db"));
  const std::string catalogue_address = FreeAddress();
  const std::string funding_address = FreeAddress();
  const auto flags = [&](const std::string& name, const std::string& address) {
    return std::vector<std::string>{absl::StrCat("--listen=", address),
                                    absl::StrCat("--database=", scratch.File(name + ".db"))};
  };
  const Server catalogue(OwnDirectory() + "/entente-catalogue",
                         flags("catalogue", catalogue_address), scratch);
  std::vector<std::string> arguments = flags("funding", funding_address);
  arguments.push_back(absl::StrCat("--catalogue=", catalogue_address));
  const Server funding(OwnDirectory() + "/entente-funding", arguments, scratch);
  Here here(scratch.File("here.db"));
  There there(funding_address);
  for (const Query& query : kAsked) {
    v1::QueryFundingRequest request;
    if (!google::protobuf::TextFormat::ParseFromString(query.text, &request)) Die(query.text);
    double ms = 0;
    const std::string expected = RowsOf(here.Ask(request, &ms));
    v1::QueryFundingResponse answer;
    // The service is there at some point, and some time after that the places.
    const auto begin = Clock::now();
    for (;;) {
      const grpc::Status status = there.Ask(request, &answer, &ms);
      if (status.ok() && RowsOf(answer) == expected) break;
      if (MsSince(begin) > 60'000) {
        Die(absl::StrCat(query.name, ": ", status.error_message(), " or another answer:\n",
                         answer.ShortDebugString()));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    std::vector<double> here_ms;
    std::vector<double> there_ms;
    std::vector<double> added;
    for (int i = 0; i < absl::GetFlag(FLAGS_asked); ++i) {
      here.Ask(request, &here_ms.emplace_back());
      if (const auto status = there.Ask(request, &answer, &there_ms.emplace_back()); !status.ok()) {
        Die(status.error_message());
      }
      added.push_back(there_ms.back() - here_ms.back());
    }
    std::cout << absl::StrFormat(
                     R"({"benchmark": "rpc", "query": "%s", "claims": %d, "here_ms": %.3f, )"
                     R"("rpc_ms": %.3f, "added_ms": %.3f})",
                     query.name, absl::GetFlag(FLAGS_claims), MedianOf(here_ms),
                     MedianOf(there_ms), MedianOf(added))
              << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return entente::benchmarks::Measure();
}
