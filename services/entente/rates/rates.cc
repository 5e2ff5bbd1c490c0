// SPDX-License-Identifier: Apache-2.0
#include "services/entente/rates/rates.h"

#include <cstdio>
#include <map>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/resource/methods.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/entente/call.h"
#include "services/entente/rates/rate_files.h"

namespace entente {
namespace {

using funding::v1::RateSeries;

// Well below what a server accepts unless it is told otherwise (--max_request_bytes).
constexpr size_t kPartBytes = size_t{2} << 20;

absl::Status FromFunding(const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("funding: ", status.message()));
}

// All series that are there and not deleted, by name.
absl::StatusOr<std::map<std::string, RateSeries>> ListAll(client::Peer* funding,
                                                          absl::Duration patience) {
  std::map<std::string, RateSeries> all;
  funding::v1::ListRateSeriesRequest request;
  request.set_page_size(resource::kMaxPageSize);
  request.set_view(type::v1::RESOURCE_VIEW_FULL);
  do {
    funding::v1::ListRateSeriesResponse response;
    const absl::Status status = CallAndWait(funding, request, &response, patience);
    if (!status.ok()) return FromFunding(status);
    for (RateSeries& series : *response.mutable_rate_series()) {
      const std::string name = series.name();
      all[name] = std::move(series);
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

// A series that is to be put, and the found one behind it.
struct Planned {
  funding::v1::FundingChange change;
  const FoundSeries* found;
};

// What is there with what was found: that wins where both have a rate. None if what is there under
// the name is of another sort.
std::optional<Planned> Plan(const FoundSeries& found, const RateSeries* there) {
  Planned planned{{}, &found};
  RateSeries* series = planned.change.mutable_put()->mutable_rate_series();
  *series = there == nullptr ? found.WithoutRates() : *there;
  std::map<std::string, std::string> rates;
  if (there != nullptr) {
    const bool same_year = there->first_year() == found.year && there->last_year() == found.year;
    if (there->kind() != found.kind || there->base_currency_code() != found.base ||
        there->quote_currency_code() != found.quote ||
        (found.kind == funding::v1::RATE_KIND_DAILY_REFERENCE && !same_year)) {
      return std::nullopt;
    }
    for (const auto& rate : there->rates()) rates[rate.date()] = rate.value();
    planned.change.set_etag(there->etag());
    series->clear_etag();
  }
  for (const auto& [date, rate] : found.rates) rates[date] = rate.value;
  series->clear_rates();
  for (const auto& [date, value] : rates) {
    auto* rate = series->add_rates();
    rate->set_date(date);
    rate->set_value(value);
  }
  return planned;
}

// The number in "rates[17]", or -1.
int IndexIn(absl::string_view segment, absl::string_view list) {
  int index = -1;
  return absl::ConsumePrefix(&segment, absl::StrCat(list, "[")) &&
                 absl::ConsumeSuffix(&segment, "]") && absl::SimpleAtoi(segment, &index)
             ? index
             : -1;
}

// What an error of ApplyChanges says is wrong, at its places in the files. The request holds
// `planned` from `begin` on.
std::vector<Fault> FaultsOf(const absl::Status& error, const RateFiles& files,
                            const std::vector<Planned>& planned, size_t begin) {
  std::vector<Fault> faults;
  const auto bad_request = errors::BadRequestOf(error);
  for (const auto& violation : bad_request.field_violations()) {
    const std::string text = absl::StrCat(violation.field(), ": ", violation.description());
    // "changes[17].put.rate_series.rates[3].value"
    const std::vector<std::string> path = absl::StrSplit(violation.field(), '.');
    const int change = IndexIn(path[0], "changes");
    if (change < 0 || begin + static_cast<size_t>(change) >= planned.size()) {
      faults.push_back({"", 0, 0, text});
      continue;
    }
    const Planned& at = planned[begin + static_cast<size_t>(change)];
    const RateSeries& series = at.change.put().rate_series();
    const FoundRate* rate = &at.found->rates.begin()->second;
    const int index = path.size() > 3 ? IndexIn(path[3], "rates") : -1;
    if (index >= 0 && index < series.rates_size()) {
      const auto found = at.found->rates.find(series.rates(index).date());
      if (found != at.found->rates.end()) rate = &found->second;
    }
    faults.push_back(
        files.FaultAt(*rate, absl::StrCat(series.name(), ": ", violation.description())));
  }
  return faults;
}

absl::Status Refuse(const std::vector<Fault>& faults, absl::string_view rest) {
  for (const Fault& fault : faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  return absl::FailedPreconditionError(
      absl::StrCat("the rates have ", faults.size(), " faults; ", rest));
}

absl::Status Apply(const std::vector<Planned>& planned, const RateFiles& files,
                   client::Peer* funding, absl::Duration patience) {
  std::map<type::v1::ChangeOutcome, int> counts;
  int64_t revision = 0;
  for (size_t begin = 0; begin < planned.size();) {
    funding::v1::ApplyChangesRequest request;
    size_t end = begin;
    for (size_t bytes = 0; end < planned.size() && request.changes_size() < resource::kMaxChanges &&
                           bytes < kPartBytes;
         ++end) {
      *request.add_changes() = planned[end].change;
      bytes += planned[end].change.ByteSizeLong();
    }
    funding::v1::ApplyChangesResponse response;
    const absl::Status status = CallAndWait(funding, request, &response, patience);
    if (!status.ok()) {
      const char* rest =
          begin == 0 ? "nothing was changed" : "the parts before this one were applied";
      const std::vector<Fault> faults = FaultsOf(status, files, planned, begin);
      return faults.empty() ? FromFunding(status) : Refuse(faults, rest);
    }
    for (const auto& result : response.results()) ++counts[result.outcome()];
    revision = response.revision();
    begin = end;
  }
  absl::PrintF("%-10s %d created, %d updated, %d unchanged; revision %d\n", "rates",
               counts[type::v1::CHANGE_OUTCOME_CREATED], counts[type::v1::CHANGE_OUTCOME_UPDATED],
               counts[type::v1::CHANGE_OUTCOME_UNCHANGED], revision);
  return absl::OkStatus();
}

}  // namespace

absl::Status LoadRates(const std::vector<std::string>& paths, client::Peer* funding,
                       absl::Duration patience) {
  std::vector<Fault> faults;
  const RateFiles files = RateFiles::Read(paths, &faults);
  if (!faults.empty()) return Refuse(faults, "nothing was changed");
  for (const RateFile& file : files.files()) {
    absl::PrintF("%s\n", file.Summary());
    for (const std::string& what : file.left_out) absl::PrintF("  left out: %s\n", what);
  }
  ASSIGN_OR_RETURN(const auto there, ListAll(funding, patience));
  std::vector<Planned> planned;
  for (const FoundSeries* found : files.series()) {
    const auto at = there.find(found->Name());
    auto plan = Plan(*found, at == there.end() ? nullptr : &at->second);
    if (plan.has_value()) {
      planned.push_back(std::move(*plan));
    } else {
      faults.push_back(
          files.FaultAt(found->rates.begin()->second,
                        absl::StrCat(found->Name(),
                                     " is there, of another kind, other currencies or another "
                                     "year")));
    }
  }
  if (!faults.empty()) return Refuse(faults, "nothing was changed");
  return Apply(planned, files, funding, patience);
}

}  // namespace entente
