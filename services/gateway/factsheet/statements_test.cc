// SPDX-License-Identifier: Apache-2.0
//
// Fact sheets of small records that are not like the bundled one.
#include "services/gateway/factsheet/statements.h"

#include <expat.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "services/gateway/factsheet/render.h"
#include "services/gateway/factsheet/writer.h"

namespace entente::gateway::factsheet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// What a resource that says so is cited with.
constexpr char kCited[] = "citations { document: 'documents/d' basis: BASIS_STATED } ";

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class StatementsTest : public testing::Test {
 protected:
  StatementsTest() {
    material_.partnership = Parse<catalogue::v1::Partnership>(
        std::string("name: 'partnerships/p' title { text: 'P' } description { text: 'It is.' } ") +
        kCited);
    for (const char* name : {"a", "b"}) {
      *material_.pillars.Add() = Parse<catalogue::v1::Pillar>(
          std::string("name: 'partnerships/p/pillars/") + name + "' title { text: 'Pillar " + name +
          "' } ordinal: 1 " + kCited);
    }
  }

  catalogue::v1::Initiative* AddInitiative(const std::string& id,
                                           std::vector<std::string> pillars) {
    auto* initiative = material_.initiatives.Add();
    *initiative = Parse<catalogue::v1::Initiative>(
        "name: 'initiatives/" + id + "' title { text: 'Initiative " + id +
        "' } kind: INITIATIVE_KIND_PROGRAMME status: INITIATIVE_STATUS_ACTIVE " + kCited);
    for (std::string& pillar : pillars) {
      material_.pillars_of[initiative->name()].push_back("partnerships/p/pillars/" + pillar);
    }
    return initiative;
  }

  funding::v1::Claim* AddClaim(const std::string& id, const std::string& value,
                               const std::string& more = "") {
    auto* claim = material_.claims.Add();
    *claim = Parse<funding::v1::Claim>(
        "name: 'claims/" + id + "' title { text: 'Claim " + id +
        "' } amount { currency_code: 'USD' figure { value: '" + value + "' interval { low: '" +
        value + "' high: '" + value +
        "' } } } nature: CLAIM_NATURE_OWN_FUNDING stage: CLAIM_STAGE_COMMITTED "
        "instrument: CLAIM_INSTRUMENT_GRANT partnerships: 'partnerships/p' " +
        kCited + more);
    return claim;
  }

  v1::FactSheet Composed() const {
    v1::FactSheet sheet;
    sheet.set_as_of("2024-01-01");
    const absl::Status status = Compose(material_, &sheet);
    EXPECT_TRUE(status.ok()) << status;
    return sheet;
  }

  Material material_;
};

TEST_F(StatementsTest, WhatHasNoSourceSaysSo) {
  material_.partnership.clear_citations();
  AddInitiative("i", {"a"})->clear_citations();
  const v1::FactSheet sheet = Composed();
  const auto& first = sheet.sections(0).statements(0);
  EXPECT_EQ(first.text(), "It is. No source of this is recorded.");
  EXPECT_THAT(first.footnotes(), IsEmpty());
  EXPECT_THAT(sheet.sections(1).entries(0).statements(0).text(),
              HasSubstr("No source of this is recorded."));
}

TEST_F(StatementsTest, CitationsSupportWhatTheyName) {
  type::v1::Citation citation;
  EXPECT_TRUE(Supports(citation, {"parties[1]"})) << "the resource as a whole";
  citation.add_fields("parties[1].person");
  EXPECT_TRUE(Supports(citation, {"parties[1]"}));
  EXPECT_TRUE(Supports(citation, {"parties"}));
  EXPECT_FALSE(Supports(citation, {"parties[0]"}));
  EXPECT_FALSE(Supports(citation, {"parties[10]"}));
  EXPECT_FALSE(Supports(citation, {"part"}));
  *citation.mutable_fields(0) = "amount";
  EXPECT_TRUE(Supports(citation, {"title", "amount.figure"}));
  EXPECT_FALSE(Supports(citation, {"amounts"}));
}

TEST_F(StatementsTest, FootnotesAreSharedByPassageAndGround) {
  *AddInitiative("i", {"a"})->mutable_citations(0) = Parse<type::v1::Citation>(
      "document: 'documents/d' basis: BASIS_INFERRED reason: 'It follows.'");
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.footnotes(), SizeIs(2));
  EXPECT_THAT(
      sheet.footnotes(0).resources(),
      ElementsAre("partnerships/p", "partnerships/p/pillars/a", "partnerships/p/pillars/b"));
  EXPECT_EQ(sheet.footnotes(0).document_title(), "documents/d") << "nothing answers to it";
  EXPECT_EQ(sheet.footnotes(1).citation().reason(), "It follows.");
}

TEST_F(StatementsTest, AFootnoteHasAllOfItsCitationButTheFields) {
  auto citation = Parse<type::v1::Citation>(
      "document: 'documents/d' span { begin: 3 end: 7 } span_sha256: 'abc' "
      "basis: BASIS_INFERRED reason: 'It follows.' fields: 'title' fields: 'kind'");
  std::vector<const google::protobuf::FieldDescriptor*> set;
  citation.GetReflection()->ListFields(citation, &set);
  ASSERT_THAT(set, SizeIs(type::v1::Citation::descriptor()->field_count())) << "one is not set";
  *AddInitiative("i", {"a"})->mutable_citations(0) = citation;
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.footnotes(), SizeIs(2));
  citation.clear_fields();
  EXPECT_EQ(sheet.footnotes(1).citation().DebugString(), citation.DebugString());
}

TEST_F(StatementsTest, AnInitiativeOfSeveralPillarsIsToldOnce) {
  AddInitiative("i", {"a", "b"});
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.sections(), SizeIs(3));
  EXPECT_THAT(sheet.sections(1).entries(0).statements(), Not(IsEmpty()));
  EXPECT_THAT(sheet.sections(2).entries(0).statements(), IsEmpty());
  EXPECT_EQ(sheet.sections(2).entries(0).told_under(), "partnerships/p/pillars/a");
  EXPECT_THAT(RenderMarkdown(sheet), HasSubstr("*Told under Pillar a.*"));
  EXPECT_THAT(RenderHtml(sheet), HasSubstr("<a href=\"#initiatives-i\">Pillar a</a>"));
}

TEST_F(StatementsTest, TheSameMoneyIsCountedOnce) {
  AddClaim("first", "100");
  AddClaim("again", "100",
           "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/first' }");
  AddClaim("old", "70");
  AddClaim("new", "80", "relations { kind: CLAIM_RELATION_KIND_SUPERSEDES claim: 'claims/old' }");
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.money(), SizeIs(1));
  const auto& row = sheet.money(0);
  EXPECT_EQ(row.stated(), "180");
  EXPECT_THAT(row.claims(), ElementsAre("claims/first", "claims/new"));
  EXPECT_THAT(row.left_out(), ElementsAre("claims/again"));
  EXPECT_EQ(
      row.statement().text(),
      "Own funding, committed: $180, a sum, for “Claim first” and “Claim new”; bounds by what "
      "is stated: $180, without a margin; left out as told already: “Claim again”.");
}

TEST_F(StatementsTest, AWholeAndItsPartsAreCountedOnceAndDividedByPillar) {
  AddInitiative("i", {"a"});
  AddInitiative("j", {"b"});
  AddClaim("whole", "100", "initiative: 'initiatives/i'");
  AddClaim("part", "30", "part_of: 'claims/whole' initiative: 'initiatives/j'");
  AddClaim("rest", "20", "part_of: 'claims/whole'");
  AddClaim("yearly", "5", "recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR }");
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.money(), SizeIs(2)) << "a rate is a row of its own";
  EXPECT_EQ(sheet.money(0).stated(), "100");
  EXPECT_EQ(sheet.money(1).stated(), "5");
  EXPECT_EQ(sheet.money(1).label(), "Own funding, committed, each year");
  ASSERT_THAT(sheet.money_by_pillar(), SizeIs(2));
  EXPECT_THAT(sheet.money_by_pillar(0).pillars(), ElementsAre("partnerships/p/pillars/a"));
  EXPECT_EQ(sheet.money_by_pillar(0).stated(), "70");
  EXPECT_EQ(sheet.money_by_pillar(1).stated(), "30");
  EXPECT_THAT(sheet.money_by_pillar(0).statement().text(), HasSubstr("$70, a share, for"));
}

// By the rules of funding, which know of more than claims that restate each other at once.
TEST_F(StatementsTest, TheSameMoneyIsFoundWhereverItIsTold) {
  AddClaim("whole", "100");
  AddClaim("part", "30", "part_of: 'claims/whole'");
  // A part that tells of money that is counted, and a claim by way of another partnership's.
  AddClaim("sum", "50");
  AddClaim("first-half", "25",
           "part_of: 'claims/sum' relations { kind: CLAIM_RELATION_KIND_RESTATES claim: "
           "'claims/part' }");
  AddClaim("second-half", "25", "part_of: 'claims/sum'");
  AddClaim("third-hand", "30",
           "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/elsewhere' }");
  *material_.other_claims.Add() = (Parse<funding::v1::Claim>(
      "name: 'claims/elsewhere' partnerships: 'partnerships/q' "
      "amount { currency_code: 'USD' figure { value: '30' interval { low: '30' high: '30' } } } "
      "nature: CLAIM_NATURE_OWN_FUNDING stage: CLAIM_STAGE_COMMITTED "
      "relations { kind: CLAIM_RELATION_KIND_PASSED_ON_FROM claim: 'claims/part' }"));
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.money(), SizeIs(1));
  EXPECT_EQ(sheet.money(0).stated(), "125");
  EXPECT_THAT(sheet.money(0).claims(),
              ElementsAre("claims/whole", "claims/part", "claims/sum", "claims/second-half"));
  EXPECT_THAT(sheet.money(0).left_out(), ElementsAre("claims/first-half", "claims/third-hand"));
}

TEST_F(StatementsTest, MoneyThatIsToldInACircleIsCountedOnce) {
  const auto told = [](const char* kind, const char* claim) {
    return absl::StrCat("relations { kind: CLAIM_RELATION_KIND_", kind, " claim: 'claims/", claim,
                        "' }");
  };
  AddClaim("a", "5", told("RESTATES", "b"));
  AddClaim("b", "5", told("PASSED_ON_FROM", "a"));
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.money(), SizeIs(1));
  EXPECT_EQ(sheet.money(0).stated(), "5");
  EXPECT_THAT(sheet.money(0).claims(), ElementsAre("claims/b"));
  EXPECT_THAT(sheet.money(0).left_out(), ElementsAre("claims/a"));
}

TEST_F(StatementsTest, WhatIsNotCountedTellsOfNoMoney) {
  AddClaim("unstated", "1")->mutable_amount()->clear_figure();
  AddClaim("old", "7");
  AddClaim("a", "5", "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/unstated' }");
  AddClaim("b", "6", "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/old' }");
  AddClaim("new", "8", "relations { kind: CLAIM_RELATION_KIND_SUPERSEDES claim: 'claims/old' }")
      ->set_stage(funding::v1::CLAIM_STAGE_PLEDGED);
  const v1::FactSheet sheet = Composed();
  ASSERT_FALSE(sheet.money().empty());
  std::vector<std::string> rows;
  for (const auto& row : sheet.money()) rows.push_back(row.label() + " " + row.stated());
  EXPECT_THAT(rows,
              testing::UnorderedElementsAre("Own funding, committed 11", "Own funding, pledged 8"));
}

TEST_F(StatementsTest, APartWithPartsSaysWhatItIsOfAndWhatIsOfIt) {
  AddClaim("whole", "100");
  AddClaim("part", "40", "part_of: 'claims/whole'");
  AddClaim("least", "10", "part_of: 'claims/part'");
  const std::string text = RenderMarkdown(Composed());
  EXPECT_THAT(text, HasSubstr("Claim part: $40 (own funding, committed, grant), part of $100 for "
                              "“Claim whole”, of which $10 (grant) for “Claim least”."));
}

TEST_F(StatementsTest, APartThatWasSupersededIsNoPart) {
  AddClaim("whole", "100");
  AddClaim("old", "40", "part_of: 'claims/whole'");
  AddClaim("new", "45",
           "part_of: 'claims/whole' relations { kind: CLAIM_RELATION_KIND_SUPERSEDES claim: "
           "'claims/old' }");
  const std::string text = RenderMarkdown(Composed());
  EXPECT_THAT(text, HasSubstr("of which $45 (grant) for “Claim new”"));
  EXPECT_THAT(text, Not(HasSubstr("of which $40")));
}

TEST_F(StatementsTest, CurrenciesAndDirectionsNeverAddUp) {
  AddClaim("a", "1");
  AddClaim("b", "2")->mutable_amount()->set_currency_code("EUR");
  AddClaim("c", "4", "direction: CLAIM_DIRECTION_RETURNED");
  const v1::FactSheet sheet = Composed();
  std::vector<std::string> rows;
  for (const auto& row : sheet.money()) {
    rows.push_back(row.currency_code() + " " + row.stated() + " " + row.label());
  }
  EXPECT_THAT(rows, ElementsAre("EUR 2 Own funding, committed", "USD 1 Own funding, committed",
                                "USD 4 Own funding, committed, returned"));
}

// Funding takes no such record; but what replaces a claim may be of a partnership that is not told
// of.
TEST_F(StatementsTest, WhatContradictsItselfIsSaidAndInNoSum) {
  AddClaim("whole", "1");
  AddClaim("part", "3", "part_of: 'claims/whole'");
  AddClaim("other", "7");
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.money(), SizeIs(1));
  EXPECT_THAT(sheet.money(0).claims(), ElementsAre("claims/other"));
  ASSERT_FALSE(sheet.not_stated().empty());
  EXPECT_THAT(sheet.not_stated(0).text(),
              testing::StartsWith("“Claim whole”: what is stated of it"));
}

TEST_F(StatementsTest, WhereNoFigureIsStatedThereIsNone) {
  AddInitiative("i", {"a"});
  AddClaim("whole", "100");
  AddClaim("part", "1", "part_of: 'claims/whole' initiative: 'initiatives/i'")
      ->mutable_amount()
      ->clear_figure();
  const v1::FactSheet sheet = Composed();
  ASSERT_THAT(sheet.money_by_pillar(), SizeIs(2));
  EXPECT_EQ(sheet.money_by_pillar(0).stated(), "");
  EXPECT_EQ(sheet.money_by_pillar(0).bounds().high(), "100");
  EXPECT_THAT(sheet.money_by_pillar(0).statement().text(),
              HasSubstr("an amount that is not stated for “Claim part”"));
}

// Whatever the record says is text: nothing of it is markup in either form.
TEST_F(StatementsTest, HostileTextIsTextAndNothingElse) {
  const std::string hostile =
      "<script>alert(1)</script> & \"x\" 'y' | *a* _b_ `c` [d](http://e) ![f](g) # ~~h~~ \\ \n"
      "# i\n- j\u202Ek \x01 www.l.m n@o.p]]> --> &lt; {{title}} {{{title}}}";
  material_.partnership.mutable_title()->set_text(hostile);
  material_.partnership.mutable_description()->set_text(hostile);
  material_.partnership.add_acronyms(hostile);
  material_.pillars[0].mutable_title()->set_text("1. " + hostile);
  material_.pillars[1].mutable_title()->set_text("עברית و عربية");
  AddInitiative("i", {"a"})->mutable_title()->set_text(hostile);
  AddClaim("c", "1")->mutable_title()->set_text(hostile);
  auto& event = *material_.past_events.Add();
  event = Parse<events::v1::Event>(std::string("name: 'events/e' kind: EVENT_KIND_FORUM "
                                               "date { edtf: '2023' } ") +
                                   kCited);
  event.mutable_title()->set_text(hostile);
  *material_.documents.Add() = (Parse<catalogue::v1::Document>(
      std::string("name: 'documents/d' kind: DOCUMENT_KIND_PLAN uri: 'javascript:alert(1)' ") +
      kCited));
  material_.documents[0].mutable_title()->set_text(hostile);
  v1::FactSheet sheet = Composed();
  sheet.mutable_footnotes(0)->set_words(hostile);
  sheet.mutable_footnotes(0)->mutable_citation()->set_reason(hostile);
  sheet.add_unreachable(hostile);

  const std::string html = RenderHtml(sheet);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("javascript:")));
  XML_Parser parser = XML_ParserCreate("UTF-8");
  std::vector<std::string> tags;
  XML_SetUserData(parser, &tags);
  XML_SetElementHandler(
      parser,
      [](void* seen, const char* tag, const char**) {
        static_cast<std::vector<std::string>*>(seen)->push_back(tag);
      },
      nullptr);
  EXPECT_EQ(XML_Parse(parser, html.data(), static_cast<int>(html.size()), 1), XML_STATUS_OK)
      << XML_ErrorString(XML_GetErrorCode(parser));
  XML_ParserFree(parser);
  EXPECT_THAT(tags, Not(testing::Contains("script")));
  EXPECT_THAT(tags, Not(testing::Contains("img")));

  const std::string markdown = RenderMarkdown(sheet);
  for (size_t at = markdown.find('<'); at != std::string::npos; at = markdown.find('<', at + 1)) {
    EXPECT_EQ(markdown[at - 1], '\\') << markdown.substr(at, 20);
  }
  EXPECT_THAT(markdown, Not(HasSubstr("\n# i")));
  EXPECT_THAT(markdown, HasSubstr("## 1\\. \\<script\\>alert(1)\\</script\\> \\& \"x\" 'y' \\| "
                                  "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](http\\://e) !\\[f\\](g) \\# "
                                  "\\~\\~h\\~\\~ \\\\ \\# i - jk www\\.l.m n\\@o.p\\]\\]\\>"));
  EXPECT_THAT(markdown, HasSubstr("{{title}} {{{title}}}")) << "what is filled in is no template";
}

TEST_F(StatementsTest, AddressesOfDocumentsAreLinksOnlyWhereTheyLeadSomewhere) {
  *material_.documents.Add() = (Parse<catalogue::v1::Document>(
      std::string("name: 'documents/d' title { text: 'D' } kind: DOCUMENT_KIND_PLAN "
                  "uri: 'https://example.org/?a=1&b=\"2\"' ") +
      kCited));
  const std::string html = RenderHtml(Composed());
  EXPECT_THAT(html, HasSubstr("<a href=\"https://example.org/?a=1&amp;b=&quot;2&quot;\" "
                              "rel=\"noreferrer\">D</a>"));
}

TEST_F(StatementsTest, RenderingIsThreadSafe) {
  AddInitiative("i", {"a"});
  AddClaim("c", "1");
  const v1::FactSheet sheet = Composed();
  const std::string html = RenderHtml(sheet);
  const std::string markdown = RenderMarkdown(sheet);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(RenderHtml(sheet), html);
        EXPECT_EQ(RenderMarkdown(sheet), markdown);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace entente::gateway::factsheet
