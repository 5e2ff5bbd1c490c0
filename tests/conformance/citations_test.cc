// SPDX-License-Identifier: Apache-2.0
// Documents with their text: that it is kept and never shown, and what citations are worth.
#include "absl/strings/escaping.h"
#include "common/passage/text.h"
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using catalogue::v1::FindUncitedResponse;
using type::v1::CitationOutcome;
using type::v1::CitationVerdict;
using type::v1::ListCitationsResponse;

constexpr char kText[] =
    "The café at the harbour opened in 2021.\n"
    "It cost 12 million crowns.\n"
    "Nine ships a day use the harbour.\n";

// The text in a protobuf string literal.
std::string Quoted(const std::string& text) { return absl::StrCat("'", absl::CEscape(text), "'"); }

class CitationsTest : public ConformanceTest {
 protected:
  absl::StatusOr<MessagePtr> CreateDocument(const std::string& id, const std::string& more) {
    return Of<Document>().Create(id, *Of<Document>().New(more));
  }

  // Where `words` stand in `text`, in code points.
  static passage::Span SpanOf(const std::string& words, const std::string& text = kText) {
    const auto whole = passage::Text::FromUtf8(text).value();
    const size_t at = text.find(words);
    EXPECT_NE(at, std::string::npos) << words;
    const auto length = [](const std::string& utf8) {
      return utf8.empty() ? 0 : passage::Text::FromUtf8(utf8)->length();
    };
    const int begin = length(text.substr(0, at));
    return {begin, begin + length(words)};
  }
  // A citation of `words` of documents/d in text format.
  static std::string Cite(const std::string& words, const std::string& text = kText) {
    return CiteAt(SpanOf(words, text), words);
  }
  static std::string CiteAt(const passage::Span& span, const std::string& words) {
    return absl::StrCat("document: 'documents/d' span { begin: ", span.begin, " end: ", span.end,
                        " } span_sha256: '", passage::Sha256Hex(words), "' basis: BASIS_STATED");
  }

  // The verdict of the catalogue on one citation.
  CitationVerdict Verify(const std::string& citation, const std::string& more = "") {
    const auto response = catalogue().Call<catalogue::v1::VerifyCitationsResponse>(
        "VerifyCitations", absl::StrCat("citations { ", citation, " } ", more));
    EXPECT_THAT(response, IsOk());
    return response.ok() && response->verdicts_size() == 1 ? response->verdicts(0)
                                                           : CitationVerdict();
  }
  static std::string NewEdition(const std::string& text) {
    return absl::StrCat("new_edition { document: 'documents/d' text: ", Quoted(text), " }");
  }
  bool IsTextKept() {
    return Verify(Cite("Nine ships")).outcome() == type::v1::CITATION_OUTCOME_VERIFIED;
  }
};
INSTANTIATE_CONFORMANCE(CitationsTest);

TEST_P(CitationsTest, TheHashAndLengthOfATextAreFilledIn) {
  const auto created = CreateDocument("d", absl::StrCat("text: ", Quoted(kText)));
  ASSERT_THAT(created, IsOk());
  const auto text = passage::Text::FromUtf8(kText).value();
  EXPECT_THAT(**created, Partially(EqualsProto(absl::StrCat("text_sha256: '", text.sha256(),
                                                            "' text_length: ", text.length(),
                                                            " text_loaded: true"))));
  EXPECT_THAT(CreateDocument("e", absl::StrCat("text: ", Quoted(kText), " text_length: 5")),
              Refuses("document.text_length", HasSubstr(absl::StrCat(text.length()))));
  EXPECT_THAT(CreateDocument("e", absl::StrCat("text: ", Quoted(kText), " text_sha256: '",
                                               std::string(64, '0'), "'")),
              Refuses("document.text_sha256", HasSubstr(text.sha256())));
  const auto without = CreateDocument("e", "text_loaded: true");
  ASSERT_THAT(without, IsOk());
  EXPECT_FALSE(static_cast<const Document&>(**without).text_loaded());
}

TEST_P(CitationsTest, NoReadShowsTheText) {
  const auto watch = catalogue().Watch("");
  const auto created = CreateDocument("d", absl::StrCat("text: ", Quoted(kText)));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(Text(**created, "text"), "");
  EXPECT_EQ(Text(**Of<Document>().Get("d"), "text"), "");
  for (const MessagePtr& document :
       Of<Document>().ResourcesIn(**Of<Document>().List("view: RESOURCE_VIEW_FULL"))) {
    EXPECT_EQ(Text(*document, "text"), "");
  }
  EXPECT_EQ(Text(*Of<Document>().ResourcesIn(**Of<Document>().BatchGet({"d"})).front(), "text"),
            "");
  const auto found = catalogue().Call<catalogue::v1::LookupResourcesResponse>(
      "LookupResources", "names: 'documents/d'");
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->resources(0).document().text(), "");
  const auto event = watch->NextChange();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(Text(*event->resources.front(), "text"), "");
  EXPECT_EQ(Text(**Of<Document>().Delete("d"), "text"), "");
  EXPECT_EQ(Text(**Of<Document>().Undelete("d"), "text"), "");
  EXPECT_THAT(Of<Document>().List("filter: 'text:\"harbour\"'"),
              Refuses("filter", HasSubstr("unknown field")));
}

TEST_P(CitationsTest, WritesThatDoNotSpeakOfTheTextKeepIt) {
  ASSERT_THAT(CreateDocument("d", absl::StrCat("text: ", Quoted(kText))), IsOk());
  ASSERT_TRUE(IsTextKept());
  // What a client has that reads, changes and writes back.
  const MessagePtr read = *Of<Document>().Get("d");
  SetText(static_cast<Document&>(*read).mutable_title(), "text", "Another title");
  ASSERT_THAT(Of<Document>().Update(*read), IsOk());
  EXPECT_TRUE(IsTextKept());
  Clear(read.get(), "etag");
  ASSERT_THAT(Of<Document>().Update(*read, "update_mask { paths: '*' }"), IsOk());
  EXPECT_TRUE(IsTextKept());
  SetText(static_cast<Document&>(*read).mutable_title(), "text", "A third title");
  ASSERT_THAT(Of<Document>().Apply({Of<Document>().Put("d", *read)}), IsOk());
  EXPECT_TRUE(IsTextKept());
  ASSERT_THAT(Of<Document>().Delete("d"), IsOk());
  ASSERT_THAT(Of<Document>().Undelete("d"), IsOk());
  EXPECT_TRUE(IsTextKept());
  ASSERT_THAT(servers().Restart(), IsOk());
  EXPECT_TRUE(IsTextKept());

  // Another hash is that of another text, which then has to come with it.
  static_cast<Document&>(*read).set_text_sha256(std::string(64, '0'));
  EXPECT_THAT(Of<Document>().Update(*read),
              Refuses("document.text_sha256", HasSubstr("new edition")));
}

TEST_P(CitationsTest, ATextCanBeReplacedAndTakenAway) {
  ASSERT_THAT(CreateDocument("d", absl::StrCat("text: ", Quoted(kText))), IsOk());
  const int64_t before = RevisionOf(Of<Document>());
  const std::string longer = absl::StrCat("A preface.\n", kText);
  ASSERT_THAT(Of<Document>().Update(
                  *Of<Document>().New(absl::StrCat("name: 'documents/d' text: ", Quoted(longer))),
                  "update_mask { paths: ['text', 'text_sha256', 'text_length'] }"),
              IsOk());
  EXPECT_EQ(Verify(Cite("Nine ships")).outcome(), type::v1::CITATION_OUTCOME_MOVED);
  EXPECT_EQ(Verify(Cite("Nine ships", longer)).outcome(), type::v1::CITATION_OUTCOME_VERIFIED);
  // The edition before is still there, as of its revision.
  EXPECT_EQ(Verify(Cite("Nine ships"), absl::StrCat("revision: ", before)).outcome(),
            type::v1::CITATION_OUTCOME_VERIFIED);

  const auto without = Of<Document>().Update(*Of<Document>().New("name: 'documents/d'"),
                                             "update_mask { paths: 'text' }");
  ASSERT_THAT(without, IsOk());
  EXPECT_FALSE(static_cast<const Document&>(**without).text_loaded());
  EXPECT_EQ(Verify(Cite("Nine ships")).outcome(), type::v1::CITATION_OUTCOME_TEXT_NOT_LOADED);
}

TEST_P(CitationsTest, ACitationResolvesToItsWordsOrSaysWhatIsWrong) {
  ASSERT_THAT(CreateDocument("d", absl::StrCat("text: ", Quoted(kText))), IsOk());
  ASSERT_THAT(CreateDocument("e", ""), IsOk());
  EXPECT_THAT(Verify(Cite("café at the harbour")),
              Partially(EqualsProto("outcome: CITATION_OUTCOME_VERIFIED "
                                    "words: 'caf\\303\\251 at the harbour'")));
  EXPECT_EQ(Verify(Cite("café")).problem(), "");

  const CitationVerdict moved = Verify(CiteAt({3, 13}, "Nine ships"));
  EXPECT_EQ(moved.outcome(), type::v1::CITATION_OUTCOME_MOVED);
  EXPECT_EQ(moved.words(), "Nine ships");
  const passage::Span there = SpanOf("Nine ships");
  EXPECT_EQ(moved.moved_to().begin(), there.begin);
  EXPECT_EQ(moved.moved_to().end(), there.end);

  const CitationVerdict gone = Verify(CiteAt({0, 10}, "Four boats"));
  EXPECT_EQ(gone.outcome(), type::v1::CITATION_OUTCOME_NOT_FOUND);
  EXPECT_THAT(gone.problem(), HasSubstr("stand nowhere"));
  EXPECT_EQ(Verify(CiteAt({5000, 5010}, "Four boats")).outcome(),
            type::v1::CITATION_OUTCOME_NOT_FOUND);
  EXPECT_EQ(Verify("document: 'documents/d' basis: BASIS_STATED").outcome(),
            type::v1::CITATION_OUTCOME_NOT_LOCATED);
  EXPECT_EQ(Verify("document: 'documents/e' span { end: 3 } span_sha256: 'x'").outcome(),
            type::v1::CITATION_OUTCOME_TEXT_NOT_LOADED);
  EXPECT_EQ(Verify("document: 'documents/nowhere'").outcome(),
            type::v1::CITATION_OUTCOME_DOCUMENT_NOT_FOUND);
}

TEST_P(CitationsTest, ANewEditionSaysWhatMovedAndWhatChanged) {
  ASSERT_THAT(CreateDocument("d", absl::StrCat("text: ", Quoted(kText))), IsOk());
  const std::string next =
      "A preface.\n"
      "The café at the harbour opened in 2021.\n"
      "It cost 13 million crowns.\n";
  const auto verify = [&](const std::string& words) {
    return Verify(Cite(words), NewEdition(next));
  };
  const CitationVerdict moved = verify("The café at the harbour opened in 2021.");
  EXPECT_EQ(moved.outcome(), type::v1::CITATION_OUTCOME_MOVED) << moved.DebugString();
  EXPECT_EQ(moved.moved_to().begin(), 11);

  const CitationVerdict changed = verify("It cost 12 million crowns.");
  EXPECT_EQ(changed.outcome(), type::v1::CITATION_OUTCOME_CHANGED) << changed.DebugString();
  EXPECT_EQ(changed.words(), "It cost 12 million crowns.");
  // The mark at the end may count for another sentence that is gone.
  EXPECT_THAT(changed.new_words(), HasSubstr("It cost 13 million crowns"));

  EXPECT_EQ(verify("Nine ships a day use the harbour.").outcome(),
            type::v1::CITATION_OUTCOME_NOT_FOUND);
  EXPECT_TRUE(IsTextKept()) << "nothing was written";
}

TEST_P(CitationsTest, BadRequestsSayAllThatIsWrong) {
  ASSERT_THAT(CreateDocument("d", ""), IsOk());
  EXPECT_THAT(catalogue().Send("VerifyCitations", ""), Refuses("citations", HasSubstr("empty")));
  EXPECT_THAT(catalogue().Send("VerifyCitations",
                               "citations { document: 'places/p' } new_edition { document: 'x' }"),
              ViolationsAre(UnorderedElementsAre("citations[0].document", "new_edition.document",
                                                 "new_edition.text")));
  EXPECT_THAT(catalogue().Send("FindUncited", "name: 'd' page_size: -1 page_token: 'x'"),
              ViolationsAre(UnorderedElementsAre("name", "page_size", "page_token")));
  EXPECT_THAT(catalogue().Send("FindUncited", "name: 'documents/nowhere'"),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(catalogue().Send("FindUncited", "name: 'documents/d'"),
              Fails(StatusCode::kFailedPrecondition, "TEXT_NOT_LOADED"));
  EXPECT_THAT(catalogue().Send("ListCitations", "document: 'places/p' page_size: -1"),
              ViolationsAre(UnorderedElementsAre("document", "page_size")));
  EXPECT_THAT(catalogue().Send("ListCitations", "document: 'documents/nowhere'"),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(servers().gateway().Send("VerifyCitations", "name: 'documents/nowhere'"),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  for (const char* method : {"VerifyCitations", "ListUncited"}) {
    EXPECT_THAT(servers().gateway().Send(method, "name: 'x' page_size: -1 page_token: 'x'"),
                ViolationsAre(UnorderedElementsAre("name", "page_size", "page_token")));
  }
  EXPECT_THAT(servers().gateway().Send("ListUncited", "name: 'documents/d'"),
              Fails(StatusCode::kFailedPrecondition, "TEXT_NOT_LOADED"));
  EXPECT_THAT(servers().gateway().Send("ListUncited", "name: 'documents/d' page_token: 'x'"),
              Refuses("page_token", _));
}

// The citations of all three services, through the gateway.
class CitedDocumentTest : public CitationsTest {
 protected:
  void SetUp() override {
    CitationsTest::SetUp();
    ASSERT_THAT(CreateDocument("d", absl::StrCat("text: ", Quoted(kText))), IsOk());
    ASSERT_THAT(servers().AwaitFollowers(), IsOk());
    const auto cited = [](const std::string& words) {
      return absl::StrCat("citations { ", Cite(words), " }");
    };
    ASSERT_THAT(Of<Place>().Create("a", *Of<Place>().New(cited("The café at the harbour"))),
                IsOk());
    ASSERT_THAT(Of<Claim>().Create("a", *Of<Claim>().New(cited("It cost 12 million crowns"))),
                IsOk());
    ASSERT_THAT(Of<Event>().Create("a", *Of<Event>().New(cited("opened in 2021"))), IsOk());
  }

  gateway::v1::VerifyCitationsResponse VerifyAll(const std::string& more = "") {
    const auto response = servers().gateway().Call<gateway::v1::VerifyCitationsResponse>(
        "VerifyCitations", absl::StrCat("name: 'documents/d' ", more));
    EXPECT_THAT(response, IsOk());
    return response.value_or(gateway::v1::VerifyCitationsResponse());
  }
  gateway::v1::ListUncitedResponse Uncited(const std::string& more = "") {
    const auto response = servers().gateway().Call<gateway::v1::ListUncitedResponse>(
        "ListUncited", absl::StrCat("name: 'documents/d' ", more));
    EXPECT_THAT(response, IsOk());
    return response.value_or(gateway::v1::ListUncitedResponse());
  }
  // An answer may be given again until the gateway has heard of a write; who must read his write
  // gives its revision.
  std::string WithWhatWasWritten() {
    return absl::StrCat("revisions { catalogue: ", RevisionOf(Of<Place>()), " } ");
  }
  template <typename Response>
  static std::vector<std::string> ResourcesIn(const Response& response) {
    std::vector<std::string> names;
    for (const auto& citation : response.citations()) names.push_back(citation.resource());
    return names;
  }
};
INSTANTIATE_CONFORMANCE(CitedDocumentTest);

TEST_P(CitedDocumentTest, EachServiceListsItsCitationsPageByPage) {
  for (const std::string id : {"b", "c"}) {
    const std::string twice =
        absl::StrCat("citations { ", Cite("2021"), " } citations { ", Cite("Nine"), " }");
    ASSERT_THAT(Of<Place>().Create(id, *Of<Place>().New(twice)), IsOk());
  }
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = catalogue().Call<ListCitationsResponse>(
        "ListCitations",
        absl::StrCat("document: 'documents/d' page_size: 1 page_token: '", token, "'"));
    ASSERT_THAT(page, IsOk());
    for (const std::string& name : ResourcesIn(*page)) names.push_back(name);
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(names, ElementsAre("places/a", "places/b", "places/b", "places/c", "places/c"));
  for (const auto& [client, name] :
       {std::pair(&funding(), "claims/a"), std::pair(&events(), "events/a")}) {
    const auto all =
        client->Call<ListCitationsResponse>("ListCitations", "document: 'documents/d'");
    ASSERT_THAT(all, IsOk());
    EXPECT_THAT(ResourcesIn(*all), ElementsAre(name));
  }
}

TEST_P(CitedDocumentTest, AllCitationsAreVerifiedAtOnce) {
  const auto all = VerifyAll();
  EXPECT_THAT(ResourcesIn(all), ElementsAre("places/a", "claims/a", "events/a"));
  ASSERT_THAT(all.counts(), SizeIs(1));
  EXPECT_EQ(all.counts(0).outcome(), type::v1::CITATION_OUTCOME_VERIFIED);
  EXPECT_EQ(all.counts(0).count(), 3);
  EXPECT_EQ(all.citations(1).verdict().words(), "It cost 12 million crowns");
  EXPECT_THAT(VerifyAll("faults_only: true").citations(), IsEmpty());

  // Page by page it is the same, at the revisions of the first page.
  const auto first = VerifyAll("page_size: 2");
  EXPECT_THAT(ResourcesIn(first), ElementsAre("places/a", "claims/a"));
  ASSERT_THAT(Of<Place>().Delete("a"), IsOk());
  const auto second =
      VerifyAll(absl::StrCat("page_size: 1 page_token: '", first.next_page_token(), "'"));
  EXPECT_THAT(ResourcesIn(second), ElementsAre("events/a"));
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_THAT(second.revisions(), EqualsProto(first.revisions()));
  EXPECT_THAT(ResourcesIn(VerifyAll(WithWhatWasWritten())), ElementsAre("claims/a", "events/a"));
  EXPECT_THAT(servers().gateway().Send("VerifyCitations",
                                       absl::StrCat("name: 'documents/d' faults_only: true "
                                                    "page_token: '",
                                                    first.next_page_token(), "'")),
              Refuses("page_token", _));
}

TEST_P(CitedDocumentTest, ANewEditionIsTriedBeforeItIsAdopted) {
  const std::string next =
      "The café at the harbour opened in 2021.\n"
      "It cost 13 million crowns.\n"
      "Twelve ships a day use the harbour.\n"
      "The bridge is new.\n";
  const std::string edition = absl::StrCat("new_edition: ", Quoted(next));
  const auto faults = VerifyAll(edition + " faults_only: true");
  EXPECT_THAT(ResourcesIn(faults), ElementsAre("claims/a"));
  EXPECT_EQ(faults.citations(0).verdict().outcome(), type::v1::CITATION_OUTCOME_CHANGED);
  std::vector<std::string> words;
  const auto uncited = Uncited(edition);
  for (const auto& passage : uncited.passages()) {
    if (passage.kind() == type::v1::UNCITED_KIND_SENTENCE) words.push_back(passage.words());
  }
  EXPECT_THAT(words, ElementsAre("Twelve ships a day use the harbour.", "The bridge is new."));
}

TEST_P(CitedDocumentTest, WhatNothingCitesIsListed) {
  const auto all = Uncited();
  ASSERT_GT(all.passages_size(), 0);
  EXPECT_THAT(
      all.passages(0),
      EqualsProto(absl::StrCat("kind: UNCITED_KIND_SENTENCE span { begin: ", SpanOf("Nine").begin,
                               " end: ", SpanOf("use the harbour.").end,
                               " } words: 'Nine ships a day use the harbour.' "
                               "line: 3 column: 1")));
  EXPECT_EQ(all.total_size(), all.passages_size());

  std::vector<std::string> paged;
  std::string token;
  do {
    const auto page = Uncited(absl::StrCat("page_size: 1 page_token: '", token, "'"));
    EXPECT_EQ(page.total_size(), all.total_size());
    EXPECT_THAT(page.revisions(), EqualsProto(all.revisions()));
    for (const auto& passage : page.passages()) paged.push_back(passage.DebugString());
    token = page.next_page_token();
  } while (!token.empty());
  std::vector<std::string> whole;
  for (const auto& passage : all.passages()) whole.push_back(passage.DebugString());
  EXPECT_EQ(paged, whole);

  // A citation that does not hold covers nothing.
  const std::string wrong =
      absl::StrCat("citations { ", CiteAt(SpanOf("Nine ships a day"), "Four ships a day"), " }");
  ASSERT_THAT(Of<Place>().Create("b", *Of<Place>().New(wrong)), IsOk());
  EXPECT_EQ(Uncited(WithWhatWasWritten()).total_size(), all.total_size());
  ASSERT_THAT(Of<Place>().Create(
                  "c", *Of<Place>().New(absl::StrCat(
                           "citations { ", Cite("Nine ships a day use the harbour."), " }"))),
              IsOk());
  EXPECT_EQ(Uncited(WithWhatWasWritten()).total_size(), 0);
}

// In one process the services go together.
class PartlyGoneTest : public CitedDocumentTest {};
INSTANTIATE_TEST_SUITE_P(Separate, PartlyGoneTest, ::testing::Values(Deployment::kSeparate));

TEST_P(PartlyGoneTest, AServiceThatIsGoneIsNamedOrStandsInTheWay) {
  servers().Stop(Service::kFunding);
  const auto all = VerifyAll();
  EXPECT_THAT(ResourcesIn(all), ElementsAre("places/a", "events/a"));
  EXPECT_THAT(all.unreachable(), ElementsAre("entente.funding.v1.FundingService"));
  EXPECT_THAT(servers().gateway().Send("ListUncited", "name: 'documents/d'"),
              AllOf(Fails(StatusCode::kUnavailable, "PEER_UNREACHABLE"),
                    HasMetadata("service", "entente.funding.v1.FundingService")));
}

}  // namespace
}  // namespace entente::conformance
