// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/snapshot.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "services/funding/claim_tree.h"
#include "services/funding/query/facts.h"

namespace entente::funding::query {
namespace {

using v1::Claim;

// `figure` in units of 10^-digits, if it is one exact value that such units and 64 bits can say.
std::optional<int64_t> ExactUnits(const algebra::Figure& figure, int digits) {
  if (figure.bounds != figure::Interval::Point(figure.stated)) return std::nullopt;
  if (figure.stated.scale() > digits) return std::nullopt;
  absl::int128 units = figure.stated.coefficient();
  const absl::int128 limit = std::numeric_limits<int64_t>::max();
  for (int scale = figure.stated.scale(); scale < digits; ++scale) {
    if (units > limit || units < -limit) return std::nullopt;
    units *= 10;
  }
  if (units > limit || units < -limit) return std::nullopt;
  return static_cast<int64_t>(units);
}

}  // namespace

std::shared_ptr<const Snapshot> Snapshot::Of(std::shared_ptr<const resource::State> state) {
  auto snapshot = std::shared_ptr<Snapshot>(new Snapshot(std::move(state)));
  snapshot->ReadClaims();
  snapshot->ReadLanes();
  snapshot->ReadRelations();
  snapshot->BuildTrees();
  return snapshot;
}

std::optional<Atom> Snapshot::Find(absl::string_view name) const {
  const auto found = std::lower_bound(claims_.begin(), claims_.end(), name,
                                      [](const Claim* claim, absl::string_view wanted) {
                                        return absl::string_view(claim->name()) < wanted;
                                      });
  if (found == claims_.end() || (*found)->name() != name) return std::nullopt;
  return static_cast<Atom>(found - claims_.begin());
}

Atom Snapshot::top(Atom atom) const {
  while (whole(atom) != kNoAtom) atom = whole(atom);
  return atom;
}

bool Snapshot::IsWithin(Atom atom, Atom ancestor) const {
  for (; atom != kNoAtom; atom = whole(atom)) {
    if (atom == ancestor) return true;
  }
  return false;
}

void Snapshot::ReadClaims() {
  const resource::ResourceType* type = state_->registry().FindByDescriptor(Claim::descriptor());
  state_->Scan(*type, "", [&](const resource::Entry& entry) {
    if (!entry.deleted) claims_.push_back(&entry.As<Claim>());
    return true;
  });
  wholes_.assign(claims_.size(), kNoAtom);
  has_parts_.assign(claims_.size(), false);
  usable_.assign(claims_.size(), true);
  units_.assign(claims_.size(), 0);
  trees_of_.assign(claims_.size(), kNoTree);
  nodes_of_.assign(claims_.size(), 0);
  for (Atom atom = 0; atom < size(); ++atom) {
    if (claim(atom).part_of().empty()) continue;
    // A whole that is deleted has no parts; the rules do not let it come to that.
    if (const auto whole = Find(claim(atom).part_of()); whole.has_value()) {
      wholes_[Index(atom)] = *whole;
    }
  }
  // The rules accept no cycle either. Should there be one, `top` must end all the same.
  for (Atom atom = 0; atom < size(); ++atom) {
    Atom slow = atom;
    bool advance = false;
    for (Atom fast = wholes_[Index(atom)]; fast != kNoAtom; fast = wholes_[Index(fast)]) {
      if (fast == slow) {
        wholes_[Index(atom)] = kNoAtom;
        break;
      }
      if (advance) slow = wholes_[Index(slow)];
      advance = !advance;
    }
    if (wholes_[Index(atom)] != kNoAtom) has_parts_[Index(wholes_[Index(atom)])] = true;
  }
}

void Snapshot::ReadLanes() {
  std::map<std::pair<Kind, std::string>, Code> codes;
  lane_of_.reserve(claims_.size());
  for (Atom atom = 0; atom < size(); ++atom) {
    // A part has the direction of its whole if it states none.
    Atom origin = atom;
    while (claim(origin).direction() == v1::CLAIM_DIRECTION_UNSPECIFIED &&
           whole(origin) != kNoAtom) {
      origin = whole(origin);
    }
    const Kind kind = KindOf(claim(atom).nature(), claim(atom).stage(), claim(origin).direction());
    const std::string& currency = claim(atom).amount().currency_code();
    const auto [found, inserted] =
        codes.try_emplace({kind, currency}, static_cast<Code>(lanes_.size()));
    if (inserted) lanes_.push_back({kind, currency});
    lane_of_.push_back(found->second);
  }
}

void Snapshot::ReadRelations() {
  for (Atom atom = 0; atom < size(); ++atom) {
    for (const v1::ClaimRelation& relation : claim(atom).relations()) {
      const auto to = Find(relation.claim());
      if (!to.has_value() || *to == atom) continue;
      relations_.push_back({atom, relation.kind(), *to});
      if (relation.kind() == v1::CLAIM_RELATION_KIND_SUPERSEDES) {
        MarkUnusable(*to, atom, absl::StrCat(claim(atom).name(), " has taken its place"));
      }
    }
  }
}

void Snapshot::MarkUnusable(Atom atom, Atom superseded_by, std::string message) {
  if (!usable_[Index(atom)]) return;
  usable_[Index(atom)] = false;
  unusable_list_.push_back({atom, superseded_by, std::move(message)});
}

bool Snapshot::TakeAsFlat(Atom atom) {
  if (wholes_[Index(atom)] != kNoAtom || has_parts_[Index(atom)]) return false;
  if (claim(atom).has_recurrence()) return false;
  const auto figure = FigureOf(claim(atom));
  if (!figure.has_value()) return false;
  const auto units = ExactUnits(*figure, MinorDigits(claim(atom).amount().currency_code()));
  if (!units.has_value()) return false;
  units_[Index(atom)] = *units;
  trees_of_[Index(atom)] = kFlat;
  return true;
}

void Snapshot::BuildTrees() {
  // The parts of each whole, by its place among the wholes.
  std::vector<int32_t> place_of_whole(claims_.size(), -1);
  std::vector<std::vector<Atom>> parts;
  for (Atom atom = 0; atom < size(); ++atom) {
    const Atom whole = wholes_[Index(atom)];
    if (whole == kNoAtom) continue;
    int32_t& place = place_of_whole[Index(whole)];
    if (place < 0) {
      place = static_cast<int32_t>(parts.size());
      parts.emplace_back();
    }
    parts[static_cast<size_t>(place)].push_back(atom);
  }
  for (Atom atom = 0; atom < size(); ++atom) {
    if (wholes_[Index(atom)] != kNoAtom || !usable_[Index(atom)]) continue;
    if (!TakeAsFlat(atom)) BuildTree(atom, parts, place_of_whole);
  }
  // What is under something unusable is so too, without a word of its own.
  for (Atom atom = 0; atom < size(); ++atom) {
    if (trees_of_[Index(atom)] == kNoTree) usable_[Index(atom)] = false;
  }
}

void Snapshot::BuildTree(Atom top, const std::vector<std::vector<Atom>>& parts_of_wholes,
                         const std::vector<int32_t>& place_of_whole) {
  TreeOfClaims tree;
  tree.top = top;
  tree.atoms.push_back(top);
  for (size_t next = 0; next < tree.atoms.size(); ++next) {
    const int32_t place = place_of_whole[Index(tree.atoms[next])];
    if (place < 0) continue;
    for (const Atom part : parts_of_wholes[static_cast<size_t>(place)]) {
      if (usable_[Index(part)]) tree.atoms.push_back(part);
    }
  }
  std::vector<const Claim*> claims;
  claims.reserve(tree.atoms.size());
  for (const Atom atom : tree.atoms) claims.push_back(claims_[Index(atom)]);
  auto built = entente::funding::BuildTree(claims);
  if (!built.ok()) {
    MarkUnusable(top, kNoAtom, std::string(built.status().message()));
    return;
  }
  tree.tree = *std::move(built);
  const auto id = static_cast<int32_t>(trees_.size());
  for (size_t node = 0; node < tree.atoms.size(); ++node) {
    trees_of_[Index(tree.atoms[node])] = id;
    nodes_of_[Index(tree.atoms[node])] = static_cast<algebra::NodeId>(node);
  }
  trees_.push_back(std::move(tree));
}

std::shared_ptr<const Column> Snapshot::Base(absl::string_view field,
                                             absl::string_view vocabulary) const {
  std::shared_ptr<Slot> slot;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto& found = columns_[{std::string(field), std::string(vocabulary)}];
    if (found == nullptr) found = std::make_shared<Slot>();
    slot = found;
  }
  // Others who want the same column wait for it; others who want another do not.
  std::call_once(slot->once, [&] {
    slot->column = std::make_shared<const Column>(BuildColumn(*this, field, vocabulary));
  });
  return slot->column;
}

}  // namespace entente::funding::query
