// SPDX-License-Identifier: Apache-2.0
//
// Search. Stages:
//   1. at once: how many documents each service has, and how many of them have each word
//   2. for words that no service has: what each would take them for
//   3. how many documents have what is looked for instead
//   4. of each service its best results, which then become one list
// Later pages have from their token what the first three found, and begin with the fourth.
#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/resource/page.h"
#include "common/resource/searchable.h"
#include "common/search/vocabulary.h"
#include "common/status/errors.h"
#include "services/gateway/compose.h"
#include "services/gateway/fetch.h"
#include "services/gateway/gateway.h"
#include "services/gateway/search_query.h"

namespace entente::gateway {
namespace {

using type::v1::SearchFacet;

constexpr size_t kServices = 3;  // As in Peers: catalogue, funding, events.
// What is asked of a service is a little longer than what is asked here: every word has quotation
// marks.
constexpr size_t kMaxQueryBytes = 900;
// Of a service up to twice as many are asked for, and no more than it gives.
constexpr size_t kMaxPageSize = 500;

using Searched = Part<type::v1::SearchRequest, type::v1::SearchResponse>;

const std::array<search::Labels, kServices>& LabelsOfServices() {
  static const auto* const labels = [] {
    auto* const made = new std::array<search::Labels, kServices>();
    for (size_t i = 0; i < kServices; ++i) {
      (*made)[i] = resource::LabelsOf(*TypesOfServices()[i]);
    }
    return made;
  }();
  return *labels;
}

search::Labels AllLabels() {
  search::Labels all;
  for (const search::Labels& labels : LabelsOfServices()) {
    all.types.insert(all.types.end(), labels.types.begin(), labels.types.end());
    all.kinds.insert(all.kinds.end(), labels.kinds.begin(), labels.kinds.end());
  }
  // A kind that types of several services have is one.
  std::sort(all.kinds.begin(), all.kinds.end());
  all.kinds.erase(std::unique(all.kinds.begin(), all.kinds.end()), all.kinds.end());
  return all;
}

// How far the results of a service are shown.
struct Progress {
  double factor = 1;
  std::string token;  // Of the service's page that the next result is on,
  size_t skip = 0;    // and how many of that page are before it.
  bool done = false;
};

// What leads from one page to the next.
struct Place {
  std::set<size_t> left_out;  // The services that the first page could not reach.
  std::string replacements;
  std::array<Progress, kServices> progress;
};

std::vector<std::string> Written(const Place& place) {
  std::vector<std::string> written = {absl::StrJoin(place.left_out, ","), place.replacements};
  for (const Progress& one : place.progress) {
    written.push_back(absl::StrCat(absl::Hex(std::bit_cast<uint64_t>(one.factor))));
    written.push_back(one.token);
    written.push_back(one.done ? "done" : absl::StrCat(one.skip));
  }
  return written;
}

std::optional<Place> Read(const std::vector<std::string>& written) {
  Place place;
  for (size_t i = 0; i < kServices; ++i) {
    if (written[0].find(absl::StrCat(i)) != std::string::npos) place.left_out.insert(i);
    Progress& one = place.progress[i];
    uint64_t bits = 0;
    if (!absl::SimpleHexAtoi(written[2 + 3 * i], &bits)) return std::nullopt;
    one.factor = std::bit_cast<double>(bits);
    one.token = written[3 + 3 * i];
    one.done = written[4 + 3 * i] == "done";
    if (!one.done && !absl::SimpleAtoi(written[4 + 3 * i], &one.skip)) return std::nullopt;
  }
  place.replacements = written[1];
  return place;
}

// Adds the counts of facets together, the most frequent values first.
class FacetSums {
 public:
  void Add(const SearchFacet& facet) {
    if (sums_.count(facet.attribute()) == 0) order_.push_back(facet.attribute());
    auto& values = sums_[facet.attribute()];
    for (const auto& value : facet.values()) values[value.value()] += value.count();
  }
  void Fill(v1::SearchResponse* response) const {
    for (const std::string& attribute : order_) {
      std::vector<std::pair<std::string, int64_t>> values(sums_.at(attribute).begin(),
                                                          sums_.at(attribute).end());
      std::stable_sort(values.begin(), values.end(),
                       [](const auto& a, const auto& b) { return a.second > b.second; });
      SearchFacet* facet = response->add_facets();
      facet->set_attribute(attribute);
      for (const auto& [value, count] : values) {
        auto* added = facet->add_values();
        added->set_value(value);
        added->set_count(count);
      }
    }
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, std::map<std::string, int64_t>> sums_;
};

class SearchComposition : public std::enable_shared_from_this<SearchComposition> {
 public:
  SearchComposition(const Peers& peers, const client::CallOptions& options,
                    const v1::SearchRequest& request, JointQuery query, size_t page_size,
                    resource::PageTokens tokens, std::optional<Place> place,
                    v1::SearchResponse* response, client::Done done)
      : services_{peers.catalogue, peers.funding, peers.events},
        options_(options),
        budget_(absl::Now(), options.deadline, /*stages=*/4),
        request_(request),
        query_(std::move(query)),
        page_size_(std::min(page_size, kMaxPageSize)),
        tokens_(std::move(tokens)),
        is_first_(!place.has_value()),
        place_(place.value_or(Place())),
        response_(response),
        done_(std::move(done)) {}

  void Start() {
    for (size_t i = 0; i < kServices; ++i) {
      for (const std::string& type : request_.types()) {
        if (TypesOfServices()[i]->FindByType(type) != nullptr) types_[i].push_back(type);
      }
      is_asked_[i] = request_.types().empty() || !types_[i].empty();
    }
    if (!is_first_) return AskResults();
    // Also of services that have none of the types: a word is as rare as it is in the whole record.
    Count(1, &SearchComposition::AfterCounts);
  }

 private:
  client::CallOptions Until(int stage) const {
    return options_.Until(budget_.StageDeadline(stage));
  }
  bool IsLeftOut(size_t service) const { return place_.left_out.count(service) > 0; }

  // Asks the services that are not left out one query each for every text.
  void AskAll(const std::vector<std::string>& texts, int stage, void (SearchComposition::*then)()) {
    for (auto& parts : asked_) parts.clear();
    const auto self = shared_from_this();
    const auto join = Join::Of(static_cast<int>(kServices * texts.size()) + 1,
                               [self, then] { (self.get()->*then)(); });
    for (size_t i = 0; i < kServices; ++i) {
      for (const std::string& text : texts) {
        if (IsLeftOut(i)) {
          join->Arrive();
          continue;
        }
        Searched& part = *asked_[i].emplace_back(std::make_unique<Searched>(arena_));
        part.request.set_query(text);
        part.request.set_page_size(1);
        part.Get(services_[i], Until(stage), [join] { join->Arrive(); });
      }
    }
    join->Arrive();
  }

  // Leaves out the services that did not answer. False if the call is over.
  bool CheckAsked() {
    absl::Status first;
    for (size_t i = 0; i < kServices; ++i) {
      for (const auto& part : asked_[i]) {
        if (part->status.ok()) continue;
        if (!IsUnreachable(part->status)) {
          done_(part->status);
          return false;
        }
        if (first.ok()) first = part->status;
        place_.left_out.insert(i);
      }
    }
    if (place_.left_out.size() < kServices) return true;
    Refuse(first);
    return false;
  }

  void Refuse(const absl::Status& cause) {
    std::vector<std::string> names;
    for (const client::Peer* service : services_) names.push_back(service->service());
    done_(errors::PeerUnreachable(absl::StrJoin(names, ", "), cause));
  }

  void Count(int stage, void (SearchComposition::*then)()) {
    std::vector<std::string> texts = {absl::StrCat("-", kNothing)};
    for (const JointQuery::Unit& unit : query_.units()) texts.push_back(unit.exact);
    AskAll(texts, stage, then);
  }

  void AfterCounts() {
    if (!CheckAsked()) return;
    TakeCounts();
    // A word that any service has is what was meant. One that none has is looked for by all as the
    // same other one.
    std::vector<std::string> texts;
    for (size_t unit = 0; unit < query_.units().size(); ++unit) {
      const std::string& text = query_.units()[unit].correctable;
      if (text.empty() || IsKnown(unit)) continue;
      unknown_.push_back(unit);
      texts.push_back(text);
    }
    if (texts.empty()) return AskResults();
    AskAll(texts, 2, &SearchComposition::AfterCorrections);
  }

  void TakeCounts() {
    counts_.assign(kServices, IndexCounts());
    for (size_t i = 0; i < kServices; ++i) {
      counts_[i].with.assign(query_.units().size(), 0);
      if (IsLeftOut(i)) continue;
      counts_[i].documents = asked_[i][0]->response.total_size();
      for (size_t unit = 0; unit < query_.units().size(); ++unit) {
        counts_[i].with[unit] = asked_[i][unit + 1]->response.total_size();
      }
    }
    for (size_t i = 0; i < kServices; ++i) {
      place_.progress[i].factor = FactorOf(counts_[i], counts_);
    }
  }

  bool IsKnown(size_t unit) const {
    return std::any_of(counts_.begin(), counts_.end(),
                       [&](const IndexCounts& counts) { return counts.with[unit] > 0; });
  }

  // Of what the services would take a word for, what a single index would: the nearest, then what
  // begins with the same letter, then what most documents have.
  void AfterCorrections() {
    if (!CheckAsked()) return;
    for (size_t k = 0; k < unknown_.size(); ++k) {
      const std::string word = query_.WordOf(query_.units()[unknown_[k]]);
      std::map<std::string, int64_t> proposed;
      for (size_t i = 0; i < kServices; ++i) {
        if (IsLeftOut(i)) continue;
        const auto& answer = asked_[i][k]->response;
        if (answer.corrections_size() != 1) continue;
        proposed[answer.corrections(0).replacement()] += answer.total_size();
      }
      if (proposed.empty()) continue;
      const auto rank = [&](const std::pair<const std::string, int64_t>& candidate) {
        return std::make_tuple(search::Distance(word, candidate.first, 2),
                               candidate.first.substr(0, 1) != word.substr(0, 1), -candidate.second,
                               candidate.first);
      };
      const auto best =
          std::min_element(proposed.begin(), proposed.end(),
                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
      query_.Replace(unknown_[k], best->first);
    }
    place_.replacements = query_.Replacements();
    if (place_.replacements.empty()) return AskResults();
    Count(3, &SearchComposition::AfterRecounts);
  }

  void AfterRecounts() {
    if (!CheckAsked()) return;
    TakeCounts();
    AskResults();
  }

  void AskResults() {
    const auto self = shared_from_this();
    const auto join = Join::Of(static_cast<int>(kServices), [self] { self->AfterResults(); });
    for (size_t i = 0; i < kServices; ++i) {
      const Progress& progress = place_.progress[i];
      auto& request = results_[i].request;
      request.set_query(query_.TextFor(LabelsOfServices()[i]));
      for (const std::string& type : types_[i]) request.add_types(type);
      request.set_filter(request_.filter());
      // Of a service that is done only the counts are wanted, which are on every page.
      const size_t size = progress.done ? 1 : progress.skip + page_size_;
      request.set_page_size(static_cast<int>(std::min<size_t>(size, resource::kMaxPageSize)));
      request.set_page_token(progress.token);
      if (IsLeftOut(i) || !is_asked_[i]) {
        join->Arrive();
      } else {
        results_[i].Get(services_[i], Until(4), [join] { join->Arrive(); });
      }
    }
  }

  void AfterResults() {
    std::set<size_t> unreachable = place_.left_out;
    absl::Status first = absl::UnavailableError("they could not be reached for the page before");
    for (size_t i = 0; i < kServices; ++i) {
      if (IsLeftOut(i) || !is_asked_[i]) continue;
      const absl::Status& status = results_[i].status;
      if (status.ok()) continue;
      if (!IsUnreachable(status)) return done_(status);
      first = status;
      unreachable.insert(i);
    }
    if (unreachable.size() == kServices) return Refuse(first);
    FacetSums facets;
    for (size_t i = 0; i < kServices; ++i) {
      if (!is_asked_[i] || unreachable.count(i) > 0) continue;
      const auto& answer = results_[i].response;
      if (absl::Status status = CheckRevision(i, answer.revision()); !status.ok()) {
        return done_(std::move(status));
      }
      response_->set_total_size(response_->total_size() + answer.total_size());
      for (const SearchFacet& facet : answer.facets()) facets.Add(facet);
    }
    facets.Fill(response_);
    for (const auto& correction : query_.corrections()) *response_->add_corrections() = correction;
    for (const size_t i : unreachable) {
      if (is_asked_[i]) response_->add_unreachable(services_[i]->service());
    }
    if (absl::Status status = CheckComplete(request_, response_->unreachable()); !status.ok()) {
      return done_(std::move(status));
    }
    Merge(unreachable);
    done_(absl::OkStatus());
  }

  // Notes the revision that a service answered at, and refuses it where another one was asked for.
  absl::Status CheckRevision(size_t service, int64_t revision) {
    auto* revisions = response_->mutable_revisions();
    const auto& wanted = request_.revisions();
    int64_t asked = 0;
    switch (service) {
      case 0:
        revisions->set_catalogue(revision);
        asked = wanted.catalogue();
        break;
      case 1:
        revisions->set_funding(revision);
        asked = wanted.funding();
        break;
      default:
        revisions->set_events(revision);
        asked = wanted.events();
    }
    if (asked == 0 || asked == revision) return absl::OkStatus();
    return asked < revision ? errors::RevisionNotRetained(asked, revision)
                            : errors::RevisionInFuture(asked, revision);
  }

  // Takes the best of what the services have next, until the page is full.
  void Merge(const std::set<size_t>& unreachable) {
    std::array<size_t, kServices> next{};
    const auto has = [&](size_t i) {
      return is_asked_[i] && unreachable.count(i) == 0 && !place_.progress[i].done;
    };
    for (size_t i = 0; i < kServices; ++i) {
      if (!has(i)) continue;
      next[i] = place_.progress[i].skip;
      for (auto& result : *results_[i].response.mutable_results()) {
        result.set_score(result.score() * place_.progress[i].factor);
      }
    }
    size_t bytes = 0;
    while (static_cast<size_t>(response_->results_size()) < page_size_ &&
           bytes < resource::kPageBytes) {
      std::optional<size_t> best;
      bool more = false;  // Whether a service may have better ones that it did not send.
      for (size_t i = 0; i < kServices; ++i) {
        if (!has(i)) continue;
        const auto& answer = results_[i].response;
        if (next[i] >= static_cast<size_t>(answer.results_size())) {
          more = more || !answer.next_page_token().empty();
        } else if (!best.has_value() || IsBetter(i, next[i], *best, next[*best])) {
          best = i;
        }
      }
      if (more || !best.has_value()) break;
      auto* result = response_->add_results();
      result->Swap(results_[*best].response.mutable_results(static_cast<int>(next[*best]++)));
      bytes += result->ByteSizeLong();
    }
    bool is_last = true;
    for (size_t i = 0; i < kServices; ++i) {
      Progress& progress = place_.progress[i];
      if (!is_asked_[i] || IsLeftOut(i) || progress.done) continue;
      if (unreachable.count(i) == 0) {
        const auto& answer = results_[i].response;
        progress.skip = next[i];
        if (next[i] >= static_cast<size_t>(answer.results_size())) {
          progress.done = answer.next_page_token().empty();
          progress.token = answer.next_page_token();
          progress.skip = 0;
        }
      }
      is_last = is_last && progress.done;
    }
    // Results of services that cannot be reached are no reason to go on by themselves.
    if (!is_last && !response_->results().empty()) {
      response_->set_next_page_token(tokens_.Seal(Written(place_)));
    }
  }

  bool IsBetter(size_t a, size_t in_a, size_t b, size_t in_b) const {
    const auto& one = results_[a].response.results(static_cast<int>(in_a));
    const auto& other = results_[b].response.results(static_cast<int>(in_b));
    return one.score() != other.score() ? one.score() > other.score()
                                        : one.resource() < other.resource();
  }

  const std::array<client::Peer*, kServices> services_;
  const client::CallOptions options_;
  const Budget budget_;
  const v1::SearchRequest& request_;
  JointQuery query_;
  const size_t page_size_;
  const resource::PageTokens tokens_;
  const bool is_first_;
  Place place_;
  v1::SearchResponse* const response_;
  const client::Done done_;  // Keeps the arena.
  google::protobuf::Arena* const arena_ = response_->GetArena();

  std::array<std::vector<std::string>, kServices> types_;
  std::array<bool, kServices> is_asked_{};
  std::array<std::vector<std::unique_ptr<Searched>>, kServices> asked_;
  std::vector<IndexCounts> counts_;
  std::vector<size_t> unknown_;
  std::array<Searched, kServices> results_ = {Searched(arena_), Searched(arena_), Searched(arena_)};
};

void CheckTypes(const v1::SearchRequest& request, Violations* violations) {
  std::set<std::string> seen;
  for (int i = 0; i < request.types_size(); ++i) {
    const std::string& type = request.types(i);
    const std::string path = absl::StrCat("types[", i, "]");
    const auto all = TypesOfServices();
    if (std::none_of(all.begin(), all.end(), [&](const resource::Registry* types) {
          return types->FindByType(type) != nullptr;
        })) {
      violations->Add(path, "must be a type of resource, like \"entente.dev/Organisation\"");
    } else if (!seen.insert(type).second) {
      violations->Add(path, "stands in the list twice");
    }
  }
}

}  // namespace

void Gateway::Search(const client::CallOptions& options, const v1::SearchRequest& request,
                     v1::SearchResponse* response, client::Done done) const {
  Violations violations;
  auto query = JointQuery::Parse(request.query(), AllLabels());
  if (!query.ok()) {
    violations.Add("query", query.status().message());
  } else if (request.query().size() > kMaxQueryBytes) {
    violations.Add("query", absl::StrCat("has more than ", kMaxQueryBytes, " bytes"));
  }
  CheckTypes(request, &violations);
  const size_t page_size = resource::PageSize(request, &violations);
  resource::PageTokens tokens(request);
  std::optional<Place> place;
  if (const auto opened = tokens.Open(request, 2 + 3 * kServices, &violations);
      opened.has_value()) {
    place = Read(*opened);
    if (!place.has_value() || (query.ok() && !query->ReplaceAll(place->replacements))) {
      resource::AddForeignToken(&violations);
    }
  }
  if (absl::Status status = violations.ToStatus(); !status.ok()) return done(std::move(status));
  std::make_shared<SearchComposition>(peers_, options, request, *std::move(query), page_size,
                                      std::move(tokens), std::move(place), response,
                                      std::move(done))
      ->Start();
}

}  // namespace entente::gateway
