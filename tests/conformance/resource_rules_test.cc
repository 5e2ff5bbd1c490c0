// SPDX-License-Identifier: Apache-2.0
// What services demand of resources: trees, codes, shares, citations.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

constexpr char kHash[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

class ResourceRulesTest : public ConformanceTest {
 protected:
  template <typename T>
  absl::StatusOr<MessagePtr> Create(const std::string& id, const std::string& more) {
    return Of<T>().Create(id, *Of<T>().New(more));
  }
  // "a" <- "b" <- "c" by the field, and then "a" would refer to "c".
  template <typename T>
  void ExpectNoCycles(const std::string& field) {
    const Collection collection = Of<T>();
    SCOPED_TRACE(collection.singular());
    const std::string place = absl::StrCat(collection.singular(), ".", field);
    const auto pointing = [&](const std::string& id) {
      return collection.New(absl::StrCat(field, ": '", collection.Name(id), "'"));
    };
    EXPECT_THAT(collection.Create("a", *pointing("a")),
                Refuses(place, HasSubstr(absl::StrCat("leads back to ", collection.Name("a")))));
    ASSERT_THAT(collection.Create("a"), IsOk());
    ASSERT_THAT(collection.Create("b", *pointing("a")), IsOk());
    ASSERT_THAT(collection.Create("c", *pointing("b")), IsOk());
    const MessagePtr closing = pointing("c");
    SetText(closing.get(), "name", collection.Name("a"));
    EXPECT_THAT(collection.Update(*closing), Refuses(place, HasSubstr("leads back")));
    EXPECT_THAT(collection.Apply(
                    {collection.Put("x", *pointing("y")), collection.Put("y", *pointing("x"))}),
                Refuses(absl::StrCat("changes[1].put.", place), HasSubstr("leads back")));
  }
};
INSTANTIATE_CONFORMANCE(ResourceRulesTest);

TEST_P(ResourceRulesTest, TreesHaveNoCycles) {
  ExpectNoCycles<Initiative>("parent");
  ExpectNoCycles<Organisation>("parent");
  ExpectNoCycles<Place>("parent");
  ExpectNoCycles<Event>("held_alongside");
}

TEST_P(ResourceRulesTest, PillarsAreThoseOfTheInitiativesOwnPartnerships) {
  ASSERT_THAT(Of<Partnership>().Create("q"), IsOk());
  ASSERT_THAT(Of<Pillar>().Create("a"), IsOk());
  ASSERT_THAT(Of<Pillar>().Create("b", "parent: 'partnerships/q'"), IsOk());
  const auto create = [&](const std::string& id, const std::string& more) {
    return Create<Initiative>(id, absl::StrCat("pillars: 'partnerships/p/pillars/a' "
                                               "pillars: 'partnerships/q/pillars/b' ",
                                               more));
  };
  EXPECT_THAT(create("x", ""), AllOf(StatusIs(StatusCode::kInvalidArgument),
                                     ViolationsAre(ElementsAre("initiative.pillars[1]"))));
  EXPECT_THAT(create("x", "partnerships: 'partnerships/q'"), IsOk());
}

TEST_P(ResourceRulesTest, CountryCodes) {
  for (const char* code : {"", "I", "id", "IDN", "I1"}) {
    SCOPED_TRACE(code);
    EXPECT_THAT(
        Create<Place>("a", absl::StrCat("kind: PLACE_KIND_COUNTRY country_code: '", code, "'")),
        Refuses("place.country_code", HasSubstr("ISO 3166-1")));
  }
  EXPECT_THAT(Create<Place>("a", "kind: PLACE_KIND_CITY country_code: 'ID'"),
              Refuses("place.country_code", HasSubstr("PLACE_KIND_COUNTRY")));
  EXPECT_THAT(Create<Place>("a", "kind: PLACE_KIND_COUNTRY country_code: 'ID'"), IsOk());
}

TEST_P(ResourceRulesTest, DocumentsWithATextSayItsHashAndLength) {
  const auto create = [&](const std::string& id, const std::string& hash, int length) {
    return Create<Document>(id, absl::StrCat("text_sha256: '", hash, "' text_length: ", length));
  };
  EXPECT_THAT(create("a", "abc", 5), Refuses("document.text_sha256", HasSubstr("64")));
  std::string upper = kHash;
  upper.back() = 'F';
  EXPECT_THAT(create("a", upper, 5), Refuses("document.text_sha256", HasSubstr("lower-case")));
  EXPECT_THAT(create("a", kHash, 0), Refuses("document.text_length", _));
  EXPECT_THAT(create("a", kHash, -1), Refuses("document.text_length", _));
  EXPECT_THAT(create("a", "", 5), Refuses("document.text_length", _));
  EXPECT_THAT(create("a", kHash, 5), IsOk());
  EXPECT_THAT(create("b", "", 0), IsOk());
}

TEST_P(ResourceRulesTest, PercentagesOfAVocabularyAddUpToAHundredAtMost) {
  ASSERT_THAT(Of<Place>().Create("x"), IsOk());
  ASSERT_THAT(Of<Place>().Create("y"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  EXPECT_THAT(
      Create<Claim>("a", R"pb(
        sectors { vocabulary: "1" code: "11110" percentage: "60" }
        sectors { vocabulary: "2" code: "111" percentage: "60" }
        sectors { vocabulary: "1" code: "11120" percentage: "40.01" }
        places { place: "places/x" percentage: "50" }
        places { place: "places/y" percentage: "50.5" })pb"),
      AllOf(Refuses("claim.sectors[2].percentage", HasSubstr("100.01")),
            Refuses("claim.places[1].percentage", HasSubstr("100.5")), ViolationsAre(SizeIs(2))));
  for (const char* bad : {"0", "-1", "100.01", "x", "1e3", "1,5"}) {
    SCOPED_TRACE(bad);
    EXPECT_THAT(Create<Initiative>(
                    "a", absl::StrCat("places { place: 'places/x' percentage: '", bad, "' }")),
                Refuses("initiative.places[0].percentage", HasSubstr("above 0")));
  }
  const auto fits = Create<Claim>("a", R"pb(
    sectors { vocabulary: "1" code: "11110" percentage: "60.0" }
    sectors { vocabulary: "2" code: "111" percentage: "100" }
    sectors { vocabulary: "1" code: "11120" percentage: "40" }
    sectors { vocabulary: "1" code: "11130" })pb");
  ASSERT_THAT(fits, IsOk());
  EXPECT_EQ(static_cast<const Claim&>(**fits).sectors(0).percentage(), "60");
}

TEST_P(ResourceRulesTest, AParty) {
  EXPECT_THAT(Create<Initiative>("a", "parties { }"),
              AllOf(Refuses("initiative.parties[0].role", HasSubstr("PARTY_ROLE_FUNDING")),
                    Refuses("initiative.parties[0].organisation", HasSubstr("no person"))));
}

TEST_P(ResourceRulesTest, CitationsSayWhereAndOnWhatGround) {
  ASSERT_THAT(Of<Document>().Create("d"), IsOk());
  const auto cite = [&](const std::string& more) {
    return Create<Place>(
        "a", absl::StrCat("citations { document: 'documents/d' ", more, " } other_names: 'A'"));
  };
  EXPECT_THAT(cite("basis: BASIS_INFERRED"),
              Refuses("place.citations[0].reason", HasSubstr("required")));
  EXPECT_THAT(cite("basis: BASIS_CONVENTION"), Refuses("place.citations[0].reason", _));
  EXPECT_THAT(cite("basis: BASIS_STATED span { begin: 5 end: 5 }"),
              AllOf(Refuses("place.citations[0].span", _),
                    Refuses("place.citations[0].span_sha256", HasSubstr("64"))));
  EXPECT_THAT(cite("basis: BASIS_STATED span { begin: -1 end: 5 }"),
              Refuses("place.citations[0].span", _));
  EXPECT_THAT(cite("basis: BASIS_STATED span { begin: 0 end: 5 } span_sha256: 'ABC'"),
              Refuses("place.citations[0].span_sha256", _));
  EXPECT_THAT(cite(absl::StrCat("basis: BASIS_STATED span_sha256: '", kHash, "'")),
              Refuses("place.citations[0].span", HasSubstr("required")));
  EXPECT_THAT(cite("basis: BASIS_STATED fields: 'title.text' fields: 'nope' fields: 'parent' "
                   "fields: 'other_names[0]' fields: 'other_names[1]' fields: 'title[0]' "
                   "fields: 'other_names[x]' fields: 'title.text.more' fields: '' "
                   "fields: 'other_names[' fields: 'other_names[]'"),
              AllOf(StatusIs(StatusCode::kInvalidArgument),
                    ViolationsAre(UnorderedElementsAre(
                        "place.citations[0].fields[1]", "place.citations[0].fields[2]",
                        "place.citations[0].fields[4]", "place.citations[0].fields[5]",
                        "place.citations[0].fields[6]", "place.citations[0].fields[7]",
                        "place.citations[0].fields[8]", "place.citations[0].fields[9]",
                        "place.citations[0].fields[10]"))));
  EXPECT_THAT(cite(absl::StrCat("basis: BASIS_INFERRED reason: 'because' "
                                "span { begin: 0 end: 5 } span_sha256: '",
                                kHash, "' fields: 'title' fields: 'other_names'")),
              IsOk());
}

}  // namespace
}  // namespace entente::conformance
