// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/funding/query/naive_side.h"

namespace entente::funding::query::naive {

Tree& Side::TreeOf(int top) {
  const auto [found, inserted] = trees_.try_emplace(top);
  Tree& tree = found->second;
  if (!inserted) return tree;
  tree.top = top;
  std::vector<std::tuple<int, int, Range>> statements;
  LayOut(top, divisions_, &tree.variables, &statements);
  tree.program = ProgramOf(tree.variables, statements);
  // The variables of a claim are in the order of its parcels.
  std::map<int, int> next;
  for (size_t i = 0; i < tree.variables.size(); ++i) {
    const int claim = tree.variables[i].claim;
    int skip = next[claim]++;
    for (Parcel& parcel : parcels_) {
      if (parcel.claim != claim || skip-- > 0) continue;
      parcel.variable = static_cast<int>(i);
      break;
    }
  }
  return tree;
}

void Side::AddTree(int top, const std::vector<int>& parcels, std::map<Sort, Sum>* sums) {
  Tree& tree = TreeOf(top);
  const Denomination& denomination = DenominationOf(top);
  const cpp_rational* rate = denomination.rate.has_value() ? &*denomination.rate : nullptr;
  const int64_t periods = request_.horizon().empty() ? 1 : PeriodsOf(top);
  Sum& sum = (*sums)[denomination.sort];
  std::vector<bool> row(tree.variables.size(), false);
  for (const int p : parcels) {
    row[static_cast<size_t>(parcels_[static_cast<size_t>(p)].variable)] = true;
  }
  // The claims all of whose own money is in the row.
  std::set<int> whole;
  for (const Tree::Variable& variable : tree.variables) whole.insert(variable.claim);
  for (size_t i = 0; i < row.size(); ++i) {
    if (!row[i]) whole.erase(tree.variables[i].claim);
  }
  bool summed = false;
  for (size_t i = 0; i < row.size(); ++i) {
    if (!row[i]) continue;
    const Tree::Variable& variable = tree.variables[i];
    summed = summed || variable.summed;
    sum.stated.Add(variable.stated * periods, rate);
    if (variable.stated < 0 && !IsNegative(variable.claim)) {
      sum.excess.Add(-variable.stated * periods, rate);
    }
    if (variable.has_figure) {
      AddExact(&tree, i, periods, denomination, &sum);
      continue;
    }
    const int stated = Origin(variable.claim, [](const Claim& claim) {
      return claim.amount().figure().qualifier() != type::v1::QUALIFIER_NOT_STATED;
    });
    if (whole.count(stated) == 0) ++sum.not_stated;
  }
  if (summed) ++sum.claims;
  const Range range = tree.RangeOf(row);
  sum.low.Add(range.low * periods, rate);
  sum.low_open = sum.low_open || range.low_open;
  if (range.high.has_value()) {
    sum.high.Add(*range.high * periods, rate);
    sum.high_open = sum.high_open || range.high_open;
  } else {
    sum.unbounded = true;
  }
  if (denomination.applied.has_value()) {
    sum.rates[denomination.applied->SerializeAsString()] = *denomination.applied;
  }
}

void Side::AddExact(Tree* tree, size_t variable, int64_t periods, const Denomination& denomination,
                    Sum* sum) const {
  const bool measured = std::any_of(request_.measures().begin(), request_.measures().end(),
                                    [](int measure) { return measure != v1::MEASURE_SHARE; });
  if (!measured) return;
  std::vector<bool> alone(tree->variables.size(), false);
  alone[variable] = true;
  const Range range = tree->RangeOf(alone);
  if (range.high != range.low || range.low_open || range.high_open) return;
  Terms amount;
  const cpp_rational* rate = denomination.rate.has_value() ? &*denomination.rate : nullptr;
  sum->exact.Add(range.low * periods, rate);
  amount.Add(range.low * periods, rate);
  const int64_t one =
      amount.Total(rate != nullptr, DigitsOf(std::get<2>(denomination.sort)), Round::kHalfEven);
  ++sum->exact_amounts;
  sum->min = std::min(one, sum->min.value_or(one));
  sum->max = std::max(one, sum->max.value_or(one));
}

v1::MoneySum Side::Written(const Sort& sort, const Sum& sum, const Row* total) const {
  const auto& [not_converted, per, currency] = sort;
  const bool converted = !not_converted;
  const int digits = DigitsOf(currency);
  v1::MoneySum written;
  written.set_currency_code(currency);
  if (per != Per{0, 0}) {
    written.mutable_recurrence()->set_every(per.first);
    written.mutable_recurrence()->set_unit(static_cast<v1::RecurrenceUnit>(per.second));
  }
  if (sum.claims > 0) {
    auto* bounds = written.mutable_bounds();
    bounds->set_low(TextOf(sum.low.Total(converted, digits, Round::kDown)));
    bounds->set_low_open(sum.low_open);
    if (!sum.unbounded) bounds->set_high(TextOf(sum.high.Total(converted, digits, Round::kUp)));
    bounds->set_high_open(sum.unbounded || sum.high_open);
    written.set_stated(TextOf(sum.stated.Total(converted, digits, Round::kHalfEven)));
  }
  const int64_t excess = sum.excess.Total(converted, digits, Round::kHalfEven);
  if (excess != 0) written.set_excess(TextOf(excess));
  written.set_claims(sum.claims);
  written.set_not_stated(sum.not_stated);
  written.set_exact_amounts(sum.exact_amounts);
  for (const int measure : request_.measures()) {
    if (measure == v1::MEASURE_MIN && sum.min.has_value()) written.set_min(TextOf(*sum.min));
    if (measure == v1::MEASURE_MAX && sum.max.has_value()) written.set_max(TextOf(*sum.max));
    if (measure == v1::MEASURE_MEAN && sum.exact_amounts > 0) {
      written.set_mean(TextOf(sum.exact.Mean(converted, digits, sum.exact_amounts)));
    }
    const v1::MoneySum* of = total == nullptr ? nullptr : total->Find(sort);
    if (measure == v1::MEASURE_SHARE && sum.claims > 0 && of != nullptr && of->stated() != "0") {
      const cpp_rational share =
          cpp_rational(UnitsOf(written.stated())) * 1'000'000 / UnitsOf(of->stated());
      written.set_share_percent(TextOf(Rounded(share, Round::kHalfEven), 4));
    }
  }
  for (const auto& [ignored, rate] : sum.rates) *written.add_rates() = rate;
  return written;
}

bool Side::IsDate(size_t dimension) const {
  const std::string& field = request_.group_by(static_cast<int>(dimension)).field();
  return field == "value_date" || field == "period";
}

Key Side::KeyOf(const Parcel& parcel) const {
  Key key;
  for (const auto& dimension : request_.group_by()) key.push_back(ValueOf(parcel, dimension));
  return key;
}

Value Side::ValueOf(const Parcel& parcel, const v1::Dimension& dimension) const {
  const std::string& field = dimension.field();
  const ClaimFacts& facts = parcel.facts;
  if (field == "places") return parcel.places;
  if (field == "countries") return OfKind(parcel.places, catalogue::v1::PLACE_KIND_COUNTRY);
  if (field == "regions") return OfKind(parcel.places, catalogue::v1::PLACE_KIND_REGION);
  if (field == "sectors") {
    if (dimension.level() == 0 || parcel.sectors.members.empty()) return parcel.sectors;
    const auto level = static_cast<size_t>(dimension.level());
    std::vector<std::string> codes;
    bool wider = false;
    for (const std::string& code : parcel.sectors.members) {
      wider = wider || code.size() < level;
      codes.push_back(code.substr(0, level));
    }
    return SaysAll(codes, wider ? Says::kWider : Says::kStated);
  }
  if (field == "initiative" && dimension.level() > 0 && !facts.initiative().empty()) {
    const std::vector<std::string> names = Upwards(facts.initiative());
    const auto level = static_cast<size_t>(dimension.level());
    if (names.size() < level) return SaysAll({names.front()}, Says::kWider);
    return SaysAll({names[names.size() - level]});
  }
  if (field == "value_date") return BucketOf(facts.value_date(), dimension);
  if (field == "period") return BucketOf(facts.period(), dimension);
  const auto* descriptor = ClaimFacts::descriptor()->FindFieldByName(field);
  const auto* reflection = facts.GetReflection();
  if (descriptor->is_repeated()) {
    std::vector<std::string> members;
    for (int i = 0; i < reflection->FieldSize(facts, descriptor); ++i) {
      // Parties are in the facts by all their names; the row is that of the last one.
      members.push_back(world_.LastNameOf(reflection->GetRepeatedString(facts, descriptor, i)));
    }
    return SaysAll(members);
  }
  switch (descriptor->cpp_type()) {
    case google::protobuf::FieldDescriptor::CPPTYPE_BOOL:
      return Says1(reflection->GetBool(facts, descriptor) ? "true" : "false");
    case google::protobuf::FieldDescriptor::CPPTYPE_ENUM: {
      const auto* number = reflection->GetEnum(facts, descriptor);
      if (number->number() == 0) return {};
      Value value = Says1(std::string(number->name()));
      value.number = number->number();
      return value;
    }
    default:
      return Says1(reflection->GetString(facts, descriptor));
  }
}

std::string Side::MonthText(int64_t year, int month) {
  return absl::StrCat(year, "-", absl::Dec(month, absl::kZeroPad2));
}

Value Side::BucketOf(const type::v1::ImpreciseDate& date, const v1::Dimension& dimension) {
  if (date.edtf().empty()) return {};
  Value wider = SaysAll({date.edtf()}, Says::kWider);
  wider.first = date.earliest();
  wider.last = date.latest();
  if (date.earliest().empty() || date.latest().empty()) return wider;
  const absl::CivilDay first = *FirstDay(date.earliest());
  const absl::CivilDay last = *FirstDay(date.latest());
  // The first days of a bucket and of the next one, and the label.
  absl::CivilDay begin;
  absl::CivilDay next;
  std::string label;
  switch (dimension.unit()) {
    case v1::PERIOD_UNIT_DAY:
      begin = first;
      next = first + 1;
      label = absl::FormatCivilTime(first);
      break;
    case v1::PERIOD_UNIT_MONTH:
      begin = absl::CivilDay(first.year(), first.month(), 1);
      next = absl::CivilDay(first.year(), first.month() + 1, 1);
      label = MonthText(first.year(), first.month());
      break;
    case v1::PERIOD_UNIT_QUARTER: {
      const int quarter = (first.month() + 2) / 3;
      begin = absl::CivilDay(first.year(), 3 * quarter - 2, 1);
      next = absl::CivilDay(first.year(), 3 * quarter + 1, 1);
      label = absl::StrCat(first.year(), "-Q", quarter);
      break;
    }
    case v1::PERIOD_UNIT_YEAR:
      begin = absl::CivilDay(first.year(), 1, 1);
      next = absl::CivilDay(first.year() + 1, 1, 1);
      label = absl::StrCat(first.year());
      break;
    default: {
      // Those of the United States, or from --07-01 on.
      const int month = dimension.fiscal_year() == "US" ? 10 : 7;
      const int64_t year = first.month() >= month ? first.year() : first.year() - 1;
      begin = absl::CivilDay(year, month, 1);
      next = absl::CivilDay(year + 1, month, 1);
      label = absl::StrCat("FY", year + 1);
    }
  }
  if (last >= next) return wider;
  Value bucket = SaysAll({label});
  bucket.first = absl::FormatCivilTime(begin);
  bucket.last = absl::FormatCivilTime(next - 1);
  return bucket;
}

std::optional<std::string> Side::TitleOf(const std::string& name) const {
  if (const auto place = world_.places.find(name); place != world_.places.end()) {
    return place->second.title().text();
  }
  if (const auto it = world_.initiatives.find(name); it != world_.initiatives.end()) {
    return it->second.title().text();
  }
  if (const auto title = world_.organisation_titles.find(name);
      title != world_.organisation_titles.end()) {
    return title->second;
  }
  if (const auto claim = ids_.find(name); claim != ids_.end()) {
    return At(claim->second).title().text();
  }
  return std::nullopt;
}

v1::DimensionValue Side::Written(const Value& value) const {
  v1::DimensionValue written;
  if (value.any) {
    written.set_kind(v1::DIMENSION_VALUE_KIND_ANY);
    return written;
  }
  const v1::DimensionValueKind kinds[] = {
      v1::DIMENSION_VALUE_KIND_STATED, v1::DIMENSION_VALUE_KIND_WIDER,
      v1::DIMENSION_VALUE_KIND_UNALLOCATED, v1::DIMENSION_VALUE_KIND_NOT_STATED};
  written.set_kind(kinds[static_cast<int>(value.says)]);
  written.set_value(absl::StrJoin(value.members, " + "));
  std::vector<std::string> titles;
  for (const std::string& member : value.members) {
    const auto title = TitleOf(member);
    if (!title.has_value()) break;
    titles.push_back(*title);
  }
  if (titles.size() == value.members.size()) written.set_title(absl::StrJoin(titles, " + "));
  written.set_earliest(value.first);
  written.set_latest(value.last);
  return written;
}

}  // namespace entente::funding::query::naive
