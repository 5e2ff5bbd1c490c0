// SPDX-License-Identifier: Apache-2.0
//
// VerifyCitations and ListUncited. Stages:
//   1. at once: what the resources of each data service cite of the document
//   2. from the catalogue: whether the text of the document holds that
//   3. ListUncited, from the catalogue: what of the text is left
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/resource/page.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "services/catalogue/types.h"
#include "services/gateway/compose.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {
namespace {

using type::v1::CitationVerdict;
using type::v1::ListCitationsRequest;
using type::v1::ListCitationsResponse;

// What the catalogue takes at once.
constexpr size_t kVerifySize = 1000;

// The citations of a document by all services, and what became of them.
class Verification : public std::enable_shared_from_this<Verification> {
 public:
  struct Citation {
    std::string resource;
    CitationVerdict verdict;
  };

  // Reads at these revisions, where 0 means as of `read_time` or now, or with `only_these` that the
  // service is left out: it could not be reached for the page before.
  Verification(const Peers& peers, client::CallOptions options, Budget budget, std::string document,
               std::string new_edition, v1::RevisionVector revisions,
               std::optional<google::protobuf::Timestamp> read_time, bool only_these)
      : peers_(peers),
        options_(options),
        budget_(budget),
        document_(std::move(document)),
        new_edition_(std::move(new_edition)),
        revisions_(std::move(revisions)),
        read_time_(std::move(read_time)),
        only_these_(only_these) {}

  // Calls `then` once, with what kept it from being done, if anything did.
  void Start(client::Done then) {
    then_ = std::move(then);
    const auto self = shared_from_this();
    const auto join = Join::Of(3, [self] { self->AfterLists(); });
    const auto ask = [&](Lists* list, client::Peer* peer, int64_t revision,
                         const std::function<void()>& arrive) {
      if (only_these_ && revision == 0) {
        list->status = absl::UnavailableError("it could not be reached for the page before");
        return arrive();
      }
      list->request.set_document(document_);
      list->request.set_revision(revision);
      if (revision == 0 && read_time_.has_value()) *list->request.mutable_read_time() = *read_time_;
      list->GetAll(peer, Until(1), arrive);
    };
    const auto arrive = [join] { join->Arrive(); };
    // Without it nothing can be verified: where it refuses, nothing else is waited for.
    ask(&catalogue_, peers_.catalogue, revisions_.catalogue(), [self, join] {
      if (self->catalogue_.status.ok()) return join->Arrive();
      self->options_.GiveUp();
      join->Cut();
    });
    ask(&funding_, peers_.funding, revisions_.funding(), arrive);
    ask(&events_, peers_.events, revisions_.events(), arrive);
  }

  client::CallOptions Until(int stage) const {
    return options_.Until(budget_.StageDeadline(stage));
  }

  const std::vector<Citation>& citations() const { return citations_; }
  const v1::RevisionVector& revisions() const { return revisions_; }
  const std::vector<std::string>& unreachable() const { return unreachable_; }

 private:
  using Lists = Part<ListCitationsRequest, ListCitationsResponse>;
  using Verdicts =
      Part<catalogue::v1::VerifyCitationsRequest, catalogue::v1::VerifyCitationsResponse>;

  void AfterLists() {
    if (!catalogue_.status.ok()) return then_(Explain(catalogue_.status));
    revisions_.set_catalogue(catalogue_.response.revision());
    Take(&catalogue_.response);
    revisions_.set_funding(TakeIfReached(&funding_, peers_.funding));
    revisions_.set_events(TakeIfReached(&events_, peers_.events));
    if (!refused_.ok()) return then_(refused_);
    Verify();
  }

  void Take(ListCitationsResponse* list) {
    for (auto& item : *list->mutable_citations()) {
      Citation& citation = citations_.emplace_back();
      citation.resource = std::move(*item.mutable_resource());
      *citation.verdict.mutable_citation() = std::move(*item.mutable_citation());
    }
  }

  // Returns the revision that the part was read at; 0 if it was not.
  int64_t TakeIfReached(Lists* list, client::Peer* peer) {
    if (list->status.ok()) {
      Take(&list->response);
      return list->response.revision();
    }
    if (IsUnreachable(list->status)) {
      unreachable_.push_back(peer->service());
    } else if (refused_.ok()) {
      refused_ = list->status;
    }
    return 0;
  }

  void Verify() {
    for (const Citation& citation : citations_) {
      if (parts_.empty() ||
          static_cast<size_t>(parts_.back()->request.citations_size()) == kVerifySize) {
        auto& request = parts_.emplace_back(std::make_unique<Verdicts>())->request;
        request.set_revision(revisions_.catalogue());
        if (!new_edition_.empty()) {
          request.mutable_new_edition()->set_document(document_);
          request.mutable_new_edition()->set_text(new_edition_);
        }
      }
      *parts_.back()->request.add_citations() = citation.verdict.citation();
    }
    if (parts_.empty()) return then_(absl::OkStatus());
    const auto self = shared_from_this();
    const auto join = Join::Of(static_cast<int>(parts_.size()), [self] { self->AfterVerdicts(); });
    for (const auto& part : parts_) {
      part->Get(peers_.catalogue, Until(2), [self, join] { join->Arrive(); });
    }
  }

  void AfterVerdicts() {
    size_t next = 0;
    for (const auto& part : parts_) {
      if (!part->status.ok()) return then_(Explain(part->status));
      for (auto& verdict : *part->response.mutable_verdicts()) {
        citations_.at(next++).verdict = std::move(verdict);
      }
    }
    then_(absl::OkStatus());
  }

  absl::Status Explain(const absl::Status& status) const {
    return IsUnreachable(status) ? errors::PeerUnreachable(peers_.catalogue->service(), status)
                                 : status;
  }

  const Peers peers_;
  const Wanted options_;
  const Budget budget_;
  const std::string document_;
  const std::string new_edition_;
  v1::RevisionVector revisions_;
  const std::optional<google::protobuf::Timestamp> read_time_;
  const bool only_these_;
  client::Done then_;

  Lists catalogue_, funding_, events_;
  absl::Status refused_;
  std::vector<Citation> citations_;
  std::vector<std::string> unreachable_;
  std::vector<std::unique_ptr<Verdicts>> parts_;
};

// The name is looked up by other fields of other services: what is wrong with it is said here.
void CheckName(const std::string& name, Violations* violations) {
  const auto* type = catalogue::Types().FindByDescriptor(catalogue::v1::Document::descriptor());
  if (!type->pattern.Matches(name)) {
    violations->Add("name", absl::StrCat("must be a name like ", type->pattern.text()));
  }
}

// The time that a request is as of, if it gives one.
template <typename Request>
std::optional<google::protobuf::Timestamp> ReadTimeOf(const Request& request) {
  if (!request.has_read_time()) return std::nullopt;
  return request.read_time();
}

// Where a page begins, and what all pages are read at.
class Page {
 public:
  template <typename Request>
  Page(const Request& request, Violations* violations)
      : size_(resource::PageSize(request, violations)),
        tokens_(request),
        revisions_(request.revisions()) {
    const auto opened = tokens_.Open(request, 2, violations);
    if (!opened.has_value()) return;
    if (!revisions_.ParseFromString((*opened)[0])) resource::AddForeignToken(violations);
    place_ = (*opened)[1];
  }

  size_t size() const { return size_; }
  bool is_first() const { return place_.empty(); }
  const std::string& place() const { return place_; }
  const v1::RevisionVector& revisions() const { return revisions_; }

  // The token of the page that begins at `place`.
  std::string TokenOf(const v1::RevisionVector& revisions, const std::string& place) const {
    return tokens_.Seal({revisions.SerializeAsString(), place});
  }

 private:
  size_t size_;
  resource::PageTokens tokens_;
  v1::RevisionVector revisions_;
  std::string place_;
};

// Fills the page of `request` that begins at `from`.
void Fill(const v1::VerifyCitationsRequest& request, const Page& page, size_t from,
          const Verification& all, v1::VerifyCitationsResponse* response) {
  std::map<type::v1::CitationOutcome, int> counts;
  std::vector<const Verification::Citation*> listed;
  for (const auto& citation : all.citations()) {
    ++counts[citation.verdict.outcome()];
    if (request.faults_only() &&
        citation.verdict.outcome() == type::v1::CITATION_OUTCOME_VERIFIED) {
      continue;
    }
    listed.push_back(&citation);
  }
  size_t next = from;
  for (size_t bytes = 0;
       next < std::min(listed.size(), from + page.size()) && bytes < resource::kPageBytes; ++next) {
    v1::VerifiedCitation* citation = response->add_citations();
    citation->set_resource(listed[next]->resource);
    *citation->mutable_verdict() = listed[next]->verdict;
    bytes += citation->ByteSizeLong();
  }
  if (next < listed.size()) {
    response->set_next_page_token(page.TokenOf(all.revisions(), absl::StrCat(next)));
  }
  for (const auto& [outcome, count] : counts) {
    v1::OutcomeCount* entry = response->add_counts();
    entry->set_outcome(outcome);
    entry->set_count(count);
  }
  *response->mutable_revisions() = all.revisions();
  for (const std::string& service : all.unreachable()) response->add_unreachable(service);
}

// The spans of the text that is meant which the citations cover.
void AddCited(const Verification& all, catalogue::v1::FindUncitedRequest* request) {
  for (const auto& citation : all.citations()) {
    switch (citation.verdict.outcome()) {
      case type::v1::CITATION_OUTCOME_VERIFIED:
        *request->add_cited() = citation.verdict.citation().span();
        break;
      case type::v1::CITATION_OUTCOME_MOVED:
      case type::v1::CITATION_OUTCOME_CHANGED:
        // In the text that is kept such a citation is a fault, and covers nothing.
        if (!request->new_edition().empty()) *request->add_cited() = citation.verdict.moved_to();
        break;
      default:
        break;
    }
  }
}

}  // namespace

void Gateway::VerifyCitations(const client::CallOptions& options,
                              const v1::VerifyCitationsRequest& request,
                              v1::VerifyCitationsResponse* response, client::Done done) const {
  Violations violations;
  CheckName(request.name(), &violations);
  const Page page(request, &violations);
  size_t from = 0;
  if (!page.is_first() && !absl::SimpleAtoi(page.place(), &from)) {
    resource::AddForeignToken(&violations);
  }
  if (absl::Status status = violations.ToStatus(); !status.ok()) return done(std::move(status));
  const auto all = std::make_shared<Verification>(
      peers_, options, Budget(absl::Now(), options.deadline, /*stages=*/2), request.name(),
      request.new_edition(), page.revisions(), ReadTimeOf(request), !page.is_first());
  // Not by value: `all` keeps what it calls.
  all->Start([all = all.get(), page, &request, response, from,
              done = std::move(done)](absl::Status status) {
    if (status.ok()) status = CheckComplete(request, all->unreachable());
    if (status.ok()) Fill(request, page, from, *all, response);
    done(std::move(status));
  });
}

void Gateway::ListUncited(const client::CallOptions& options, const v1::ListUncitedRequest& request,
                          v1::ListUncitedResponse* response, client::Done done) const {
  Violations violations;
  CheckName(request.name(), &violations);
  const Page page(request, &violations);
  if (absl::Status status = violations.ToStatus(); !status.ok()) return done(std::move(status));
  const auto all = std::make_shared<Verification>(
      peers_, options, Budget(absl::Now(), options.deadline, /*stages=*/3), request.name(),
      request.new_edition(), page.revisions(), ReadTimeOf(request), !page.is_first());
  const auto compose = [all = all.get(), catalogue = peers_.catalogue, page, &request, response,
                        done](const absl::Status& status) {
    if (!status.ok()) return done(status);
    if (!all->unreachable().empty()) {
      return done(errors::PeerUnreachable(all->unreachable().front(),
                                          absl::UnavailableError("its citations are missing")));
    }
    using Uncited = Part<catalogue::v1::FindUncitedRequest, catalogue::v1::FindUncitedResponse>;
    const auto uncited = std::make_shared<Uncited>(response->GetArena());
    uncited->request.set_name(request.name());
    uncited->request.set_new_edition(request.new_edition());
    uncited->request.set_revision(all->revisions().catalogue());
    uncited->request.set_page_size(request.page_size());
    uncited->request.set_page_token(page.place());
    AddCited(*all, &uncited->request);
    uncited->Get(
        catalogue, all->Until(3),
        [uncited, catalogue, page, revisions = all->revisions(), response, done] {
          if (!uncited->status.ok()) {
            return done(IsUnreachable(uncited->status)
                            ? errors::PeerUnreachable(catalogue->service(), uncited->status)
                            : uncited->status);
          }
          auto& answer = uncited->response;
          response->mutable_passages()->Swap(answer.mutable_passages());
          response->set_total_size(answer.total_size());
          if (!answer.next_page_token().empty()) {
            response->set_next_page_token(page.TokenOf(revisions, answer.next_page_token()));
          }
          *response->mutable_revisions() = revisions;
          done(absl::OkStatus());
        });
  };
  all->Start(compose);
}

}  // namespace entente::gateway
