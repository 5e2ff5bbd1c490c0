// SPDX-License-Identifier: Apache-2.0
//
// entente overview NAME, entente dossier NAME: what the gateway composes.
#include "absl/flags/flag.h"
#include "common/status/macros.h"
#include "entente/gateway/v1/dossier.pb.h"
#include "entente/gateway/v1/overview.pb.h"
#include "services/entente/text/display_width.h"
#include "services/entente/text/print.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

absl::StatusOr<int> RunOverview(const Invocation& invocation) {
  gateway::v1::GetOverviewRequest request;
  request.set_name(invocation.operands[0]);
  request.set_as_of(absl::GetFlag(FLAGS_as_of));
  RETURN_IF_ERROR(SetReading(&request));
  gateway::v1::Overview overview;
  RETURN_IF_ERROR(invocation.servers->Call(Server::kGateway, request, &overview));
  Write(invocation.format == "json" ? JsonText(overview)
                                    : text::PrintableLines(OverviewText(overview)));
  return 0;
}

absl::StatusOr<int> RunDossier(const Invocation& invocation) {
  gateway::v1::GetDossierRequest request;
  request.set_name(invocation.operands[0]);
  RETURN_IF_ERROR(SetReading(&request));
  gateway::v1::Dossier dossier;
  RETURN_IF_ERROR(invocation.servers->Call(Server::kGateway, request, &dossier));
  Write(invocation.format == "json" ? JsonText(dossier)
                                    : text::PrintableLines(DossierText(dossier)));
  return 0;
}

}  // namespace

Verb OverviewVerb() {
  Verb verb;
  verb.name = "overview";
  verb.operands = "NAME";
  verb.summary = "a partnership at a glance";
  verb.details = "  entente overview partnerships/us-asean-csp --as_of=2023-09-05\n";
  verb.least_operands = 1;
  verb.most_operands = 1;
  verb.completes = Completes::kPartnerships;
  verb.flags = {"as_of", "at"};
  verb.formats = {"text", "json"};
  verb.run = RunOverview;
  return verb;
}

Verb DossierVerb() {
  Verb verb;
  verb.name = "dossier";
  verb.operands = "NAME";
  verb.summary = "everything about an initiative and what is beneath it";
  verb.details = "  entente dossier initiatives/clean-edge-asia\n";
  verb.least_operands = 1;
  verb.most_operands = 1;
  verb.completes = Completes::kInitiatives;
  verb.flags = {"at"};
  verb.formats = {"text", "json"};
  verb.run = RunDossier;
  return verb;
}

}  // namespace entente
