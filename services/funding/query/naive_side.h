// SPDX-License-Identifier: Apache-2.0
//
// For tests: one side of a query, the slow way (naive_query.h): which money is in, in which row,
// and what it comes to.
//
//   Side side(world, request, filter);
//   RETURN_IF_ERROR(side.Prepare());
//   for (const auto& [key, parcels] : side.Groups()) side.MakeRow(kind, key, parcels, &total);
//
// Its parts are in files of their own: naive_claims.cc (what claims say), naive_facts.cc (what a
// filter sees), naive_money.cc (what is not counted, and rates), naive_sums.cc (sums, and keys).
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_SIDE_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_SIDE_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/filter/filter.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/naive_numbers.h"
#include "services/funding/query/naive_query.h"
#include "services/funding/query/prefix_program.h"

namespace entente::funding::query::naive {

using Range = PrefixProgram::Range;
using boost::multiprecision::cpp_rational;
using catalogue::v1::PlaceKind;
using v1::Claim;
using v1::ClaimFacts;

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

Value Says1(const std::string& member);
Value SaysAll(const std::vector<std::string>& members, Says says = Says::kStated);

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

const filter::Schema& SchemaOfFacts();
const filter::Filter& FilterOf(const std::string& text);
void FieldsIn(const Wish& wish, std::vector<std::string>* fields);
bool IsOfPlaces(const std::string& field);
bool IsOfInitiatives(const std::string& field);
bool IsKind(const std::string& field);

// One side of a query: the claims by one filter.
class Side {
 public:
  Side(const World& world, const v1::QueryFundingRequest& request, const Wish& filter);

  // `other`: the other side of a comparison, which is mixed with this one; null for none.
  absl::Status CheckMixing(const Side* other) const;

  // Carries it out up to the rows.
  absl::Status Prepare();

  // The rows by their keys: the parcels in each.
  std::map<Key, std::vector<int>> Groups() const;

  // `other`: the other side of a comparison, null for none. Both have the same periods.
  std::map<Key, std::vector<int>> Rows(const Side* other) const;

  std::map<Key, std::vector<int>> Totals() const;

  // By key and kinds.
  std::map<std::pair<Key, std::vector<int>>, std::vector<int>> Could() const;

  Key TotalOf(Key key) const;

  // `total`: what shares are of.
  Row MakeRow(v1::FundingRowKind kind, const Key& key, std::vector<int> parcels, const Row* total);

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

  void ReadClaims();

  int WholeOf(int claim) const { return wholes_[static_cast<size_t>(claim)]; }
  int TopOf(int claim) const;
  bool IsSuperseded(int claim) const;
  bool IsUsable(int claim) const;
  std::vector<int> PartsOf(int claim) const;
  bool IsWithin(int claim, int whole) const;

  // Whether some money is of both claims.
  bool Touch(int a, int b) const { return IsWithin(a, b) || IsWithin(b, a); }

  std::optional<Figure> FigureOf(int claim) const;
  bool HasFigure(int claim) const { return FigureOf(claim).has_value(); }
  bool IsSummed(int claim) const;
  bool IsNegative(int claim) const;
  // What is written for a claim with all of its parts.
  int64_t StatedOf(int claim) const;
  int64_t StatedOfAtom(int claim) const;

  // Lays the money of `claim` and of its parts out in a row, divided or not, and states what its
  // claims state.
  void LayOut(int claim, const std::map<int, std::vector<std::vector<Slice>>>& divisions,
              std::vector<Tree::Variable>* variables,
              std::vector<std::tuple<int, int, Range>>* statements) const;

  // What the claims under `claim` leave for its own atom.
  Range RangeOfAtom(int claim) const;

  void Divide(const Tree::Variable& divided, const Range& range,
              const std::vector<std::vector<Slice>>& divisions, size_t depth,
              std::vector<Tree::Variable>* variables,
              std::vector<std::tuple<int, int, Range>>* statements) const;

  static std::unique_ptr<PrefixProgram> ProgramOf(
      const std::vector<Tree::Variable>& variables,
      const std::vector<std::tuple<int, int, Range>>& statements);

  // Whether all that is stated of a top and its parts can hold.
  bool MakeSense(int top) const;

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
                         Says says);

  Shares PlacesOf(int claim) const;

  Shares SectorsOf(int claim) const;

  void MakeParcels(int claim);

  void Finish(Parcel parcel);

  void FillSimple(int claim, ClaimFacts* facts) const;

  std::vector<std::string> Upwards(const std::string& name) const;

  // The nearest place of a kind that a place is or lies in; empty for none.
  std::string Nearest(const std::string& place, PlaceKind kind) const;

  Value OfKind(const Value& places, PlaceKind kind) const;

  void FillPlaces(const Value& places, ClaimFacts* facts) const;

  static void FillSectors(const Value& sectors, ClaimFacts* facts);

  Value PillarsOf(const std::string& initiative) const;

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
                                   const std::string& field) const;

  struct Truth {
    bool could_hold = false;
    bool could_fail = false;
  };

  // Where every condition could need a narrower value of its own.
  Truth TruthOf(const Wish& wish, const Parcel& parcel) const;

  // Whether some narrower money, taken together, is what the filter selects; with which this is
  // the same as TruthOf if no two conditions speak of the same.
  bool CouldTogether(const Parcel& parcel, const filter::Filter& filter) const;

  // Whether no two conditions speak of what can be narrower.
  bool EachOnce() const;

  void Pick();

  std::vector<int> KindsOf(const Parcel& parcel) const;

  // Of the kinds, those that are grouped by.
  std::vector<int> ClassOf(const Parcel& parcel) const;

  bool MayMix(v1::MoneyKind kind) const;

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

  static v1::LeftOutReason ReasonOf(v1::ClaimRelationKind kind);

  // All that `start` leads to by `ways`, what is nearer first.
  static std::vector<int> Reached(int start, const std::vector<std::pair<int, int>>& ways);

  void FindSameMoney(bool could);

  v1::LeftOutReason LeftOutFor(const Parcel& parcel) const;

  // What has to be known of money that is counted.
  std::vector<v1::LeftOutReason> NotesOf(const Parcel& parcel) const;

  // The days of an interval or a date of years, months or days; `..` and nothing are no day.
  static std::optional<absl::CivilDay> FirstDay(absl::string_view text);
  static std::optional<absl::CivilDay> LastDay(absl::string_view text);

  // How often the figure of a top comes back in the horizon, period by period.
  int64_t PeriodsOf(int top) const;

  // A rate into the currency of the conversion, by the dates of those that are published.
  std::optional<v1::AppliedRate> RateOf(const std::string& from, absl::CivilDay day) const;

  const Denomination& DenominationOf(int top) const;

  Denomination MakeDenomination(int top) const;

  Tree& TreeOf(int top);

  void AddTree(int top, const std::vector<int>& parcels, std::map<Sort, Sum>* sums);

  // Counts the money of one variable among exact amounts, if it is.
  void AddExact(Tree* tree, size_t variable, int64_t periods, const Denomination& denomination,
                Sum* sum) const;

  v1::MoneySum Written(const Sort& sort, const Sum& sum, const Row* total) const;

  bool IsDate(size_t dimension) const;

  Key KeyOf(const Parcel& parcel) const;

  Value ValueOf(const Parcel& parcel, const v1::Dimension& dimension) const;

  static std::string MonthText(int64_t year, int month);

  static Value BucketOf(const type::v1::ImpreciseDate& date, const v1::Dimension& dimension);

  std::optional<std::string> TitleOf(const std::string& name) const;

  v1::DimensionValue Written(const Value& value) const;

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

}  // namespace entente::funding::query::naive

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_SIDE_H_
