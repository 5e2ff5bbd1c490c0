// SPDX-License-Identifier: Apache-2.0
//
// The fact sheet of the bundled record, by the real services: every sentence of it is traced back
// to the record, and everything of the record is found in it.
#include "services/entente/record/record.h"

#include <expat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/testing/test_servers.h"
#include "entente/funding/v1/query.pb.h"
#include "entente/gateway/v1/fact_sheet.pb.h"
#include "google/api/httpbody.pb.h"
#include "services/entente/record/load.h"
#include "services/gateway/factsheet/trace_test_util.h"

namespace entente::gateway::factsheet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kAsk[] = "name: 'partnerships/us-asean-csp' as_of: '2023-09-07'";
constexpr char kRecord[] = "data/us-asean-csp";

struct Element {
  std::string tag;
  std::map<std::string, std::string> attributes;
  std::string text;  // of it and of all in it
};

// The elements of a page, each after those in it. Fails for what is not well-formed XML.
class Page {
 public:
  explicit Page(const std::string& html) {
    XML_Parser parser = XML_ParserCreate("UTF-8");
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, Begin, End);
    XML_SetCharacterDataHandler(parser, Text);
    EXPECT_EQ(XML_Parse(parser, html.data(), static_cast<int>(html.size()), 1), XML_STATUS_OK)
        << XML_ErrorString(XML_GetErrorCode(parser)) << " in line "
        << XML_GetCurrentLineNumber(parser);
    XML_ParserFree(parser);
  }

  std::vector<Element> elements;

 private:
  static void Begin(void* page, const char* tag, const char** attributes) {
    Element element{tag, {}, ""};
    for (; *attributes != nullptr; attributes += 2)
      element.attributes[attributes[0]] = attributes[1];
    static_cast<Page*>(page)->open_.push_back(std::move(element));
  }
  static void End(void* page, const char*) {
    Page& self = *static_cast<Page*>(page);
    Element element = std::move(self.open_.back());
    self.open_.pop_back();
    if (!self.open_.empty()) self.open_.back().text += element.text;
    self.elements.push_back(std::move(element));
  }
  static void Text(void* page, const char* text, int size) {
    static_cast<Page*>(page)->open_.back().text.append(text, size);
  }

  std::vector<Element> open_;
};

std::string Format(const char* format) {
  return absl::StrCat(kAsk, " format: FACT_SHEET_FORMAT_", format);
}

// In the order in which they are read.
std::vector<const v1::FactSheetStatement*> AllStatements(const v1::FactSheet& sheet) {
  std::map<int, const v1::FactSheetStatement*> by_number;
  const auto add = [&](const auto& statements) {
    for (const auto& statement : statements) {
      EXPECT_TRUE(by_number.emplace(statement.number(), &statement).second) << statement.number();
    }
  };
  const auto add_entries = [&](const auto& entries) {
    for (const auto& entry : entries) add(entry.statements());
  };
  for (const auto& section : sheet.sections()) {
    add(section.statements());
    add_entries(section.entries());
  }
  for (const auto* rows : {&sheet.money(), &sheet.money_by_pillar()}) {
    for (const auto& row : *rows) by_number.emplace(row.statement().number(), &row.statement());
  }
  add_entries(sheet.past_events());
  add_entries(sheet.coming_events());
  add_entries(sheet.undetermined_events());
  add(sheet.not_stated());
  std::vector<const v1::FactSheetStatement*> statements;
  for (const auto& [number, statement] : by_number) {
    EXPECT_EQ(number, static_cast<int>(statements.size()) + 1);
    statements.push_back(statement);
  }
  return statements;
}

// What a citation cites and on what ground.
std::string KeyOf(const type::v1::Citation& citation) {
  type::v1::Citation key = citation;
  key.clear_fields();
  return key.SerializeAsString();
}

class FactSheetRecordTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::vector<Fault> faults;
    auto record = RecordDirectory::Read(kRecord, &faults);
    ASSERT_TRUE(record.ok()) << record.status();
    record_ = new RecordDirectory(*std::move(record));
    for (const auto& located : record_->All()) {
      const auto& message = located.message();
      const auto* name = message.GetDescriptor()->FindFieldByName("name");
      if (name == nullptr) continue;  // a reason why something is not cited
      resources_[message.GetReflection()->GetString(message, name)] = &message;
    }
    servers_ = new test::TestServers({.deployment = test::Deployment::kSeparate});
    ASSERT_TRUE(servers_->Start().ok());
    const auto peers = RemotePeers(servers_->target(test::Service::kCatalogue),
                                   servers_->target(test::Service::kFunding),
                                   servers_->target(test::Service::kEvents));
    const absl::Status loaded = LoadRecord(
        kRecord, "", type::v1::ChangeReason(),
        {peers.catalogue.get(), peers.funding.get(), peers.events.get()}, test::kPatience);
    ASSERT_TRUE(loaded.ok()) << loaded;
    auto sheet = servers_->gateway().Call<v1::FactSheet>("ComposeFactSheet", kAsk);
    ASSERT_TRUE(sheet.ok()) << sheet.status();
    sheet_ = new v1::FactSheet(*std::move(sheet));
  }
  static void TearDownTestSuite() {
    delete sheet_;
    delete servers_;
    delete record_;
  }

  static std::string Rendered(const char* format, const char* type) {
    const auto body =
        servers_->gateway().Call<google::api::HttpBody>("RenderFactSheet", Format(format));
    EXPECT_TRUE(body.ok()) << body.status();
    EXPECT_EQ(body->content_type(), type);
    return body->data();
  }

  // The numbers of sums, which are in no field.
  static std::map<int, std::vector<std::string>> SumNumbers() {
    std::map<int, std::vector<std::string>> numbers;
    for (const auto* rows : {&sheet_->money(), &sheet_->money_by_pillar()}) {
      for (const auto& row : *rows) {
        numbers[row.statement().number()] = {row.stated(), row.bounds().low(), row.bounds().high()};
      }
    }
    return numbers;
  }

  static RecordDirectory* record_;
  static Resources resources_;
  static test::TestServers* servers_;
  static v1::FactSheet* sheet_;
};

RecordDirectory* FactSheetRecordTest::record_ = nullptr;
Resources FactSheetRecordTest::resources_;
test::TestServers* FactSheetRecordTest::servers_ = nullptr;
v1::FactSheet* FactSheetRecordTest::sheet_ = nullptr;

TEST_F(FactSheetRecordTest, EveryStatementSaysWhatItsFieldsHoldAndNothingElse) {
  auto sums = SumNumbers();
  for (const auto* statement : AllStatements(*sheet_)) {
    EXPECT_EQ(Untraced(*statement, resources_, sums[statement->number()]), "")
        << statement->DebugString();
    EXPECT_FALSE(statement->text().empty());
    EXPECT_THAT(statement->text(), Not(HasSubstr("\n")));
  }
}

TEST_F(FactSheetRecordTest, WhatNoFieldHoldsWouldBeFound) {
  v1::FactSheetStatement statement;
  for (const auto* candidate : AllStatements(*sheet_)) {
    if (absl::StrContains(candidate->text(), "over $8 billion to be mobilised") &&
        candidate->sources(0).resource() == "claims/infrastructure-financing") {
      statement = *candidate;
      break;
    }
  }
  ASSERT_EQ(Untraced(statement, resources_), "");
  const auto altered = [&](const char* from, const char* to) {
    v1::FactSheetStatement other = statement;
    other.set_text(absl::StrReplaceAll(statement.text(), {{from, to}}));
    EXPECT_NE(other.text(), statement.text());
    return Untraced(other, resources_);
  };
  EXPECT_EQ(altered("$8 billion", "$9 billion"), "9");
  EXPECT_EQ(altered("$8 billion", "$8 million"), "8");
  EXPECT_EQ(altered("(announced)", "(disbursed)"), "disbursed");
  EXPECT_EQ(altered("over $8", "from USAID over $8"), "usaid");
  EXPECT_EQ(altered("“Climate financing", "“Military financing"),
            "military financing asean s net zero goals");
}

TEST_F(FactSheetRecordTest, EveryStatementHasFootnotesThatItsResourcesCarry) {
  std::set<int> used;
  for (const auto* statement : AllStatements(*sheet_)) {
    EXPECT_FALSE(statement->footnotes().empty()) << statement->text();
    for (const int number : statement->footnotes()) {
      ASSERT_GE(number, 1);
      ASSERT_LE(number, sheet_->footnotes_size());
      used.insert(number);
      const auto& citation = sheet_->footnotes(number - 1).citation();
      bool carried = false;
      for (const auto& source : statement->sources()) {
        const auto& resource = *resources_.at(source.resource());
        const auto* field = resource.GetDescriptor()->FindFieldByName("citations");
        for (int i = 0; i < resource.GetReflection()->FieldSize(resource, field); ++i) {
          const auto& own = static_cast<const type::v1::Citation&>(
              resource.GetReflection()->GetRepeatedMessage(resource, field, i));
          carried = carried || KeyOf(own) == KeyOf(citation);
        }
      }
      EXPECT_TRUE(carried) << statement->text() << " [" << number << "]";
    }
  }
  EXPECT_EQ(static_cast<int>(used.size()), sheet_->footnotes_size()) << "every footnote is used";
  for (int i = 0; i < sheet_->footnotes_size(); ++i) {
    const auto& footnote = sheet_->footnotes(i);
    EXPECT_EQ(footnote.number(), i + 1);
    EXPECT_EQ(footnote.outcome(), type::v1::CITATION_OUTCOME_TEXT_NOT_LOADED);
    EXPECT_EQ(footnote.document_title(), TitleOf(*resources_.at(footnote.citation().document())));
    EXPECT_FALSE(footnote.resources().empty());
  }
}

TEST_F(FactSheetRecordTest, EveryResourceFigureNoteAndCitationOfTheRecordIsInIt) {
  std::set<std::string> told;
  std::map<std::string, std::string> texts;  // by resource
  for (const auto* statement : AllStatements(*sheet_)) {
    for (const auto& source : statement->sources()) {
      told.insert(source.resource());
      absl::StrAppend(&texts[source.resource()], statement->text(), "\n");
    }
  }
  std::vector<std::pair<std::string, std::string>> titles;  // that stand for names in notes
  for (const auto& [name, resource] : resources_) {
    titles.emplace_back(name, absl::StrCat("“", TitleOf(*resource), "”"));
  }
  std::set<std::string> cited;
  for (const auto& footnote : sheet_->footnotes()) cited.insert(KeyOf(footnote.citation()));
  for (const auto& [name, resource] : resources_) {
    EXPECT_EQ(told.count(name), 1U) << name;
    const auto* descriptor = resource->GetDescriptor();
    const auto* reflection = resource->GetReflection();
    const auto* citations = descriptor->FindFieldByName("citations");
    for (int i = 0; i < reflection->FieldSize(*resource, citations); ++i) {
      const auto& citation = static_cast<const type::v1::Citation&>(
          reflection->GetRepeatedMessage(*resource, citations, i));
      EXPECT_EQ(cited.count(KeyOf(citation)), 1U) << name << "\n" << citation.DebugString();
    }
    // Descriptions and notes in full.
    for (const char* field : {"description", "notes"}) {
      Ground ground;
      if (descriptor->FindFieldByName(field) == nullptr) continue;
      AddPath(*resource, field, &ground);
      for (const std::string& text : ground.strings) {
        if (text == "en") continue;
        EXPECT_THAT(texts[name], HasSubstr(Spaced(absl::StrReplaceAll(text, titles)))) << name;
      }
    }
  }
}

TEST_F(FactSheetRecordTest, EveryFigureIsSaidInWordsOfItsOwn) {
  std::map<std::string, std::string> first;  // what is said first of a resource
  for (const auto* statement : AllStatements(*sheet_)) {
    first.emplace(statement->sources(0).resource(), statement->text());
  }
  EXPECT_THAT(first["claims/infrastructure-financing"],
              HasSubstr("over $8 billion to be mobilised (announced), of which $3 billion for "
                        "“Climate financing for ASEAN’s net zero goals” and $5 billion for "));
  EXPECT_THAT(first["claims/dfc-financing"],
              HasSubstr("nearly $600 million (own funding, announced), of which $15 million "
                        "(equity) for “Equity investment in climate tech start-ups” and $100 "
                        "million (guarantee) for "));
  EXPECT_THAT(first["claims/next-generation-defence-leaders-yearly"],
              HasSubstr("$10 million each year (own funding, planned)"));
  EXPECT_THAT(first["claims/us-foreign-direct-investment-southeast-asia"],
              HasSubstr("an amount that is not stated (a statistic, no money of the partnership)"));
  EXPECT_THAT(first["claims/us-asean-trade-2022"],
              HasSubstr("$520.3 billion (a statistic, no money of the partnership)"));
  EXPECT_THAT(first["claims/covid-19-assistance"],
              HasSubstr("over $200 million (own funding, provided)"));
  EXPECT_THAT(first["quantities/covid-19-vaccine-doses"], HasSubstr("over 125 million doses"));
  EXPECT_THAT(first["quantities/people-upskilled"], HasSubstr("50,000 people (aimed at)"));
  EXPECT_THAT(first["quantities/trade-winds-delegates"], HasSubstr("at least 200 delegates"));
  EXPECT_THAT(first["quantities/global-temperature-rise-limit"],
              HasSubstr("1.5 degrees Celsius (aimed at)"));
}

// Held against the analytics of funding, which is another way to the same numbers.
TEST_F(FactSheetRecordTest, SumsAreThoseOfFunding) {
  const auto check = [](const google::protobuf::RepeatedPtrField<v1::FactSheetMoneyRow>& rows,
                        bool by_pillar) {
    const auto answer = servers_->funding().Call<funding::v1::QueryFundingResponse>(
        "QueryFunding",
        absl::StrCat("filter: 'nature != CLAIM_NATURE_STATISTIC' group_by { field: 'nature' } "
                     "group_by { field: 'stage' } mix: MONEY_KIND_DIRECTION",
                     by_pillar ? " group_by { field: 'pillars' }" : ""));
    ASSERT_TRUE(answer.ok()) << answer.status();
    std::map<std::string, std::string> expected;
    for (const auto& row : answer->rows()) {
      for (const auto& sum : row.sums()) {
        if (by_pillar && sum.has_recurrence()) continue;
        expected[absl::StrCat(row.values(0).value(), " ", row.values(1).value(), " ",
                              by_pillar ? row.values(2).value() : "", " ", sum.has_recurrence())] =
            absl::StrCat(sum.bounds().ShortDebugString(), " ", sum.stated());
      }
    }
    std::map<std::string, std::string> actual;
    for (const auto& row : rows) {
      if (row.nature() == funding::v1::CLAIM_NATURE_STATISTIC) continue;
      actual[absl::StrCat(funding::v1::ClaimNature_Name(row.nature()), " ",
                          funding::v1::ClaimStage_Name(row.stage()), " ",
                          row.pillars().empty() ? "" : row.pillars(0), " ", row.has_recurrence())] =
          absl::StrCat(row.bounds().ShortDebugString(), " ", row.stated());
    }
    EXPECT_EQ(actual, expected);
    EXPECT_FALSE(actual.empty());
  };
  check(sheet_->money(), false);
  check(sheet_->money_by_pillar(), true);
}

TEST_F(FactSheetRecordTest, TheMarkdownIsTheStatementsAndNothingElse) {
  std::string text = Rendered("MARKDOWN", "text/markdown; charset=utf-8");
  // What is escaped reads as itself.
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && absl::ascii_ispunct(text[i + 1])) ++i;
    plain.push_back(text[i]);
  }
  const size_t footnotes = plain.find("\n## Footnotes\n");
  ASSERT_NE(footnotes, std::string::npos);
  std::string rest;
  size_t at = 0;
  // Registers stand behind the events in both, so that reading order is the order of numbers,
  // but for what is missing and the notes, which are two lists.
  std::vector<const v1::FactSheetStatement*> ordered;
  std::vector<const v1::FactSheetStatement*> notes;
  std::set<int> of_registers;
  for (const auto& section : sheet_->sections()) {
    if (section.kind() <= v1::FACT_SHEET_SECTION_KIND_OTHER_INITIATIVES) continue;
    for (const auto& entry : section.entries()) {
      for (const auto& statement : entry.statements()) of_registers.insert(statement.number());
    }
  }
  bool notes_done = false;
  for (const auto* statement : AllStatements(*sheet_)) {
    if (statement->kind() == v1::FACT_SHEET_STATEMENT_KIND_NOTE) {
      notes.push_back(statement);
      continue;
    }
    if (of_registers.count(statement->number()) > 0 && !notes_done) {
      ordered.insert(ordered.end(), notes.begin(), notes.end());
      notes_done = true;
    }
    ordered.push_back(statement);
  }
  for (const auto* statement : ordered) {
    std::string expected = statement->text();
    for (const int number : statement->footnotes()) absl::StrAppend(&expected, "[^", number, "]");
    const size_t found = plain.find(expected, at);
    ASSERT_NE(found, std::string::npos) << expected << "\nafter\n" << plain.substr(at, 300);
    rest.append(plain, at, found - at);
    at = found + expected.size();
  }
  rest.append(plain, at, footnotes - at);

  std::set<std::string> headings = {
      sheet_->title(),
      "Money",
      "Money by pillar",
      "Events before the day of this sheet",
      "Events on that day or later",
      "Events that are undated, or whose dates leave open on which side they lie",
      "What is not stated",
      "Notes on the sources"};
  const auto add = [&](const auto& entries) {
    for (const auto& entry : entries) headings.insert(entry.heading());
  };
  for (const auto& section : sheet_->sections()) {
    headings.insert(section.heading());
    add(section.entries());
  }
  add(sheet_->past_events());
  add(sheet_->coming_events());
  add(sheet_->undetermined_events());
  for (std::string line : std::vector<std::string>(absl::StrSplit(rest, '\n'))) {
    line = std::string(absl::StripAsciiWhitespace(line));
    if (line.empty() || line == "-") continue;
    if (line[0] == '#') {
      line = std::string(absl::StripAsciiWhitespace(line.substr(line.find_first_not_of('#'))));
      EXPECT_EQ(headings.count(line), 1U) << line;
      continue;
    }
    if (line[0] == '|') continue;  // a row without its sentence: TheTablesSayTheRows
    EXPECT_TRUE(
        absl::StartsWith(line, "Fact sheet as of 2023-09-07; revisions: ") ||
        absl::StartsWith(line, "Money of different natures and stages is never added up.") ||
        absl::StartsWith(line, "Money by the period, such as so much each year, and statistics "))
        << line;
  }
}

TEST_F(FactSheetRecordTest, TheTablesSayTheRows) {
  const std::string text = Rendered("MARKDOWN", "text/markdown; charset=utf-8");
  EXPECT_THAT(text, HasSubstr("\n| Own funding, announced | USD | $600 million | at least $115 "
                              "million | less than $600 million | "));
  EXPECT_THAT(text, HasSubstr("\n| To be mobilised, announced | USD | $8 billion | more than $8 "
                              "billion | not bounded | "));
  EXPECT_THAT(text, HasSubstr("\n| Own funding, planned, each year | USD | $10 million | $10 "
                              "million | $10 million | "));
  EXPECT_THAT(text, HasSubstr("\n| Statistic | USD | not stated | not stated | not stated | "));
}

TEST_F(FactSheetRecordTest, ThePageIsTheStatementsAndNothingElse) {
  const std::string html = Rendered("HTML", "text/html; charset=utf-8");
  EXPECT_TRUE(absl::StartsWith(html, "<!DOCTYPE html>\n<html lang=\"en\""));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  const Page page(html);
  std::set<std::string> ids;
  std::map<std::string, std::string> said;  // by id
  std::vector<std::string> links;
  std::string everything;
  int charts = 0;
  for (const Element& element : page.elements) {
    if (const auto id = element.attributes.find("id"); id != element.attributes.end()) {
      EXPECT_TRUE(ids.insert(id->second).second) << "twice: " << id->second;
      const auto kind = element.attributes.find("class");
      if (kind != element.attributes.end() && kind->second == "s") said[id->second] = element.text;
    }
    for (const auto& [name, value] : element.attributes) {
      EXPECT_FALSE(absl::StartsWith(name, "on")) << name << "=" << value;
      if (name == "href") links.push_back(value);
    }
    charts += element.tag == "svg" ? 1 : 0;
    if (element.tag == "svg") {
      EXPECT_EQ(element.attributes.at("role"), "img");
    }
    if (element.tag == "th") {
      EXPECT_EQ(element.attributes.count("scope"), 1U);
    }
    if (element.tag == "body") everything = element.text;
  }
  EXPECT_EQ(charts, 3);
  for (const std::string& link : links) {
    ASSERT_TRUE(absl::StartsWith(link, "#")) << link;
    EXPECT_EQ(ids.count(link.substr(1)), 1U) << link;
  }
  for (const Element& element : page.elements) {
    const auto labelled = element.attributes.find("aria-labelledby");
    if (labelled == element.attributes.end()) continue;
    for (const auto id : absl::StrSplit(labelled->second, ' ')) {
      EXPECT_EQ(ids.count(std::string(id)), 1U) << id;
    }
  }
  const auto statements = AllStatements(*sheet_);
  EXPECT_EQ(said.size(), statements.size());
  for (const auto* statement : statements) {
    EXPECT_EQ(said[absl::StrCat("s", statement->number())], statement->text());
  }
  for (const auto& footnote : sheet_->footnotes()) {
    EXPECT_EQ(ids.count(absl::StrCat("f", footnote.number())), 1U);
  }
  // Paragraphs and items hold statements and their footnotes, or words of the template.
  std::vector<const v1::FactSheetStatement*> longest_first = statements;
  std::sort(longest_first.begin(), longest_first.end(),
            [](const auto* a, const auto* b) { return a->text().size() > b->text().size(); });
  const std::set<std::string> guides = {"small", "guide", "warning", "figures"};
  for (const Element& element : page.elements) {
    if (element.tag != "p") continue;
    if (element.attributes.count("class") > 0 && guides.count(element.attributes.at("class")) > 0) {
      continue;
    }
    std::string text = element.text;
    if (absl::StartsWith(text, "Fact sheet as of ")) continue;
    for (const auto* statement : longest_first) {
      if (absl::StrContains(text, statement->text())) {
        text = absl::StrReplaceAll(text, {{statement->text(), ""}});
      }
    }
    EXPECT_EQ(text.find_first_not_of("0123456789 "), std::string::npos) << text;
  }
}

TEST_F(FactSheetRecordTest, RequestsAreChecked) {
  const auto code = [](const std::string& method, const std::string& ask) {
    return method == "ComposeFactSheet"
               ? servers_->gateway().Call<v1::FactSheet>(method, ask).status().code()
               : servers_->gateway().Call<google::api::HttpBody>(method, ask).status().code();
  };
  using absl::StatusCode;
  EXPECT_EQ(code("ComposeFactSheet", "name: 'x'"), StatusCode::kInvalidArgument);
  EXPECT_EQ(code("ComposeFactSheet", "name: 'partnerships/x' as_of: '2023-09'"),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code("ComposeFactSheet", "name: 'partnerships/nowhere'"), StatusCode::kNotFound);
  EXPECT_EQ(code("RenderFactSheet", kAsk), StatusCode::kInvalidArgument) << "without a format";
  EXPECT_EQ(code("RenderFactSheet", "name: 'partnerships/nowhere' format: FACT_SHEET_FORMAT_HTML"),
            StatusCode::kNotFound);
  EXPECT_EQ(code("ComposeFactSheet", absl::StrCat(kAsk, " revisions { catalogue: 99 }")),
            StatusCode::kOutOfRange);
}

TEST_F(FactSheetRecordTest, TheSameRevisionsGiveTheSameSheet) {
  const auto again = servers_->gateway().Call<v1::FactSheet>(
      "ComposeFactSheet",
      absl::StrCat(kAsk, " revisions { ", sheet_->revisions().ShortDebugString(), " }"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), sheet_->SerializeAsString());
}

// Last: the services are not started again.
TEST_F(FactSheetRecordTest, WhatCannotBeReachedIsNamedAndTheRestIsRight) {
  servers_->Stop(test::Service::kFunding);
  auto sheet = servers_->gateway().Call<v1::FactSheet>("ComposeFactSheet", kAsk);
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_THAT(sheet->unreachable(), testing::ElementsAre("entente.funding.v1.FundingService"));
  EXPECT_EQ(sheet->revisions().funding(), 0);
  EXPECT_THAT(sheet->money(), IsEmpty());
  EXPECT_THAT(sheet->unresolved(), IsEmpty()) << "claims that are not reached are not missing";
  EXPECT_EQ(sheet->past_events_size(), sheet_->past_events_size());
  for (const auto* statement : AllStatements(*sheet)) {
    if (statement->kind() == v1::FACT_SHEET_STATEMENT_KIND_OUTCOME) continue;  // names a claim
    EXPECT_EQ(Untraced(*statement, resources_), "") << statement->DebugString();
  }
  EXPECT_THAT(Rendered("MARKDOWN", "text/markdown; charset=utf-8"),
              HasSubstr("could not be reached: entente.funding.v1.FundingService"));

  servers_->Stop(test::Service::kEvents);
  sheet = servers_->gateway().Call<v1::FactSheet>("ComposeFactSheet", kAsk);
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_THAT(sheet->unreachable(), testing::ElementsAre("entente.funding.v1.FundingService",
                                                         "entente.events.v1.EventsService"));
  EXPECT_THAT(sheet->past_events(), IsEmpty());
  const Page page(Rendered("HTML", "text/html; charset=utf-8"));
  EXPECT_GT(page.elements.size(), 1000U);

  servers_->Stop(test::Service::kCatalogue);
  EXPECT_EQ(servers_->gateway().Call<v1::FactSheet>("ComposeFactSheet", kAsk).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace entente::gateway::factsheet
