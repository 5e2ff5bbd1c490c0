// SPDX-License-Identifier: Apache-2.0
//
// entente load, check, edition, rates load: records in files.
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/client/peer.h"
#include "common/status/macros.h"
#include "services/entente/rates/rates.h"
#include "services/entente/record/edition.h"
#include "services/entente/record/load.h"
#include "services/entente/record/source_check.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"
#include "services/gateway/server.h"

namespace entente {
namespace {

absl::StatusOr<int> RunLoad(const Invocation& invocation) {
  const Servers::Targets targets = TargetsFromFlags();
  const auto peers = gateway::RemotePeers(targets.catalogue, targets.funding, targets.events);
  type::v1::ChangeReason reason;
  reason.set_author(absl::GetFlag(FLAGS_author));
  reason.set_note(absl::GetFlag(FLAGS_note));
  RETURN_IF_ERROR(LoadRecord(invocation.operands[0], absl::GetFlag(FLAGS_source), reason,
                             {peers.catalogue.get(), peers.funding.get(), peers.events.get()},
                             Timeout()));
  return 0;
}

absl::StatusOr<int> RunRatesLoad(const Invocation& invocation) {
  client::RemotePeer funding(client::MakeChannel(TargetsFromFlags().funding),
                             ServiceOf(Server::kFunding));
  RETURN_IF_ERROR(LoadRates(invocation.operands, &funding, Timeout()));
  return 0;
}

absl::StatusOr<int> CheckAgainst(const std::string& directory, const std::string& source) {
  ASSIGN_OR_RETURN(const SourceReport report, CheckSource(directory, source));
  for (const Fault& fault : report.faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  absl::PrintF("%s", ReportText(report, source));
  if (report.clean()) return 0;
  return absl::FailedPreconditionError(
      absl::StrCat(directory, " has ", report.faults.size(), " faults, and leaves ",
                   report.unaccounted.size(), " passages of ", source, " unaccounted for"));
}

absl::StatusOr<int> RunCheck(const Invocation& invocation) {
  const std::string& directory = invocation.operands[0];
  const std::string source = absl::GetFlag(FLAGS_source);
  if (!source.empty()) return CheckAgainst(directory, source);
  const std::vector<Fault> faults = ValidateRecord(directory);
  for (const Fault& fault : faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  if (!faults.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " has ", faults.size(), " faults"));
  }
  absl::PrintF("%s: no faults\n", directory);
  return 0;
}

// Of `edition`, like those of diff: what changed or went is for people to judge, and 2 is trouble.
constexpr int kExitChanged = 1;
constexpr int kExitTrouble = 2;

absl::StatusOr<int> RunEdition(const Invocation& invocation) {
  const EditionRequest request{invocation.operands[0], absl::GetFlag(FLAGS_from),
                               absl::GetFlag(FLAGS_to), absl::GetFlag(FLAGS_document)};
  if (request.from.empty() || request.to.empty()) {
    return absl::InvalidArgumentError("edition needs --from and --to; see entente help edition");
  }
  ASSIGN_OR_RETURN(const EditionReport report, CompareEditions(request));
  for (const Fault& fault : report.faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  absl::PrintF("%s", EditionText(report));
  std::vector<WrittenFile> written;
  if (absl::GetFlag(FLAGS_write)) {
    ASSIGN_OR_RETURN(written, WriteEdition(report));
  }
  for (const WrittenFile& file : written) {
    absl::PrintF("%s: %d spans%s\n", file.path, file.spans,
                 file.has_document ? " and the document" : "");
  }
  return report.clean() ? 0 : kExitChanged;
}

// What takes a record has its directory as its operand.
Verb OfDirectory() {
  Verb verb;
  verb.operands = "DIR";
  verb.least_operands = 1;
  verb.most_operands = 1;
  verb.completes = Completes::kDirectories;
  return verb;
}

}  // namespace

Verb LoadVerb() {
  Verb verb = OfDirectory();
  verb.name = "load";
  verb.summary = "validate a record and apply it to running services";
  verb.details =
      "  entente load data/us-asean-csp --author='A. Keeper' --note='the fact sheet of 2023'\n\n"
      "Loading a record again changes nothing. --source gives the catalogue the text that it "
      "cites.\n";
  verb.flags = {"author", "note", "source"};
  verb.run = RunLoad;
  return verb;
}

Verb CheckVerb() {
  Verb verb = OfDirectory();
  verb.name = "check";
  verb.summary = "validate a record; no service is asked";
  verb.details =
      "  entente check data/us-asean-csp\n\n"
      "With --source the record is held against the text that it cites.\n";
  verb.flags = {"source"};
  verb.run = RunCheck;
  return verb;
}

Verb EditionVerb() {
  Verb verb = OfDirectory();
  verb.name = "edition";
  verb.summary = "bring a record to a new edition of the text that it cites";
  verb.details =
      "  entente edition DIR --from=OLD --to=NEW [--document=NAME] [--write]\n\n"
      "Exit codes as those of diff: 0 if nothing that is cited changed or went, 1 if something "
      "did,\n"
      "2 if the editions could not be compared.\n";
  verb.flags = {"document", "from", "to", "write"};
  verb.codes = {.failure = kExitTrouble, .usage = kExitTrouble};
  verb.run = RunEdition;
  return verb;
}

Verb RatesLoadVerb() {
  Verb verb;
  verb.name = "rates load";
  verb.operands = "FILE...";
  verb.summary = "exchange rates of the ECB and the IMF into funding";
  verb.details = "  entente rates load data/rates/ecb-2023.csv\n";
  verb.least_operands = 1;
  verb.most_operands = Verb::kAnyNumber;
  verb.completes = Completes::kFiles;
  verb.run = RunRatesLoad;
  return verb;
}

}  // namespace entente
