// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/money.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/parallel/parallel.h"
#include "common/resource/state.h"
#include "common/status/macros.h"
#include "services/catalogue/types.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/snapshot.h"
#include "services/funding/query/sums.h"
#include "services/funding/types.h"

namespace entente::gateway::factsheet {
namespace {

namespace query = funding::query;
using funding::v1::Claim;

// Rates of one claim tree, and statistics, say nothing together.
bool AddsUp(const Claim& claim) {
  return !claim.has_recurrence() && claim.nature() != funding::v1::CLAIM_NATURE_STATISTIC;
}

// A row of an answer: its sum, and what orders it among the others.
struct Row {
  query::Kind kind = 0;
  std::vector<std::string> value;  // of the dimension beside the kind
  Sum sum;

  bool adds_up() const { return AddsUp(*sum.claims.front()); }
};

// What is left out of all rows of a kind.
struct LeftOut {
  query::Kind kind;
  const Claim* claim;
};

struct Answer {
  std::vector<Row> rows;
  std::vector<LeftOut> left_out;
};

// The material as funding would have it.
class Ledger {
 public:
  explicit Ledger(const Material& material)
      : filter_(absl::StrCat("partnerships:\"", material.partnership.name(), "\"")) {
    Parallel alone(1);
    std::vector<resource::Entry> claims;
    for (const Claim& claim : material.claims) {
      places_[&claim] = claims.size();
      claims.push_back(Existing(funding::Types(), claim));
    }
    for (const Claim& claim : material.other_claims) {
      claims.push_back(Existing(funding::Types(), claim));
    }
    snapshot_ = query::Snapshot::Of(
        resource::State::Of(&funding::Types(), 1, absl::UnixEpoch(), std::move(claims), &alone));

    // The pillars that the sheet has, as it has them.
    std::map<std::string, size_t> pillars;
    for (const auto& pillar : material.pillars) pillars.emplace(pillar.name(), pillars.size());
    std::vector<resource::Entry> initiatives;
    for (const auto& [name, of_initiative] : material.pillars_of) {
      initiatives_.emplace_back().set_name(name);
      for (const std::string& pillar : of_initiative) {
        if (pillars.count(pillar) > 0) initiatives_.back().add_pillars(pillar);
      }
    }
    for (const auto& initiative : initiatives_) {
      initiatives.push_back(Existing(catalogue::Types(), initiative));
    }
    catalogue_ = resource::State::Of(&catalogue::Types(), 1, absl::UnixEpoch(),
                                     std::move(initiatives), &alone);
  }

  // The claims at hand that are in no sum since they and their parts contradict each other.
  std::vector<const Claim*> Contradictory() const {
    std::vector<const Claim*> contradictory;
    for (const query::Unusable& unusable : snapshot_->unusable()) {
      const Claim* claim = &snapshot_->claim(unusable.atom);
      if (!unusable.superseded && places_.contains(claim)) contradictory.push_back(claim);
    }
    return contradictory;
  }

  // The money of the partnership by nature, stage, direction and currency, and by `dimension`, a
  // field of ClaimFacts, if it is not empty.
  absl::StatusOr<Answer> By(const std::string& dimension) const {
    funding::v1::QueryFundingRequest request;
    request.set_filter(filter_);
    for (const char* kind : {"nature", "stage", "direction"})
      request.add_group_by()->set_field(kind);
    if (!dimension.empty()) request.add_group_by()->set_field(dimension);
    ASSIGN_OR_RETURN(const query::Plan plan, query::MakePlan(request, ""));
    ASSIGN_OR_RETURN(const auto evaluation,
                     query::Evaluation::Of(plan, {snapshot_, catalogue_, /*rates=*/nullptr},
                                           query::OneThread()));
    // In the order of the material, which has each part after its whole.
    std::map<query::Group, std::map<size_t, query::Atom>> atoms;
    evaluation->parcels().ForEach([&](query::Parcel parcel) {
      const query::Group group = evaluation->GroupOf(parcel);
      const query::Atom atom = evaluation->parcels().AtomOf(parcel);
      if (group == query::kNoGroup || !snapshot_->usable(atom)) return;
      const auto place = places_.find(&snapshot_->claim(atom));
      if (place != places_.end()) atoms[group].emplace(place->second, atom);
    });
    const query::Sums sums(plan, evaluation->parcels(), evaluation->periods(),
                           evaluation->denominations(), evaluation->rows());
    Answer answer;
    for (const auto& [group, of_group] : atoms) {
      ASSIGN_OR_RETURN(const std::vector<query::Money> money, sums.MoneyOf(group));
      for (const query::Money& of_row : money) {
        Row row;
        for (const auto& [place, atom] : of_group) {
          const Claim& claim = snapshot_->claim(atom);
          if (!IsIn(claim, of_row)) continue;
          row.kind = snapshot_->kind(atom);
          row.sum.claims.push_back(&claim);
        }
        if (row.sum.claims.empty()) continue;
        if (!dimension.empty()) {
          row.value = evaluation->axes()[3].value(evaluation->rows().keys[group][3]).members;
        }
        Write(of_row, row.kind, &row.sum);
        answer.rows.push_back(std::move(row));
      }
    }
    for (const query::Tally::Left& left : evaluation->rows().left) {
      if (left.reason == funding::v1::LEFT_OUT_REASON_RESTATED ||
          left.reason == funding::v1::LEFT_OUT_REASON_PASSED_ON ||
          left.reason == funding::v1::LEFT_OUT_REASON_REALISED) {
        const Claim* claim = &snapshot_->claim(left.atom);
        if (places_.contains(claim)) {
          answer.left_out.push_back({snapshot_->kind(left.atom), claim});
        }
      }
    }
    return answer;
  }

  // Where the material has the claim.
  size_t PlaceOf(const Claim* claim) const { return places_.at(claim); }

 private:
  // A resource that stays where it is.
  template <typename T>
  static resource::Entry Existing(const resource::Registry& types, const T& resource) {
    const std::shared_ptr<const google::protobuf::Message> message(
        std::shared_ptr<const google::protobuf::Message>(), &resource);
    return {types.FindByDescriptor(T::descriptor()),
            resource.name(),
            message,
            message,
            /*revision=*/1,
            /*deleted=*/false,
            /*wire=*/nullptr};
  }

  static bool IsIn(const Claim& claim, const query::Money& money) {
    query::Per per = query::kTotal;
    if (claim.has_recurrence()) per = {claim.recurrence().every(), claim.recurrence().unit()};
    return claim.amount().currency_code() == money.currency && per == money.per;
  }

  static void Write(const query::Money& money, query::Kind kind, Sum* sum) {
    v1::FactSheetMoneyRow& row = sum->row;
    row.set_nature(query::NatureOf(kind));
    row.set_stage(query::StageOf(kind));
    row.set_direction(query::DirectionOf(kind));
    row.set_currency_code(money.currency);
    const Claim& first = *sum->claims.front();
    if (first.has_recurrence()) *row.mutable_recurrence() = first.recurrence();
    row.set_not_stated(money.not_stated);
    if (!money.is_known()) return;
    // Without a figure of its own there are bounds at most, by that of a whole elsewhere.
    if (std::any_of(sum->claims.begin(), sum->claims.end(),
                    [](const Claim* claim) { return claim->amount().figure().has_interval(); })) {
      row.set_stated(money.stated.ToString());
    }
    auto* bounds = row.mutable_bounds();
    bounds->set_low(money.bounds.low.value.ToString());
    bounds->set_low_open(money.bounds.low.open);
    bounds->set_high_open(true);
    if (money.bounds.high.has_value()) {
      bounds->set_high(money.bounds.high->value.ToString());
      bounds->set_high_open(money.bounds.high->open);
    }
  }

  const std::string filter_;
  std::deque<catalogue::v1::Initiative> initiatives_;
  absl::flat_hash_map<const Claim*, size_t> places_;
  std::shared_ptr<const query::Snapshot> snapshot_;
  std::shared_ptr<const resource::State> catalogue_;
};

// Whether a claim that is left out tells of money of one of these.
bool TellsOf(const Claim& left_out, const std::vector<const Claim*>& claims) {
  return std::any_of(claims.begin(), claims.end(), [&](const Claim* claim) {
    return std::any_of(left_out.relations().begin(), left_out.relations().end(),
                       [&](const auto& relation) { return relation.claim() == claim->name(); });
  });
}

// Says of each claim that is left out where its money is, or could be: in the row of its kind and
// currency, of rates and statistics that of the claim that it tells of, or else in the first one of
// its kind.
void NameLeftOut(const std::vector<LeftOut>& left_out, std::vector<Row>* rows) {
  for (const LeftOut& left : left_out) {
    Row* of_kind = nullptr;
    for (Row& row : *rows) {
      if (row.kind != left.kind) continue;
      const bool fits = row.adds_up() == AddsUp(*left.claim) &&
                        row.sum.row.currency_code() == left.claim->amount().currency_code() &&
                        (row.adds_up() || TellsOf(*left.claim, row.sum.claims));
      if (fits || of_kind == nullptr) of_kind = &row;
      if (fits) break;
    }
    if (of_kind != nullptr) of_kind->sum.left_out.push_back(left.claim);
  }
}

std::vector<Sum> SumsOf(std::vector<Row> rows, const Ledger& ledger) {
  std::vector<Sum> sums;
  for (Row& row : rows) {
    auto& left_out = row.sum.left_out;
    std::sort(left_out.begin(), left_out.end(), [&](const Claim* a, const Claim* b) {
      return ledger.PlaceOf(a) < ledger.PlaceOf(b);
    });
    for (const Claim* claim : row.sum.claims) row.sum.row.add_claims(claim->name());
    for (const Claim* claim : left_out) row.sum.row.add_left_out(claim->name());
    sums.push_back(std::move(row.sum));
  }
  return sums;
}

}  // namespace

absl::StatusOr<Sums> SumMoney(const Material& material) {
  const Ledger ledger(material);
  Sums sums;
  sums.contradictory = ledger.Contradictory();

  ASSIGN_OR_RETURN(Answer by_kind, ledger.By(""));
  ASSIGN_OR_RETURN(Answer by_claim, ledger.By("top_claim"));
  std::vector<Row> money;
  for (Row& row : by_kind.rows) {
    if (row.adds_up()) money.push_back(std::move(row));
  }
  for (Row& row : by_claim.rows) {
    if (!row.adds_up()) money.push_back(std::move(row));
  }
  std::sort(money.begin(), money.end(), [&](const Row& a, const Row& b) {
    const auto key = [&](const Row& row) {
      return std::tuple(row.kind, row.sum.row.currency_code(), !row.adds_up(),
                        ledger.PlaceOf(row.sum.claims.front()));
    };
    return key(a) < key(b);
  });
  NameLeftOut(by_kind.left_out, &money);
  sums.money = SumsOf(std::move(money), ledger);

  ASSIGN_OR_RETURN(Answer by_pillar, ledger.By("pillars"));
  std::map<std::string, size_t> places;
  for (const auto& pillar : material.pillars) places.emplace(pillar.name(), places.size());
  // By the places of its pillars; none is behind all.
  std::map<std::tuple<query::Kind, std::string, std::vector<size_t>>, Row> in_order;
  for (Row& row : by_pillar.rows) {
    if (!row.adds_up()) continue;
    std::vector<size_t> of_row;
    for (const std::string& pillar : row.value) of_row.push_back(places.at(pillar));
    std::sort(of_row.begin(), of_row.end());
    for (const size_t place : of_row) {
      row.sum.row.add_pillars(material.pillars[static_cast<int>(place)].name());
    }
    if (of_row.empty()) of_row.push_back(places.size());
    std::tuple key(row.kind, row.sum.row.currency_code(), std::move(of_row));
    in_order.emplace(std::move(key), std::move(row));
  }
  std::vector<Row> rows;
  for (auto& [key, row] : in_order) rows.push_back(std::move(row));
  sums.by_pillar = SumsOf(std::move(rows), ledger);
  return sums;
}

}  // namespace entente::gateway::factsheet
