// SPDX-License-Identifier: Apache-2.0
#include "common/resource/searcher.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/logging/logging.h"
#include "common/resource/page.h"
#include "common/resource/searchable.h"
#include "common/search/correct.h"
#include "common/search/snippet.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

using type::v1::SearchAttributes;
using type::v1::SearchRequest;
using type::v1::SearchResponse;

// A transaction of this many documents takes some hundred milliseconds and some megabytes.
constexpr size_t kDocumentsAtOnce = 10'000;
// How long what nobody searches for may stay behind: what is erased leaves memory with it.
constexpr std::chrono::seconds kPause{1};

// Documents that are put into the index together.
class Batch {
 public:
  explicit Batch(search::Index* index) : index_(index) {}

  // As it was and as it is; null, or deleted, if there was or is none.
  absl::Status Add(const Entry* before, const Entry* after) {
    const search::Document* old = Describe(before);
    const search::Document* now = Describe(after);
    if (old == nullptr && now == nullptr) return absl::OkStatus();
    changes_.push_back({old, now});
    return changes_.size() < kDocumentsAtOnce ? absl::OkStatus() : Finish();
  }
  absl::Status Finish() {
    RETURN_IF_ERROR(index_->Apply(changes_));
    changes_.clear();
    documents_.clear();
    return absl::OkStatus();
  }

 private:
  const search::Document* Describe(const Entry* entry) {
    if (entry == nullptr || entry->deleted) return nullptr;
    return &documents_.emplace_back(DocumentOf(*entry));
  }

  search::Index* const index_;
  std::deque<search::Document> documents_;
  std::vector<search::Index::Change> changes_;
};

SearchAttributes MessageOf(const search::Attributes& attributes) {
  SearchAttributes message;
  message.set_type(attributes.type);
  message.set_kind(attributes.kind);
  for (const std::string& name : attributes.partnerships) message.add_partnerships(name);
  return message;
}

void AddFacet(const char* attribute, const std::map<std::string, int64_t>& counts,
              SearchResponse* response) {
  std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  type::v1::SearchFacet* facet = response->add_facets();
  facet->set_attribute(attribute);
  for (const auto& [value, count] : sorted) {
    type::v1::SearchFacetValue* added = facet->add_values();
    added->set_value(value);
    added->set_count(count);
  }
}

void AddFacets(const search::Found& found, SearchResponse* response) {
  std::map<std::string, int64_t> types;
  std::map<std::string, int64_t> kinds;
  std::map<std::string, int64_t> partnerships;
  for (const auto& [attributes, count] : found.attributes) {
    types[attributes->type] += count;
    if (!attributes->kind.empty()) kinds[attributes->kind] += count;
    for (const std::string& name : attributes->partnerships) partnerships[name] += count;
  }
  AddFacet("type", types, response);
  AddFacet("kind", kinds, response);
  AddFacet("partnerships", partnerships, response);
}

void AddCorrections(const std::vector<search::Correction>& corrections, SearchResponse* response) {
  for (const search::Correction& correction : corrections) {
    type::v1::SearchCorrection* added = response->add_corrections();
    added->mutable_span()->set_begin(correction.begin);
    added->mutable_span()->set_end(correction.end);
    added->set_word(correction.word);
    added->set_replacement(correction.replacement);
    added->set_kind(correction.as_well ? type::v1::SEARCH_CORRECTION_KIND_WIDENED
                                       : type::v1::SEARCH_CORRECTION_KIND_REPLACED);
  }
}

void AddResult(const search::Hit& hit, const Entry& entry, const search::Query& query,
               SearchResponse* response) {
  const search::Document document = DocumentOf(entry);
  type::v1::SearchResult* result = response->add_results();
  result->set_resource(hit.name);
  const type::v1::LocalisedText& title = TitleOf(entry);
  result->set_title(title.text());
  result->set_language_code(title.language_code());
  result->set_score(hit.score);
  *result->mutable_attributes() = MessageOf(document.attributes);
  for (search::Match& match : search::FindMatches(document, query)) {
    type::v1::SearchMatch* added = result->add_matches();
    added->set_field(match.value->path);
    added->set_language_code(match.value->language_code);
    added->set_snippet(std::move(match.snippet));
    added->set_snippet_begin(match.begin);
    added->set_continues(match.continues);
    for (const search::Passage& highlight : match.highlights) {
      type::v1::Span* span = added->add_highlights();
      span->set_begin(highlight.begin);
      span->set_end(highlight.end);
    }
  }
}

// The place of a hit in a page token: its score to the last bit, and its name.
std::vector<std::string> PlaceOf(const search::Hit& hit) {
  return {absl::StrCat(absl::Hex(std::bit_cast<uint64_t>(hit.score))), hit.name};
}

std::optional<search::Hit> HitAt(const std::vector<std::string>& place) {
  uint64_t bits = 0;
  if (!absl::SimpleHexAtoi(place[0], &bits)) return std::nullopt;
  return search::Hit{std::bit_cast<double>(bits), place[1]};
}

}  // namespace

Searcher::Searcher(const Store* store)
    : store_(store),
      labels_(LabelsOf(store->registry())),
      // It is of this program's own protos: a fault would show in every test.
      schema_(filter::Schema::Create(SearchAttributes::descriptor()).value()) {}

Searcher::~Searcher() {
  Stop();
  if (thread_.joinable()) thread_.join();
}

void Searcher::Stop() {
  {
    std::lock_guard<std::mutex> lock(stop_mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
}

void Searcher::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Searcher::Run() {
  std::unique_lock<std::mutex> stop(stop_mutex_);
  do {
    stop.unlock();
    {
      std::lock_guard<std::mutex> lock(index_mutex_);
      if (const absl::Status status = CatchUp(); !status.ok() && !stopping_) {
        logging::Error("search index not made").With("error", status.ToString());
      }
    }
    stop.lock();
  } while (!stopped_.wait_for(stop, kPause, [this] { return stopping_.load(); }));
}

absl::Status Searcher::CatchUp() {
  std::shared_ptr<const State> state = store_->Current();
  if (index_ != nullptr && state_->revision() == state->revision()) return absl::OkStatus();
  if (index_ != nullptr) {
    const absl::Status followed = Follow(state);
    if (followed.ok()) return followed;
    // It is derived: made anew it is right again.
    logging::Warning("search index made anew").With("error", followed.ToString());
    index_ = nullptr;
  }
  return Rebuild(std::move(state));
}

absl::Status Searcher::Rebuild(std::shared_ptr<const State> state) {
  ASSIGN_OR_RETURN(auto index, search::Index::Create());
  Batch batch(index.get());
  for (const auto& type : store_->registry().types()) {
    absl::Status status;
    state->Scan(*type, "", [&](const Entry& entry) {
      status = stopping_ ? errors::ShuttingDown() : batch.Add(nullptr, &entry);
      return status.ok();
    });
    RETURN_IF_ERROR(status);
  }
  RETURN_IF_ERROR(batch.Finish());
  index_ = std::move(index);
  state_ = std::move(state);
  return absl::OkStatus();
}

absl::Status Searcher::Follow(std::shared_ptr<const State> state) {
  std::map<std::string, const ResourceType*> changed;
  for (int64_t revision = state_->revision(); revision < state->revision();) {
    ASSIGN_OR_RETURN(const auto next, store_->Next(revision));
    if (next == nullptr) return absl::InternalError("a revision has gone");
    for (const Entry& entry : next->changed) {
      changed.emplace(std::string(entry.name), entry.type);
    }
    revision = next->revision;
  }
  Batch batch(index_.get());
  for (const auto& [name, type] : changed) {
    RETURN_IF_ERROR(batch.Add(state_->Find(*type, name), state->Find(*type, name)));
  }
  RETURN_IF_ERROR(batch.Finish());
  state_ = std::move(state);
  return absl::OkStatus();
}

absl::Status Searcher::Search(const SearchRequest& request, SearchResponse* response) {
  Violations violations;
  auto query = search::Parse(request.query(), labels_);
  if (!query.ok()) violations.Add("query", query.status().message());
  std::set<std::string> types;
  for (int i = 0; i < request.types_size(); ++i) {
    const std::string path = absl::StrCat("types[", i, "]");
    if (store_->registry().FindByType(request.types(i)) == nullptr) {
      violations.Add(path, "must be a type of this service, like \"entente.dev/Organisation\"");
    } else if (!types.insert(request.types(i)).second) {
      violations.Add(path, "stands in the list twice");
    }
  }
  const auto filter = filter::Filter::Compile(request.filter(), schema_);
  if (!filter.ok()) violations.Add("filter", filter.status().message());
  const size_t page_size = PageSize(request, &violations);
  const PageTokens tokens(request);
  search::Search search;
  if (const auto place = tokens.Open(request, 2, &violations); place.has_value()) {
    search.after = HitAt(*place);
    if (!search.after.has_value()) AddForeignToken(&violations);
  }
  RETURN_IF_ERROR(violations.ToStatus());

  search.limit = page_size;
  search.accepts = [&](const search::Attributes& attributes) {
    return (types.empty() || types.count(attributes.type) > 0) &&
           filter->Matches(MessageOf(attributes));
  };
  search::Found found;
  std::shared_ptr<const State> state;
  {
    std::lock_guard<std::mutex> lock(index_mutex_);
    RETURN_IF_ERROR(CatchUp());
    state = state_;
    AddCorrections(search::Correct(index_->vocabulary(), &*query), response);
    search.query = &*query;
    ASSIGN_OR_RETURN(found, index_->Find(search));
    AddFacets(found, response);
  }
  size_t bytes = 0;
  size_t shown = 0;
  for (; shown < found.hits.size() && bytes < kPageBytes; ++shown) {
    const search::Hit& hit = found.hits[shown];
    AddResult(hit, *state->Find(hit.name), *query, response);
    bytes += response->results().rbegin()->ByteSizeLong();
  }
  if (found.more || shown < found.hits.size()) {
    response->set_next_page_token(tokens.Seal(PlaceOf(found.hits[shown - 1])));
  }
  response->set_total_size(found.total);
  response->set_revision(state->revision());
  return absl::OkStatus();
}

}  // namespace entente::resource
