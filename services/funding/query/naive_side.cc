// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/naive_side.h"

#include <algorithm>
#include <utility>

#include "common/resource/methods.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace entente::funding::query::naive {

Value Says1(const std::string& member) {
  Value value;
  if (!member.empty()) {
    value.says = Says::kStated;
    value.members = {member};
  }
  return value;
}

Value SaysAll(const std::vector<std::string>& members, Says says) {
  const std::set<std::string> sorted(members.begin(), members.end());
  Value value;
  if (!sorted.empty()) value.says = says;
  value.members.assign(sorted.begin(), sorted.end());
  return value;
}

const filter::Schema& SchemaOfFacts() {
  static const auto* const schema =
      new filter::Schema(resource::MakeSchema(ClaimFacts::descriptor()).value());
  return *schema;
}

const filter::Filter& FilterOf(const std::string& text) {
  static auto* const filters = new std::map<std::string, filter::Filter>();
  const auto [found, inserted] = filters->try_emplace(text);
  if (inserted) found->second = filter::Filter::Compile(text, SchemaOfFacts()).value();
  return found->second;
}

void FieldsIn(const Wish& wish, std::vector<std::string>* fields) {
  if (wish.kind == Wish::Kind::kCondition) fields->push_back(wish.field);
  for (const Wish& operand : wish.operands) FieldsIn(operand, fields);
}

bool IsOfPlaces(const std::string& field) {
  return field == "places" || field == "countries" || field == "regions" || field == "within";
}

bool IsOfInitiatives(const std::string& field) {
  return field == "initiative" || field == "initiatives" || field == "pillars";
}

bool IsKind(const std::string& field) {
  return field == "nature" || field == "stage" || field == "direction";
}

Side::Side(const World& world, const v1::QueryFundingRequest& request, const Wish& filter)
    : world_(world), request_(request), filter_(filter) {
  std::vector<std::string> fields;
  FieldsIn(filter, &fields);
  for (const auto& dimension : request.group_by()) fields.push_back(dimension.field());
  for (const std::string& field : fields) {
    by_places_ = by_places_ || IsOfPlaces(field);
    by_sectors_ = by_sectors_ || field == "sectors";
  }
  ReadClaims();
  for (int claim = 0; claim < Size(); ++claim) MakeParcels(claim);
  Pick();
}

absl::Status Side::CheckMixing(const Side* other) const {
  std::map<std::vector<int>, std::vector<std::set<int>>> classes;
  for (const Side* side : {this, other}) {
    if (side == nullptr) continue;
    for (const Parcel& parcel : side->parcels_) {
      if (!parcel.in || !side->IsUsable(parcel.claim)) continue;
      auto& found = classes.try_emplace(ClassOf(parcel), 3).first->second;
      const std::vector<int> kinds = KindsOf(parcel);
      for (size_t i = 0; i < 3; ++i) found[i].insert(kinds[i]);
    }
  }
  std::map<std::string, std::set<std::string>> mixed;
  for (const auto& [ignored, found] : classes) {
    const bool statistic = found[0].count(v1::CLAIM_NATURE_STATISTIC) > 0;
    if (found[0].size() > 1 && (statistic || !MayMix(v1::MONEY_KIND_NATURE))) {
      for (const int nature : found[0]) {
        mixed["nature"].insert(v1::ClaimNature_Name(static_cast<v1::ClaimNature>(nature)));
      }
    }
    if (found[1].size() > 1 && !MayMix(v1::MONEY_KIND_STAGE)) {
      for (const int stage : found[1]) {
        mixed["stage"].insert(v1::ClaimStage_Name(static_cast<v1::ClaimStage>(stage)));
      }
    }
    if (found[2].size() > 1 && !MayMix(v1::MONEY_KIND_DIRECTION)) {
      for (const int direction : found[2]) {
        mixed["direction"].insert(
            v1::ClaimDirection_Name(static_cast<v1::ClaimDirection>(direction)));
      }
    }
  }
  if (mixed.empty()) return absl::OkStatus();
  std::map<std::string, std::vector<std::string>> ways;
  for (const auto& [way, names] : mixed) ways[way] = {names.begin(), names.end()};
  return errors::MixedKinds(ways);
}

absl::Status Side::Prepare() {
  RETURN_IF_ERROR(CheckMixing(nullptr));
  FindSameMoney(false);
  FindSameMoney(true);
  for (size_t p = 0; p < parcels_.size(); ++p) {
    if (parcels_[p].in) in_.push_back(static_cast<int>(p));
  }
  return absl::OkStatus();
}

std::map<Key, std::vector<int>> Side::Groups() const {
  std::map<Key, std::vector<int>> groups;
  if (request_.group_by().empty()) groups[{}];
  for (const int p : in_) groups[KeyOf(parcels_[static_cast<size_t>(p)])].push_back(p);
  return groups;
}

std::map<Key, std::vector<int>> Side::Rows(const Side* other) const {
  const std::map<Key, std::vector<int>> groups = Groups();
  if (!request_.cumulative()) return groups;
  std::map<Key, std::vector<int>> all = groups;
  if (other != nullptr) all.merge(other->Groups());
  size_t along = 0;
  while (!IsDate(along)) ++along;
  std::map<Key, std::vector<int>> rows;
  for (const auto& [key, parcels] : groups) {
    bool elsewhere = false;
    for (const auto& [later, ignored] : all) {
      Key others = later;
      others[along] = key[along];
      if (others != key || later[along].says != Says::kStated || key[along].last.empty() ||
          later[along].last < key[along].last) {
        continue;
      }
      std::vector<int>& row = rows[later];
      row.insert(row.end(), parcels.begin(), parcels.end());
      elsewhere = true;
    }
    if (!elsewhere) rows[key] = parcels;
  }
  return rows;
}

std::map<Key, std::vector<int>> Side::Totals() const {
  std::map<Key, std::vector<int>> totals;
  for (const auto& [key, parcels] : Groups()) {
    std::vector<int>& total = totals[TotalOf(key)];
    total.insert(total.end(), parcels.begin(), parcels.end());
  }
  if (totals.empty()) {
    Value any;
    any.any = true;
    totals[Key(static_cast<size_t>(request_.group_by_size()), any)];
  }
  return totals;
}

std::map<std::pair<Key, std::vector<int>>, std::vector<int>> Side::Could() const {
  std::map<std::pair<Key, std::vector<int>>, std::vector<int>> rows;
  for (size_t p = 0; p < parcels_.size(); ++p) {
    if (parcels_[p].could) {
      rows[{KeyOf(parcels_[p]), KindsOf(parcels_[p])}].push_back(static_cast<int>(p));
    }
  }
  return rows;
}

Key Side::TotalOf(Key key) const {
  for (int i = 0; i < request_.group_by_size(); ++i) {
    if (IsKind(request_.group_by(i).field())) continue;
    key[static_cast<size_t>(i)] = Value();
    key[static_cast<size_t>(i)].any = true;
  }
  return key;
}

Row Side::MakeRow(v1::FundingRowKind kind, const Key& key, std::vector<int> parcels,
                  const Row* total) {
  std::sort(parcels.begin(), parcels.end());
  Row row;
  row.written.set_kind(kind);
  for (const Value& value : key) *row.written.add_values() = Written(value);
  std::map<v1::LeftOutReason, std::set<std::string>> left;
  std::set<int> kinds[3];
  std::map<int, std::vector<int>> by_tree;
  for (const int p : parcels) {
    const Parcel& parcel = parcels_[static_cast<size_t>(p)];
    const std::string& name = claims_[static_cast<size_t>(parcel.claim)]->name();
    const v1::LeftOutReason reason = LeftOutFor(parcel);
    if (reason != v1::LEFT_OUT_REASON_UNSPECIFIED) left[reason].insert(name);
    if (reason == v1::LEFT_OUT_REASON_UNSPECIFIED || kind == v1::FUNDING_ROW_KIND_COULD_INCLUDE) {
      const std::vector<int> of_parcel = KindsOf(parcel);
      for (size_t i = 0; i < 3; ++i) kinds[i].insert(of_parcel[i]);
    }
    if (reason != v1::LEFT_OUT_REASON_UNSPECIFIED) continue;
    by_tree[TopOf(parcel.claim)].push_back(p);
    for (const v1::LeftOutReason note : NotesOf(parcel)) left[note].insert(name);
  }
  for (const auto& [reason, names] : left) {
    v1::LeftOut* left_out = row.written.add_left_out();
    left_out->set_reason(reason);
    left_out->set_claims(static_cast<int64_t>(names.size()));
    for (const std::string& name : names) {
      if (left_out->examples_size() < 10) left_out->add_examples(name);
    }
  }
  for (const int nature : kinds[0]) row.written.add_natures(static_cast<v1::ClaimNature>(nature));
  for (const int stage : kinds[1]) row.written.add_stages(static_cast<v1::ClaimStage>(stage));
  for (const int direction : kinds[2]) {
    row.written.add_directions(static_cast<v1::ClaimDirection>(direction));
  }
  row.written.set_claims(static_cast<int64_t>(by_tree.size()));
  std::map<Sort, Sum> sums;
  for (const auto& [top, of_tree] : by_tree) AddTree(top, of_tree, &sums);
  for (auto& [sort, sum] : sums) {
    row.sorts.push_back(sort);
    *row.written.add_sums() = Written(sort, sum, total);
  }
  return row;
}

}  // namespace entente::funding::query::naive
