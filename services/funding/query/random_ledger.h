// SPDX-License-Identifier: Apache-2.0
//
// For tests: small random worlds of claims, and random questions about them.
//
//   std::mt19937 rng(1);
//   const Setting& setting = Settings()[0];             // a catalogue and rates
//   Ledger ledger = setting.ledger;
//   World world = setting.world;
//   ledger.PutClaims(RandomClaims(rng, Scope{}));       // normalised
//   Question question = RandomQuestion(rng, Scope{});
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_RANDOM_LEDGER_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_RANDOM_LEDGER_H_

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/funding/query/ledger_test_util.h"
#include "services/funding/query/naive_query.h"

namespace entente::funding::query {

inline int Uniform(std::mt19937& rng, int from, int to) {
  return std::uniform_int_distribution<int>(from, to)(rng);
}

inline bool Percent(std::mt19937& rng, int percent) { return Uniform(rng, 1, 100) <= percent; }

template <typename T>
const T& OneOf(std::mt19937& rng, const std::vector<T>& all) {
  return all[static_cast<size_t>(Uniform(rng, 0, static_cast<int>(all.size()) - 1))];
}

// A catalogue and rates, in a ledger without claims and in a world without claims.
struct Setting {
  Ledger ledger;
  World world;
};

inline Setting RandomSetting(std::mt19937& rng) {
  using catalogue::v1::PlaceKind;
  Setting setting;
  const std::vector<std::string> places = {"places/asia", "places/mekong",    "places/laos",
                                           "places/fiji", "places/vientiane", "places/pakse"};
  const std::vector<PlaceKind> kinds = {
      catalogue::v1::PLACE_KIND_REGION,  catalogue::v1::PLACE_KIND_REGION,
      catalogue::v1::PLACE_KIND_COUNTRY, catalogue::v1::PLACE_KIND_COUNTRY,
      catalogue::v1::PLACE_KIND_CITY,    catalogue::v1::PLACE_KIND_SUBDIVISION};
  for (size_t i = 0; i < places.size(); ++i) {
    catalogue::v1::Place place;
    place.set_name(places[i]);
    place.mutable_title()->set_text("T" + places[i]);
    place.set_kind(kinds[i]);
    if (i > 0 && Percent(rng, 80)) {
      place.set_parent(places[static_cast<size_t>(Uniform(rng, 0, static_cast<int>(i) - 1))]);
    }
    setting.world.places[place.name()] = place;
    setting.ledger.PutPlace(place.name(), place.DebugString());
  }
  const std::vector<std::string> initiatives = {"initiatives/a", "initiatives/b", "initiatives/c",
                                                "initiatives/d"};
  for (size_t i = 0; i < initiatives.size(); ++i) {
    catalogue::v1::Initiative initiative;
    initiative.set_name(initiatives[i]);
    initiative.mutable_title()->set_text("T" + initiatives[i]);
    if (i > 0 && Percent(rng, 75)) {
      initiative.set_parent(
          initiatives[static_cast<size_t>(Uniform(rng, 0, static_cast<int>(i) - 1))]);
    }
    for (const char* pillar : {"partnerships/p/pillars/x", "partnerships/p/pillars/y"}) {
      if (Percent(rng, 35)) initiative.add_pillars(pillar);
    }
    setting.world.initiatives[initiative.name()] = initiative;
    setting.ledger.PutInitiative(initiative.name(), initiative.DebugString());
  }
  // Of the organisations that claims name, in one setting out of two: one into the other, into one
  // that no claim names, or by way of that.
  const std::vector<std::vector<std::pair<std::string, std::string>>> mergers = {
      {}, {}, {}, {}, {{"x", "y"}}, {{"y", "x"}}, {{"x", "w"}}, {{"x", "w"}, {"w", "y"}},
  };
  const auto title_of = [](const std::string& name) { return "title { text: 'T" + name + "' } "; };
  for (const char* id : {"w", "x", "y"}) {
    const std::string name = absl::StrCat("organisations/", id);
    setting.world.organisation_titles[name] = "T" + name;
    setting.ledger.PutOrganisation(name, title_of(name));
  }
  for (const auto& [from, to] : OneOf(rng, mergers)) {
    const std::string name = "organisations/" + from;
    const std::string into = "organisations/" + to;
    setting.world.merged_into[name] = into;
    setting.ledger.PutOrganisation(name, title_of(name) + "merged_into: '" + into + "'");
  }
  const auto rates = [&](const std::string& id, v1::RateKind kind, const std::string& base,
                         const std::string& quote,
                         const std::vector<std::pair<std::string, std::string>>& values) {
    v1::RateSeries series;
    series.set_name("rateSeries/" + id);
    series.set_kind(kind);
    series.set_source("Source: " + id);
    series.set_base_currency_code(base);
    series.set_quote_currency_code(quote);
    for (const auto& [date, value] : values) {
      v1::Rate* rate = series.add_rates();
      rate->set_date(date);
      rate->set_value(value);
    }
    setting.world.rates.push_back(series);
    setting.ledger.PutRates(series);
  };
  const v1::RateKind daily = v1::RATE_KIND_DAILY_REFERENCE;
  const v1::RateKind annual = v1::RATE_KIND_ANNUAL_AVERAGE;
  rates("a", daily, "EUR", "USD",
        {{"2023-08-28", "1.0808"}, {"2023-08-31", "1.0868"}, {"2023-12-29", "1.105"}});
  rates("b", daily, "EUR", "JPY",
        {{"2023-08-31", "158.76"}, {"2023-09-04", "157.92"}, {"2023-12-22", "156.81"}});
  if (Percent(rng, 50)) rates("c", annual, "EUR", "USD", {{"2022", "1.053"}, {"2024", "1.0824"}});
  if (Percent(rng, 50)) rates("d", annual, "USD", "JPY", {{"2022", "131.498"}, {"2023", "140.5"}});
  return setting;
}

inline const std::vector<Setting>& Settings() {
  static const auto* const settings = [] {
    std::mt19937 rng(20230905);
    auto* all = new std::vector<Setting>();
    for (int i = 0; i < 24; ++i) all->push_back(RandomSetting(rng));
    return all;
  }();
  return *settings;
}

// How claims are drawn.
struct Scope {
  int max_claims = 12;
  int wrong_percent = 4;  // of the figures are drawn without regard to the others
};

inline const std::vector<std::string>& Places() {
  static const auto* const all =
      new std::vector<std::string>{"places/asia",   "places/mekong",    "places/laos",
                                   "places/fiji",   "places/vientiane", "places/pakse",
                                   "places/nowhere"};  // The catalogue does not know the last one.
  return *all;
}
inline const std::vector<std::string>& Initiatives() {
  static const auto* const all = new std::vector<std::string>{
      "initiatives/a", "initiatives/b", "initiatives/c", "initiatives/d", "initiatives/z"};
  return *all;
}
inline const std::vector<std::string>& Dates() {
  static const auto* const all = new std::vector<std::string>{
      "2023-08-31",     "2023-09-05", "2023-08",    "2023-09?",        "2023",
      "2022",           "2024",       "2023-12-29", "2022/2024",       "2023-08-30/2023-09-02",
      "[..2023-09-07]", "2023-09/..", "202X",       "2023-07/2023-09", "2023-12-31"};
  return *all;
}

inline void SetDate(std::mt19937& rng, type::v1::ImpreciseDate* date) {
  date->set_edtf(OneOf(rng, Dates()));
}

// Percentages that add up to at most 100, some of them missing.
inline std::vector<std::string> RandomPercentages(std::mt19937& rng, size_t count) {
  static const auto* const all = new std::vector<std::vector<std::string>>{
      {"60", "40"},       {"50", "30"},   {"33.33", "33.33", "33.34"},
      {"43", "14", "43"}, {"100"},        {"1"},
      {"99.9", ""},       {"50", "", ""}, {"", "25"},
      {"50", "50", ""},   {"100", ""}};
  std::vector<std::string> percentages = OneOf(rng, *all);
  if (Percent(rng, 40)) percentages.clear();
  percentages.resize(count);
  return percentages;
}

// A figure that holds for `truth`, in hundredths, unless it is to be wrong.
inline void SetFigure(std::mt19937& rng, int64_t truth, bool wrong, type::v1::Figure* figure) {
  const auto text = [](int64_t hundredths) {
    return figure::Decimal::FromUnits(std::max<int64_t>(0, hundredths), 2).value().ToString();
  };
  const int64_t value = wrong ? Uniform(rng, 0, 6000) : truth;
  const int64_t slack = Uniform(rng, 0, 2) == 0 ? Uniform(rng, 0, 1500) : Uniform(rng, 0, 1) * 100;
  switch (Uniform(rng, 0, 9)) {
    case 0:
      figure->set_qualifier(type::v1::QUALIFIER_NOT_STATED);
      return;
    case 1:
      figure->set_qualifier(type::v1::QUALIFIER_AT_LEAST);
      figure->set_value(text(value - slack));
      return;
    case 2:
      figure->set_qualifier(type::v1::QUALIFIER_MORE_THAN);
      figure->set_value(text(value - slack - 1));
      return;
    case 3:
      figure->set_qualifier(type::v1::QUALIFIER_UP_TO);
      figure->set_value(text(value + slack));
      return;
    case 4:
      figure->set_qualifier(Percent(rng, 50) ? type::v1::QUALIFIER_NEARLY
                                             : type::v1::QUALIFIER_LESS_THAN);
      figure->set_value(text(value + slack + 1));
      return;
    case 5:
      figure->set_qualifier(type::v1::QUALIFIER_ABOUT);
      figure->set_value(text(value));
      if (Percent(rng, 30)) figure->set_tolerance_percent("25");
      return;
    default:
      figure->set_qualifier(type::v1::QUALIFIER_EXACT);
      figure->set_value(text(value));
  }
}

// What `claim` says but for its money and what it is part of.
inline void SetAttributes(std::mt19937& rng, v1::Claim* claim) {
  static const auto* const titles =
      new std::vector<std::string>{"Clean water", "Bridges", "Water and schools"};
  claim->mutable_title()->set_text(OneOf(rng, *titles));
  if (Percent(rng, 20)) claim->mutable_description()->set_text("More on bridges");
  if (Percent(rng, 60)) claim->set_direction(v1::CLAIM_DIRECTION_OUTGOING);
  if (Percent(rng, 5)) claim->set_direction(v1::CLAIM_DIRECTION_INCOMING);
  claim->set_instrument(OneOf<v1::ClaimInstrument>(
      rng,
      {v1::CLAIM_INSTRUMENT_NOT_STATED, v1::CLAIM_INSTRUMENT_GRANT, v1::CLAIM_INSTRUMENT_LOAN}));
  if (Percent(rng, 40)) claim->set_initiative(OneOf(rng, Initiatives()));
  claim->add_partnerships("partnerships/p");
  if (Percent(rng, 15)) claim->add_partnerships("partnerships/q");
  for (const char* document : {"documents/one", "documents/two"}) {
    if (Percent(rng, 30)) claim->add_citations()->set_document(document);
  }
  if (Percent(rng, 50)) SetDate(rng, claim->mutable_value_date());
  if (Percent(rng, 20)) SetDate(rng, claim->mutable_period());
  if (Percent(rng, 30)) {
    for (int i = Uniform(rng, 1, 3); i > 0; --i) {
      auto* party = claim->add_parties();
      party->set_role(OneOf<type::v1::PartyRole>(
          rng, {type::v1::PARTY_ROLE_FUNDING, type::v1::PARTY_ROLE_RECEIVING,
                type::v1::PARTY_ROLE_IMPLEMENTING}));
      if (Percent(rng, 80)) {
        party->set_organisation(OneOf<std::string>(rng, {"organisations/x", "organisations/y"}));
      } else {
        party->set_person("people/z");
      }
    }
  }
  if (Percent(rng, 40)) {
    std::vector<std::string> places = Places();
    std::shuffle(places.begin(), places.end(), rng);
    places.resize(static_cast<size_t>(Uniform(rng, 1, 3)));
    const std::vector<std::string> percentages = RandomPercentages(rng, places.size());
    for (size_t i = 0; i < places.size(); ++i) {
      auto* share = claim->add_places();
      share->set_place(places[i]);
      share->set_percentage(percentages[i]);
    }
  }
  if (Percent(rng, 30)) {
    static const auto* const codes = new std::vector<std::vector<std::string>>{
        {"11220", "11230", "12191"}, {"112", "121"}, {"own"}};
    const char* const vocabularies[] = {"1", "2", "99"};
    for (size_t v = 0; v < 3; ++v) {
      if (Percent(rng, 50)) continue;
      std::vector<std::string> some = (*codes)[v];
      std::shuffle(some.begin(), some.end(), rng);
      some.resize(static_cast<size_t>(Uniform(rng, 1, static_cast<int>(some.size()))));
      const std::vector<std::string> percentages = RandomPercentages(rng, some.size());
      for (size_t i = 0; i < some.size(); ++i) {
        auto* share = claim->add_sectors();
        share->set_vocabulary(vocabularies[v]);
        share->set_code(some[i]);
        share->set_percentage(percentages[i]);
      }
    }
  }
}

// The sort of money of a claim that is part of no other, mostly in the currency `usual`.
inline void SetKind(std::mt19937& rng, const std::string& usual, bool one_kind, v1::Claim* claim) {
  claim->mutable_amount()->set_currency_code(
      Percent(rng, 75) ? usual : OneOf<std::string>(rng, {"USD", "EUR", "JPY"}));
  claim->set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
  claim->set_stage(v1::CLAIM_STAGE_COMMITTED);
  if (one_kind) {
    claim->set_direction(v1::CLAIM_DIRECTION_OUTGOING);
  } else {
    if (Percent(rng, 15)) claim->set_nature(v1::CLAIM_NATURE_MOBILISED);
    if (Percent(rng, 25)) {
      claim->set_stage(Percent(rng, 50) ? v1::CLAIM_STAGE_REQUESTED : v1::CLAIM_STAGE_DISBURSED);
    }
    if (Percent(rng, 5)) {
      claim->set_nature(v1::CLAIM_NATURE_STATISTIC);
      claim->set_stage(v1::CLAIM_STAGE_NOT_APPLICABLE);
    }
  }
  claim->clear_recurrence();
  if (!Percent(rng, 15)) return;
  v1::Recurrence* recurrence = claim->mutable_recurrence();
  recurrence->set_every(OneOf<int>(rng, {1, 1, 1, 2, 6}));
  recurrence->set_unit(
      OneOf<v1::RecurrenceUnit>(rng, {v1::RECURRENCE_UNIT_MONTH, v1::RECURRENCE_UNIT_QUARTER,
                                      v1::RECURRENCE_UNIT_YEAR, v1::RECURRENCE_UNIT_YEAR}));
  if (Percent(rng, 60)) {
    recurrence->mutable_validity()->set_edtf(OneOf<std::string>(
        rng, {"2023/2025", "2024", "2023-03-15/..", "../2024-06", "2023-01-31/2024-12-30", "2024?",
              "[2023,2024]", "2025-02/", "/2024", "2030/2040"}));
  }
}

// The same sort of money as `whole`.
inline void SetKind(const v1::Claim& whole, v1::Claim* part) {
  part->mutable_amount()->set_currency_code(whole.amount().currency_code());
  part->set_nature(whole.nature());
  part->set_stage(whole.stage());
  part->clear_recurrence();
  if (whole.has_recurrence()) *part->mutable_recurrence() = whole.recurrence();
}

inline v1::ClaimRelationKind RandomRelationKind(std::mt19937& rng) {
  return OneOf<v1::ClaimRelationKind>(
      rng, {v1::CLAIM_RELATION_KIND_PASSED_ON_FROM, v1::CLAIM_RELATION_KIND_RESTATES,
            v1::CLAIM_RELATION_KIND_SUPERSEDES, v1::CLAIM_RELATION_KIND_REALISES});
}

// Claims as publishers write them: trees of at most four levels, and relations among all.
inline std::vector<v1::Claim> RandomClaims(std::mt19937& rng, const Scope& scope) {
  // Mostly few: what is wrong shows in small worlds, and more of them are looked at.
  const auto size = static_cast<size_t>(
      Uniform(rng, 1, Percent(rng, 75) ? (scope.max_claims + 1) / 2 : scope.max_claims));
  std::vector<v1::Claim> claims(size);
  std::vector<int> wholes(size, -1);
  std::vector<int> depths(size, 1);
  std::vector<int64_t> truth(size);
  std::vector<std::string> names;
  for (size_t i = 0; i < size; ++i)
    names.push_back(absl::StrCat("claims/", std::string(1, "abcdefghijkl"[i])));
  std::shuffle(names.begin(), names.end(), rng);
  const int flat_percent = OneOf<int>(rng, {30, 60, 90});
  const bool one_kind = Percent(rng, 50);
  const std::string usual = OneOf<std::string>(rng, {"USD", "USD", "EUR", "JPY"});
  for (size_t i = 0; i < size; ++i) {
    v1::Claim& claim = claims[i];
    claim.set_name(names[i]);
    if (i > 0 && !Percent(rng, flat_percent)) {
      const int whole = Uniform(rng, 0, static_cast<int>(i) - 1);
      if (depths[static_cast<size_t>(whole)] < 4) wholes[i] = whole;
    }
    // Whole amounts, mostly.
    truth[i] = Percent(rng, 70) ? Uniform(rng, 0, 30) * 100 : Uniform(rng, 0, 3000);
    SetAttributes(rng, &claim);
    if (wholes[i] >= 0) {
      const auto whole = static_cast<size_t>(wholes[i]);
      depths[i] = depths[whole] + 1;
      claim.set_part_of(names[whole]);
      SetKind(claims[whole], &claim);
      if (Percent(rng, 80)) claim.clear_direction();
      continue;
    }
    SetKind(rng, usual, one_kind, &claim);
  }
  std::vector<bool> has_parts(size, false);
  for (size_t i = size; i-- > 0;) {
    if (wholes[i] < 0) continue;
    truth[static_cast<size_t>(wholes[i])] += truth[i];
    has_parts[static_cast<size_t>(wholes[i])] = true;
  }
  const bool wrong = Percent(rng, 10);
  for (size_t i = 0; i < size; ++i) {
    type::v1::Figure* figure = claims[i].mutable_amount()->mutable_figure();
    SetFigure(rng, truth[i], wrong && Percent(rng, 10 * scope.wrong_percent), figure);
    const bool flat = wholes[i] < 0 && !has_parts[i];
    if ((flat && Percent(rng, 5)) || (wrong && Percent(rng, 2))) {
      figure->Clear();
      figure->set_value(absl::StrCat("-", Uniform(rng, 1, 20), ".5"));
    }
    // Nothing is nearly 0.
    if (figure->value() == "0") figure->set_qualifier(type::v1::QUALIFIER_EXACT);
  }
  // No relation of one kind leads back, but several kinds together can.
  for (int count = Percent(rng, 40) ? Uniform(rng, 1, 3) : 0; count > 0 && size > 1; --count) {
    int from = Uniform(rng, 0, static_cast<int>(size) - 1);
    int to = Uniform(rng, 0, static_cast<int>(size) - 1);
    if (from == to) continue;
    const v1::ClaimRelationKind kind = RandomRelationKind(rng);
    if ((from < to) == (kind % 2 == 0)) std::swap(from, to);
    v1::ClaimRelation* relation = claims[static_cast<size_t>(from)].add_relations();
    relation->set_kind(kind);
    relation->set_claim(names[static_cast<size_t>(to)]);
  }
  return claims;
}

inline Wish RandomCondition(std::mt19937& rng, bool* sectors) {
  const auto is = [](const std::string& field, const std::string& rest) {
    Wish wish;
    wish.kind = Wish::Kind::kCondition;
    wish.field = field;
    wish.text = field + rest;
    return wish;
  };
  const auto quoted = [](const std::string& text) { return absl::StrCat("\"", text, "\""); };
  const auto equals = [&] { return OneOf<std::string>(rng, {" = ", " = ", " != "}); };
  switch (Uniform(rng, 0, 17)) {
    case 0:
      return is("nature", equals() + OneOf<std::string>(
                                         rng, {"CLAIM_NATURE_OWN_FUNDING", "CLAIM_NATURE_MOBILISED",
                                               "CLAIM_NATURE_STATISTIC"}));
    case 1:
      return is("stage", equals() + OneOf<std::string>(
                                        rng, {"CLAIM_STAGE_COMMITTED", "CLAIM_STAGE_DISBURSED"}));
    case 2:
      return is("direction", equals() + OneOf<std::string>(rng, {"CLAIM_DIRECTION_OUTGOING",
                                                                 "CLAIM_DIRECTION_UNSPECIFIED"}));
    case 3:
      return is("instrument", equals() + OneOf<std::string>(rng, {"CLAIM_INSTRUMENT_GRANT",
                                                                  "CLAIM_INSTRUMENT_NOT_STATED"}));
    case 4:
      return is("currency_code", equals() + OneOf<std::string>(rng, {"USD", "EUR", "JPY"}));
    case 5:
      return is("recurring", " = " + OneOf<std::string>(rng, {"true", "false"}));
    case 6:
      return is("remainder", " = " + OneOf<std::string>(rng, {"true", "false"}));
    case 7:
      return is("qualifier",
                equals() + OneOf<std::string>(rng, {"QUALIFIER_EXACT", "QUALIFIER_NOT_STATED"}));
    case 8:
      return is("documents", OneOf<std::string>(rng, {":\"documents/one\"", ":*"}));
    case 9: {
      const std::string field = OneOf<std::string>(rng, {"value_date", "period"});
      const std::string window = quoted(
          OneOf<std::string>(rng, {"2023", "2023-08", "2023-09-01/2023-09-30", "2022/2024"}));
      if (Percent(rng, 20)) return is(field, ":*");
      Wish wish = is(field, "");
      wish.text = absl::StrCat(OneOf<std::string>(rng, {"possibly", "certainly"}), "(", field, ", ",
                               window, ")");
      return wish;
    }
    case 10:
    case 11:
      return is(OneOf<std::string>(rng, {"places", "countries", "regions", "within", "within"}),
                Percent(rng, 85) ? ":" + quoted(OneOf(rng, Places())) : ":*");
    case 12:
    case 13: {
      const int which = Uniform(rng, 0, 2);
      if (which == 0) {
        return is("initiative",
                  Percent(rng, 85) ? equals() + quoted(OneOf(rng, Initiatives())) : ":*");
      }
      if (which == 1) return is("initiatives", ":" + quoted(OneOf(rng, Initiatives())));
      return is("pillars", OneOf<std::string>(rng, {":\"partnerships/p/pillars/x\"", ":*"}));
    }
    case 14:
      *sectors = true;
      return is("sectors",
                OneOf<std::string>(rng, {":\"11220\"", ":\"112*\"", ":\"112\"", ":\"own\"", ":*"}));
    case 15: {
      Wish wish = is("", OneOf<std::string>(rng, {"water", "bridges", "\"and schools\""}));
      return wish;
    }
    case 16:
      return is(OneOf<std::string>(rng, {"funding", "receiving", "implementing"}),
                OneOf<std::string>(rng, {":\"organisations/x\"", ":\"organisations/y\"",
                                         ":\"organisations/w\"", ":\"people/z\"", ":*"}));
    default:
      return is(OneOf<std::string>(rng, {"claim", "top_claim"}),
                absl::StrCat(equals(), "claims/", OneOf<std::string>(rng, {"a", "b", "c"})));
  }
}

// At most `conditions` of them.
inline Wish RandomWish(std::mt19937& rng, int conditions, bool* sectors) {
  Wish wish;
  if (conditions == 0) return wish;
  if (conditions == 1) {
    Wish condition = RandomCondition(rng, sectors);
    if (!Percent(rng, 20)) return condition;
    wish.kind = Wish::Kind::kNot;
    wish.operands.push_back(std::move(condition));
    return wish;
  }
  const int first = Uniform(rng, 1, conditions - 1);
  wish.kind = Percent(rng, 60) ? Wish::Kind::kAnd : Wish::Kind::kOr;
  wish.operands.push_back(RandomWish(rng, first, sectors));
  wish.operands.push_back(RandomWish(rng, conditions - first, sectors));
  if (!Percent(rng, 15)) return wish;
  Wish negated;
  negated.kind = Wish::Kind::kNot;
  negated.operands.push_back(std::move(wish));
  return negated;
}

inline Question RandomQuestion(std::mt19937& rng) {
  Question question;
  v1::QueryFundingRequest& request = question.request;
  bool sectors = false;
  question.filter = RandomWish(rng, OneOf<int>(rng, {0, 0, 1, 1, 2, 2, 3, 4}), &sectors);
  request.set_filter(ToText(question.filter));
  static const auto* const fields = new std::vector<std::string>{
      "places",  "places",     "countries",     "countries", "regions",    "sectors",
      "sectors", "initiative", "initiative",    "pillars",   "value_date", "value_date",
      "period",  "nature",     "stage",         "stage",     "direction",  "instrument",
      "claim",   "top_claim",  "remainder",     "recurring", "documents",  "partnerships",
      "funding", "receiving",  "currency_code", "qualifier"};
  std::vector<std::string> dates;
  for (int i = OneOf<int>(rng, {0, 1, 1, 1, 2, 2, 3}); i > 0; --i) {
    v1::Dimension dimension;
    dimension.set_field(OneOf(rng, *fields));
    const std::string& field = dimension.field();
    const bool is_date = field == "value_date" || field == "period";
    const bool there = std::any_of(request.group_by().begin(), request.group_by().end(),
                                   [&](const auto& other) { return other.field() == field; });
    if (there && !is_date) continue;
    if (field == "initiative") dimension.set_level(Uniform(rng, 0, 3));
    if (field == "sectors") {
      dimension.set_level(OneOf<int>(rng, {0, 0, 2, 3, 5}));
      sectors = true;
    }
    if (is_date) {
      dates.push_back(field);
      dimension.set_unit(static_cast<v1::PeriodUnit>(Uniform(rng, 1, 5)));
      if (dimension.unit() == v1::PERIOD_UNIT_FISCAL_YEAR) {
        dimension.set_fiscal_year(OneOf<std::string>(rng, {"US", "--07-01"}));
      }
    }
    *request.add_group_by() = dimension;
  }
  if (Percent(rng, 25)) {
    question.compared = RandomWish(rng, Uniform(rng, 1, 2), &sectors);
    request.mutable_compare_with()->set_filter(ToText(*question.compared));
  }
  if (sectors) request.set_sector_vocabulary(OneOf<std::string>(rng, {"1", "1", "2", "99"}));
  for (const auto measure :
       {v1::MEASURE_MIN, v1::MEASURE_MAX, v1::MEASURE_MEAN, v1::MEASURE_SHARE}) {
    if (Percent(rng, 30)) request.add_measures(measure);
  }
  if (Percent(rng, 40)) {
    request.set_convert_to(OneOf<std::string>(rng, {"USD", "EUR", "JPY"}));
    if (Percent(rng, 30)) request.set_max_rate_age_days(OneOf<int>(rng, {1, 3, 30, 366}));
  }
  if (Percent(rng, 50)) {
    request.set_horizon(OneOf<std::string>(
        rng, {"2024/2026", "2023", "2023-02-10/2025-03", "2024-01-31/2024-12-31"}));
  }
  for (const auto kind : {v1::MONEY_KIND_NATURE, v1::MONEY_KIND_STAGE, v1::MONEY_KIND_DIRECTION}) {
    if (Percent(rng, 80)) request.add_mix(kind);
  }
  if (Percent(rng, 40)) {
    std::vector<std::string> items;
    for (int i = Uniform(rng, 1, 2); i > 0; --i) {
      std::string item =
          request.group_by().empty() || Percent(rng, 70)
              ? OneOf<std::string>(rng, {"stated", "low", "high", "claims"})
              : request.group_by(Uniform(rng, 0, request.group_by_size() - 1)).field();
      if (Percent(rng, 50)) item += " desc";
      items.push_back(std::move(item));
    }
    request.set_order_by(absl::StrJoin(items, ", "));
  }
  request.set_cumulative(dates.size() == 1 && Percent(rng, 40));
  if (!request.cumulative() && Percent(rng, 30)) request.set_top(Uniform(rng, 1, 3));
  return question;
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_RANDOM_LEDGER_H_
