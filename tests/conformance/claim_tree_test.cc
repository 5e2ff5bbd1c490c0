// SPDX-License-Identifier: Apache-2.0
// A whole and its parts.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

class ClaimTreeTest : public ConformanceTest {
 protected:
  Collection claims() { return Of<Claim>(); }

  // `figure` in text format, for example "value: '600' qualifier: QUALIFIER_NEARLY".
  absl::StatusOr<MessagePtr> Create(const std::string& id, const std::string& figure,
                                    const std::string& more = "") {
    return claims().Create(
        id, *claims().New(absl::StrCat("amount { figure { ", figure, " } } ", more)));
  }
  // A part of "claims/whole".
  absl::StatusOr<MessagePtr> CreatePart(const std::string& id, const std::string& figure,
                                        const std::string& more = "") {
    return Create(id, figure, absl::StrCat("part_of: 'claims/whole' ", more));
  }
  absl::StatusOr<Claim> Update(const std::string& id, const std::string& more) {
    return funding().Call<Claim>("UpdateClaim",
                                 absl::StrCat("claim { name: 'claims/", id, "' ", more, " }"));
  }
};
INSTANTIATE_CONFORMANCE(ClaimTreeTest);

TEST_P(ClaimTreeTest, NoCycles) {
  EXPECT_THAT(Create("a", "value: '1'", "part_of: 'claims/a'"),
              Refuses("claim.part_of", HasSubstr("leads back to claims/a")));
  ASSERT_THAT(Create("a", "value: '1'"), IsOk());
  ASSERT_THAT(Create("b", "value: '1'", "part_of: 'claims/a'"), IsOk());
  ASSERT_THAT(Create("c", "value: '1'", "part_of: 'claims/b'"), IsOk());
  EXPECT_THAT(Update("a", "part_of: 'claims/c'"),
              Refuses("claim.part_of", HasSubstr("leads back to claims/a")));
  const auto in_a_ring = [&](const std::string& id, const std::string& whole) {
    return claims().Put(id, *claims().New(absl::StrCat("part_of: 'claims/", whole, "'")));
  };
  EXPECT_THAT(claims().Apply({in_a_ring("x", "y"), in_a_ring("y", "x")}),
              AllOf(Refuses("changes[0].put.claim.part_of", HasSubstr("claims/x")),
                    Refuses("changes[1].put.claim.part_of", HasSubstr("claims/y"))));
}

TEST_P(ClaimTreeTest, APartHasTheCurrencyNatureStageAndRecurrenceOfItsWhole) {
  ASSERT_THAT(Create("whole", "value: '10'"), IsOk());
  EXPECT_THAT(CreatePart("a", "value: '1'",
                         R"pb(amount { currency_code: "EUR" }
                              nature: CLAIM_NATURE_MOBILISED
                              stage: CLAIM_STAGE_PLEDGED
                              recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR })pb"),
              AllOf(StatusIs(StatusCode::kInvalidArgument),
                    ViolationsAre(UnorderedElementsAre("claim.amount.currency_code", "claim.nature",
                                                       "claim.stage", "claim.recurrence"))));
  ASSERT_THAT(Create("yearly", "value: '10'", "recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR }"),
              IsOk());
  const auto part = [&](const std::string& recurrence) {
    return Create("a", "value: '1'", absl::StrCat("part_of: 'claims/yearly' ", recurrence));
  };
  EXPECT_THAT(part(""), Refuses("claim.recurrence", _));
  EXPECT_THAT(part("recurrence { every: 2 unit: RECURRENCE_UNIT_YEAR }"),
              Refuses("claim.recurrence", _));
  EXPECT_THAT(part("recurrence { every: 1 unit: RECURRENCE_UNIT_MONTH }"),
              Refuses("claim.recurrence", _));
  EXPECT_THAT(part("recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR validity { edtf: '2023' } }"),
              IsOk());
}

struct Excess {
  const char* whole;
  std::vector<const char*> parts;
  bool fits;
};

// Parts are a fault only if they exceed their whole for certain: whatever the figures really are.
TEST_P(ClaimTreeTest, PartsNeverCertainlyExceedTheirWhole) {
  const Excess cases[] = {
      {"value: '600'", {"value: '600'"}, true},
      {"value: '600'", {"value: '600.01'"}, false},
      {"value: '600'", {"value: '300'", "value: '300'"}, true},
      {"value: '600'", {"value: '300'", "value: '300.000000000000000001'"}, false},
      // An open end is not reached.
      {"value: '600' qualifier: QUALIFIER_NEARLY", {"value: '600'"}, false},
      {"value: '600' qualifier: QUALIFIER_NEARLY", {"value: '599.99'"}, true},
      {"value: '600' qualifier: QUALIFIER_LESS_THAN", {"value: '300'", "value: '300'"}, false},
      {"value: '600' qualifier: QUALIFIER_UP_TO", {"value: '600'"}, true},
      {"value: '600'", {"value: '600' qualifier: QUALIFIER_MORE_THAN"}, false},
      {"value: '600'", {"value: '300' qualifier: QUALIFIER_MORE_THAN", "value: '300'"}, false},
      {"value: '600'", {"value: '300' qualifier: QUALIFIER_AT_LEAST", "value: '300'"}, true},
      // Unbounded wholes hold anything: what is over 8 may be more than 8 and 9.
      {"value: '8' qualifier: QUALIFIER_MORE_THAN", {"value: '8'", "value: '9'"}, true},
      {"value: '8' qualifier: QUALIFIER_AT_LEAST", {"value: '8'", "value: '9'"}, true},
      {"value: '' qualifier: QUALIFIER_NOT_STATED", {"value: '8'", "value: '9'"}, true},
      // What may be 0 exceeds nothing.
      {"value: '5'", {"value: '9' qualifier: QUALIFIER_UP_TO"}, true},
      {"value: '5'", {"value: '9' qualifier: QUALIFIER_NEARLY", "value: '5'"}, true},
      {"value: '5'", {"value: '' qualifier: QUALIFIER_NOT_STATED", "value: '5'"}, true},
      {"value: '0'", {"value: '0'"}, true},
      // About: 10 percent by convention, or what the record says.
      {"value: '100' qualifier: QUALIFIER_ABOUT", {"value: '110'"}, true},
      {"value: '100' qualifier: QUALIFIER_ABOUT", {"value: '110.01'"}, false},
      {"value: '100' qualifier: QUALIFIER_ABOUT tolerance_percent: '1'", {"value: '102'"}, false},
      {"value: '90'", {"value: '100' qualifier: QUALIFIER_ABOUT"}, true},
      {"value: '89.99'", {"value: '100' qualifier: QUALIFIER_ABOUT"}, false},
  };
  int number = 0;
  for (const Excess& excess : cases) {
    SCOPED_TRACE(absl::StrCat("case ", number, ": ", excess.whole));
    const std::string whole = absl::StrCat("whole", number);
    std::vector<std::string> changes;
    const auto add = [&](const std::string& id, const std::string& figure,
                         const std::string& more) {
      changes.push_back(claims().Put(
          id, *claims().New(absl::StrCat("amount { figure { ", figure, " } } ", more))));
    };
    for (size_t i = 0; i < excess.parts.size(); ++i) {
      add(absl::StrCat("part", number, "-", i), excess.parts[i],
          absl::StrCat("part_of: 'claims/", whole, "'"));
    }
    add(whole, excess.whole, "");
    const auto applied = claims().Apply(changes);
    if (excess.fits) {
      EXPECT_THAT(applied, IsOk());
    } else {
      EXPECT_THAT(applied, AllOf(StatusIs(StatusCode::kInvalidArgument,
                                          HasSubstr(absl::StrCat("claims/", whole,
                                                                 ": its parts "
                                                                 "come to"))),
                                 ViolationsAre(SizeIs(1))));
    }
    ++number;
  }
}

TEST_P(ClaimTreeTest, OnePartMoreIsReportedAtThatPart) {
  ASSERT_THAT(Create("whole", "value: '600' qualifier: QUALIFIER_NEARLY"), IsOk());
  ASSERT_THAT(CreatePart("a", "value: '599.99'"), IsOk());
  EXPECT_THAT(CreatePart("b", "value: '0.01'"),
              Refuses("claim.part_of",
                      HasSubstr("claims/whole: its parts come to [600, inf), and it states "
                                "[0, 600)")));
  ASSERT_THAT(claims().Delete("a"), IsOk());
  EXPECT_THAT(CreatePart("b", "value: '0.01'"), IsOk());
  // The deleted part does not fit any more.
  EXPECT_THAT(claims().Undelete("a"),
              Refuses("part_of", HasSubstr("its parts come to [600, inf)")));
}

TEST_P(ClaimTreeTest, AWholeKeepsRoomForItsParts) {
  ASSERT_THAT(Create("whole", "value: '10'"), IsOk());
  ASSERT_THAT(CreatePart("a", "value: '4'"), IsOk());
  ASSERT_THAT(CreatePart("b", "value: '5'"), IsOk());
  EXPECT_THAT(
      Update("whole", "amount { currency_code: 'USD' figure { value: '8.99' } }"),
      Refuses("claim.amount.figure", HasSubstr("claims/whole: its parts come to [9, inf)")));
  EXPECT_THAT(Update("whole", "amount { currency_code: 'USD' figure { value: '9' } }"), IsOk());
  EXPECT_THAT(Update("whole", "amount { currency_code: 'EUR' figure { value: '9' } }"),
              Refuses("claim.amount.currency_code",
                      AllOf(HasSubstr("claims/a"), HasSubstr("USD"), HasSubstr("EUR"))));
  EXPECT_THAT(Update("whole", "stage: CLAIM_STAGE_PLEDGED"),
              Refuses("claim.stage", HasSubstr("claims/a")));
  EXPECT_THAT(Update("whole", "nature: CLAIM_NATURE_MOBILISED"), Refuses("claim.nature", _));
  EXPECT_THAT(Update("whole", "recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR }"),
              Refuses("claim.recurrence", _));
  // Together they may change.
  const auto in_euro = [&](const std::string& id, const std::string& value,
                           const std::string& more) {
    return claims().Put(id, *claims().New(absl::StrCat("amount { currency_code: 'EUR' figure {",
                                                       "value: '", value, "' } } ", more)));
  };
  EXPECT_THAT(
      claims().Apply({in_euro("whole", "9", ""), in_euro("a", "4", "part_of: 'claims/whole'"),
                      in_euro("b", "5", "part_of: 'claims/whole'")}),
      IsOk());
}

// The example "refused" of docs/claims.md, and the ways to get there one write at a time.
TEST_P(ClaimTreeTest, ContradictionsAreRefusedAtAnyDepth) {
  const std::string not_stated = "value: '' qualifier: QUALIFIER_NOT_STATED";
  const auto says = HasSubstr("claims/aid: its parts come to [120, inf), and it states [0, 100]");
  ASSERT_THAT(Create("aid", "value: '100' qualifier: QUALIFIER_UP_TO"), IsOk());
  ASSERT_THAT(Create("asia", not_stated, "part_of: 'claims/aid'"), IsOk());
  EXPECT_THAT(Create("bridges", "value: '120'", "part_of: 'claims/asia'"),
              AllOf(Refuses("claim.part_of", says), ViolationsAre(SizeIs(1))));
  // A figure that grows.
  ASSERT_THAT(Create("bridges", "value: '100'", "part_of: 'claims/asia'"), IsOk());
  EXPECT_THAT(Update("bridges", "amount { currency_code: 'USD' figure { value: '120' } }"),
              Refuses("claim.part_of", says));
  // A whole that shrinks.
  EXPECT_THAT(Update("aid", "amount { currency_code: 'USD' figure { value: '99' } }"),
              Refuses("claim.amount.figure", HasSubstr("its parts come to [100, inf)")));
  // A tree that becomes part of another.
  ASSERT_THAT(Create("africa", not_stated), IsOk());
  ASSERT_THAT(Create("ports", "value: '1'", "part_of: 'claims/africa'"), IsOk());
  EXPECT_THAT(Update("africa", "part_of: 'claims/aid'"),
              Refuses("claim.part_of", HasSubstr("its parts come to [101, inf)")));
  // What was taken out makes room.
  ASSERT_THAT(claims().Delete("bridges"), IsOk());
  EXPECT_THAT(Update("africa", "part_of: 'claims/aid'"), IsOk());
  EXPECT_THAT(claims().Undelete("bridges"), Refuses("part_of", HasSubstr("[101, inf)")));
  EXPECT_THAT(Create("roads", "value: '99'", "part_of: 'claims/asia'"), IsOk());
}

TEST_P(ClaimTreeTest, ATreeInOneChangeSetIsOneFault) {
  const auto put = [&](const std::string& id, const std::string& figure, const std::string& whole) {
    return claims().Put(
        id, *claims().New(absl::StrCat("amount { figure { ", figure, " } } ",
                                       whole.empty() ? "" : "part_of: 'claims/" + whole + "'")));
  };
  const auto tree = [&](const std::string& whole) {
    return std::vector<std::string>{put("bridges", "value: '70'", "asia"),
                                    put("rail", "value: '50'", "asia"),
                                    put("asia", "value: '' qualifier: QUALIFIER_NOT_STATED", "aid"),
                                    put("aid", absl::StrCat("value: '", whole, "'"), "")};
  };
  EXPECT_THAT(claims().Apply(tree("119.99")),
              AllOf(Refuses("changes[3].put.claim.amount.figure",
                            HasSubstr("claims/aid: its parts come to [120, inf)")),
                    ViolationsAre(SizeIs(1))));
  EXPECT_THAT(claims().Apply(tree("120")), IsOk());
}

TEST_P(ClaimTreeTest, FiguresOfATreeHaveRoomToBeAddedUp) {
  ASSERT_THAT(Create("whole", "value: '9999999999999999999999999999999999'"), IsOk());
  EXPECT_THAT(CreatePart("a", "value: '0.000000000000000001'"),
              Refuses("claim.amount.figure", HasSubstr("come to more than 37 digits")));
  EXPECT_THAT(CreatePart("a", "value: '0.01'"), IsOk());
}

TEST_P(ClaimTreeTest, NothingNegativeInATree) {
  ASSERT_THAT(Create("whole", "value: '10'"), IsOk());
  EXPECT_THAT(CreatePart("a", "value: '-1'"),
              Refuses("claim.part_of", HasSubstr("claims/a is negative")));
  ASSERT_THAT(Create("alone", "value: '-1'"), IsOk());
  EXPECT_THAT(Create("a", "value: '1'", "part_of: 'claims/alone'"),
              Refuses("claim.part_of", HasSubstr("claims/alone is negative")));
  ASSERT_THAT(CreatePart("a", "value: '1'"), IsOk());
  EXPECT_THAT(Update("whole", "amount { currency_code: 'USD' figure { value: '-10' } }"),
              Refuses("claim.part_of", HasSubstr("claims/whole is negative")));
}

TEST_P(ClaimTreeTest, StatisticsHaveNoStage) {
  EXPECT_THAT(Create("a", "value: '1'", "nature: CLAIM_NATURE_STATISTIC"),
              Refuses("claim.stage", HasSubstr("CLAIM_STAGE_NOT_APPLICABLE")));
  EXPECT_THAT(Create("a", "value: '1'", "stage: CLAIM_STAGE_NOT_APPLICABLE"),
              Refuses("claim.stage", _));
  EXPECT_THAT(
      Create("a", "value: '1'", "nature: CLAIM_NATURE_STATISTIC stage: CLAIM_STAGE_NOT_APPLICABLE"),
      IsOk());
}

TEST_P(ClaimTreeTest, RecurrencesAndRelations) {
  EXPECT_THAT(Create("a", "value: '1'", "recurrence { }"),
              AllOf(Refuses("claim.recurrence.every", "is required"),
                    Refuses("claim.recurrence.unit", HasSubstr("required"))));
  EXPECT_THAT(Create("a", "value: '1'", "recurrence { every: -1 unit: RECURRENCE_UNIT_YEAR }"),
              Refuses("claim.recurrence.every", HasSubstr("at least 1")));
  ASSERT_THAT(Create("a", "value: '1'"), IsOk());
  EXPECT_THAT(Update("a", "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/a' }"),
              Refuses("claim.relations[0].claim", HasSubstr("another claim")));
  EXPECT_THAT(Create("b", "value: '1'",
                     "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/b' }"),
              Refuses("claim.relations[0].claim", HasSubstr("another claim")));
  EXPECT_THAT(Create("b", "value: '1'",
                     "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/a' }"),
              IsOk());
}

TEST_P(ClaimTreeTest, RelationsDoNotLeadBack) {
  const auto related = [](const std::string& kind, const std::string& id) {
    return absl::StrCat("relations { kind: CLAIM_RELATION_KIND_", kind, " claim: 'claims/", id,
                        "' } ");
  };
  for (const std::string kind : {"PASSED_ON_FROM", "RESTATES", "SUPERSEDES", "REALISES"}) {
    SCOPED_TRACE(kind);
    const auto id = [&](const std::string& letter) {
      return absl::StrCat(letter, kind == "PASSED_ON_FROM" ? 1
                                  : kind == "RESTATES"     ? 2
                                  : kind == "SUPERSEDES"   ? 3
                                                           : 4);
    };
    ASSERT_THAT(Create(id("a"), "value: '1'"), IsOk());
    ASSERT_THAT(Create(id("b"), "value: '1'", related(kind, id("a"))), IsOk());
    ASSERT_THAT(Create(id("c"), "value: '1'", related(kind, id("b")) + related(kind, id("a"))),
                IsOk());
    EXPECT_THAT(Update(id("a"), related(kind, id("c"))),
                Refuses("claim.relations[0].claim",
                        AllOf(HasSubstr(absl::StrCat("leads back to claims/", id("a"))),
                              HasSubstr(absl::StrCat("CLAIM_RELATION_KIND_", kind)),
                              HasSubstr(absl::StrCat("claims/", id("c"))))));
    // By another kind it is no ring.
    EXPECT_THAT(Update(id("a"), related(kind == "RESTATES" ? "REALISES" : "RESTATES", id("c"))),
                IsOk());
  }
  const auto in_a_ring = [&](const std::string& id, const std::string& other) {
    return claims().Put(id, *claims().New(related("SUPERSEDES", other)));
  };
  EXPECT_THAT(claims().Apply({in_a_ring("x", "y"), in_a_ring("y", "x")}),
              AllOf(Refuses("changes[0].put.claim.relations[0].claim",
                            HasSubstr("claims/x, claims/y and back")),
                    ViolationsAre(SizeIs(1))));
}

}  // namespace
}  // namespace entente::conformance
