// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/claim_table.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "services/funding/claim_tree.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {
namespace {

using v1::Claim;

// `amount` in units of 10^-digits, if such units can say it and it is not more than kMostUnits.
std::optional<int64_t> UnitsOf(const figure::Decimal& amount, int digits) {
  if (amount.scale() > digits) return std::nullopt;
  absl::int128 units = amount.coefficient();
  for (int scale = amount.scale(); scale < digits; ++scale) {
    if (units > kMostUnits || units < -kMostUnits) return std::nullopt;
    units *= 10;
  }
  if (units > kMostUnits || units < -kMostUnits) return std::nullopt;
  return static_cast<int64_t>(units);
}

std::optional<SmallSum> SmallSumOf(const absl::StatusOr<algebra::RowSum>& sum, int digits) {
  if (!sum.ok() || sum->not_stated > 0 || sum->claims != 1) return std::nullopt;
  const auto low = UnitsOf(sum->bounds.low.value, digits);
  const auto stated = UnitsOf(sum->stated, digits);
  const auto excess = UnitsOf(sum->excess, digits);
  std::optional<int64_t> high = 0;
  if (sum->bounds.high.has_value()) high = UnitsOf(sum->bounds.high->value, digits);
  if (!low.has_value() || !stated.has_value() || !high.has_value() || !excess.has_value()) {
    return std::nullopt;
  }
  SmallSum small;
  small.low = *low;
  small.high = *high;
  small.stated = *stated;
  small.excess = *excess;
  small.low_open = sum->bounds.low.open;
  small.high_open = sum->bounds.high.has_value() && sum->bounds.high->open;
  small.unbounded = !sum->bounds.high.has_value();
  return small;
}

bool IsLikeFlat(const SmallSum& sum) {
  return sum.low == sum.stated && !sum.low_open && sum.excess == 0 &&
         (sum.unbounded || (sum.high == sum.stated && !sum.high_open));
}

// No number of the sum is greater.
int64_t MostOf(const SmallSum& sum) {
  return std::max({sum.low, sum.high, sum.stated, sum.excess});
}

const Claim* FindClaim(const resource::State& state, absl::string_view name) {
  return state.Get<Claim>(name);
}

// The claim at the top of `claim`, which is in `state`.
const Claim* TopOf(const resource::State& state, const Claim* claim) {
  std::set<const Claim*> met = {claim};
  const auto whole_of = [&](const Claim* part) {
    return part->part_of().empty() ? nullptr : FindClaim(state, part->part_of());
  };
  for (const Claim* whole = whole_of(claim); whole != nullptr; whole = whole_of(whole)) {
    if (!met.insert(whole).second) {
      // The rules accept no cycle. Should there be one, the first by name of those in it is at the
      // top, whichever of them is asked about: each claim is in one tree.
      claim = whole;
      for (const Claim* other = whole_of(whole); other != whole; other = whole_of(other)) {
        if (other->name() < claim->name()) claim = other;
      }
      return claim;
    }
    claim = whole;
  }
  return claim;
}

std::vector<std::string> SupersededBy(const Claim& claim) {
  std::vector<std::string> names;
  for (const v1::ClaimRelation& relation : claim.relations()) {
    if (relation.kind() == v1::CLAIM_RELATION_KIND_SUPERSEDES && relation.claim() != claim.name()) {
      names.push_back(relation.claim());
    }
  }
  return names;
}

// The places of `claims`, which are in the order of names, in that of initiatives.
std::vector<uint32_t> ByInitiative(const std::vector<const Claim*>& claims) {
  absl::flat_hash_map<absl::string_view, uint32_t> numbers;
  std::vector<uint32_t> number_of;
  number_of.reserve(claims.size());
  std::vector<absl::string_view> initiatives;
  for (const Claim* claim : claims) {
    const auto [found, inserted] =
        numbers.try_emplace(claim->initiative(), static_cast<uint32_t>(initiatives.size()));
    if (inserted) initiatives.push_back(claim->initiative());
    number_of.push_back(found->second);
  }
  // There are far fewer of them than of claims: these are counted into their places.
  std::vector<uint32_t> by_name(initiatives.size());
  std::iota(by_name.begin(), by_name.end(), 0);
  std::sort(by_name.begin(), by_name.end(),
            [&](uint32_t a, uint32_t b) { return initiatives[a] < initiatives[b]; });
  std::vector<uint32_t> next(initiatives.size());
  for (const uint32_t number : number_of) ++next[number];
  uint32_t before = 0;
  for (const uint32_t number : by_name) before += std::exchange(next[number], before);
  std::vector<uint32_t> order(claims.size());
  for (uint32_t place = 0; place < number_of.size(); ++place) {
    order[next[number_of[place]]++] = place;
  }
  return order;
}

// The first claim of `state`, by name, that supersedes `name`; null for none.
const Claim* Superseder(const resource::State& state, absl::string_view name) {
  for (const std::string& referrer : state.Referrers(name, "relations")) {
    const Claim* claim = FindClaim(state, referrer);
    if (claim != nullptr && claim->name() != name && Supersedes(*claim, name)) return claim;
  }
  return nullptr;
}

}  // namespace

void ClaimTable::Ended::Add(size_t row) {
  const size_t block = row / kBlockRows;
  if (blocks.size() <= block) {
    blocks.resize(block + 1);
    shared.resize(block + 1, false);
  }
  if (blocks[block] == nullptr) {
    blocks[block] = std::make_shared<std::vector<uint64_t>>(kBlockRows / 64, 0);
  } else if (shared[block]) {
    blocks[block] = std::make_shared<std::vector<uint64_t>>(*blocks[block]);
  }
  shared[block] = false;
  (*blocks[block])[row % kBlockRows / 64] |= uint64_t{1} << (row % 64);
  ++count;
}

std::shared_ptr<ClaimTable> ClaimTable::Of(std::shared_ptr<const resource::State> state,
                                           FlatRows flat_rows) {
  std::shared_ptr<ClaimTable> table(new ClaimTable(flat_rows));
  table->state_ = std::move(state);
  table->Load();
  return table;
}

void ClaimTable::Load() {
  std::vector<ClaimPtr> claims;
  const resource::ResourceType* type = state_->registry().FindByDescriptor(Claim::descriptor());
  state_->Scan(*type, "", [&](const resource::Entry& entry) {
    if (!entry.deleted) claims.push_back(&entry.As<Claim>());
    return true;
  });
  // By their places here, which are those of their names.
  const auto find = [&](absl::string_view name) -> int32_t {
    const auto found = std::lower_bound(claims.begin(), claims.end(), name,
                                        [](const Claim* claim, absl::string_view wanted) {
                                          return absl::string_view(claim->name()) < wanted;
                                        });
    if (found == claims.end() || (*found)->name() != name) return -1;
    return static_cast<int32_t>(found - claims.begin());
  };
  absl::flat_hash_map<int32_t, int32_t> whole_of;
  absl::flat_hash_map<int32_t, ClaimPtr> superseded_by;
  for (size_t i = 0; i < claims.size(); ++i) {
    const auto place = static_cast<int32_t>(i);
    if (!claims[i]->part_of().empty()) {
      // A whole that is deleted has no parts; the rules do not let it come to that.
      const int32_t whole = find(claims[i]->part_of());
      if (whole >= 0) whole_of[place] = whole;
    }
    if (claims[i]->relations().empty()) continue;
    for (const std::string& name : SupersededBy(*claims[i])) {
      const int32_t superseded = find(name);
      if (superseded >= 0) superseded_by.try_emplace(superseded, claims[i]);
    }
  }
  // The rules accept no cycle either. Should there be one, every claim must be under some top: the
  // same one as in TopOf.
  const auto above = [&](int32_t place) {
    const auto found = whole_of.find(place);
    return found == whole_of.end() ? -1 : found->second;
  };
  std::vector<int32_t> parts_in_order;
  for (const auto& [part, whole] : whole_of) parts_in_order.push_back(part);
  std::sort(parts_in_order.begin(), parts_in_order.end());
  for (const int32_t part : parts_in_order) {
    int32_t slow = part;
    bool advance = false;
    for (int32_t fast = above(part); fast >= 0; fast = above(fast)) {
      if (fast == part) whole_of.erase(part);
      // It is in a cycle, or leads into one.
      if (fast == part || fast == slow) break;
      if (advance) slow = above(slow);
      advance = !advance;
    }
  }
  absl::flat_hash_map<int32_t, std::vector<int32_t>> parts;
  for (const int32_t part : parts_in_order) {
    if (const int32_t whole = above(part); whole >= 0) parts[whole].push_back(part);
  }
  const auto superseder = [&](int32_t place) -> ClaimPtr {
    const auto found = superseded_by.find(place);
    return found == superseded_by.end() ? nullptr : found->second;
  };
  Family family;
  std::vector<int32_t> places;
  for (const uint32_t i : ByInitiative(claims)) {
    const auto top = static_cast<int32_t>(i);
    if (above(top) >= 0) continue;
    places.assign(1, top);
    family.claims.assign(1, claims[i]);
    family.wholes.assign(1, -1);
    family.superseded_by.assign(1, superseder(top));
    if (!parts.empty()) {
      for (size_t next = 0; next < places.size(); ++next) {
        const auto found = parts.find(places[next]);
        if (found == parts.end()) continue;
        for (const int32_t part : found->second) {
          places.push_back(part);
          family.claims.push_back(claims[static_cast<size_t>(part)]);
          family.wholes.push_back(static_cast<int32_t>(next));
          family.superseded_by.push_back(superseder(part));
        }
      }
    }
    Append(family);
  }
  base_revision_ = state_->revision();
  base_flat_rows_ = flat_.size();
  TakeMark(base_revision_);
}

int64_t ClaimTable::revision() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return state_->revision();
}

size_t ClaimTable::ends() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return ends_.size();
}

double ClaimTable::ended() const {
  std::lock_guard<std::mutex> lock(mutex_);
  const size_t rows = flat_.size() + trees_.size();
  return rows == 0 ? 0 : static_cast<double>(ends_.size()) / static_cast<double>(rows);
}

Atom ClaimTable::top(Atom atom) const {
  while (whole(atom) != kNoAtom) atom = whole(atom);
  return atom;
}

ClaimTable::Family ClaimTable::FamilyOf(const resource::State& state, const Claim& top) const {
  Family family;
  std::set<absl::string_view> met = {top.name()};
  const auto add = [&](const Claim& claim, int32_t whole) {
    family.claims.push_back(&claim);
    family.wholes.push_back(whole);
    family.superseded_by.push_back(Superseder(state, claim.name()));
  };
  add(top, -1);
  for (size_t next = 0; next < family.claims.size(); ++next) {
    for (const std::string& name : state.Referrers(family.claims[next]->name(), "part_of")) {
      const Claim* part = FindClaim(state, name);
      if (part != nullptr && met.insert(part->name()).second) {
        add(*part, static_cast<int32_t>(next));
      }
    }
  }
  return family;
}

Atom ClaimTable::Latest(const resource::State& state, absl::string_view name) const {
  if (const auto found = places_.find(name); found != places_.end()) return found->second.back();
  return FindInBase(state, name).value_or(kNoAtom);
}

std::optional<Atom> ClaimTable::FindInBase(const resource::State& state,
                                           absl::string_view name) const {
  const Claim* claim = FindClaim(state, name);
  if (claim == nullptr) return std::nullopt;
  const auto key = [](const Claim& of) {
    return std::pair<absl::string_view, absl::string_view>(of.initiative(), of.name());
  };
  size_t low = 0;
  size_t high = base_flat_rows_;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (key(*flat_.claims[middle]) < key(*claim)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == base_flat_rows_ || flat_.claims[low]->name() != name) return std::nullopt;
  return FlatAtom(low);
}

std::vector<Atom> ClaimTable::MembersOf(Atom atom) const {
  if (IsFlat(atom)) return {atom};
  const Component& component = components_[component_of_[RowOf(atom)]];
  std::vector<Atom> members;
  for (size_t row = component.first; row < component.first + component.rows; ++row) {
    members.push_back(TreeAtom(row));
  }
  return members;
}

void ClaimTable::Apply(const resource::Committed& revision,
                       std::shared_ptr<const resource::State> after) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::shared_ptr<const resource::State> before = std::move(state_);
  state_ = std::move(after);
  // All claims whose rows may read differently: those that changed, those whose being superseded
  // did, and whatever is in one tree with them, before or after.
  std::vector<std::string> open;
  std::set<std::string, std::less<>> met;
  const auto meet = [&](const std::string& name) {
    if (met.insert(name).second) open.push_back(name);
  };
  for (const resource::Entry& entry : revision.changed) {
    if (entry.type->descriptor != Claim::descriptor()) continue;
    meet(std::string(entry.name));
    for (const resource::State* state : {before.get(), state_.get()}) {
      const Claim* claim = FindClaim(*state, entry.name);
      if (claim == nullptr) continue;
      for (const std::string& name : SupersededBy(*claim)) meet(name);
    }
  }
  std::set<Atom> ending;
  std::map<std::string, const Claim*> tops;
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    const Atom atom = Latest(*before, name);
    const bool has_row =
        atom != kNoAtom && ending.count(atom) == 0 && FindClaim(*before, name) != nullptr;
    if (has_row) {
      for (const Atom member : MembersOf(atom)) {
        ending.insert(member);
        meet(claim(member).name());
      }
    }
    const Claim* now = FindClaim(*state_, name);
    if (now == nullptr) continue;
    const Claim* top = TopOf(*state_, now);
    if (!tops.emplace(top->name(), top).second) continue;
    for (const ClaimPtr member : FamilyOf(*state_, *top).claims) meet(member->name());
  }
  for (const Atom atom : ending) End(atom, *before);
  for (const auto& [name, top] : tops) Append(FamilyOf(*state_, *top));
  TakeMark(revision.revision);
}

void ClaimTable::End(Atom atom, const resource::State& before) {
  const resource::Entry* entry = before.Find(claim(atom).name());
  kept_.push_back(entry->message);
  (IsFlat(atom) ? ended_flat_ : ended_trees_).Add(RowOf(atom));
  ends_.Append(atom);
}

void ClaimTable::TakeMark(int64_t revision) {
  marks_.push_back({revision, flat_.size(), trees_.size(), components_.size(), ends_.size(),
                    unusable_.size(), related_.size()});
}

void ClaimTable::AppendRow(Rows* rows, ClaimPtr claim, v1::ClaimDirection direction,
                           bool at_least) {
  Lane lane{KindOf(claim->nature(), claim->stage(), direction), claim->amount().currency_code(),
            at_least};
  const auto [found, inserted] = lane_codes_.try_emplace(lane, static_cast<Code>(lanes_.size()));
  if (inserted) lanes_.Append(std::move(lane));
  rows->claims.Append(claim);
  rows->lanes.Append(found->second);
}

void ClaimTable::Append(const Family& family) {
  const bool is_flat = AppendFlat(family);
  if (!is_flat) AppendTree(family);
}

bool ClaimTable::AppendFlat(const Family& family) {
  const Claim& claim = *family.claims[0];
  if (family.claims.size() > 1 || family.superseded_by[0] != nullptr || claim.has_recurrence()) {
    return false;
  }
  const auto figure = FigureOf(claim);
  if (!figure.has_value()) return false;
  const figure::Interval& bounds = figure->bounds;
  if (bounds.low.value != figure->stated || bounds.low.open) return false;
  const bool at_least = !bounds.high.has_value();
  if (!at_least && bounds != figure::Interval::Point(figure->stated)) return false;
  const auto units = UnitsOf(figure->stated, MinorDigits(claim.amount().currency_code()));
  if (!units.has_value()) return false;
  if (flat_rows_ == FlatRows::kNegative && *units >= 0) return false;
  // A tree knows what to say of "at least" less than nothing.
  if (at_least && *units < 0) return false;
  const size_t row = flat_.size();
  if (row % kBlockRows == 0) most_units_.push_back(0);
  most_units_.back() = std::max(most_units_.back(), std::abs(*units));
  units_.Append(*units);
  AppendRow(&flat_, &claim, claim.direction(), at_least);
  if (!claim.relations().empty()) related_.Append(FlatAtom(row));
  // Those of the base are found by their order.
  if (!marks_.empty()) places_[claim.name()].push_back(FlatAtom(row));
  return true;
}

void ClaimTable::AppendTree(const Family& family) {
  const size_t first = trees_.size();
  const size_t size = family.claims.size();
  const auto id = static_cast<TreeId>(components_.size());
  auto tree = std::make_shared<TreeOfClaims>();
  tree->top = TreeAtom(first);
  // What is under something unusable is so too, without a word of its own.
  std::vector<TreeId> tree_of(size, kNoTree);
  std::vector<algebra::NodeId> node_of(size, 0);
  std::vector<uint8_t> has_parts(size, 0);
  std::vector<ClaimPtr> claims;
  std::vector<v1::ClaimDirection> directions(size);
  for (size_t i = 0; i < size; ++i) {
    const auto whole = static_cast<size_t>(family.wholes[i]);
    const Claim& claim = *family.claims[i];
    // A part has the direction of its whole if it states none.
    directions[i] = claim.direction();
    if (i > 0 && directions[i] == v1::CLAIM_DIRECTION_UNSPECIFIED)
      directions[i] = directions[whole];
    if (i > 0) has_parts[whole] = 1;
    if (family.superseded_by[i] != nullptr) {
      unusable_.Append({TreeAtom(first + i), true,
                        absl::StrCat(family.superseded_by[i]->name(), " has taken its place")});
    } else if (i == 0 || tree_of[whole] != kNoTree) {
      tree_of[i] = id;
      node_of[i] = static_cast<algebra::NodeId>(claims.size());
      tree->atoms.push_back(TreeAtom(first + i));
      claims.push_back(&claim);
    }
  }
  if (!claims.empty()) {
    auto built = entente::funding::BuildTree(claims);
    if (built.ok()) {
      tree->tree = *std::move(built);
    } else {
      unusable_.Append({TreeAtom(first), false, std::string(built.status().message())});
      std::fill(tree_of.begin(), tree_of.end(), kNoTree);
      claims.clear();
    }
  }
  if (claims.empty()) tree = nullptr;
  for (size_t i = 0; i < size; ++i) {
    const Atom atom = TreeAtom(first + i);
    AppendRow(&trees_, family.claims[i], directions[i], /*at_least=*/false);
    wholes_.Append(i == 0 ? kNoAtom : TreeAtom(first + static_cast<size_t>(family.wholes[i])));
    has_parts_.Append(has_parts[i]);
    tree_of_.Append(tree_of[i]);
    node_of_.Append(node_of[i]);
    component_of_.Append(static_cast<uint32_t>(id));
    if (!family.claims[i]->relations().empty()) related_.Append(atom);
    places_[family.claims[i]->name()].push_back(atom);
  }
  std::vector<SmallSum> alone(size);
  Component component = Summarise(family, tree.get(), &alone);
  for (const SmallSum& sum : alone) {
    alone_.Append(sum);
    most_of_trees_ += MostOf(sum);
  }
  most_of_trees_ += MostOf(component.sum);
  component.first = static_cast<uint32_t>(first);
  component.rows = static_cast<uint32_t>(size);
  components_.Append(component);
  trees_of_claims_.Append(std::move(tree));
}

Component ClaimTable::Summarise(const Family& family, const TreeOfClaims* tree,
                                std::vector<SmallSum>* alone) const {
  Component component;
  if (tree == nullptr || tree->atoms.size() != family.claims.size()) return component;
  for (const ClaimPtr claim : family.claims) {
    if (claim->has_recurrence() || !claim->amount().figure().has_interval()) return component;
  }
  const int digits = MinorDigits(family.claims[0]->amount().currency_code());
  std::vector<algebra::NodeId> nodes(tree->atoms.size());
  for (size_t i = 0; i < nodes.size(); ++i) nodes[i] = static_cast<algebra::NodeId>(i);
  const auto all = SmallSumOf(tree->tree.Sum(nodes), digits);
  if (!all.has_value()) return component;
  for (const algebra::NodeId node : nodes) {
    const auto own = SmallSumOf(tree->tree.Sum({node}), digits);
    if (!own.has_value()) return component;
    // Nodes are by place in the family, since all of it counts.
    (*alone)[static_cast<size_t>(node)] = *own;
  }
  component.simple = true;
  component.like_flat = IsLikeFlat(*all);
  component.sum = *all;
  return component;
}

std::shared_ptr<const Snapshot> ClaimTable::At(std::shared_ptr<const resource::State> state) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<Snapshot> snapshot(new Snapshot());
  const auto after =
      std::upper_bound(marks_.begin(), marks_.end(), state->revision(),
                       [](int64_t revision, const Mark& mark) { return revision < mark.revision; });
  const Mark& mark = *(after - 1);
  snapshot->state_ = std::move(state);
  snapshot->table_ = shared_from_this();
  snapshot->mark_ = mark;
  snapshot->flat_claims_ = flat_.claims.ViewOf(mark.flat_rows);
  snapshot->tree_claims_ = trees_.claims.ViewOf(mark.tree_rows);
  snapshot->flat_lanes_ = flat_.lanes.ViewOf(mark.flat_rows);
  snapshot->tree_lanes_ = trees_.lanes.ViewOf(mark.tree_rows);
  snapshot->units_ = units_.ViewOf(mark.flat_rows);
  snapshot->most_units_ = most_units_;
  snapshot->most_of_trees_ = most_of_trees_;
  snapshot->wholes_ = wholes_.ViewOf(mark.tree_rows);
  snapshot->has_parts_ = has_parts_.ViewOf(mark.tree_rows);
  snapshot->tree_of_ = tree_of_.ViewOf(mark.tree_rows);
  snapshot->node_of_ = node_of_.ViewOf(mark.tree_rows);
  snapshot->component_of_ = component_of_.ViewOf(mark.tree_rows);
  snapshot->alone_ = alone_.ViewOf(mark.tree_rows);
  snapshot->components_ = components_.ViewOf(mark.components);
  snapshot->trees_ = trees_of_claims_.ViewOf(mark.components);
  snapshot->lanes_ = lanes_.ViewOf(lanes_.size());
  snapshot->all_unusable_ = unusable_.ViewOf(mark.unusable);
  snapshot->related_ = related_.ViewOf(mark.related);
  if (after == marks_.end()) {
    snapshot->ended_flat_ = ended_flat_;
    snapshot->ended_trees_ = ended_trees_;
    ended_flat_.shared.assign(ended_flat_.blocks.size(), true);
    ended_trees_.shared.assign(ended_trees_.blocks.size(), true);
  } else {
    for (size_t i = 0; i < mark.ends; ++i) {
      (IsFlat(ends_[i]) ? snapshot->ended_flat_ : snapshot->ended_trees_).Add(RowOf(ends_[i]));
    }
  }
  snapshot->any_tree_ended_ = snapshot->ended_trees_.count > 0;
  return snapshot;
}

const GrowingColumn& ClaimTable::Extend(absl::string_view field, absl::string_view vocabulary) {
  auto& growing = columns_[{std::string(field), std::string(vocabulary)}];
  if (growing == nullptr) growing = std::make_unique<GrowingColumn>(&pages_);
  const Statement statement = StatementOf(field, vocabulary);
  for (size_t row = growing->flat_rows(); row < flat_.size(); ++row) {
    statement(*this, FlatAtom(row), growing.get());
  }
  for (size_t row = growing->tree_rows(); row < trees_.size(); ++row) {
    statement(*this, TreeAtom(row), growing.get());
  }
  return *growing;
}

std::shared_ptr<const Column> ClaimTable::ColumnFor(const Snapshot& snapshot,
                                                    absl::string_view field,
                                                    absl::string_view vocabulary) {
  std::lock_guard<std::mutex> lock(mutex_);
  const size_t flat_rows = snapshot.flat_rows();
  const size_t tree_rows = snapshot.tree_rows();
  if (const auto of_lane = LaneField(field); of_lane != nullptr) {
    // Lanes have codes already: one dictionary more is a column more.
    Values values;
    for (size_t lane = 0; lane < lanes_.size(); ++lane) values.Append(of_lane(lanes_[lane]));
    return std::make_shared<const Column>(
        Column{values.ViewOf(values.size()), snapshot.flat_lanes(), snapshot.tree_lanes(),
               Divisions().ViewOf(0), std::make_shared<Derived>(), nullptr, /*of_lanes=*/true});
  }
  // To the end of the table, so that every atom comes in its turn whatever snapshot asks first.
  return std::make_shared<const Column>(Extend(field, vocabulary).ViewOf(flat_rows, tree_rows));
}

}  // namespace entente::funding::query
