// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/facts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/edtf/edtf.h"
#include "common/resource/methods.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/place.pb.h"
#include "services/catalogue/identity.h"

namespace entente::funding::query {
namespace {

using catalogue::v1::Initiative;
using catalogue::v1::Place;
using figure::Decimal;
using google::protobuf::FieldDescriptor;
using resource::State;
using v1::Claim;
using v1::ClaimFacts;

// IATI's SectorVocabulary: OECD DAC codes of five digits, and of three, which are the categories of
// the former.
constexpr absl::string_view kDacSector = "1";
constexpr absl::string_view kDacCategory = "2";

struct BaseField {
  std::function<Value(const Claim&)> statement;  // what a claim states, by itself
  bool inherited;
};

Value OneOf(const std::string& member) {
  return member.empty() ? Value{} : Value{ValueKind::kStated, {member}};
}

Value DateOf(bool stated, const type::v1::ImpreciseDate& date) {
  return stated ? OneOf(date.edtf()) : Value{};
}

Value Flag(bool flag) { return OneOf(flag ? "true" : "false"); }

template <typename Range>
Value AllOf(const Range& range) {
  return Stated({range.begin(), range.end()});
}

Value DocumentsOf(const Claim& claim) {
  std::vector<std::string> documents;
  for (const auto& citation : claim.citations()) documents.push_back(citation.document());
  return Stated(std::move(documents));
}

Value PartiesOf(const Claim& claim, type::v1::PartyRole role) {
  std::vector<std::string> names;
  for (const auto& party : claim.parties()) {
    if (party.role() != role) continue;
    const std::string& name = party.organisation().empty() ? party.person() : party.organisation();
    if (!name.empty()) names.push_back(name);
  }
  return Stated(std::move(names));
}

// "funding" for PARTY_ROLE_FUNDING.
std::map<std::string, type::v1::PartyRole> Roles() {
  std::map<std::string, type::v1::PartyRole> roles;
  const auto* descriptor = type::v1::PartyRole_descriptor();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const std::string field =
        absl::AsciiStrToLower(std::string(descriptor->value(i)->name()).substr(11));
    if (ClaimFacts::descriptor()->FindFieldByName(field) != nullptr) {
      roles[field] = static_cast<type::v1::PartyRole>(descriptor->value(i)->number());
    }
  }
  return roles;
}

const std::map<std::string, type::v1::PartyRole>& KnownRoles() {
  static const auto* const roles = new std::map<std::string, type::v1::PartyRole>(Roles());
  return *roles;
}

// Those that need nothing but the claim and what it inherits from.
const std::map<std::string, BaseField, std::less<>>& SimpleFields() {
  static const auto* const fields = new std::map<std::string, BaseField, std::less<>>{
      {"claim", {[](const Claim& c) { return OneOf(c.name()); }, false}},
      {"recurring", {[](const Claim& c) { return Flag(c.has_recurrence()); }, false}},
      {"qualifier",
       {[](const Claim& c) {
          return OneOf(type::v1::Qualifier_Name(c.amount().figure().qualifier()));
        },
        false}},
      {"partnerships", {[](const Claim& c) { return AllOf(c.partnerships()); }, false}},
      {"initiative", {[](const Claim& c) { return OneOf(c.initiative()); }, true}},
      {"documents", {&DocumentsOf, false}},
      {"value_date",
       {[](const Claim& c) { return DateOf(c.has_value_date(), c.value_date()); }, true}},
      {"period", {[](const Claim& c) { return DateOf(c.has_period(), c.period()); }, true}},
      {"title", {[](const Claim& c) { return OneOf(c.title().text()); }, false}},
      {"description", {[](const Claim& c) { return OneOf(c.description().text()); }, false}},
  };
  return *fields;
}

// `atom`, or the nearest whole above it, that satisfies `states`; kNoAtom if none does.
template <typename States>
Atom Origin(const ClaimTable& table, Atom atom, const States& states) {
  while (atom != kNoAtom && !states(table.claim(atom))) atom = table.whole(atom);
  return atom;
}

Statement SimpleStatement(BaseField field) {
  return [field = std::move(field)](const ClaimTable& table, Atom atom, GrowingColumn* column) {
    Value value = field.statement(table.claim(atom));
    if (field.inherited) {
      for (Atom whole = table.whole(atom); value.members.empty() && whole != kNoAtom;
           whole = table.whole(whole)) {
        value = field.statement(table.claim(whole));
      }
    }
    column->Append(atom, value);
  };
}

// "Not stated" is a value of its own among instruments, and stated by none for that matter.
void StateInstrument(const ClaimTable& table, Atom atom, GrowingColumn* column) {
  const Atom origin = Origin(table, atom, [](const Claim& claim) {
    return claim.instrument() != v1::CLAIM_INSTRUMENT_NOT_STATED;
  });
  column->Append(
      atom, v1::ClaimInstrument_Name(table.claim(origin == kNoAtom ? atom : origin).instrument()));
}

// One share of several, as written.
struct ShareOf {
  absl::string_view member;
  absl::string_view percentage;
};

// Sets the value of an atom and, if percentages are stated, divides it by them. What they leave
// over is for the members without a percentage or, where there are none, unallocated.
void StateShares(Atom atom, const std::vector<ShareOf>& shares, ValueKind kind,
                 GrowingColumn* column) {
  if (shares.size() == 1 && shares[0].percentage.empty() && kind == ValueKind::kStated) {
    column->Append(atom, shares[0].member);
    return;
  }
  std::vector<std::string> members;
  std::vector<std::string> without;
  std::vector<Decimal> percents;
  std::vector<Value> values;
  Decimal sum;
  for (const ShareOf& share : shares) {
    members.emplace_back(share.member);
    const auto percent = Decimal::Parse(share.percentage);
    if (share.percentage.empty() || !percent.ok()) {
      without.emplace_back(share.member);
      continue;
    }
    percents.push_back(*percent);
    values.push_back(Stated({std::string(share.member)}, kind));
    sum = figure::Add(sum, *percent).value_or(sum);
  }
  if (percents.size() == 1 && percents[0] == Decimal(100)) {
    // All of it to one, whoever else is named.
    column->Append(atom, values[0]);
    return;
  }
  column->Append(atom, Stated(members, kind));
  if (percents.empty()) return;
  if (sum < Decimal(100)) {
    values.push_back(without.empty() ? Value{ValueKind::kUnallocated, {}} : Stated(without, kind));
  }
  column->Divide(atom, std::move(percents), values);
}

void StatePlaces(const ClaimTable& table, Atom atom, GrowingColumn* column) {
  const Atom origin =
      Origin(table, atom, [](const Claim& claim) { return claim.places_size() > 0; });
  if (origin == kNoAtom) {
    column->AppendNotStated(atom);
    return;
  }
  std::vector<ShareOf> shares;
  for (const auto& place : table.claim(origin).places()) {
    shares.push_back({place.place(), place.percentage()});
  }
  StateShares(atom, shares, ValueKind::kStated, column);
}

void StateSectors(const ClaimTable& table, Atom atom, absl::string_view vocabulary,
                  GrowingColumn* column) {
  const Atom origin =
      Origin(table, atom, [](const Claim& claim) { return claim.sectors_size() > 0; });
  std::vector<ShareOf> shares;
  std::vector<ShareOf> categories;
  if (origin != kNoAtom) {
    for (const auto& sector : table.claim(origin).sectors()) {
      if (sector.vocabulary() == vocabulary) {
        shares.push_back({sector.code(), sector.percentage()});
      } else if (vocabulary == kDacSector && sector.vocabulary() == kDacCategory) {
        categories.push_back({sector.code(), sector.percentage()});
      }
    }
  }
  if (!shares.empty()) {
    StateShares(atom, shares, ValueKind::kStated, column);
  } else if (!categories.empty()) {
    StateShares(atom, categories, ValueKind::kWider, column);
  } else {
    column->AppendNotStated(atom);
  }
}

// Every member of `value` by itself, or all together where `derive` makes several of one.
Value ForEachMember(const Value& value,
                    const std::function<void(const std::string&, std::vector<std::string>*)>& fn) {
  if (value.kind != ValueKind::kStated) return value;
  std::vector<std::string> members;
  for (const std::string& member : value.members) fn(member, &members);
  return Stated(std::move(members));
}

// The nearest place of `kind` that `place` is or lies in, empty if there is none.
std::string NearestPlace(const State& catalogue, const std::string& place,
                         catalogue::v1::PlaceKind kind) {
  for (const std::string& name : WithAncestors(catalogue, place)) {
    const auto* found = catalogue.Get<Place>(name);
    if (found != nullptr && found->kind() == kind) return name;
  }
  return "";
}

// The places of `kind` that the members of `value` are or lie in. If any of them is wider than
// that, so is what is left: all of the value, as it is stated.
Value PlacesOfKind(const State& catalogue, const Value& value, catalogue::v1::PlaceKind kind) {
  if (value.kind != ValueKind::kStated) return value;
  std::vector<std::string> members;
  bool wider = false;
  for (const std::string& member : value.members) {
    members.push_back(NearestPlace(catalogue, member, kind));
    if (!members.back().empty()) continue;
    wider = true;
    members.back() = member;
  }
  return Stated(std::move(members), wider ? ValueKind::kWider : ValueKind::kStated);
}

// The places of `kind` alone, that some of the members of `value` are or lie in.
Value OnlyPlacesOfKind(const State& catalogue, const Value& value, catalogue::v1::PlaceKind kind) {
  return ForEachMember(value, [&](const std::string& member, std::vector<std::string>* places) {
    std::string place = NearestPlace(catalogue, member, kind);
    if (!place.empty()) places->push_back(std::move(place));
  });
}

Value PillarsOf(const State& catalogue, const Value& initiative) {
  return ForEachMember(initiative, [&](const std::string& name, std::vector<std::string>* pillars) {
    for (const std::string& ancestor : WithAncestors(catalogue, name)) {
      const auto* found = catalogue.Get<Initiative>(ancestor);
      if (found == nullptr || found->pillars().empty()) continue;
      pillars->insert(pillars->end(), found->pillars().begin(), found->pillars().end());
      return;
    }
  });
}

// The parties as the organisations that they are now.
Value Survivors(const catalogue::Mergers& mergers, const Value& value) {
  return ForEachMember(value, [&](const std::string& name, std::vector<std::string>* members) {
    members->push_back(mergers.SurvivorOf(name));
  });
}

// The parties by all names of the organisations that they are.
Value AllNames(const catalogue::Mergers& mergers, const Value& value) {
  return ForEachMember(value, [&](const std::string& name, std::vector<std::string>* members) {
    for (std::string& other : mergers.NamesOf(name)) members->push_back(std::move(other));
  });
}

// All that have one of the members of `value` above them, each as a value of its own.
std::vector<Value> Beneath(const State& catalogue, const Value& value) {
  std::vector<Value> beneath;
  std::set<std::string> seen(value.members.begin(), value.members.end());
  std::vector<std::string> open = value.members;
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    for (std::string& child : catalogue.Referrers(name, "parent")) {
      if (!seen.insert(child).second) continue;
      beneath.push_back(OneOf(child));
      open.push_back(std::move(child));
    }
  }
  return beneath;
}

// A category of OECD DAC is the first three digits of its sectors.
std::vector<Value> SectorsOfCategories(const Value& value) {
  std::vector<Value> sectors;
  if (value.kind != ValueKind::kWider) return sectors;
  for (const std::string& category : value.members) {
    for (char tens = '0'; tens <= '9'; ++tens) {
      for (char ones = '0'; ones <= '9'; ++ones) {
        sectors.push_back(OneOf(category + tens + ones));
      }
    }
  }
  return sectors;
}

}  // namespace

std::vector<std::string> WithAncestors(const State& catalogue, const std::string& name) {
  std::vector<std::string> names = {name};
  const auto parent_of = [&](const std::string& of) -> std::string {
    if (const auto* initiative = catalogue.Get<Initiative>(of)) return initiative->parent();
    if (const auto* place = catalogue.Get<Place>(of)) return place->parent();
    return "";
  };
  for (std::string parent = parent_of(name);
       !parent.empty() && std::find(names.begin(), names.end(), parent) == names.end();
       parent = parent_of(parent)) {
    names.push_back(parent);
  }
  return names;
}

Value (*LaneField(absl::string_view base))(const Lane&) {
  if (base == "nature") {
    return [](const Lane& lane) { return OneOf(v1::ClaimNature_Name(NatureOf(lane.kind))); };
  }
  if (base == "stage") {
    return [](const Lane& lane) { return OneOf(v1::ClaimStage_Name(StageOf(lane.kind))); };
  }
  if (base == "direction") {
    return [](const Lane& lane) {
      return DirectionOf(lane.kind) == v1::CLAIM_DIRECTION_UNSPECIFIED
                 ? Value{}
                 : OneOf(v1::ClaimDirection_Name(DirectionOf(lane.kind)));
    };
  }
  if (base == "currency_code") return [](const Lane& lane) { return OneOf(lane.currency); };
  return nullptr;
}

Statement StatementOf(absl::string_view base, absl::string_view vocabulary) {
  const auto simple = SimpleFields().find(base);
  if (simple != SimpleFields().end()) return SimpleStatement(simple->second);
  if (base == "instrument") return &StateInstrument;
  if (base == "places") return &StatePlaces;
  if (base == "sectors") {
    return [vocabulary = std::string(vocabulary)](const ClaimTable& table, Atom atom,
                                                  GrowingColumn* column) {
      StateSectors(table, atom, vocabulary, column);
    };
  }
  if (base == "top_claim") {
    return [](const ClaimTable& table, Atom atom, GrowingColumn* column) {
      column->Append(atom, table.claim(table.top(atom)).name());
    };
  }
  if (base == "remainder") {
    return [](const ClaimTable& table, Atom atom, GrowingColumn* column) {
      column->Append(atom, Flag(table.has_parts(atom)));
    };
  }
  const type::v1::PartyRole role = KnownRoles().at(std::string(base));
  // Each role by itself: a part that names who receives it has the funder of its whole.
  return SimpleStatement({[role](const Claim& c) { return PartiesOf(c, role); }, true});
}

Field FieldOf(const Snapshot& snapshot, const State& catalogue, const FieldDescriptor* descriptor,
              absl::string_view vocabulary) {
  const std::string name(descriptor->name());
  Field field;
  field.descriptor = descriptor;
  field.base = name;
  const auto* state = &catalogue;
  if (name == "places" || name == "countries" || name == "regions" || name == "within") {
    field.base = "places";
    field.narrower = [state](const Value& value) { return Beneath(*state, value); };
    if (name == "countries" || name == "regions") {
      const auto kind = name == "countries" ? catalogue::v1::PLACE_KIND_COUNTRY
                                            : catalogue::v1::PLACE_KIND_REGION;
      field.derive = [state, kind](const Value& value) {
        return PlacesOfKind(*state, value, kind);
      };
      field.partly = [state, kind](const Value& value) {
        return OnlyPlacesOfKind(*state, value, kind);
      };
    }
  } else if (name == "initiative" || name == "initiatives" || name == "pillars") {
    field.base = "initiative";
    field.narrower = [state](const Value& value) { return Beneath(*state, value); };
    if (name == "pillars") {
      field.derive = [state](const Value& value) { return PillarsOf(*state, value); };
    }
  } else if (name == "sectors") {
    field.narrower = &SectorsOfCategories;
  }
  if (name == "within" || name == "initiatives") {
    field.derive = [state](const Value& value) {
      return ForEachMember(value, [&](const std::string& of, std::vector<std::string>* members) {
        const auto names = WithAncestors(*state, of);
        members->insert(members->end(), names.begin(), names.end());
      });
    };
  }
  field.column = snapshot.Base(field.base, name == "sectors" ? vocabulary : "");
  if (KnownRoles().count(name) > 0) {
    const auto mergers = field.column->derived->Of<catalogue::Mergers>(
        absl::StrCat("mergers ", state->revision()), 0,
        [state] { return catalogue::Mergers::Of(*state); });
    // Without any, parties are what their claims say.
    if (!mergers->empty()) {
      field.derive = [mergers](const Value& value) { return Survivors(*mergers, value); };
      field.partly = [mergers](const Value& value) { return AllNames(*mergers, value); };
    }
  }
  return field;
}

void Fill(const FieldDescriptor* descriptor, const Value& value, ClaimFacts* facts) {
  if (value.kind != ValueKind::kStated) return;
  const auto* reflection = facts->GetReflection();
  if (descriptor->is_repeated()) {
    for (const std::string& member : value.members) {
      reflection->AddString(facts, descriptor, member);
    }
    return;
  }
  const std::string& member = value.members[0];
  switch (descriptor->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(facts, descriptor, member == "true");
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection->SetEnum(facts, descriptor, descriptor->enum_type()->FindValueByName(member));
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (descriptor->message_type() == type::v1::ImpreciseDate::descriptor()) {
        auto* date =
            static_cast<type::v1::ImpreciseDate*>(reflection->MutableMessage(facts, descriptor));
        date->set_edtf(member);
        if (const auto parsed = edtf::Parse(member); parsed.ok()) {
          const auto day = [](const edtf::Bound& bound) {
            return bound.kind == edtf::Bound::kDay ? absl::FormatCivilTime(bound.day) : "";
          };
          date->set_earliest(day(parsed->earliest()));
          date->set_latest(day(parsed->latest()));
        }
      } else {
        static_cast<type::v1::LocalisedText*>(reflection->MutableMessage(facts, descriptor))
            ->set_text(member);
      }
      return;
    default:
      reflection->SetString(facts, descriptor, member);
  }
}

const filter::Schema& FactsSchema() {
  static const auto* const schema =
      new filter::Schema(resource::MakeSchema(ClaimFacts::descriptor()).value());
  return *schema;
}

}  // namespace entente::funding::query
