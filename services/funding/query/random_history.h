// SPDX-License-Identifier: Apache-2.0
//
// For tests: claims as they change, revision after revision, in every way that claims can.
//
//   History history(1, 30);                // at most 30 claims
//   Ledger ledger = Settings()[0].ledger;
//   ledger.Commit(history.Next());         // as often as you like
//   WorldAt(Settings()[0].world, *ledger.funding());   // what NaiveAnswer is asked about
//
// Claims come, go and come back; figures, places, percentages, relations, currencies and kinds of
// money change; parts move to other wholes, wholes become parts and parts wholes; and at times only
// a rate changes, or nothing does.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_RANDOM_HISTORY_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_RANDOM_HISTORY_H_

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/funding/query/random_ledger.h"

namespace entente::funding::query {

class History {
 public:
  History(uint32_t seed, int most_claims)
      : rng_(seed),
        one_kind_(Percent(rng_, 50)),
        part_percent_(OneOf<int>(rng_, {5, 20, 50})),
        usual_(OneOf<std::string>(rng_, {"USD", "USD", "EUR", "JPY"})),
        all_(static_cast<size_t>(most_claims)) {
    for (size_t i = 0; i < all_.size(); ++i) {
      // Those that filters ask for are among them.
      all_[i].claim.set_name(absl::StrCat("claims/", i < 26 ? "" : "z",
                                          std::string(1, "abcdefghijklmnopqrstuvwxyz"[i % 26])));
    }
    std::shuffle(all_.begin(), all_.end(), rng_);
  }

  // What the next revision changes: at least one resource, and each once.
  std::vector<log::Change> Next() {
    touched_.clear();
    if (Percent(rng_, 4)) return {NextRates()};
    for (int n = OneOf<int>(rng_, {1, 1, 1, 1, 2, 3, 8}); n > 0 || touched_.empty(); --n) Change();
    std::vector<log::Change> changes;
    for (const int i : touched_) {
      Known& known = At(i);
      log::Change change = Ledger::PutOf(known.claim);
      if (known.is == Is::kDeleted) {
        change.kind = log::ChangeKind::kDelete;
      } else if (known.was == Is::kDeleted) {
        change.kind = log::ChangeKind::kUndelete;
      }
      known.was = known.is;
      changes.push_back(std::move(change));
    }
    std::shuffle(changes.begin(), changes.end(), rng_);
    return changes;
  }

 private:
  enum class Is { kNever, kThere, kDeleted };

  struct Known {
    v1::Claim claim;
    Is is = Is::kNever;
    Is was = Is::kNever;  // after the last revision
    int whole = -1;       // what it says that it is part of, whether or not that is there
    int64_t own = 0;      // what no part of it itemises, in hundredths
  };

  Known& At(int i) { return all_[static_cast<size_t>(i)]; }
  int Size() const { return static_cast<int>(all_.size()); }
  bool IsThere(int i) { return At(i).is == Is::kThere; }
  int WholeOf(int i) { return At(i).whole >= 0 && IsThere(At(i).whole) ? At(i).whole : -1; }
  std::vector<int> PartsOf(int whole) {
    std::vector<int> parts;
    for (int i = 0; i < Size(); ++i) {
      if (IsThere(i) && At(i).whole == whole) parts.push_back(i);
    }
    return parts;
  }
  // Whether `i` is `above` or part of it, or would be if all that is deleted came back: no cycle
  // can come of it.
  bool LeadsTo(int i, int above) {
    while (i >= 0 && i != above) i = At(i).whole;
    return i == above;
  }
  int DepthOf(int i) {
    int depth = 0;
    for (; i >= 0; i = WholeOf(i)) ++depth;
    return depth;
  }
  // One of those that are, or are not, there; -1 if there is none.
  int Some(bool there) {
    std::vector<int> some;
    for (int i = 0; i < Size(); ++i) {
      if (IsThere(i) == there) some.push_back(i);
    }
    return some.empty() ? -1 : OneOf(rng_, some);
  }
  // A claim that `i` can be part of; -1 for none.
  int SomeWholeFor(int i) {
    const int whole = Some(true);
    return whole < 0 || LeadsTo(whole, i) || DepthOf(whole) > 3 ? -1 : whole;
  }

  void MakePartOf(int whole, int i) {
    Known& known = At(i);
    known.whole = whole;
    known.claim.set_part_of(whole < 0 ? "" : At(whole).claim.name());
    if (whole < 0 ? one_kind_ : Percent(rng_, 80)) {
      known.claim.set_direction(whole < 0 ? v1::CLAIM_DIRECTION_OUTGOING
                                          : v1::CLAIM_DIRECTION_UNSPECIFIED);
    }
    touched_.insert(i);
    Adopt(i);
  }

  // Makes `i` money of the sort that its whole is, and all that is part of it.
  void Adopt(int i) {
    const int whole = WholeOf(i);
    if (whole >= 0) {
      v1::Claim* claim = &At(i).claim;
      const std::string before = claim->SerializeAsString();
      SetKind(At(whole).claim, claim);
      if (claim->SerializeAsString() != before) touched_.insert(i);
    }
    for (const int part : PartsOf(i)) Adopt(part);
  }

  int64_t TruthOf(int i) {
    int64_t truth = At(i).own;
    for (const int part : PartsOf(i)) truth += TruthOf(part);
    return truth;
  }

  void StateFigure(int i) {
    type::v1::Figure* figure = At(i).claim.mutable_amount()->mutable_figure();
    figure->Clear();
    const bool flat = WholeOf(i) < 0 && PartsOf(i).empty();
    if (flat && Percent(rng_, 4)) {
      figure->set_value(absl::StrCat("-", Uniform(rng_, 1, 20), ".5"));
    } else if (flat && Percent(rng_, 1)) {
      figure->set_value("50000000000000");  // more than 52 bits of cents
    } else {
      SetFigure(rng_, TruthOf(i), Percent(rng_, 1), figure);
    }
    // Nothing is nearly 0.
    const bool exact = figure->value() == "0" || (flat && Percent(rng_, 50));
    if (exact && !figure->value().empty()) {
      figure->set_qualifier(type::v1::QUALIFIER_EXACT);
      figure->clear_tolerance_percent();
    }
    touched_.insert(i);
  }

  // Mostly, those who change a figure see to it that all above it fit again.
  void StateFigures(int i) {
    if (Percent(rng_, 10)) return;
    for (; i >= 0; i = WholeOf(i)) StateFigure(i);
  }

  void Change() {
    switch (Uniform(rng_, 0, 15)) {
      case 0:
      case 1:
      case 2:
        return Create();
      case 3:
      case 4:
        return ChangeFigure();
      case 5:
        return ChangeAttributes();
      case 6:
        return ChangePercentages();
      case 7:
      case 8:
        return Move();
      case 9:
        return ChangeKind();
      case 10:
        return Relate();
      case 11:
        return Unrelate();
      case 12:
      case 13:
        return Delete();
      case 14:
        return Undelete();
      default:
        // The same again.
        if (const int i = Some(true); i >= 0) touched_.insert(i);
    }
  }

  void Create() {
    const int i = Some(false);
    if (i < 0) return;
    v1::Claim claim;
    claim.set_name(At(i).claim.name());
    SetAttributes(rng_, &claim);
    SetKind(rng_, usual_, one_kind_, &claim);
    At(i).claim = std::move(claim);
    At(i).is = Is::kThere;
    At(i).own = Percent(rng_, 70) ? Uniform(rng_, 0, 30) * 100 : Uniform(rng_, 0, 3000);
    MakePartOf(Percent(rng_, part_percent_) ? SomeWholeFor(i) : -1, i);
    StateFigure(i);
    StateFigures(WholeOf(i));
  }

  void ChangeFigure() {
    const int i = Some(true);
    if (i < 0) return;
    At(i).own = Uniform(rng_, 0, 30) * 100;
    StateFigure(i);
    StateFigures(WholeOf(i));
  }

  void ChangeAttributes() {
    const int i = Some(true);
    if (i < 0) return;
    v1::Claim claim;
    claim.set_name(At(i).claim.name());
    claim.set_part_of(At(i).claim.part_of());
    *claim.mutable_amount() = At(i).claim.amount();
    *claim.mutable_relations() = At(i).claim.relations();
    SetAttributes(rng_, &claim);
    SetKind(At(i).claim, &claim);
    if (WholeOf(i) < 0 ? one_kind_ : Percent(rng_, 80)) {
      claim.set_direction(At(i).claim.direction());
    }
    At(i).claim = std::move(claim);
    touched_.insert(i);
  }

  void ChangePercentages() {
    const int i = Some(true);
    if (i < 0) return;
    auto* places = At(i).claim.mutable_places();
    const bool divided = std::any_of(places->begin(), places->end(),
                                     [](const auto& place) { return !place.percentage().empty(); });
    if (!divided && places->size() < 2) {
      places->Clear();
      places->Add()->set_place("places/laos");
      places->Add()->set_place("places/fiji");
    }
    std::vector<std::string> percentages(static_cast<size_t>(places->size()));
    if (!divided) percentages = {"60", "30"};
    percentages.resize(static_cast<size_t>(places->size()));
    for (int place = 0; place < places->size(); ++place) {
      (*places)[place].set_percentage(percentages[static_cast<size_t>(place)]);
    }
    touched_.insert(i);
  }

  void Move() {
    const int i = Some(true);
    if (i < 0) return;
    const int before = WholeOf(i);
    MakePartOf(Percent(rng_, 20 + part_percent_) ? SomeWholeFor(i) : -1, i);
    if (Percent(rng_, 30)) return;  // figures as they were, whatever comes of it
    StateFigures(before);
    StateFigures(i);
  }

  void ChangeKind() {
    int i = Some(true);
    if (i < 0) return;
    while (WholeOf(i) >= 0) i = WholeOf(i);
    SetKind(rng_, usual_, one_kind_, &At(i).claim);
    touched_.insert(i);
    Adopt(i);
  }

  // No relation of one kind leads back, but several kinds together can.
  void Relate() {
    int from = Some(true);
    int to = Some(true);
    v1::ClaimRelationKind kind = RandomRelationKind(rng_);
    // Several that are related to one, likewise.
    const std::vector<int> related = Related();
    const bool several = !related.empty() && Percent(rng_, 40);
    if (several) {
      const auto& other = At(OneOf(rng_, related)).claim.relations(0);
      kind = other.kind();
      to = 0;
      while (At(to).claim.name() != other.claim()) ++to;
    }
    if (from < 0 || from == to) return;
    if ((from < to) == (kind % 2 == 0)) {
      if (several) return;
      std::swap(from, to);
    }
    v1::Claim* claim = &At(from).claim;
    for (const v1::ClaimRelation& relation : claim->relations()) {
      if (relation.kind() == kind && relation.claim() == At(to).claim.name()) return;
    }
    v1::ClaimRelation* relation = claim->add_relations();
    relation->set_kind(kind);
    relation->set_claim(At(to).claim.name());
    touched_.insert(from);
  }

  std::vector<int> Related() {
    std::vector<int> related;
    for (int i = 0; i < Size(); ++i) {
      if (IsThere(i) && At(i).claim.relations_size() > 0) related.push_back(i);
    }
    return related;
  }

  void Unrelate() {
    const std::vector<int> related = Related();
    if (related.empty()) return;
    const int i = OneOf(rng_, related);
    auto* relations = At(i).claim.mutable_relations();
    relations->erase(relations->begin() + Uniform(rng_, 0, relations->size() - 1));
    touched_.insert(i);
  }

  // With its parts; or they become parts of its whole; or, as no service lets it come to, they go
  // on naming it. Relations to it stay, likewise.
  void Delete() {
    const int i = Some(true);
    if (i < 0) return;
    const int whole = WholeOf(i);
    const int parts = Uniform(rng_, 0, 9);
    if (parts < 5) {
      DeleteWithParts(i);
    } else {
      const std::vector<int> orphans = PartsOf(i);
      At(i).is = Is::kDeleted;
      touched_.insert(i);
      for (const int part : orphans) {
        if (parts < 8) MakePartOf(whole, part);
      }
    }
    StateFigures(whole);
  }

  void DeleteWithParts(int i) {
    for (const int part : PartsOf(i)) DeleteWithParts(part);
    At(i).is = Is::kDeleted;
    touched_.insert(i);
  }

  void Undelete() {
    std::vector<int> deleted;
    for (int i = 0; i < Size(); ++i) {
      if (At(i).is == Is::kDeleted) deleted.push_back(i);
    }
    if (deleted.empty()) return;
    const int i = OneOf(rng_, deleted);
    At(i).is = Is::kThere;
    touched_.insert(i);
    Adopt(i);
    if (Percent(rng_, 50)) StateFigures(WholeOf(i));
  }

  log::Change NextRates() {
    v1::RateSeries series;
    series.set_name("rateSeries/h");
    series.set_kind(v1::RATE_KIND_DAILY_REFERENCE);
    series.set_source("Source: h");
    series.set_base_currency_code("EUR");
    series.set_quote_currency_code("USD");
    for (const char* date : {"2022-12-30", "2023-09-05", "2024-12-31"}) {
      v1::Rate* rate = series.add_rates();
      rate->set_date(date);
      rate->set_value(absl::StrCat("1.1", Uniform(rng_, 10, 99), Uniform(rng_, 1, 9)));
    }
    return {series.name(), Percent(rng_, 20) ? log::ChangeKind::kDelete : log::ChangeKind::kPut,
            series.SerializeAsString()};
  }

  std::mt19937 rng_;
  const bool one_kind_;
  const int part_percent_;  // how many claims are made parts
  const std::string usual_;
  std::vector<Known> all_;  // in the order in which relations may lead from one to another
  std::set<int> touched_;   // by the revision that is being made
};

// `world` with the claims and the rates of `state`.
inline World WorldAt(World world, const resource::State& state) {
  world.claims.clear();
  world.rates.clear();
  const auto all = [&](const google::protobuf::Descriptor* descriptor, const auto& add) {
    state.Scan(*state.registry().FindByDescriptor(descriptor), "",
               [&](const resource::Entry& entry) {
                 if (!entry.deleted) add(entry);
                 return true;
               });
  };
  all(v1::Claim::descriptor(),
      [&](const resource::Entry& entry) { world.claims.push_back(entry.As<v1::Claim>()); });
  all(v1::RateSeries::descriptor(),
      [&](const resource::Entry& entry) { world.rates.push_back(entry.As<v1::RateSeries>()); });
  return world;
}

// Whether the slow way, which counts in millionths, with 64 bits, cannot add up all of it.
inline bool IsTooMuch(const World& world) {
  return std::any_of(world.claims.begin(), world.claims.end(), [](const v1::Claim& claim) {
    return claim.amount().figure().value().size() > 9;
  });
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_RANDOM_HISTORY_H_
