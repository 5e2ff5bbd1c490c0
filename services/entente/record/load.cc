// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/load.h"

#include <cstdio>
#include <future>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"
#include "services/catalogue/catalogue.h"
#include "services/catalogue/types.h"
#include "services/entente/call.h"
#include "services/entente/record/text_file.h"
#include "services/events/events.h"
#include "services/funding/funding.h"

namespace entente {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;

// How often funding and events are asked whether they have caught up.
constexpr absl::Duration kPollInterval = absl::Milliseconds(50);

// Applies `request` to a core that is only there to judge it, and notes what it finds wrong.
void Judge(resource::DataService* core, const RecordDirectory& record, const Message& request,
           std::vector<Fault>* faults) {
  if (request.ByteSizeLong() == 0) return;  // The record has nothing for this service.
  const Message* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(
      request.GetDescriptor()->file()->FindMessageTypeByName("ApplyChangesResponse"));
  std::unique_ptr<Message> response(prototype->New());
  std::promise<absl::Status> answered;
  core->Call(request, response.get(),
             [&](absl::Status status) { answered.set_value(std::move(status)); });
  const absl::Status status = answered.get_future().get();
  if (status.ok()) return;
  for (Fault& fault : record.FaultsOf(status, request)) faults->push_back(std::move(fault));
}

std::unique_ptr<resource::DataService> Loaded(
    absl::StatusOr<std::unique_ptr<resource::DataService>> core, std::vector<Fault>* faults) {
  const absl::Status status = core.ok() ? (*core)->Load() : core.status();
  if (status.ok()) return *std::move(core);
  faults->push_back({"", 0, 0, std::string(status.message())});
  return nullptr;
}

std::unique_ptr<log::Log> Scratch() {
  return std::make_unique<log::MemoryLog>(&SystemClock::Get());
}

// A catalogue that holds what the record puts into it, faulty or not: a reference to something that
// has a fault is no second fault.
std::shared_ptr<const resource::State> AsWritten(const catalogue::v1::ApplyChangesRequest& record) {
  resource::Committed all{1, absl::UnixEpoch(), {}, {}, ""};
  for (const auto& change : record.changes()) {
    const Message* given = fields::GetOneof(change.put());
    std::shared_ptr<Message> copy(given->New());
    copy->CopyFrom(*given);
    const auto* type = catalogue::Types().FindByDescriptor(given->GetDescriptor());
    all.changed.push_back(resource::EntryOf(*type, std::move(copy)));
  }
  return resource::State(&catalogue::Types()).With(all);
}

void Validate(const RecordDirectory& record, std::vector<Fault>* faults) {
  catalogue::CatalogueView view;
  auto catalogue = Loaded(catalogue::MakeCatalogue(Scratch(), {}), faults);
  auto funding = Loaded(funding::MakeFunding(&view, Scratch(), {}), faults);
  auto events = Loaded(events::MakeEvents(&view, Scratch(), {}), faults);
  if (catalogue == nullptr || funding == nullptr || events == nullptr) return;
  const auto changes = record.CatalogueChanges();
  Judge(catalogue.get(), record, changes, faults);
  view.Set(AsWritten(changes));
  Judge(funding.get(), record, record.FundingChanges(), faults);
  Judge(events.get(), record, record.EventsChanges(), faults);
}

void PrintFaults(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
}

template <typename Request, typename Response>
absl::StatusOr<int64_t> Apply(const char* what, client::Peer* peer, const RecordDirectory& record,
                              Request request, const type::v1::ChangeReason& reason,
                              absl::Duration patience) {
  if (request.changes().empty()) {
    absl::PrintF("%-10s nothing in the record\n", what);
    return 0;
  }
  if (reason.ByteSizeLong() > 0) *request.mutable_reason() = reason;
  Response response;
  const absl::Status status = CallAndWait(peer, request, &response, patience);
  if (!status.ok()) {
    if (!absl::IsInvalidArgument(status)) {
      return absl::Status(status.code(), absl::StrCat(peer->service(), ": ", status.message()));
    }
    PrintFaults(record.FaultsOf(status, request));
    return absl::Status(status.code(), absl::StrCat(peer->service(), " refused the record"));
  }
  std::map<type::v1::ChangeOutcome, int> counts;
  for (const auto& result : response.results()) ++counts[result.outcome()];
  absl::PrintF("%-10s %d created, %d updated, %d unchanged; revision %d\n", what,
               counts[type::v1::CHANGE_OUTCOME_CREATED], counts[type::v1::CHANGE_OUTCOME_UPDATED],
               counts[type::v1::CHANGE_OUTCOME_UNCHANGED], response.revision());
  return response.revision();
}

// Waits until a follower of the catalogue has seen its `revision`.
template <typename Request, typename Response>
absl::Status AwaitCatalogue(client::Peer* follower, int64_t revision, absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  Request request;
  request.set_page_size(1);
  while (true) {
    Response response;
    const absl::Status status = CallAndWait(follower, request, &response, end - absl::Now());
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat(follower->service(), ": ", status.message()));
    }
    if (response.catalogue_revision() >= revision) return absl::OkStatus();
    if (absl::Now() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat(follower->service(), " is still at revision ", response.catalogue_revision(),
                       " of the catalogue, not ", revision,
                       "; does it follow this catalogue (its flag --catalogue)?"));
    }
    absl::SleepFor(kPollInterval);
  }
}

// Gives the document of the record whose text the file `source` is that text.
absl::Status AddText(const std::string& source, catalogue::v1::ApplyChangesRequest* request) {
  ASSIGN_OR_RETURN(const passage::Text text, ReadTextFile(source));
  for (auto& change : *request->mutable_changes()) {
    if (!change.put().has_document() || change.put().document().text_sha256() != text.sha256())
      continue;
    change.mutable_put()->mutable_document()->set_text(std::string(text.bytes()));
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(source, " is not the text of a document of the record: its SHA-256, ",
                   text.sha256(), ", is the text_sha256 of none; nothing was changed"));
}

}  // namespace

std::vector<Fault> ValidateRecord(const std::string& directory) {
  std::vector<Fault> faults;
  const auto record = RecordDirectory::Read(directory, &faults);
  if (!record.ok()) {
    faults.push_back({"", 0, 0, std::string(record.status().message())});
  } else if (faults.empty()) {
    Validate(*record, &faults);
  }
  return faults;
}

absl::Status LoadRecord(const std::string& directory, const std::string& source,
                        const type::v1::ChangeReason& reason, const LoadTargets& targets,
                        absl::Duration patience) {
  std::vector<Fault> faults;
  ASSIGN_OR_RETURN(const RecordDirectory record, RecordDirectory::Read(directory, &faults));
  if (faults.empty()) Validate(record, &faults);
  if (!faults.empty()) {
    PrintFaults(faults);
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " has ", faults.size(), " faults; nothing was changed"));
  }
  catalogue::v1::ApplyChangesRequest catalogue_changes = record.CatalogueChanges();
  if (!source.empty()) RETURN_IF_ERROR(AddText(source, &catalogue_changes));
  using catalogue::v1::ApplyChangesResponse;
  ASSIGN_OR_RETURN(
      const int64_t revision,
      (Apply<catalogue::v1::ApplyChangesRequest, ApplyChangesResponse>(
          "catalogue", targets.catalogue, record, catalogue_changes, reason, patience)));
  RETURN_IF_ERROR((AwaitCatalogue<funding::v1::ListClaimsRequest, funding::v1::ListClaimsResponse>(
      targets.funding, revision, patience)));
  RETURN_IF_ERROR((AwaitCatalogue<events::v1::ListEventsRequest, events::v1::ListEventsResponse>(
      targets.events, revision, patience)));
  RETURN_IF_ERROR(
      (Apply<funding::v1::ApplyChangesRequest, funding::v1::ApplyChangesResponse>(
           "funding", targets.funding, record, record.FundingChanges(), reason, patience))
          .status());
  return (Apply<events::v1::ApplyChangesRequest, events::v1::ApplyChangesResponse>(
              "events", targets.events, record, record.EventsChanges(), reason, patience))
      .status();
}

}  // namespace entente
