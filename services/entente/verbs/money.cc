// SPDX-License-Identifier: Apache-2.0
//
// entente money
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/money_query.h"
#include "services/entente/verbs/money_text.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

// Each row that is explained is a call of its own.
constexpr int kMostExplained = 50;

absl::Status Explain(const Invocation& invocation, const MoneyQuery& query,
                     const funding::v1::QueryFundingResponse& response) {
  if (response.rows_size() > kMostExplained) {
    return absl::InvalidArgumentError(absl::StrCat("there are ", response.rows_size(),
                                                   " rows, and --explain explains at most ",
                                                   kMostExplained, ": use --filter or --top"));
  }
  std::vector<std::string> documents;
  for (const auto& row : response.rows()) {
    funding::v1::ExplainFundingRequest request;
    *request.mutable_query() = query.request;
    request.mutable_query()->clear_read_time();
    request.mutable_query()->set_revision(response.revision());
    request.set_kind(row.kind());
    *request.mutable_values() = row.values();
    request.set_omit_others(true);
    funding::v1::ExplainFundingResponse explanation;
    RETURN_IF_ERROR(invocation.servers->ExplainFunding(request, &explanation));
    documents.push_back(invocation.format == "json"
                            ? JsonText(explanation)
                            : ExplanationText(query.kinds, explanation, invocation.style));
  }
  if (invocation.format == "json") {
    Write(JsonList(documents));
    return absl::OkStatus();
  }
  for (size_t i = 0; i < documents.size(); ++i) {
    Write(absl::StrCat(i == 0 ? "" : "\n", documents[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> Run(const Invocation& invocation) {
  if (absl::GetFlag(FLAGS_explain) && invocation.format == "csv") {
    return absl::InvalidArgumentError("--explain has no csv: use -o json");
  }
  ASSIGN_OR_RETURN(MoneyQuery query,
                   MakeMoneyQuery({.by = absl::GetFlag(FLAGS_by),
                                   .mix = absl::GetFlag(FLAGS_mix),
                                   .filter = absl::GetFlag(FLAGS_filter),
                                   .currency = absl::GetFlag(FLAGS_currency),
                                   .horizon = absl::GetFlag(FLAGS_horizon),
                                   .sector_vocabulary = absl::GetFlag(FLAGS_sector_vocabulary),
                                   .order_by = absl::GetFlag(FLAGS_order_by),
                                   .top = absl::GetFlag(FLAGS_top)}));
  RETURN_IF_ERROR(SetReading(&query.request));
  funding::v1::QueryFundingResponse response;
  RETURN_IF_ERROR(invocation.servers->QueryFunding(query.request, &response));
  if (response.rows().empty() && invocation.format == "table") {
    Note("there are no claims that are asked for");
  }
  if (absl::GetFlag(FLAGS_explain)) {
    RETURN_IF_ERROR(Explain(invocation, query, response));
  } else if (invocation.format == "json") {
    Write(JsonText(response));
  } else if (invocation.format == "csv") {
    Write(MoneyCsv(query.request, query.kinds, response));
  } else if (!response.rows().empty() || !response.could_include().empty()) {
    Write(MoneyAnswerText(query.request, query.kinds, response, invocation.style));
  }
  return 0;
}

}  // namespace

Verb MoneyVerb() {
  Verb verb;
  verb.name = "money";
  verb.summary = "sums of money with their bounds, one kind of money at a time";
  verb.details =
      "  entente money\n"
      "  entente money --by=pillar,funding --filter='nature = CLAIM_NATURE_OWN_FUNDING'\n"
      "  entente money --by=value_date:quarter --currency=EUR\n"
      "  entente money --by=initiative:1 --mix=stage --order_by='stated desc' --top=5\n"
      "  entente money --explain --filter='stage = CLAIM_STAGE_ANNOUNCED'\n\n"
      "Own funding, mobilised money and statistics, what is requested and what is provided, what "
      "goes\n"
      "out and what comes back: a row is of one of each, unless --mix says otherwise. STATED is "
      "the\n"
      "figures as written, a whole and its parts counted once; CAN BE is what they allow.\n"
      "docs/funding.md has the rules and the fields of --filter and --by.\n";
  verb.flags = {"at",  "by",       "currency", "explain",           "filter", "horizon",
                "mix", "order_by", "revision", "sector_vocabulary", "top"};
  verb.formats = {"table", "json", "csv"};
  verb.run = Run;
  return verb;
}

}  // namespace entente
