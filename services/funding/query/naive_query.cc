// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/naive_query.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/figure/decimal.h"
#include "common/filter/filter.h"
#include "common/resource/methods.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace entente::funding::query {
namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
using catalogue::v1::PlaceKind;
using figure::Decimal;
using Range = PrefixProgram::Range;
using v1::Claim;
using v1::ClaimFacts;

// Amounts are counted in millionths: more places than any figure of a test has.
constexpr int kPlaces = 6;
constexpr int64_t kOne = 1'000'000;

int64_t UnitsOf(const std::string& text) {
  const Decimal decimal = Decimal::Parse(text).value();
  if (decimal.scale() > kPlaces) std::abort();
  auto units = static_cast<int64_t>(decimal.coefficient());
  for (int scale = decimal.scale(); scale < kPlaces; ++scale) units *= 10;
  return units;
}

std::string TextOf(int64_t units, int places = kPlaces) {
  return Decimal::FromUnits(units, places).value().ToString();
}

enum class Round { kDown, kHalfEven, kUp };

int64_t Rounded(const cpp_rational& number, Round round) {
  const cpp_int numerator = boost::multiprecision::numerator(number);
  const cpp_int denominator = boost::multiprecision::denominator(number);
  cpp_int floor = numerator / denominator;
  if (floor * denominator > numerator) --floor;
  const cpp_rational over = number - cpp_rational(floor);
  bool up = round == Round::kUp && over > 0;
  if (round == Round::kHalfEven) {
    const cpp_rational half(1, 2);
    up = over > half || (over == half && floor % 2 != 0);
  }
  return static_cast<int64_t>(up ? cpp_int(floor + 1) : floor);
}

int64_t Power(int exponent) {
  int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// Of the currencies that tests use.
int DigitsOf(const std::string& currency) { return currency == "JPY" ? 0 : 2; }

// Divides by percentages, in hundredths of a percent that come to 10,000 in all.
std::vector<int64_t> LargestRemainder(int64_t amount, const std::vector<int64_t>& weights) {
  const int64_t sign = amount < 0 ? -1 : 1;
  int64_t left = amount * sign;
  std::vector<int64_t> shares;
  std::vector<int64_t> fractions;
  for (const int64_t weight : weights) {
    const absl::int128 product = absl::int128(amount * sign) * weight;
    shares.push_back(static_cast<int64_t>(product / 10'000));
    fractions.push_back(static_cast<int64_t>(product % 10'000));
    left -= shares.back();
  }
  for (; left > 0; --left) {
    const auto largest = std::max_element(fractions.begin(), fractions.end());  // the first one
    shares[static_cast<size_t>(largest - fractions.begin())] += 1;
    *largest = -1;
  }
  for (int64_t& share : shares) share *= sign;
  return shares;
}

// What a field says of some money. The order is that of rows.
enum class Says { kStated, kWider, kUnallocated, kNothing };

struct Value {
  Says says = Says::kNothing;
  std::string first;  // days, of dates
  std::string last;
  int number = 0;  // of enums
  std::vector<std::string> members;
  bool any = false;  // in totals

  friend bool operator==(const Value&, const Value&) = default;
  friend bool operator<(const Value& a, const Value& b) {
    return std::tie(b.any, a.says, a.first, a.number, a.members) <
           std::tie(a.any, b.says, b.first, b.number, b.members);
  }
};
using Key = std::vector<Value>;

Value Says1(const std::string& member) {
  Value value;
  if (!member.empty()) {
    value.says = Says::kStated;
    value.members = {member};
  }
  return value;
}

Value SaysAll(const std::vector<std::string>& members, Says says = Says::kStated) {
  const std::set<std::string> sorted(members.begin(), members.end());
  Value value;
  if (!sorted.empty()) value.says = says;
  value.members.assign(sorted.begin(), sorted.end());
  return value;
}

// A share of the money of a claim.
struct Slice {
  Value value;
  int64_t weight = 0;  // in hundredths of a percent
};

// Some money that a filter takes or leaves as a whole.
struct Parcel {
  int claim = 0;
  int variable = -1;  // in the program of its tree; none if it is in no sum
  Value places;
  Value sectors;
  ClaimFacts facts;
  bool in = false;
  bool could = false;
};

// A tree of claims that are in sums.
struct Tree {
  struct Variable {
    int claim = 0;
    bool has_figure = false;
    bool summed = false;  // it or a whole above it has a figure
    int64_t stated = 0;
    std::vector<int> slices;  // the way to it through the divisions of the claim
  };
  int top = 0;
  std::vector<Variable> variables;
  std::unique_ptr<PrefixProgram> program;
  std::map<std::vector<bool>, Range> known;

  Range RangeOf(const std::vector<bool>& row) {
    const auto [found, inserted] = known.try_emplace(row);
    if (inserted) found->second = program->RangeOf(row);
    return found->second;
  }
};

// A figure of a claim.
struct Figure {
  int64_t stated = 0;
  Range range;
};

// What sums are kept apart by: whether they are converted, per what they are, and the currency.
using Per = std::pair<int, int>;
using Sort = std::tuple<bool, Per, std::string>;

struct Row {
  v1::FundingRow written;
  std::vector<Sort> sorts;  // of the sums

  const v1::MoneySum* Find(const Sort& sort) const {
    for (size_t i = 0; i < sorts.size(); ++i) {
      if (sorts[i] == sort) return &written.sums(static_cast<int>(i));
    }
    return nullptr;
  }
};

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

// One side of a query: the claims by one filter.
class Side {
 public:
  Side(const World& world, const v1::QueryFundingRequest& request, const Wish& filter)
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

  // `other`: the other side of a comparison, which is mixed with this one; null for none.
  absl::Status CheckMixing(const Side* other) const {
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

  // Carries it out up to the rows.
  absl::Status Prepare() {
    RETURN_IF_ERROR(CheckMixing(nullptr));
    FindSameMoney(false);
    FindSameMoney(true);
    for (size_t p = 0; p < parcels_.size(); ++p) {
      if (parcels_[p].in) in_.push_back(static_cast<int>(p));
    }
    return absl::OkStatus();
  }

  // The rows by their keys: the parcels in each.
  std::map<Key, std::vector<int>> Groups() const {
    std::map<Key, std::vector<int>> groups;
    if (request_.group_by().empty()) groups[{}];
    for (const int p : in_) groups[KeyOf(parcels_[static_cast<size_t>(p)])].push_back(p);
    return groups;
  }

  // `other`: the other side of a comparison, null for none. Both have the same periods.
  std::map<Key, std::vector<int>> Rows(const Side* other) const {
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

  std::map<Key, std::vector<int>> Totals() const {
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

  // By key and kinds.
  std::map<std::pair<Key, std::vector<int>>, std::vector<int>> Could() const {
    std::map<std::pair<Key, std::vector<int>>, std::vector<int>> rows;
    for (size_t p = 0; p < parcels_.size(); ++p) {
      if (parcels_[p].could) {
        rows[{KeyOf(parcels_[p]), KindsOf(parcels_[p])}].push_back(static_cast<int>(p));
      }
    }
    return rows;
  }

  Key TotalOf(Key key) const {
    for (int i = 0; i < request_.group_by_size(); ++i) {
      if (IsKind(request_.group_by(i).field())) continue;
      key[static_cast<size_t>(i)] = Value();
      key[static_cast<size_t>(i)].any = true;
    }
    return key;
  }

  // `total`: what shares are of.
  Row MakeRow(v1::FundingRowKind kind, const Key& key, std::vector<int> parcels, const Row* total) {
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

 private:
  // Amounts with the rates that they are converted at.
  class Terms {
   public:
    void Add(int64_t amount, const cpp_rational* rate) {
      if (rate == nullptr) {
        plain_ += amount;
      } else {
        exact_ += *rate * cpp_rational(amount);
      }
    }
    // In millionths; of what is converted, rounded to `digits`.
    int64_t Total(bool converted, int digits, Round round) const {
      if (!converted) return plain_;
      const int64_t unit = kOne / Power(digits);
      return Rounded(exact_ / unit, round) * unit;
    }
    int64_t Mean(bool converted, int digits, int64_t count) const {
      const int64_t unit = kOne / Power(digits);
      const cpp_rational total = converted ? exact_ : cpp_rational(plain_);
      return Rounded(total / (cpp_rational(unit) * count), Round::kHalfEven) * unit;
    }

   private:
    int64_t plain_ = 0;
    cpp_rational exact_;
  };

  struct Sum {
    Terms low, high, stated, excess, exact;
    bool low_open = false;
    bool high_open = false;
    bool unbounded = false;
    int64_t claims = 0;
    int64_t not_stated = 0;
    int64_t exact_amounts = 0;
    std::optional<int64_t> min;
    std::optional<int64_t> max;
    std::map<std::string, v1::AppliedRate> rates;
  };

  // How the money of a tree is counted.
  struct Denomination {
    Sort sort;
    std::optional<cpp_rational> rate;  // where it is converted
    std::optional<v1::AppliedRate> applied;
    v1::LeftOutReason lack = v1::LEFT_OUT_REASON_UNSPECIFIED;
  };

  int Size() const { return static_cast<int>(claims_.size()); }
  const Claim& At(int claim) const { return *claims_[static_cast<size_t>(claim)]; }

  void ReadClaims() {
    for (const Claim& claim : world_.claims) claims_.push_back(&claim);
    std::sort(claims_.begin(), claims_.end(),
              [](const Claim* a, const Claim* b) { return a->name() < b->name(); });
    for (int i = 0; i < Size(); ++i) ids_[At(i).name()] = i;
    for (int i = 0; i < Size(); ++i) {
      const auto whole = ids_.find(At(i).part_of());
      wholes_.push_back(whole == ids_.end() ? -1 : whole->second);
    }
    superseded_.assign(claims_.size(), false);
    for (int i = 0; i < Size(); ++i) {
      for (const auto& relation : At(i).relations()) {
        const auto other = ids_.find(relation.claim());
        if (relation.kind() == v1::CLAIM_RELATION_KIND_SUPERSEDES && other != ids_.end()) {
          superseded_[static_cast<size_t>(other->second)] = true;
        }
      }
    }
    for (int i = 0; i < Size(); ++i) {
      if (WholeOf(i) < 0 && !IsSuperseded(i)) contradictory_[i] = !MakeSense(i);
    }
  }

  int WholeOf(int claim) const { return wholes_[static_cast<size_t>(claim)]; }
  int TopOf(int claim) const {
    while (WholeOf(claim) >= 0) claim = WholeOf(claim);
    return claim;
  }
  bool IsSuperseded(int claim) const {
    for (; claim >= 0; claim = WholeOf(claim)) {
      if (superseded_[static_cast<size_t>(claim)]) return true;
    }
    return false;
  }
  bool IsUsable(int claim) const {
    return !IsSuperseded(claim) && !contradictory_.at(TopOf(claim));
  }
  std::vector<int> PartsOf(int claim) const {
    std::vector<int> parts;
    for (int i = 0; i < Size(); ++i) {
      if (WholeOf(i) == claim && !IsSuperseded(i)) parts.push_back(i);
    }
    return parts;
  }
  bool IsWithin(int claim, int whole) const {
    for (; claim >= 0; claim = WholeOf(claim)) {
      if (claim == whole) return true;
    }
    return false;
  }

  // Whether some money is of both claims.
  bool Touch(int a, int b) const { return IsWithin(a, b) || IsWithin(b, a); }

  std::optional<Figure> FigureOf(int claim) const {
    const auto& figure = At(claim).amount().figure();
    if (figure.qualifier() == type::v1::QUALIFIER_NOT_STATED) return std::nullopt;
    Figure read;
    read.stated = UnitsOf(figure.value());
    read.range.low = UnitsOf(figure.interval().low());
    read.range.low_open = figure.interval().low_open();
    if (!figure.interval().high().empty()) {
      read.range.high = UnitsOf(figure.interval().high());
      read.range.high_open = figure.interval().high_open();
    }
    return read;
  }
  bool HasFigure(int claim) const { return FigureOf(claim).has_value(); }
  bool IsSummed(int claim) const {
    for (; claim >= 0; claim = WholeOf(claim)) {
      if (HasFigure(claim)) return true;
    }
    return false;
  }
  bool IsNegative(int claim) const {
    const auto figure = FigureOf(claim);
    return figure.has_value() && figure->stated < 0;
  }
  // What is written for a claim with all of its parts.
  int64_t StatedOf(int claim) const {
    const auto figure = FigureOf(claim);
    if (figure.has_value()) return figure->stated;
    int64_t stated = 0;
    for (const int part : PartsOf(claim)) stated += StatedOf(part);
    return stated;
  }
  int64_t StatedOfAtom(int claim) const {
    int64_t stated = StatedOf(claim);
    for (const int part : PartsOf(claim)) stated -= StatedOf(part);
    return stated;
  }

  // Lays the money of `claim` and of its parts out in a row, divided or not, and states what its
  // claims state.
  void LayOut(int claim, const std::map<int, std::vector<std::vector<Slice>>>& divisions,
              std::vector<Tree::Variable>* variables,
              std::vector<std::tuple<int, int, Range>>* statements) const {
    const auto begin = static_cast<int>(variables->size());
    Tree::Variable own;
    own.claim = claim;
    own.has_figure = HasFigure(claim);
    own.summed = IsSummed(claim);
    own.stated = own.has_figure ? StatedOfAtom(claim) : 0;
    const auto division = divisions.find(claim);
    if (division == divisions.end()) {
      if (!IsNegative(claim)) {
        Range range;
        if (!own.summed) range.high = 0;
        statements->emplace_back(begin, begin + 1, range);
      }
      variables->push_back(own);
    } else {
      const Range range = own.summed ? RangeOfAtom(claim) : Range{0, false, 0, false};
      Divide(own, range, division->second, 0, variables, statements);
    }
    for (const int part : PartsOf(claim)) LayOut(part, divisions, variables, statements);
    if (const auto figure = FigureOf(claim); figure.has_value()) {
      statements->emplace_back(begin, static_cast<int>(variables->size()), figure->range);
    }
  }

  // What the claims under `claim` leave for its own atom.
  Range RangeOfAtom(int claim) const {
    std::vector<Tree::Variable> variables;
    std::vector<std::tuple<int, int, Range>> statements;
    LayOut(claim, {}, &variables, &statements);
    std::vector<bool> row(variables.size(), false);
    row[0] = true;
    return ProgramOf(variables, statements)->RangeOf(row);
  }

  void Divide(const Tree::Variable& divided, const Range& range,
              const std::vector<std::vector<Slice>>& divisions, size_t depth,
              std::vector<Tree::Variable>* variables,
              std::vector<std::tuple<int, int, Range>>* statements) const {
    if (depth == divisions.size()) {
      statements->emplace_back(static_cast<int>(variables->size()),
                               static_cast<int>(variables->size()) + 1, range);
      variables->push_back(divided);
      return;
    }
    const int64_t low = range.low;
    const int64_t stated = divided.has_figure ? divided.stated : low;
    const int64_t top = range.high.value_or(std::max(low, stated));
    const int64_t middle = std::min(std::max(low, stated), top);
    int64_t grain = kOne / Power(DigitsOf(At(divided.claim).amount().currency_code()));
    while (low % grain != 0 || stated % grain != 0 || top % grain != 0) grain /= 10;
    std::vector<int64_t> weights;
    for (const Slice& slice : divisions[depth]) weights.push_back(slice.weight);
    const auto lows = LargestRemainder(low / grain, weights);
    const auto rise = LargestRemainder((middle - low) / grain, weights);
    const auto rest = LargestRemainder((top - middle) / grain, weights);
    const auto more = LargestRemainder((stated - middle) / grain, weights);
    const auto begin = static_cast<int>(variables->size());
    for (size_t i = 0; i < weights.size(); ++i) {
      Range share;
      share.low = lows[i] * grain;
      share.high = (lows[i] + rise[i] + rest[i]) * grain;
      if (!range.high.has_value() && weights[i] > 0) share.high.reset();
      if (share.high != share.low) {
        share.low_open = range.low_open;
        share.high_open = share.high.has_value() && range.high_open;
      }
      Tree::Variable variable = divided;
      variable.stated = divided.has_figure ? (lows[i] + rise[i] + more[i]) * grain : 0;
      variable.slices.push_back(static_cast<int>(i));
      Divide(variable, share, divisions, depth + 1, variables, statements);
    }
    statements->emplace_back(begin, static_cast<int>(variables->size()), range);
  }

  static std::unique_ptr<PrefixProgram> ProgramOf(
      const std::vector<Tree::Variable>& variables,
      const std::vector<std::tuple<int, int, Range>>& statements) {
    auto program = std::make_unique<PrefixProgram>(static_cast<int>(variables.size()));
    for (const auto& [begin, end, range] : statements) program->Within(begin, end, range);
    return program;
  }

  // Whether all that is stated of a top and its parts can hold.
  bool MakeSense(int top) const {
    std::vector<Tree::Variable> variables;
    std::vector<std::tuple<int, int, Range>> statements;
    LayOut(top, {}, &variables, &statements);
    for (const Tree::Variable& variable : variables) {
      if (variables.size() > 1 && IsNegative(variable.claim)) return false;
    }
    return ProgramOf(variables, statements)->Possible();
  }

  // The claim, or the nearest above it, of which `states` is true; -1 for none.
  template <typename States>
  int Origin(int claim, const States& states) const {
    while (claim >= 0 && !states(At(claim))) claim = WholeOf(claim);
    return claim;
  }

  // What a list of shares says: all of it together, and how it divides, if it does.
  struct Shares {
    Value all;
    std::vector<Slice> slices;
  };

  static Shares SharesOf(const std::vector<std::pair<std::string, std::string>>& written,
                         Says says) {
    Shares shares;
    std::vector<std::string> all;
    std::vector<std::string> without;
    int64_t left = 10'000;
    for (const auto& [member, percentage] : written) {
      all.push_back(member);
      if (percentage.empty()) {
        without.push_back(member);
        continue;
      }
      const int64_t weight = UnitsOf(percentage) / (kOne / 100);
      shares.slices.push_back({SaysAll({member}, says), weight});
      left -= weight;
    }
    shares.all = SaysAll(all, says);
    if (shares.slices.empty()) return shares;
    if (left > 0) {
      Value rest = SaysAll(without, says);
      if (without.empty()) rest.says = Says::kUnallocated;
      shares.slices.push_back({rest, left});
    }
    if (shares.slices.size() == 1) {
      shares.all = shares.slices[0].value;
      shares.slices.clear();
    }
    return shares;
  }

  Shares PlacesOf(int claim) const {
    const int origin = Origin(claim, [](const Claim& c) { return c.places_size() > 0; });
    if (origin < 0) return {};
    std::vector<std::pair<std::string, std::string>> written;
    for (const auto& share : At(origin).places()) {
      written.emplace_back(share.place(), share.percentage());
    }
    return SharesOf(written, Says::kStated);
  }

  Shares SectorsOf(int claim) const {
    const int origin = Origin(claim, [](const Claim& c) { return c.sectors_size() > 0; });
    if (origin < 0) return {};
    const std::string& vocabulary = request_.sector_vocabulary();
    std::vector<std::pair<std::string, std::string>> written;
    std::vector<std::pair<std::string, std::string>> categories;
    for (const auto& share : At(origin).sectors()) {
      if (share.vocabulary() == vocabulary) {
        written.emplace_back(share.code(), share.percentage());
      } else if (vocabulary == "1" && share.vocabulary() == "2") {
        categories.emplace_back(share.code(), share.percentage());
      }
    }
    return written.empty() ? SharesOf(categories, Says::kWider) : SharesOf(written, Says::kStated);
  }

  void MakeParcels(int claim) {
    Parcel parcel;
    parcel.claim = claim;
    FillSimple(claim, &parcel.facts);
    const Shares places = by_places_ ? PlacesOf(claim) : Shares();
    const Shares sectors = by_sectors_ ? SectorsOf(claim) : Shares();
    parcel.places = places.all;
    parcel.sectors = sectors.all;
    // By places first, whatever the query speaks of first.
    std::vector<std::vector<Slice>> divisions;
    if (!places.slices.empty()) divisions.push_back(places.slices);
    if (!sectors.slices.empty()) divisions.push_back(sectors.slices);
    if (divisions.empty() || !IsUsable(claim)) {
      Finish(parcel);
      return;
    }
    divisions_[claim] = divisions;
    std::vector<Parcel> shares = {parcel};
    const auto divide = [&](const std::vector<Slice>& slices, Value Parcel::*value) {
      std::vector<Parcel> finer;
      for (const Parcel& share : shares) {
        for (const Slice& slice : slices) {
          finer.push_back(share);
          finer.back().*value = slice.value;
        }
      }
      if (!slices.empty()) shares = std::move(finer);
    };
    divide(places.slices, &Parcel::places);
    divide(sectors.slices, &Parcel::sectors);
    for (const Parcel& share : shares) Finish(share);
  }

  void Finish(Parcel parcel) {
    FillPlaces(parcel.places, &parcel.facts);
    FillSectors(parcel.sectors, &parcel.facts);
    FillInitiative(parcel.facts.initiative(), &parcel.facts);
    parcels_.push_back(std::move(parcel));
  }

  void FillSimple(int claim, ClaimFacts* facts) const {
    const Claim& own = At(claim);
    facts->set_claim(own.name());
    facts->set_top_claim(At(TopOf(claim)).name());
    facts->set_remainder(
        std::any_of(wholes_.begin(), wholes_.end(), [&](int whole) { return whole == claim; }));
    facts->set_nature(own.nature());
    facts->set_stage(own.stage());
    const auto inherit = [&](const auto& states, const auto& take) {
      const int origin = Origin(claim, states);
      if (origin >= 0) take(At(origin));
    };
    inherit([](const Claim& c) { return c.direction() != v1::CLAIM_DIRECTION_UNSPECIFIED; },
            [&](const Claim& c) { facts->set_direction(c.direction()); });
    facts->set_instrument(own.instrument());
    inherit([](const Claim& c) { return c.instrument() != v1::CLAIM_INSTRUMENT_NOT_STATED; },
            [&](const Claim& c) { facts->set_instrument(c.instrument()); });
    facts->set_currency_code(own.amount().currency_code());
    facts->set_recurring(own.has_recurrence());
    facts->set_qualifier(own.amount().figure().qualifier());
    *facts->mutable_partnerships() = own.partnerships();
    inherit([](const Claim& c) { return !c.initiative().empty(); },
            [&](const Claim& c) { facts->set_initiative(c.initiative()); });
    for (const auto& citation : own.citations()) facts->add_documents(citation.document());
    inherit([](const Claim& c) { return c.has_value_date(); },
            [&](const Claim& c) { *facts->mutable_value_date() = c.value_date(); });
    inherit([](const Claim& c) { return c.has_period(); },
            [&](const Claim& c) { *facts->mutable_period() = c.period(); });
    if (own.has_title()) facts->mutable_title()->set_text(own.title().text());
    if (own.has_description()) facts->mutable_description()->set_text(own.description().text());
    const auto inherit_role = [&](type::v1::PartyRole role, const auto& add) {
      inherit(
          [&](const Claim& c) {
            return std::any_of(c.parties().begin(), c.parties().end(),
                               [&](const auto& party) { return party.role() == role; });
          },
          [&](const Claim& c) {
            for (const auto& party : c.parties()) {
              if (party.role() != role) continue;
              add(party.organisation().empty() ? party.person() : party.organisation());
            }
          });
    };
    inherit_role(type::v1::PARTY_ROLE_FUNDING,
                 [&](const std::string& who) { facts->add_funding(who); });
    inherit_role(type::v1::PARTY_ROLE_RECEIVING,
                 [&](const std::string& who) { facts->add_receiving(who); });
    inherit_role(type::v1::PARTY_ROLE_IMPLEMENTING,
                 [&](const std::string& who) { facts->add_implementing(who); });
  }

  std::vector<std::string> Upwards(const std::string& name) const {
    std::vector<std::string> names = {name};
    while (true) {
      const auto place = world_.places.find(names.back());
      const auto initiative = world_.initiatives.find(names.back());
      std::string parent;
      if (place != world_.places.end()) parent = place->second.parent();
      if (initiative != world_.initiatives.end()) parent = initiative->second.parent();
      if (parent.empty()) return names;
      names.push_back(parent);
    }
  }

  // The nearest place of a kind that a place is or lies in; empty for none.
  std::string Nearest(const std::string& place, PlaceKind kind) const {
    for (const std::string& above : Upwards(place)) {
      const auto known = world_.places.find(above);
      if (known != world_.places.end() && known->second.kind() == kind) return above;
    }
    return "";
  }

  Value OfKind(const Value& places, PlaceKind kind) const {
    if (places.says != Says::kStated) return places;
    std::vector<std::string> members;
    bool wider = false;
    for (const std::string& place : places.members) {
      const std::string found = Nearest(place, kind);
      wider = wider || found.empty();
      members.push_back(found.empty() ? place : found);
    }
    return SaysAll(members, wider ? Says::kWider : Says::kStated);
  }

  void FillPlaces(const Value& places, ClaimFacts* facts) const {
    facts->clear_places();
    facts->clear_countries();
    facts->clear_regions();
    facts->clear_within();
    if (places.says != Says::kStated) return;
    for (const std::string& place : places.members) facts->add_places(place);
    for (const std::string& place : places.members) {
      // Of a country and a region, the country.
      const std::string country = Nearest(place, catalogue::v1::PLACE_KIND_COUNTRY);
      if (!country.empty()) facts->add_countries(country);
      const std::string region = Nearest(place, catalogue::v1::PLACE_KIND_REGION);
      if (!region.empty()) facts->add_regions(region);
      for (const std::string& above : Upwards(place)) facts->add_within(above);
    }
  }

  static void FillSectors(const Value& sectors, ClaimFacts* facts) {
    facts->clear_sectors();
    if (sectors.says != Says::kStated) return;
    for (const std::string& code : sectors.members) facts->add_sectors(code);
  }

  Value PillarsOf(const std::string& initiative) const {
    if (initiative.empty()) return {};
    for (const std::string& above : Upwards(initiative)) {
      const auto known = world_.initiatives.find(above);
      if (known == world_.initiatives.end() || known->second.pillars().empty()) continue;
      return SaysAll({known->second.pillars().begin(), known->second.pillars().end()});
    }
    return {};
  }

  // `name` by value: it may be the facts' own.
  void FillInitiative(std::string name, ClaimFacts* facts) const {  // NOLINT(performance-*)
    facts->set_initiative(name);
    facts->clear_initiatives();
    facts->clear_pillars();
    if (name.empty()) return;
    for (const std::string& above : Upwards(name)) facts->add_initiatives(above);
    for (const std::string& pillar : PillarsOf(name).members) facts->add_pillars(pillar);
  }

  // All that is beneath `members`.
  template <typename Resources>
  static std::vector<std::string> Beneath(const Resources& resources,
                                          const std::vector<std::string>& members) {
    std::set<std::string> in(members.begin(), members.end());
    std::vector<std::string> beneath;
    for (bool more = true; more;) {
      more = false;
      for (const auto& [name, resource] : resources) {
        if (in.count(resource.parent()) == 0 || !in.insert(name).second) continue;
        beneath.push_back(name);
        more = true;
      }
    }
    return beneath;
  }

  // The facts as they would be if the money were for something narrower, in one of the ways that a
  // field of the kind of `field` can be.
  std::vector<ClaimFacts> Narrower(const Parcel& parcel, const ClaimFacts& facts,
                                   const std::string& field) const {
    std::vector<ClaimFacts> narrower;
    const auto add = [&](const auto& change) {
      narrower.push_back(facts);
      change(&narrower.back());
    };
    if (IsOfPlaces(field)) {
      for (const std::string& place : Beneath(world_.places, parcel.places.members)) {
        add([&](ClaimFacts* f) { FillPlaces(Says1(place), f); });
      }
    } else if (IsOfInitiatives(field)) {
      const std::string& initiative = facts.initiative();
      if (!initiative.empty()) {
        for (const std::string& name : Beneath(world_.initiatives, {initiative})) {
          add([&](ClaimFacts* f) { FillInitiative(name, f); });
        }
      }
    } else if (field == "sectors" && parcel.sectors.says == Says::kWider) {
      for (const std::string& category : parcel.sectors.members) {
        for (int i = 0; i < 100; ++i) {
          const std::string code = absl::StrCat(category, i / 10, i % 10);
          add([&](ClaimFacts* f) { FillSectors(Says1(code), f); });
        }
      }
    }
    return narrower;
  }

  struct Truth {
    bool could_hold = false;
    bool could_fail = false;
  };

  // Where every condition could need a narrower value of its own.
  Truth TruthOf(const Wish& wish, const Parcel& parcel) const {
    switch (wish.kind) {
      case Wish::Kind::kEverything:
        return {true, false};
      case Wish::Kind::kNot: {
        const Truth truth = TruthOf(wish.operands[0], parcel);
        return {truth.could_fail, truth.could_hold};
      }
      case Wish::Kind::kAnd:
      case Wish::Kind::kOr: {
        const bool is_and = wish.kind == Wish::Kind::kAnd;
        Truth all{is_and, !is_and};
        for (const Wish& operand : wish.operands) {
          const Truth truth = TruthOf(operand, parcel);
          all.could_hold =
              is_and ? all.could_hold && truth.could_hold : all.could_hold || truth.could_hold;
          all.could_fail =
              is_and ? all.could_fail || truth.could_fail : all.could_fail && truth.could_fail;
        }
        return all;
      }
      case Wish::Kind::kCondition: {
        const filter::Filter& filter = FilterOf(wish.text);
        Truth truth;
        const auto note = [&](const ClaimFacts& facts) {
          (filter.Matches(facts) ? truth.could_hold : truth.could_fail) = true;
        };
        note(parcel.facts);
        for (const ClaimFacts& facts : Narrower(parcel, parcel.facts, wish.field)) note(facts);
        return truth;
      }
    }
    return {};
  }

  // Whether some narrower money, taken together, is what the filter selects; with which this is
  // the same as TruthOf if no two conditions speak of the same.
  bool CouldTogether(const Parcel& parcel, const filter::Filter& filter) const {
    std::vector<ClaimFacts> all = {parcel.facts};
    std::vector<std::string> fields;
    FieldsIn(filter_, &fields);
    const auto spoken_of = [&](const std::string& field) {
      if (field == "places") return std::any_of(fields.begin(), fields.end(), IsOfPlaces);
      if (field == "sectors") return by_sectors_;
      return std::any_of(fields.begin(), fields.end(), IsOfInitiatives);
    };
    for (const char* field : {"places", "initiative", "sectors"}) {
      if (!spoken_of(field)) continue;
      std::vector<ClaimFacts> more;
      for (const ClaimFacts& facts : all) {
        for (ClaimFacts& narrower : Narrower(parcel, facts, field)) {
          more.push_back(std::move(narrower));
        }
      }
      for (ClaimFacts& facts : more) all.push_back(std::move(facts));
    }
    return std::any_of(all.begin(), all.end(),
                       [&](const ClaimFacts& facts) { return filter.Matches(facts); });
  }

  // Whether no two conditions speak of what can be narrower.
  bool EachOnce() const {
    std::vector<std::string> fields;
    FieldsIn(filter_, &fields);
    int counts[3] = {};
    for (const std::string& field : fields) {
      counts[0] += IsOfPlaces(field);
      counts[1] += IsOfInitiatives(field);
      counts[2] += field == "sectors";
    }
    return *std::max_element(counts, counts + 3) <= 1;
  }

  void Pick() {
    const auto filter = filter::Filter::Compile(ToText(filter_), SchemaOfFacts());
    const bool each_once = EachOnce();
    for (Parcel& parcel : parcels_) {
      parcel.in = filter->Matches(parcel.facts);
      if (parcel.in) continue;
      parcel.could = TruthOf(filter_, parcel).could_hold;
      // Never less than what could be in, and only where conditions interfere more. Not where it
      // would take thousands of tries.
      if (parcel.sectors.says == Says::kWider && by_sectors_) continue;
      const bool together = CouldTogether(parcel, *filter);
      if (together && !parcel.could) std::abort();
      if (each_once && together != parcel.could) std::abort();
    }
  }

  std::vector<int> KindsOf(const Parcel& parcel) const {
    return {parcel.facts.nature(), parcel.facts.stage(), parcel.facts.direction()};
  }

  // Of the kinds, those that are grouped by.
  std::vector<int> ClassOf(const Parcel& parcel) const {
    std::vector<int> kinds = KindsOf(parcel);
    const char* const names[] = {"nature", "stage", "direction"};
    for (size_t i = 0; i < 3; ++i) {
      const bool grouped = std::any_of(
          request_.group_by().begin(), request_.group_by().end(),
          [&](const v1::Dimension& dimension) { return dimension.field() == names[i]; });
      if (!grouped) kinds[i] = -1;
    }
    return kinds;
  }

  bool MayMix(v1::MoneyKind kind) const {
    return std::find(request_.mix().begin(), request_.mix().end(), kind) != request_.mix().end();
  }

  // The classes in which a claim has money of which `counts` is true, parts included. What could
  // be included is kept apart by all kinds.
  template <typename Counts>
  std::set<std::vector<int>> ClassesOf(int claim, bool could, const Counts& counts) const {
    std::set<std::vector<int>> classes;
    for (const Parcel& parcel : parcels_) {
      if (counts(parcel) && IsUsable(parcel.claim) && IsWithin(parcel.claim, claim) &&
          (request_.horizon().empty() || PeriodsOf(TopOf(parcel.claim)) > 0)) {
        classes.insert(could ? KindsOf(parcel) : ClassOf(parcel));
      }
    }
    return classes;
  }

  static v1::LeftOutReason ReasonOf(v1::ClaimRelationKind kind) {
    if (kind == v1::CLAIM_RELATION_KIND_RESTATES) return v1::LEFT_OUT_REASON_RESTATED;
    if (kind == v1::CLAIM_RELATION_KIND_PASSED_ON_FROM) return v1::LEFT_OUT_REASON_PASSED_ON;
    if (kind == v1::CLAIM_RELATION_KIND_REALISES) return v1::LEFT_OUT_REASON_REALISED;
    return v1::LEFT_OUT_REASON_UNSPECIFIED;
  }

  // All that `start` leads to by `ways`, what is nearer first.
  static std::vector<int> Reached(int start, const std::vector<std::pair<int, int>>& ways) {
    std::vector<int> reached = {start};
    for (size_t i = 0; i < reached.size(); ++i) {
      for (const auto& [from, to] : ways) {
        if (from == reached[i] && std::find(reached.begin(), reached.end(), to) == reached.end()) {
          reached.push_back(to);
        }
      }
    }
    return reached;
  }

  void FindSameMoney(bool could) {
    struct Relation {
      int from;
      int to;
      v1::LeftOutReason reason;
    };
    std::vector<Relation> relations;
    std::vector<std::pair<int, int>> chains;
    for (int from = 0; from < Size(); ++from) {
      for (const auto& relation : At(from).relations()) {
        const auto found = ids_.find(relation.claim());
        if (found == ids_.end() || found->second == from) continue;
        const v1::LeftOutReason reason = ReasonOf(relation.kind());
        if (reason == v1::LEFT_OUT_REASON_UNSPECIFIED) {
          chains.emplace_back(found->second, from);  // It has taken the place of the other.
        } else {
          chains.emplace_back(from, found->second);
          relations.push_back({from, found->second, reason});
        }
      }
    }
    std::vector<std::pair<int, int>> left_for;
    for (const auto& [claim_from, first, reason] : relations) {
      const int from = claim_from;
      const auto ours =
          ClassesOf(from, could, [&](const Parcel& p) { return could ? p.could : p.in; });
      if (!IsUsable(from) || ours.empty()) continue;
      for (const int to : Reached(first, chains)) {
        if (!IsUsable(to) || !HasFigure(to) || IsWithin(to, from) || IsWithin(from, to)) continue;
        const auto theirs =
            ClassesOf(to, could, [&](const Parcel& p) { return p.in || (could && p.could); });
        if (std::none_of(ours.begin(), ours.end(),
                         [&](const auto& c) { return theirs.count(c) > 0; })) {
          continue;
        }
        // What closes a circle is not followed, be it through wholes and parts.
        std::vector<int> behind = {to};
        for (size_t i = 0; i < behind.size(); ++i) {
          for (const auto& [left, as] : left_for) {
            if (Touch(left, behind[i]) &&
                std::find(behind.begin(), behind.end(), as) == behind.end()) {
              behind.push_back(as);
            }
          }
        }
        if (std::any_of(behind.begin(), behind.end(),
                        [&](int claim) { return Touch(claim, from); })) {
          continue;
        }
        left_for.emplace_back(from, to);
        same_money_[could].try_emplace(from, reason);
        break;
      }
    }
  }

  v1::LeftOutReason LeftOutFor(const Parcel& parcel) const {
    for (int claim = parcel.claim; claim >= 0; claim = WholeOf(claim)) {
      if (superseded_[static_cast<size_t>(claim)]) return v1::LEFT_OUT_REASON_SUPERSEDED;
    }
    if (!IsUsable(parcel.claim)) return v1::LEFT_OUT_REASON_CONTRADICTORY;
    for (int claim = parcel.claim; claim >= 0; claim = WholeOf(claim)) {
      const auto same = same_money_[parcel.could].find(claim);
      if (same != same_money_[parcel.could].end()) return same->second;
    }
    if (!request_.horizon().empty() && PeriodsOf(TopOf(parcel.claim)) == 0) {
      return v1::LEFT_OUT_REASON_OUTSIDE_HORIZON;
    }
    return v1::LEFT_OUT_REASON_UNSPECIFIED;
  }

  // What has to be known of money that is counted.
  std::vector<v1::LeftOutReason> NotesOf(const Parcel& parcel) const {
    if (!IsSummed(parcel.claim)) return {v1::LEFT_OUT_REASON_NOT_STATED};
    std::vector<v1::LeftOutReason> notes;
    if (At(parcel.claim).has_recurrence() && request_.horizon().empty()) {
      notes.push_back(v1::LEFT_OUT_REASON_NO_HORIZON);
    }
    const Denomination denomination = DenominationOf(TopOf(parcel.claim));
    if (denomination.lack != v1::LEFT_OUT_REASON_UNSPECIFIED) notes.push_back(denomination.lack);
    return notes;
  }

  // The days of an interval or a date of years, months or days; `..` and nothing are no day.
  static std::optional<absl::CivilDay> FirstDay(absl::string_view text) {
    int numbers[3] = {0, 1, 1};
    if (text.empty() || text == "..") return std::nullopt;
    int i = 0;
    for (const absl::string_view part : absl::StrSplit(text, '-')) {
      if (!absl::SimpleAtoi(part, &numbers[i++])) std::abort();
    }
    return absl::CivilDay(numbers[0], numbers[1], numbers[2]);
  }
  static std::optional<absl::CivilDay> LastDay(absl::string_view text) {
    const auto first = FirstDay(text);
    if (!first.has_value()) return std::nullopt;
    if (text.size() == 4) return absl::CivilDay(first->year() + 1, 1, 1) - 1;
    if (text.size() == 7) return absl::CivilDay(absl::CivilMonth(*first) + 1) - 1;
    return first;
  }

  // How often the figure of a top comes back in the horizon, period by period.
  int64_t PeriodsOf(int top) const {
    const Claim& claim = At(top);
    if (!claim.has_recurrence()) return 1;
    const std::vector<std::string> horizon = absl::StrSplit(request_.horizon(), '/');
    const absl::CivilDay begin = *FirstDay(horizon.front());
    absl::CivilDay end = *LastDay(horizon.back());
    absl::CivilDay anchor = begin;
    const std::string& validity = claim.recurrence().has_validity()
                                      ? claim.recurrence().validity().edtf()
                                      : claim.period().edtf();
    if (!validity.empty()) {
      // Of what is uncertain or a choice nothing is certain.
      if (absl::StrContains(validity, "?") || absl::StrContains(validity, "X") ||
          absl::StrContains(validity, "[")) {
        return 0;
      }
      const std::vector<std::string> ends = absl::StrSplit(validity, '/');
      anchor = FirstDay(ends.front()).value_or(anchor);
      end = std::min(end, LastDay(ends.back()).value_or(end));
    }
    int months = claim.recurrence().every();
    if (claim.recurrence().unit() == v1::RECURRENCE_UNIT_QUARTER) months *= 3;
    if (claim.recurrence().unit() == v1::RECURRENCE_UNIT_YEAR) months *= 12;
    const auto begins = [&](int64_t number) {
      const absl::CivilMonth month = absl::CivilMonth(anchor) + number * months;
      absl::CivilDay day(month.year(), month.month(), anchor.day());
      // A day that the month has not is in the next one.
      if (day.month() != month.month()) day = absl::CivilDay(month + 1) - 1;
      return day;
    };
    int64_t periods = 0;
    for (int64_t number = 0; begins(number) <= end; ++number) {
      if (begins(number) >= begin && begins(number + 1) - 1 <= end) ++periods;
    }
    return periods;
  }

  // A rate into the currency of the conversion, by the dates of those that are published.
  std::optional<v1::AppliedRate> RateOf(const std::string& from, absl::CivilDay day) const {
    const int max_age = request_.max_rate_age_days() == 0 ? 7 : request_.max_rate_age_days();
    const auto published =
        [&](v1::RateKind kind,
            const std::string& date) -> std::optional<std::vector<v1::PublishedRate>> {
      for (const char* base : {"EUR", "JPY", "USD"}) {
        std::vector<v1::PublishedRate> used;
        const auto use = [&](const std::string& currency, bool divides) {
          if (currency == base) return true;
          for (const v1::RateSeries& series : world_.rates) {
            if (series.kind() != kind || series.base_currency_code() != base ||
                series.quote_currency_code() != currency) {
              continue;
            }
            for (const v1::Rate& rate : series.rates()) {
              if (rate.date() != date) continue;
              v1::PublishedRate one;
              one.set_series(series.name());
              one.set_source(series.source());
              one.set_kind(kind);
              one.set_base(base);
              one.set_quote(currency);
              one.set_value(rate.value());
              one.set_divides(divides);
              used.push_back(one);
              return true;
            }
          }
          return false;
        };
        if (use(from, true) && use(request_.convert_to(), false)) return used;
      }
      return std::nullopt;
    };
    v1::AppliedRate applied;
    applied.set_from(from);
    applied.set_to(request_.convert_to());
    applied.set_value_date(absl::FormatCivilTime(day));
    for (int age = 0; age <= max_age; ++age) {
      const std::string date = absl::FormatCivilTime(day - age);
      const auto used = published(v1::RATE_KIND_DAILY_REFERENCE, date);
      if (!used.has_value()) continue;
      applied.set_rate_date(date);
      applied.set_age_days(age);
      for (const auto& one : *used) *applied.add_published() = one;
      return applied;
    }
    const std::string year = absl::FormatCivilTime(absl::CivilYear(day));
    const auto used = published(v1::RATE_KIND_ANNUAL_AVERAGE, year);
    if (!used.has_value()) return std::nullopt;
    applied.set_rate_date(year);
    for (const auto& one : *used) *applied.add_published() = one;
    return applied;
  }

  const Denomination& DenominationOf(int top) const {
    const auto [found, inserted] = denominations_.try_emplace(top);
    if (inserted) found->second = MakeDenomination(top);
    return found->second;
  }

  Denomination MakeDenomination(int top) const {
    const Claim& claim = At(top);
    Per per{0, 0};
    if (claim.has_recurrence() && request_.horizon().empty()) {
      per = {claim.recurrence().every(), claim.recurrence().unit()};
    }
    Denomination made;
    const std::string& currency = claim.amount().currency_code();
    made.sort = {true, per, currency};
    if (request_.convert_to().empty()) return made;
    if (currency == request_.convert_to()) {
      made.rate = 1;
    } else if (!claim.has_value_date()) {
      made.lack = v1::LEFT_OUT_REASON_NO_DATE;
    } else {
      const auto first = FirstDay(claim.value_date().earliest());
      const auto last = FirstDay(claim.value_date().latest());
      if (!first.has_value() || !last.has_value() ||
          *last >= absl::CivilDay(first->year() + 1, first->month(), first->day())) {
        made.lack = v1::LEFT_OUT_REASON_DATE_TOO_WIDE;
      } else if (const auto applied = RateOf(currency, *last); applied.has_value()) {
        made.applied = *applied;
        made.rate = 1;
        for (const v1::PublishedRate& one : applied->published()) {
          const Decimal value = Decimal::Parse(one.value()).value();
          const cpp_rational exact(static_cast<int64_t>(value.coefficient()), Power(value.scale()));
          *made.rate *= one.divides() ? 1 / exact : exact;
        }
      } else {
        made.lack = v1::LEFT_OUT_REASON_NO_RATE;
      }
    }
    if (made.rate.has_value()) made.sort = {false, per, request_.convert_to()};
    return made;
  }

  Tree& TreeOf(int top) {
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

  void AddTree(int top, const std::vector<int>& parcels, std::map<Sort, Sum>* sums) {
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

  // Counts the money of one variable among exact amounts, if it is.
  void AddExact(Tree* tree, size_t variable, int64_t periods, const Denomination& denomination,
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

  v1::MoneySum Written(const Sort& sort, const Sum& sum, const Row* total) const {
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

  bool IsDate(size_t dimension) const {
    const std::string& field = request_.group_by(static_cast<int>(dimension)).field();
    return field == "value_date" || field == "period";
  }

  Key KeyOf(const Parcel& parcel) const {
    Key key;
    for (const auto& dimension : request_.group_by()) key.push_back(ValueOf(parcel, dimension));
    return key;
  }

  Value ValueOf(const Parcel& parcel, const v1::Dimension& dimension) const {
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
        members.push_back(reflection->GetRepeatedString(facts, descriptor, i));
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

  static std::string MonthText(int64_t year, int month) {
    return absl::StrCat(year, "-", absl::Dec(month, absl::kZeroPad2));
  }

  static Value BucketOf(const type::v1::ImpreciseDate& date, const v1::Dimension& dimension) {
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

  std::optional<std::string> TitleOf(const std::string& name) const {
    if (const auto place = world_.places.find(name); place != world_.places.end()) {
      return place->second.title().text();
    }
    if (const auto it = world_.initiatives.find(name); it != world_.initiatives.end()) {
      return it->second.title().text();
    }
    if (const auto claim = ids_.find(name); claim != ids_.end()) {
      return At(claim->second).title().text();
    }
    return std::nullopt;
  }

  v1::DimensionValue Written(const Value& value) const {
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

  const World& world_;
  const v1::QueryFundingRequest& request_;
  const Wish& filter_;
  bool by_places_ = false;
  bool by_sectors_ = false;
  std::vector<const Claim*> claims_;  // by name
  std::map<std::string, int> ids_;
  std::vector<int> wholes_;
  std::vector<bool> superseded_;
  std::map<int, bool> contradictory_;  // by top
  std::map<int, std::vector<std::vector<Slice>>> divisions_;
  std::vector<Parcel> parcels_;
  std::vector<int> in_;
  std::map<int, v1::LeftOutReason> same_money_[2];  // of what is in, of what could be
  std::map<int, Tree> trees_;
  mutable std::map<int, Denomination> denominations_;
};

Decimal ParsedOr0(const std::string& text) {
  return text.empty() ? Decimal() : Decimal::Parse(text).value();
}

std::string Difference(const std::string& a, const std::string& b) {
  return figure::Sub(ParsedOr0(a), ParsedOr0(b)).value().ToString();
}

// Adds what the other side says to a row.
void Compare(const Row& now, const Row& then, v1::FundingRow* row) {
  for (const v1::MoneySum& sum : then.written.sums()) *row->add_compared() = sum;
  std::vector<Sort> sorts = now.sorts;
  for (const Sort& sort : then.sorts) {
    if (now.Find(sort) == nullptr) sorts.push_back(sort);
  }
  v1::MoneySum nothing;
  nothing.set_stated("0");
  nothing.mutable_bounds()->set_low("0");
  nothing.mutable_bounds()->set_high("0");
  for (const Sort& sort : sorts) {
    const v1::MoneySum* of_now = now.Find(sort);
    const v1::MoneySum* of_then = then.Find(sort);
    const v1::MoneySum& like = of_now != nullptr ? *of_now : *of_then;
    const v1::MoneySum& a = of_now != nullptr ? *of_now : nothing;
    const v1::MoneySum& b = of_then != nullptr ? *of_then : nothing;
    // From or to what has no figure there is no change to be told.
    if (a.stated().empty() || b.stated().empty()) continue;
    v1::MoneyChange* change = row->add_changes();
    change->set_currency_code(like.currency_code());
    if (like.has_recurrence()) *change->mutable_recurrence() = like.recurrence();
    change->set_stated(Difference(a.stated(), b.stated()));
    auto* bounds = change->mutable_bounds();
    bounds->set_low_open(a.bounds().low_open() || b.bounds().high_open());
    if (!b.bounds().high().empty()) {
      bounds->set_low(Difference(a.bounds().low(), b.bounds().high()));
    }
    bounds->set_high_open(a.bounds().high_open() || b.bounds().low_open());
    if (!a.bounds().high().empty()) {
      bounds->set_high(Difference(a.bounds().high(), b.bounds().low()));
    }
  }
}

// The number that rows are ordered by: whether there is one, whether it is without bound, itself.
using Number = std::tuple<bool, bool, Decimal>;

}  // namespace

std::string ToText(const Wish& wish) {
  std::vector<std::string> parts;
  for (const Wish& operand : wish.operands) {
    const bool simple = operand.kind == Wish::Kind::kCondition;
    parts.push_back(simple ? ToText(operand) : absl::StrCat("(", ToText(operand), ")"));
  }
  switch (wish.kind) {
    case Wish::Kind::kEverything:
      return "";
    case Wish::Kind::kCondition:
      return wish.text;
    case Wish::Kind::kNot:
      return absl::StrCat("NOT ", parts[0]);
    case Wish::Kind::kAnd:
      return absl::StrJoin(parts, " AND ");
    case Wish::Kind::kOr:
      return absl::StrJoin(parts, " OR ");
  }
  return "";
}

absl::StatusOr<v1::QueryFundingResponse> NaiveAnswer(const World& world, const Question& question) {
  const v1::QueryFundingRequest& request = question.request;
  Side side(world, request, question.filter);
  RETURN_IF_ERROR(side.Prepare());
  std::optional<Side> other;
  if (question.compared.has_value()) {
    other.emplace(world, request, *question.compared);
    RETURN_IF_ERROR(other->Prepare());
    RETURN_IF_ERROR(side.CheckMixing(&*other));
  }
  v1::QueryFundingResponse answer;
  std::map<Key, std::vector<int>> other_totals;
  const auto both = [&](std::map<Key, std::vector<int>> ours,
                        const std::map<Key, std::vector<int>>& others) {
    for (const auto& [key, ignored] : others) ours[key];
    return ours;
  };
  const auto of = [](const std::map<Key, std::vector<int>>& rows, const Key& key) {
    const auto found = rows.find(key);
    return found == rows.end() ? std::vector<int>() : found->second;
  };
  const auto compare = [&](const Row& row, const Key& key, const std::vector<int>& others,
                           v1::FundingRow* written) {
    if (!other.has_value()) return;
    const v1::FundingRowKind kind = v1::FUNDING_ROW_KIND_GROUP;
    const Key total_key = side.TotalOf(key);
    const Row total = other->MakeRow(kind, total_key, of(other_totals, total_key), nullptr);
    Compare(row, other->MakeRow(kind, key, others, &total), written);
  };

  std::map<Key, std::vector<int>> own_totals = side.Totals();
  std::map<Key, std::vector<int>> other_rows;
  if (other.has_value()) {
    // Nothing on one side is nothing of each class on the other.
    const bool nothing = other->Groups().empty();
    if (!nothing || side.Groups().empty()) other_totals = other->Totals();
    if (!nothing && side.Groups().empty()) own_totals.clear();
    other_rows = other->Rows(&side);
  }
  std::map<Key, Row> totals;
  for (const auto& [key, parcels] : both(own_totals, other_totals)) {
    // What it is a share of is itself.
    const Row plain = side.MakeRow(v1::FUNDING_ROW_KIND_TOTAL, key, parcels, nullptr);
    Row row = side.MakeRow(v1::FUNDING_ROW_KIND_TOTAL, key, parcels, &plain);
    *answer.add_totals() = row.written;
    compare(row, key, of(other_totals, key), answer.mutable_totals(answer.totals_size() - 1));
    totals[key] = std::move(row);
  }

  struct Line {
    Key key;
    std::vector<int> parcels;
    Row row;
    std::vector<Number> numbers;
  };
  std::vector<Line> lines;
  const auto total_of = [&](const Key& key) {
    const auto found = totals.find(side.TotalOf(key));
    return found == totals.end() ? nullptr : &found->second;
  };
  for (const auto& [key, parcels] :
       both(side.Rows(other.has_value() ? &*other : nullptr), other_rows)) {
    lines.push_back(
        {key, parcels, side.MakeRow(v1::FUNDING_ROW_KIND_GROUP, key, parcels, total_of(key)), {}});
  }
  // By what is asked for, then by the values.
  std::vector<std::pair<std::string, bool>> order;
  if (!request.order_by().empty()) {
    for (const absl::string_view item : absl::StrSplit(request.order_by(), ", ")) {
      const std::vector<std::string> words = absl::StrSplit(item, ' ');
      order.emplace_back(words[0], words.size() > 1 && words[1] == "desc");
    }
  }
  std::set<std::string> currencies;
  for (const auto& [what, descending] : order) {
    for (Line& line : lines) {
      Number number{false, false, Decimal()};
      if (what == "claims") {
        number = {true, false, line.row.written.claims()};
      } else if (what == "stated" || what == "low" || what == "high") {
        for (size_t i = 0; i < line.row.sorts.size(); ++i) {
          const auto& [not_converted, per, currency] = line.row.sorts[i];
          if (per != Per{0, 0} || (!request.convert_to().empty() && not_converted)) continue;
          const v1::MoneySum& sum = line.row.written.sums(static_cast<int>(i));
          currencies.insert(currency);
          if (sum.stated().empty()) continue;
          if (what == "stated") number = {true, false, ParsedOr0(sum.stated())};
          if (what == "low") number = {true, false, ParsedOr0(sum.bounds().low())};
          if (what == "high") {
            number = {true, sum.bounds().high().empty(), ParsedOr0(sum.bounds().high())};
          }
        }
      }
      line.numbers.push_back(number);
    }
  }
  if (currencies.size() > 1) {
    return errors::MixedCurrencies({currencies.begin(), currencies.end()});
  }
  const auto dimension = [&](const std::string& field) {
    size_t i = 0;
    while (request.group_by(static_cast<int>(i)).field() != field) ++i;
    return i;
  };
  std::stable_sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) {
    for (size_t i = 0; i < order.size(); ++i) {
      const auto& [what, descending] = order[i];
      if (what == "claims" || what == "stated" || what == "low" || what == "high") {
        if (a.numbers[i] != b.numbers[i]) return (a.numbers[i] < b.numbers[i]) != descending;
      } else {
        const size_t d = dimension(what);
        if (a.key[d] != b.key[d]) return (a.key[d] < b.key[d]) != descending;
      }
    }
    return a.key < b.key;
  });
  std::map<Key, std::pair<std::vector<int>, std::vector<int>>> rest;
  for (size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    const std::vector<int> others = of(other_rows, line.key);
    if (request.top() > 0 && i >= static_cast<size_t>(request.top())) {
      auto& [ours, theirs] = rest[side.TotalOf(line.key)];
      ours.insert(ours.end(), line.parcels.begin(), line.parcels.end());
      theirs.insert(theirs.end(), others.begin(), others.end());
      continue;
    }
    *answer.add_rows() = line.row.written;
    compare(line.row, line.key, others, answer.mutable_rows(answer.rows_size() - 1));
  }
  for (const auto& [key, parcels] : rest) {
    const Row row = side.MakeRow(v1::FUNDING_ROW_KIND_REST, key, parcels.first, total_of(key));
    *answer.add_rows() = row.written;
    compare(row, key, parcels.second, answer.mutable_rows(answer.rows_size() - 1));
  }
  for (const auto& [key, parcels] : side.Could()) {
    *answer.add_could_include() =
        side.MakeRow(v1::FUNDING_ROW_KIND_COULD_INCLUDE, key.first, parcels, nullptr).written;
  }
  return Canonical(std::move(answer));
}

v1::QueryFundingResponse Canonical(v1::QueryFundingResponse answer) {
  const auto canonical = [](auto* sums) {
    for (v1::MoneySum& sum : *sums) {
      std::map<std::string, v1::AppliedRate> rates;
      for (v1::AppliedRate rate : sum.rates()) {
        rate.clear_note();
        std::string text = rate.SerializeAsString();
        while (rates.count(text) > 0) text += "+";  // What is there twice stays there twice.
        rates[text] = rate;
      }
      sum.clear_rates();
      for (const auto& [ignored, rate] : rates) *sum.add_rates() = rate;
    }
  };
  for (auto* rows :
       {answer.mutable_totals(), answer.mutable_rows(), answer.mutable_could_include()}) {
    for (v1::FundingRow& row : *rows) {
      canonical(row.mutable_sums());
      canonical(row.mutable_compared());
    }
  }
  return answer;
}

void PrefixProgram::AtLeast(int begin, int end, int64_t value, bool strict) {
  edges_.push_back({end, begin, {-value, strict ? -1 : 0}});
}

void PrefixProgram::AtMost(int begin, int end, int64_t value, bool strict) {
  edges_.push_back({begin, end, {value, strict ? -1 : 0}});
}

void PrefixProgram::Within(int begin, int end, const Range& range) {
  AtLeast(begin, end, range.low, range.low_open);
  if (range.high.has_value()) AtMost(begin, end, *range.high, range.high_open);
}

bool PrefixProgram::Possible() const {
  // Distances from everywhere at once settle after a round for each prefix, unless a circle of
  // bounds comes to less than nothing.
  std::vector<Cost> distances(static_cast<size_t>(prefixes_));
  for (int round = 0; round <= prefixes_; ++round) {
    bool changed = false;
    for (const Edge& edge : edges_) {
      const Cost& from = distances[static_cast<size_t>(edge.from)];
      const Cost there{from.value + edge.cost.value, from.strict + edge.cost.strict};
      if (!(there < distances[static_cast<size_t>(edge.to)])) continue;
      distances[static_cast<size_t>(edge.to)] = there;
      changed = true;
    }
    if (!changed) return true;
  }
  return false;
}

PrefixProgram::Range PrefixProgram::RangeOf(const std::vector<bool>& row) const {
  std::vector<int> weights(static_cast<size_t>(prefixes_), 0);
  for (size_t i = 0; i < row.size(); ++i) {
    if (!row[i]) continue;
    ++weights[i + 1];
    --weights[i];
  }
  Range range;
  if (const auto greatest = Greatest(weights); greatest.has_value()) {
    range.high = greatest->value;
    range.high_open = greatest->strict != 0;
  }
  for (int& weight : weights) weight = -weight;
  const Cost least = Greatest(weights).value();
  range.low = -least.value;
  range.low_open = least.strict != 0;
  return range;
}

std::optional<PrefixProgram::Cost> PrefixProgram::Greatest(std::vector<int> weights) const {
  // The dual: the cheapest flow from prefixes of negative weight to those of positive weight, by
  // shortest augmenting paths.
  std::vector<int> flows(edges_.size(), 0);
  Cost total;
  while (std::any_of(weights.begin(), weights.end(), [](int weight) { return weight > 0; })) {
    std::vector<std::optional<Cost>> distances(weights.size());
    struct Step {
      size_t edge = 0;
      bool back = false;
    };
    std::vector<Step> steps(weights.size());
    for (size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] < 0) distances[i] = Cost();
    }
    for (bool changed = true; changed;) {
      changed = false;
      const auto relax = [&](size_t edge, int from, int to, int sign) {
        const std::optional<Cost>& before = distances[static_cast<size_t>(from)];
        if (!before.has_value()) return;
        const Cost there{before->value + sign * edges_[edge].cost.value,
                         before->strict + sign * edges_[edge].cost.strict};
        std::optional<Cost>& after = distances[static_cast<size_t>(to)];
        if (after.has_value() && !(there < *after)) return;
        after = there;
        steps[static_cast<size_t>(to)] = {edge, sign < 0};
        changed = true;
      };
      for (size_t e = 0; e < edges_.size(); ++e) {
        relax(e, edges_[e].from, edges_[e].to, 1);
        if (flows[e] > 0) relax(e, edges_[e].to, edges_[e].from, -1);
      }
    }
    int sink = -1;
    for (size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] <= 0 || !distances[i].has_value()) continue;
      if (sink < 0 || *distances[i] < *distances[static_cast<size_t>(sink)]) {
        sink = static_cast<int>(i);
      }
    }
    if (sink < 0) return std::nullopt;
    const Cost& cost = *distances[static_cast<size_t>(sink)];
    total = {total.value + cost.value, total.strict + cost.strict};
    --weights[static_cast<size_t>(sink)];
    int node = sink;
    while (weights[static_cast<size_t>(node)] >= 0 ||
           *distances[static_cast<size_t>(node)] != Cost()) {
      const Step& step = steps[static_cast<size_t>(node)];
      flows[step.edge] += step.back ? -1 : 1;
      node = step.back ? edges_[step.edge].to : edges_[step.edge].from;
    }
    ++weights[static_cast<size_t>(node)];
  }
  return total;
}

}  // namespace entente::funding::query
