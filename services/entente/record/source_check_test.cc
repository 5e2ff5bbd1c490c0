// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/source_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/passage/text.h"
#include "services/entente/record/record_test_util.h"

namespace entente {
namespace {

using passage::Text;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSource[] =
    "THE ISLES AND THEIR BOATS\n"
    "\n"
    "In August 2023, Minister Ada Ng of Rur opened Port Mary with over 95 boats.\n"
    "  • The Guild’s fund is nearly $600 million.\n"
    "  • Hundreds of sailors came on September 5-7.\n"
    "Seen 3 times\n";

class SourceCheckTest : public testing::Test {
 protected:
  SourceCheckTest() : text_(*Text::FromUtf8(kSource)) {
    directory_.Write("source.txt", kSource);
    directory_.Write("a.textproto", Record());
  }

  // "begin: 3 end: 7", of the first place where `words` stand; and with the hash.
  std::string SpanOf(const std::string& words) const {
    const size_t at = text_.bytes().find(words);
    EXPECT_NE(at, absl::string_view::npos) << words;
    const int begin = Text::FromUtf8(std::string(text_.bytes().substr(0, at)))->length();
    const int end = begin + Text::FromUtf8(words)->length();
    return absl::StrCat("span { begin: ", begin, " end: ", end, " } span_sha256: '",
                        passage::Sha256Hex(words), "'");
  }
  std::string Cite(const std::string& words,
                   const std::string& more = "basis: BASIS_STATED") const {
    return absl::StrCat("citations { document: 'documents/d' ", SpanOf(words), " ", more, " }\n");
  }
  std::string Excuse(const std::string& words,
                     const std::string& reason = "It is a heading.") const {
    return absl::StrCat("uncited { document: 'documents/d' ", SpanOf(words), " reason: '", reason,
                        "' }\n");
  }

  std::string Record() const {
    const std::string common = " partnerships: 'partnerships/p' ";
    return absl::StrCat(
        "partnerships { name: 'partnerships/p' title { text: 'The isles' } parties { role: "
        "PARTY_ROLE_PARTNER organisation: 'organisations/guild' person: 'people/ng' } }\n",
        "organisations { name: 'organisations/guild' title { text: 'Guild' } kind: "
        "ORGANISATION_KIND_AGENCY place: 'places/rur'",
        common, "}\n",
        "people { name: 'people/ng' title { text: 'Ada Ng' } offices { title { text: 'Minister of "
        "Rur' } } ",
        common, "}\n", "places { name: 'places/rur' title { text: 'Rur' } kind: PLACE_KIND_REGION",
        common, "}\n",
        "places { name: 'places/port-mary' title { text: 'Port Mary' } kind: PLACE_KIND_CITY",
        common, "}\n",
        "documents { name: 'documents/d' title { text: 'Sheet' } kind: DOCUMENT_KIND_FACT_SHEET "
        "text_sha256: '",
        text_.sha256(), "' text_length: ", text_.length(), common, "}\n",
        "events { name: 'events/e' title { text: 'Opening' } kind: EVENT_KIND_LAUNCH status: "
        "EVENT_STATUS_HELD date { edtf: '2023-08' } places: 'places/port-mary'",
        common, Cite("In August 2023, Minister Ada Ng of Rur opened Port Mary"), "}\n",
        "quantities { name: 'quantities/q' title { text: 'Boats' } unit: 'boat' figure { value: "
        "'95' qualifier: QUALIFIER_MORE_THAN }",
        common, Cite("with over 95 boats."), "}\n",
        "quantities { name: 'quantities/s' title { text: 'Sailors' } unit: 'sailor' figure { "
        "value: "
        "'200' qualifier: QUALIFIER_AT_LEAST } period { edtf: '2023-09-05/2023-09-07' }",
        common, Cite("Hundreds of sailors came on September 5-7."),
        Cite("Hundreds",
             "basis: BASIS_CONVENTION reason: 'Two of them at least.' fields: 'figure'"),
        Cite("on September 5-7", "basis: BASIS_INFERRED reason: 'Of 2023.' fields: 'period'"),
        "}\n",
        "claims { name: 'claims/c' title { text: 'Fund' } nature: CLAIM_NATURE_OWN_FUNDING stage: "
        "CLAIM_STAGE_PLEDGED instrument: CLAIM_INSTRUMENT_GRANT amount { currency_code: 'USD' "
        "figure { value: '600000000' qualifier: QUALIFIER_NEARLY } }",
        common, Cite("The Guild’s fund is nearly $600 million."), "}\n",
        Excuse("THE ISLES AND THEIR BOATS"), Excuse("Seen 3 times", "Of the page."));
  }

  SourceReport Check() {
    const auto report = CheckSource(directory_.path(), directory_.path() + "/source.txt");
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : SourceReport();
  }
  std::vector<std::string> Faults() {
    std::vector<std::string> faults;
    for (const Fault& fault : Check().faults) {
      faults.push_back(fault.ToString());
      if (!fault.file.empty()) faults.back().erase(0, directory_.path().size() + 1);
    }
    return faults;
  }
  std::vector<std::string> Unaccounted() {
    std::vector<std::string> passages;
    for (const entente::Unaccounted& each : Check().unaccounted) {
      passages.push_back(absl::StrCat(
          each.line, ":", each.column, " ", std::string(passage::ItemKindName(each.kind)),
          each.cited ? " (cited)" : "", each.inner ? " (inner)" : "", ": ", each.words));
    }
    return passages;
  }
  int Replace(const std::string& from, const std::string& to) {
    return directory_.Replace("a.textproto", from, to);
  }
  void Add(const std::string& more) {
    directory_.Write("a.textproto", directory_.Read("a.textproto") + more);
  }

  const Text text_;
  RecordFiles directory_;
};

TEST_F(SourceCheckTest, ARecordThatHolds) {
  EXPECT_THAT(Faults(), IsEmpty());
  EXPECT_THAT(Unaccounted(), IsEmpty());
  const SourceReport report = Check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.citations, 6);
  EXPECT_EQ(report.other_citations, 0);
  EXPECT_EQ(report.reasons, 2);
  std::vector<std::string> inferred;
  for (const Fault& each : report.inferred) inferred.push_back(each.text);
  EXPECT_THAT(inferred, ElementsAre("quantities/s: figure: 200 QUALIFIER_AT_LEAST: Two of them at "
                                    "least.",
                                    "quantities/s: period: 2023-09-05/2023-09-07: Of 2023."));
  EXPECT_THAT(ReportText(report, "f"), HasSubstr("6 citations of the source"));
}

TEST_F(SourceCheckTest, WhatCannotBeReadIsAnError) {
  EXPECT_EQ(CheckSource(directory_.path(), directory_.path() + "/none").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(
      CheckSource(directory_.path() + "/none", directory_.path() + "/source.txt").status().code(),
      absl::StatusCode::kNotFound);
  directory_.Write("source.txt", "\xFF");
  EXPECT_EQ(CheckSource(directory_.path(), directory_.path() + "/source.txt").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SourceCheckTest, FaultsOfTheRecordAreReportedAsWell) {
  Add("places { name: 'places/x' colour: 'red' }");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("colour")));
  directory_.Write("a.textproto", Record());
  Replace("place: 'places/rur'", "place: 'places/nowhere'");
  EXPECT_THAT(Faults(), Contains(HasSubstr("places/nowhere")));
}

TEST_F(SourceCheckTest, ACitationOfOtherWordsIsAFaultWhereItStands) {
  const int line = Replace(passage::Sha256Hex("with over 95 boats."), std::string(64, '0'));
  const auto faults = Faults();
  EXPECT_THAT(faults, Contains(AllOf(HasSubstr(absl::StrCat("a.textproto:", line, ":")),
                                     HasSubstr("quantities/q: citations[0].span: has other words"),
                                     HasSubstr("nowhere"))));
  EXPECT_THAT(Unaccounted(), Contains(HasSubstr("figure (inner): over 95"))) << "it cites nothing";
}

TEST_F(SourceCheckTest, AnotherEditionShowsWhatMovedAndWhatChanged) {
  directory_.Write("source.txt",
                   absl::StrCat("NEW\n", absl::StrReplaceAll(kSource, {{"95", "96"}})));
  const auto faults = Faults();
  EXPECT_THAT(faults, Contains(HasSubstr("documents/d: text_sha256: the source is not its text")));
  EXPECT_THAT(faults, Contains(HasSubstr("text_length: the source has ")));
  EXPECT_THAT(faults, Contains(AllOf(HasSubstr("events/e: citations[0]"),
                                     HasSubstr("its words stand at [31, 86)"))));
  EXPECT_THAT(faults,
              Contains(AllOf(HasSubstr("quantities/q: citations[0]"), HasSubstr("stand nowhere"))));
}

TEST_F(SourceCheckTest, ACitationWithoutASpanIsAFault) {
  Replace(SpanOf("with over 95 boats."), "");
  EXPECT_THAT(Faults(), Contains(HasSubstr("quantities/q: citations[0].span: has no span")));
}

TEST_F(SourceCheckTest, AFigureMustBeWhatTheWordsState) {
  const int line =
      Replace("'95' qualifier: QUALIFIER_MORE_THAN", "'95' qualifier: QUALIFIER_EXACT");
  EXPECT_THAT(Faults(), ElementsAre(AllOf(
                            HasSubstr(absl::StrCat("a.textproto:", line, ":")),
                            HasSubstr("quantities/q: figure: 95 QUALIFIER_EXACT is not what the "
                                      "cited words state: more than 95"))));
  directory_.Write("a.textproto", Record());
  Replace("'600000000'", "'60000000'");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("claims/c: amount.figure: 60000000 USD "
                                              "QUALIFIER_NEARLY is not what the cited words state: "
                                              "nearly 600000000 USD")));
  EXPECT_THAT(Unaccounted(), ElementsAre("4:25 figure (cited): nearly $600 million"));
  directory_.Write("a.textproto", Record());
  Replace("'USD'", "'EUR'");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("600000000 EUR")));
  directory_.Write("a.textproto", Record());
  Replace("basis: BASIS_CONVENTION reason: 'Two of them at least.'", "basis: BASIS_STATED");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("no value (vague)")));
}

TEST_F(SourceCheckTest, AFigureWithoutACitationIsAFault) {
  Replace(Cite("with over 95 boats."), "");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("quantities/q: figure: no passage is cited for it")));
  EXPECT_THAT(Unaccounted(),
              ElementsAre("3:57 clause: with over 95 boats.", "3:62 figure (inner): over 95"));
}

TEST_F(SourceCheckTest, ADateMustBeWhatTheWordsHold) {
  Replace("'2023-08'", "'2023-09'");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("events/e: date: 2023-09: the cited words name "
                                              "another month or day; they do not hold its month")));
  directory_.Write("a.textproto", Record());
  Replace("'2023-08'", "'2022-08-05'");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("do not hold its year, day")));
  directory_.Write("a.textproto", Record());
  Replace("'2023-09-05/2023-09-07'", "'2023-10'");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("quantities/s: period: 2023-10: the cited words name "
                                              "another month or day; they do not hold its year, "
                                              "month")));
  directory_.Write("a.textproto", Record());
  Replace("basis: BASIS_INFERRED reason: 'Of 2023.'", "basis: BASIS_STATED");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("do not hold its year")))
      << "a year from elsewhere is an inference";
}

TEST_F(SourceCheckTest, WhatSupportsNothingIsAFault) {
  Add("places { name: 'places/x' title { text: 'X' } kind: PLACE_KIND_CITY partnerships: "
      "'partnerships/p' parent: 'places/y' }\n"
      "places { name: 'places/y' title { text: 'Y' } kind: PLACE_KIND_CITY partnerships: "
      "'partnerships/p' }\n");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("places/x: nothing of the record refers to it"),
                                    HasSubstr("places/y: nothing of the record refers to it")));
}

TEST_F(SourceCheckTest, NamesThatNoResourceHas) {
  Replace("'Ada Ng'", "'Eve Ng'");
  EXPECT_THAT(Unaccounted(), ElementsAre("3:17 name (cited): Minister Ada Ng of Rur"));
  Add(Excuse("Minister Ada Ng", "A test."));
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("excuses nothing"))) << "it holds only a part";
  directory_.Write("b.textproto", Excuse("Minister Ada Ng of Rur", "A test."));
  EXPECT_THAT(Unaccounted(), IsEmpty());
}

TEST_F(SourceCheckTest, AReasonMustHoldAndBeOfUse) {
  Add(Excuse("Guild", "It is cited."));
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("uncited: span: excuses nothing")));
  directory_.Write("a.textproto", Record());
  Replace("reason: 'Of the page.'", "");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("uncited: reason: is required")));
  directory_.Write("a.textproto", Record());
  Replace(Excuse("Seen 3 times", "Of the page."), "");
  EXPECT_THAT(Unaccounted(), ElementsAre("6:1 sentence: Seen 3 times", "6:6 figure (inner): 3"));
  directory_.Write("a.textproto", Record());
  Replace(passage::Sha256Hex("Seen 3 times"), std::string(64, 'a'));
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("uncited: span: has other words")));
  const int at = text_.length() - 13;
  EXPECT_THAT(ReportText(Check(), "f"),
              HasSubstr(absl::StrCat("  f:6:1 [", at, ", ", at + 12, ") sentence: Seen 3 times\n",
                                     "    f:6:6 [", at + 5, ", ", at + 6, ") figure: 3\n")));
}

TEST_F(SourceCheckTest, WithoutADocumentNothingCanBeChecked) {
  Replace(absl::StrCat("text_sha256: '", text_.sha256(), "' text_length: ", text_.length()), "");
  EXPECT_THAT(Faults(), Contains("no document of the record has a text_sha256"));
}

TEST_F(SourceCheckTest, CitationsOfOtherDocumentsAreCountedAndNotChecked) {
  Add(absl::StrCat(
      "documents { name: 'documents/o' title { text: 'O' } kind: "
      "DOCUMENT_KIND_PLAN text_length: 9 partnerships: 'partnerships/p' text_sha256: '",
      std::string(64, 'a'),
      "' citations { document: 'documents/o' span { end: 5 } "
      "span_sha256: '",
      std::string(64, 'b'), "' basis: BASIS_STATED } }\n"));
  EXPECT_THAT(Faults(), IsEmpty());
  EXPECT_EQ(Check().other_citations, 1);
}

}  // namespace
}  // namespace entente
