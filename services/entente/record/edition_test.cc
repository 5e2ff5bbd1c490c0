// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/edition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/passage/text.h"
#include "services/entente/record/record_test_util.h"

namespace entente {
namespace {

using passage::ImageKind;
using passage::Text;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kOld[] =
    "THE ISLES AND THEIR BOATS\n"
    "\n"
    "In August 2023, Minister Ada Ng of Rur opened Port Mary with over 95 boats.\n"
    "  • The Guild’s fund is nearly $600 million.\n"
    "  • Sailors came early. They stayed for the whole of the winter.\n"
    "Seen 3 times\n";

// The second bullet has become the first, a sentence is new, a figure has changed, and another
// sentence is gone.
constexpr char kNew[] =
    "THE ISLES AND THEIR BOATS\n"
    "\n"
    "It was a mild winter in Rur.\n"
    "In August 2023, Minister Ada Ng of Rur opened Port Mary with over 120 boats.\n"
    "  • They stayed for the whole of the winter.\n"
    "  • The Guild’s fund is nearly $600 million.\n"
    "Seen 3 times\n";

std::string SpanOf(const std::string& text, const std::string& words) {
  const size_t at = text.find(words);
  EXPECT_NE(at, std::string::npos) << words;
  const int begin = Text::FromUtf8(text.substr(0, at))->length();
  return absl::StrCat("span { begin: ", begin, " end: ", begin + Text::FromUtf8(words)->length(),
                      " }");
}

std::string HashOf(const std::string& words) {
  return absl::StrCat("span_sha256: '", passage::Sha256Hex(words), "'");
}

std::string Cite(const std::string& text, const std::string& words,
                 const std::string& fields = "") {
  return absl::StrCat("citations {\n    document: 'documents/d'  # the sheet\n\t",
                      SpanOf(text, words), "\n    ", HashOf(words), "\n    basis: BASIS_STATED ",
                      fields, "\n  }\n");
}

// What moves as its spans are in one of the texts.
std::string Moving(const std::string& text) {
  return absl::StrCat(
      "# What stays and what moves.\n"
      "quantities {\n  name: 'quantities/seen'\n  ",
      Cite(text, "Seen 3 times"), "}\n", "claims {\n  name: 'claims/fund'\n  ",
      Cite(text, "The Guild’s fund"), Cite(text, "nearly $600 million", "fields: 'amount'"), "}\n",
      "uncited { document: 'documents/d' ", SpanOf(text, "THE ISLES AND THEIR BOATS"), " ",
      HashOf("THE ISLES AND THEIR BOATS"), " reason: 'A heading.' }\n");
}

std::string Document(const std::string& text) {
  const Text made = *Text::FromUtf8(text);
  return absl::StrCat("documents {\n  name: \"documents/d\"\n  text_sha256: \"", made.sha256(),
                      "\"\n  text_length: ", made.length(), "\n  title { text: 'Sheet' }\n",
                      "  citations { document: 'documents/d' basis: BASIS_STATED }\n}\n");
}

// What changed and what went.
std::string Others() {
  return absl::StrCat("events {\n  name: 'events/e'\n  ",
                      Cite(kOld, "Port Mary with over 95 boats", "fields: 'date' fields: 'places'"),
                      Cite(kOld, "Sailors came early."), "}\n");
}

class EditionTest : public testing::Test {
 protected:
  EditionTest() {
    record_.Write("claims.textproto", Moving(kOld));
    record_.Write("a-documents.textproto", Document(kOld));
    texts_.Write("old", kOld);
    texts_.Write("new", kNew);
  }

  EditionRequest Request(const std::string& document = "") const {
    return {record_.path(), texts_.path() + "/old", texts_.path() + "/new", document};
  }
  EditionReport Compare() const {
    auto report = CompareEditions(Request());
    EXPECT_TRUE(report.ok()) << report.status();
    return *std::move(report);
  }
  absl::Status Refusal(const std::string& document = "") const {
    return CompareEditions(Request(document)).status();
  }
  // With the directories left out.
  std::string Report() const {
    return absl::StrReplaceAll(EditionText(Compare()),
                               {{record_.path() + "/", ""}, {texts_.path() + "/", ""}});
  }
  std::vector<std::string> Write() {
    const auto written = WriteEdition(Compare());
    EXPECT_TRUE(written.ok()) << written.status();
    std::vector<std::string> files;
    for (const WrittenFile& file : *written) {
      files.push_back(absl::StrCat(file.path.substr(record_.path().size() + 1), ": ", file.spans,
                                   file.has_document ? " and the document" : ""));
    }
    return files;
  }
  std::set<std::string> Files() const {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(record_.path())) {
      files.insert(entry.path().filename());
    }
    return files;
  }

  RecordFiles record_;
  RecordFiles texts_;
};

TEST_F(EditionTest, WhatMovedAndWhatDidNot) {
  const EditionReport report = Compare();
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.citations, SizeIs(4));
  EXPECT_EQ(report.Count(ImageKind::kSame), 1);
  EXPECT_EQ(report.Count(ImageKind::kMoved), 3);
  EXPECT_EQ(report.whole, 1);
  EXPECT_THAT(Report(), AllOf(Not(HasSubstr("Changed")), Not(HasSubstr("Gone")),
                              HasSubstr("\n3 citations and 1 reasons: 1 unchanged, 3 moved, 0 "
                                        "changed, 0 gone; 1 citations of the document as a whole; "
                                        "0 faults; ")));
}

TEST_F(EditionTest, WhatChangedAndWhatIsGoneIsListedWithItsCitations) {
  record_.Write("events.textproto", Others());
  EXPECT_FALSE(Compare().clean());
  EXPECT_THAT(Report(), AllOf(testing::StartsWith(
                                  "Changed, for people to judge:\n"
                                  "  old:3:47 [73, 101): Port Mary with over 95 boats\n"
                                  "  now new:4:47 [102, 131): Port Mary with over 120 boats\n"
                                  "    events.textproto:3:3: events/e: citations[0]: date, places\n"
                                  "Gone, for people to judge:\n"
                                  "  old:5:5 [152, 171): Sailors came early.\n"
                                  "    events.textproto:9:1: events/e: citations[1]: as a whole\n"
                                  "Of the new text, not accounted for:\n"
                                  "  new:3:1 [27, 55) sentence: It was a mild winter in Rur.\n"
                                  "    new:3:25 [51, 54) name: Rur\n"),
                              HasSubstr("1 changed, 1 gone")));
}

TEST_F(EditionTest, APassageIsListedOnceWithAllItsCitations) {
  record_.Write("events.textproto",
                absl::StrCat(Others(), absl::StrReplaceAll(Others(), {{"events/e", "events/f"}})));
  EXPECT_THAT(Report(),
              HasSubstr("boats\n"
                        "    events.textproto:3:3: events/e: citations[0]: date, places\n"
                        "    events.textproto:18:3: events/f: citations[0]: date, places\n"
                        "Gone"));
}

TEST_F(EditionTest, OtherWhiteSpaceIsSaidToBeThat) {
  texts_.Write("new", absl::StrReplaceAll(kOld, {{"nearly $600", "nearly\n$600"}}));
  EXPECT_THAT(Report(), HasSubstr("  old:4:25 [127, 146): nearly $600 million\n"
                                  "  now, with other white space, new:4:25 [127, 146): "
                                  "nearly\\n$600 million\n"));
}

TEST_F(EditionTest, CitationsOfOtherDocumentsAreLeftAlone) {
  record_.Write("events.textproto",
                absl::StrReplaceAll(Others(), {{"documents/d", "documents/other"}}));
  EXPECT_THAT(Compare().citations, SizeIs(4));
}

TEST_F(EditionTest, WritingMovesTheSpansAndNothingElse) {
  record_.Write("events.textproto", Others());
  const std::string claims = record_.path() + "/claims.textproto";
  ASSERT_EQ(chmod(claims.c_str(), 0640), 0);
  EXPECT_THAT(Write(),
              ElementsAre("claims.textproto: 3", "a-documents.textproto: 0 and the document"))
      << "the document comes last";
  EXPECT_EQ(record_.Read("claims.textproto"), Moving(kNew));
  EXPECT_EQ(record_.Read("a-documents.textproto"), Document(kNew));
  EXPECT_EQ(record_.Read("events.textproto"), Others()) << "they are for people";
  EXPECT_EQ(Files(), (std::set<std::string>{"claims.textproto", "a-documents.textproto",
                                            "events.textproto"}));
  struct stat status;
  ASSERT_EQ(stat(claims.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  EXPECT_THAT(std::string(Refusal().message()),
              AllOf(HasSubstr("documents/d is already at "), HasSubstr("/new")));
}

TEST_F(EditionTest, AfterWritingACheckReportsWhatIsLeft) {
  record_.Write("events.textproto", Others());
  Write();
  const auto check = CheckSource(record_.path(), texts_.path() + "/new");
  ASSERT_TRUE(check.ok()) << check.status();
  std::vector<std::string> of_spans;
  for (const Fault& fault : check->faults) {
    if (absl::StrContains(fault.text, "].span: has other")) of_spans.push_back(fault.text);
  }
  EXPECT_THAT(of_spans, ElementsAre(HasSubstr("events/e: citations[0].span: has other words"),
                                    HasSubstr("events/e: citations[1].span: has other words")));
}

TEST_F(EditionTest, TheSameTextChangesNothing) {
  texts_.Write("new", kOld);
  EXPECT_EQ(Compare().Count(ImageKind::kSame), 4);
  EXPECT_THAT(Write(), IsEmpty());
}

TEST_F(EditionTest, ThereAndBackAgain) {
  const std::string claims = record_.Read("claims.textproto");
  Write();
  texts_.Write("old", kNew);
  texts_.Write("new", kOld);
  Write();
  EXPECT_EQ(record_.Read("claims.textproto"), claims);
  EXPECT_EQ(record_.Read("a-documents.textproto"), Document(kOld));
}

// Some files are written, and that of the document is not.
TEST_F(EditionTest, WhatWasInterruptedCanBeRunAgain) {
  record_.Write("claims.textproto", Moving(kNew));
  EXPECT_TRUE(Compare().clean());
  EXPECT_THAT(Write(), ElementsAre("a-documents.textproto: 0 and the document"));
  EXPECT_EQ(record_.Read("claims.textproto"), Moving(kNew));
}

TEST_F(EditionTest, FieldsThatAreZeroAreNotWrittenAndHaveToBePutIn) {
  texts_.Write("new", absl::StrCat("A notice. ", kOld));
  record_.Write("claims.textproto",
                absl::StrCat("claims { name: 'claims/c' citations { document: 'documents/d' span { "
                             "end: 3 } ",
                             HashOf("THE"), " } }"));
  Write();
  EXPECT_THAT(record_.Read("claims.textproto"), HasSubstr("span { begin: 10 end: 13 } "));
  record_.Write("a-documents.textproto",
                absl::StrCat("documents { name: 'documents/d' text_sha256: '",
                             passage::Sha256Hex(""), "' }"));
  record_.Write("claims.textproto", "");
  texts_.Write("old", "");
  Write();
  EXPECT_THAT(
      record_.Read("a-documents.textproto"),
      HasSubstr(absl::StrCat(
          "text_length: ", Text::FromUtf8(absl::StrCat("A notice. ", kOld))->length(),
          " text_sha256: \"", passage::Sha256Hex(absl::StrCat("A notice. ", kOld)), "\" }")));
}

TEST_F(EditionTest, CitationsInAList) {
  const std::string list = absl::StrCat(
      "claims [ { name: 'claims/c' citations: [ { document: 'documents/d' ",
      SpanOf(kOld, "Seen 3 times"), HashOf("Seen 3 times"), " }, { document: 'documents/d' ",
      SpanOf(kOld, "nearly $600 million"), HashOf("nearly $600 million"), " } ] } ]");
  record_.Write("claims.textproto", list);
  Write();
  EXPECT_EQ(record_.Read("claims.textproto"),
            absl::StrReplaceAll(list, {{SpanOf(kOld, "Seen 3 times"), SpanOf(kNew, "Seen 3 times")},
                                       {SpanOf(kOld, "nearly $600 million"),
                                        SpanOf(kNew, "nearly $600 million")}}));
}

TEST_F(EditionTest, ATextThatStandsInTheRecordIsReplaced) {
  record_.Write(
      "a-documents.textproto",
      absl::StrCat("documents {\n  name: 'documents/d'\n  text: 'THE' ' ISLES\\n' 'two'\n}\n"));
  record_.Write("claims.textproto", "");
  texts_.Write("old", "THE ISLES\ntwo");
  texts_.Write("new", "Ünd \"one\"\n\nthree\n");
  EXPECT_THAT(Write(), ElementsAre("a-documents.textproto: 0 and the document"));
  EXPECT_EQ(record_.Read("a-documents.textproto"),
            "documents {\n  name: 'documents/d'\n  text: \"Ünd \\\"one\\\"\\n\"\n  \"\\n\"\n  "
            "\"three\\n\"\n}\n");
}

TEST_F(EditionTest, CitationsThatDoNotHoldInTheOldTextAreFaults) {
  const int line = record_.Replace("claims.textproto", passage::Sha256Hex("Seen 3 times"),
                                   std::string(64, 'a')) -
                   3;
  const EditionReport report = Compare();
  EXPECT_FALSE(report.clean());
  ASSERT_THAT(report.faults, SizeIs(1));
  EXPECT_THAT(report.faults[0].ToString(),
              AllOf(HasSubstr(absl::StrCat("claims.textproto:", line,
                                           ":3: quantities/seen: "
                                           "citations[0]: as a whole: ")),
                    HasSubstr("/old does not hold its words at its span")));
  const std::string before = record_.Read("claims.textproto");
  EXPECT_THAT(Write(), SizeIs(2)) << "the others are written";
  EXPECT_EQ(record_.Read("claims.textproto").substr(0, before.find("claims {")),
            before.substr(0, before.find("claims {")));
}

TEST_F(EditionTest, AnotherTextIsRefused) {
  texts_.Write("old", "Something else.");
  EXPECT_EQ(Refusal().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Refusal().message()),
              AllOf(HasSubstr("/old is not the text of a document of "),
                    HasSubstr(passage::Sha256Hex("Something else."))));
  EXPECT_EQ(Refusal("documents/d").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Refusal("documents/d").message()),
              HasSubstr("/old is not the text of documents/d"));
  EXPECT_EQ(Refusal("documents/e").code(), absl::StatusCode::kNotFound);
}

TEST_F(EditionTest, ATextOfAnotherLengthIsRefused) {
  record_.Replace("a-documents.textproto", "text_length: ", "text_length: 1");
  EXPECT_EQ(Refusal().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(Refusal().message()),
      AllOf(HasSubstr("a-documents.textproto:4:3: documents/d: text_length: "),
            HasSubstr(absl::StrCat("/old has ", Text::FromUtf8(kOld)->length(), " code points"))));
}

TEST_F(EditionTest, WhichDocumentIsMeantMustBeSaid) {
  record_.Write("b.textproto",
                absl::StrReplaceAll(Document(kOld), {{"documents/d", "documents/e"}}));
  EXPECT_EQ(Refusal().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Refusal().message()),
              AllOf(HasSubstr("documents/d and of documents/e"), HasSubstr("--document")));
  const auto report = CompareEditions(Request("documents/e"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->citations, IsEmpty());
  EXPECT_EQ(report->whole, 1);
  ASSERT_TRUE(WriteEdition(*report).ok());
  EXPECT_EQ(record_.Read("a-documents.textproto"), Document(kOld));
  EXPECT_THAT(std::string(Refusal("documents/e").message()), HasSubstr("already at"));
  EXPECT_THAT(Compare().citations, SizeIs(4)) << "only one is left";
}

TEST_F(EditionTest, WhatCannotBeReadIsRefused) {
  texts_.Write("new", "\xFF");
  EXPECT_EQ(Refusal().code(), absl::StatusCode::kInvalidArgument);
  std::filesystem::remove(texts_.path() + "/new");
  EXPECT_EQ(Refusal().code(), absl::StatusCode::kNotFound);
  texts_.Write("new", kNew);
  record_.Write("b.textproto", "claims { what: 1 }");
  EXPECT_EQ(Refusal().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Refusal().message()), HasSubstr("b.textproto:1:"));
}

TEST_F(EditionTest, AFileThatChangedMeanwhileIsNotOverwritten) {
  const EditionReport report = Compare();
  record_.Replace("claims.textproto", "'claims/fund'", "'claims/other'");
  const std::string now = record_.Read("claims.textproto");
  EXPECT_EQ(WriteEdition(report).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(record_.Read("claims.textproto"), now);
  EXPECT_EQ(record_.Read("a-documents.textproto"), Document(kOld));
  EXPECT_EQ(Files().size(), 2u);
}

TEST_F(EditionTest, IfOneFileCannotBeWrittenNoneIs) {
  // A link to a file in a folder that is not there any more when it is to be replaced.
  RecordFiles elsewhere;
  elsewhere.Write("documents", Document(kOld));
  std::filesystem::remove(record_.path() + "/a-documents.textproto");
  std::filesystem::create_symlink(elsewhere.path() + "/documents",
                                  record_.path() + "/a-documents.textproto");
  const EditionReport report = Compare();
  std::filesystem::remove(elsewhere.path() + "/documents");
  EXPECT_EQ(WriteEdition(report).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(record_.Read("claims.textproto"), Moving(kOld));
  EXPECT_EQ(Files().size(), 2u);

  elsewhere.Write("documents", Document(kOld));
  EXPECT_THAT(Write(), SizeIs(2));
  EXPECT_EQ(elsewhere.Read("documents"), Document(kNew)) << "a link stays a link";
  EXPECT_TRUE(std::filesystem::is_symlink(record_.path() + "/a-documents.textproto"));
}

}  // namespace
}  // namespace entente
