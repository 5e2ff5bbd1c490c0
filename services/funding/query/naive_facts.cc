// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/funding/query/naive_side.h"

namespace entente::funding::query::naive {

Side::Shares Side::SharesOf(const std::vector<std::pair<std::string, std::string>>& written,
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

Side::Shares Side::PlacesOf(int claim) const {
  const int origin = Origin(claim, [](const Claim& c) { return c.places_size() > 0; });
  if (origin < 0) return {};
  std::vector<std::pair<std::string, std::string>> written;
  for (const auto& share : At(origin).places()) {
    written.emplace_back(share.place(), share.percentage());
  }
  return SharesOf(written, Says::kStated);
}

Side::Shares Side::SectorsOf(int claim) const {
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

void Side::MakeParcels(int claim) {
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

void Side::Finish(Parcel parcel) {
  FillPlaces(parcel.places, &parcel.facts);
  FillSectors(parcel.sectors, &parcel.facts);
  FillInitiative(parcel.facts.initiative(), &parcel.facts);
  parcels_.push_back(std::move(parcel));
}

void Side::FillSimple(int claim, ClaimFacts* facts) const {
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
            const std::string& who =
                party.organisation().empty() ? party.person() : party.organisation();
            add(who);
            // And by every name that means the same.
            const std::string last = world_.LastNameOf(who);
            if (last != who) add(last);
            for (const auto& [merged, ignored] : world_.merged_into) {
              if (merged != who && world_.LastNameOf(merged) == last) add(merged);
            }
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

std::vector<std::string> Side::Upwards(const std::string& name) const {
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

std::string Side::Nearest(const std::string& place, PlaceKind kind) const {
  for (const std::string& above : Upwards(place)) {
    const auto known = world_.places.find(above);
    if (known != world_.places.end() && known->second.kind() == kind) return above;
  }
  return "";
}

Value Side::OfKind(const Value& places, PlaceKind kind) const {
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

void Side::FillPlaces(const Value& places, ClaimFacts* facts) const {
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

void Side::FillSectors(const Value& sectors, ClaimFacts* facts) {
  facts->clear_sectors();
  if (sectors.says != Says::kStated) return;
  for (const std::string& code : sectors.members) facts->add_sectors(code);
}

Value Side::PillarsOf(const std::string& initiative) const {
  if (initiative.empty()) return {};
  for (const std::string& above : Upwards(initiative)) {
    const auto known = world_.initiatives.find(above);
    if (known == world_.initiatives.end() || known->second.pillars().empty()) continue;
    return SaysAll({known->second.pillars().begin(), known->second.pillars().end()});
  }
  return {};
}

std::vector<ClaimFacts> Side::Narrower(const Parcel& parcel, const ClaimFacts& facts,
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

Side::Truth Side::TruthOf(const Wish& wish, const Parcel& parcel) const {
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

bool Side::CouldTogether(const Parcel& parcel, const filter::Filter& filter) const {
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

bool Side::EachOnce() const {
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

void Side::Pick() {
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

}  // namespace entente::funding::query::naive
