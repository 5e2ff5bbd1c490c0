// SPDX-License-Identifier: Apache-2.0
#include "common/resource/revisions.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/resource/change.h"
#include "common/resource/difference.h"
#include "common/resource/fields.h"
#include "common/resource/page.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

using google::protobuf::Message;

// How many changes of one revision are listed.
constexpr int kListedChanges = 100;
// With how many changes a page of revisions ends: those that are not listed are read as well.
constexpr size_t kPageChanges = 10'000;

// Of a `resource` that a request names: its type, or a violation.
const ResourceType* TypeOf(const Store& store, const std::string& resource,
                           Violations* violations) {
  const ResourceType* type = store.registry().FindByName(resource);
  if (type == nullptr) {
    violations->Add("resource", "must be the name of a resource of this service");
  }
  return type;
}

// The number of the last revision that a request asks for. What can no longer be read can be
// listed.
absl::StatusOr<int64_t> LastRevision(const Store& store, const Message& request) {
  const AsOf as_of = AsOfRequest(request);
  const int64_t current = store.Current()->revision();
  if (!as_of.time.has_value() && as_of.revision > 0 && as_of.revision <= current) {
    return as_of.revision;
  }
  if (as_of.time.has_value() && as_of.revision == 0) return store.RevisionAt(*as_of.time);
  ASSIGN_OR_RETURN(const auto state, store.At(as_of));
  return state->revision();
}

void Fill(const Committed& committed, const std::string& resource, int64_t oldest_readable,
          type::v1::Revision* revision) {
  revision->set_revision(committed.revision);
  fields::SetTime(revision, "commit_time", committed.commit_time);
  if (!committed.reason.empty()) revision->mutable_reason()->ParseFromString(committed.reason);
  revision->set_change_count(static_cast<int>(committed.changed.size()));
  revision->set_readable(oldest_readable != 0 && committed.revision >= oldest_readable);
  for (size_t i = 0; i < committed.changed.size() && revision->changes_size() < kListedChanges;
       ++i) {
    const Entry& entry = committed.changed[i];
    if (!resource.empty() && entry.name != resource) continue;
    type::v1::ChangeResult* change = revision->add_changes();
    change->set_name(std::string(entry.name));
    change->set_outcome(OutcomeOf(entry, committed.kinds[i]));
  }
}

// What a reader makes of two versions; none if it reads nothing either time.
std::optional<type::v1::DifferenceKind> KindOf(const Entry* before, const Entry* after) {
  if (after != nullptr && IsErased(*after)) return type::v1::DIFFERENCE_KIND_ERASED;
  const bool was = before != nullptr && !before->deleted;
  const bool is = after != nullptr && !after->deleted;
  if (was && is) return type::v1::DIFFERENCE_KIND_CHANGED;
  if (is) return type::v1::DIFFERENCE_KIND_ADDED;
  if (was) return type::v1::DIFFERENCE_KIND_REMOVED;
  return std::nullopt;
}

// One page of a comparison.
class Comparison {
 public:
  Comparison(const State& from, const State& to, size_t page_size,
             type::v1::CompareRevisionsResponse* response)
      : from_(from), to_(to), page_size_(page_size), response_(response) {}

  // The resources of a type whose names come after `after`. False if the page is full, and there is
  // more.
  bool Add(const ResourceType& type, const std::string& after) {
    bool more = false;
    to_.ScanChanged(from_, type, after, [&](const Entry* before, const Entry* now) {
      const absl::string_view name = now != nullptr ? now->name : before->name;
      if (name == after) return true;
      more = !Add(before, now);
      return !more;
    });
    return !more;
  }

  // False if there is no room for it.
  bool Add(const Entry* before, const Entry* now) {
    const auto kind = KindOf(before, now);
    if (!kind.has_value()) return true;
    if (static_cast<size_t>(response_->differences_size()) >= page_size_ || bytes_ >= kPageBytes) {
      return false;
    }
    const auto message = [](const Entry* entry) {
      return entry == nullptr || entry->deleted ? nullptr : entry->message.get();
    };
    const ResourceType& type = now != nullptr ? *now->type : *before->type;
    auto fields = DifferencesOf(type, message(before), message(now));
    // Another version of the same: changed there and back.
    if (*kind == type::v1::DIFFERENCE_KIND_CHANGED && fields.empty()) return true;
    type::v1::ResourceDifference* difference = response_->add_differences();
    difference->set_resource(std::string(now != nullptr ? now->name : before->name));
    difference->set_kind(*kind);
    for (auto& field : fields) difference->add_fields()->Swap(&field);
    // What the later one does not have at all was made after it.
    if (now != nullptr) {
      difference->set_revision(now->revision);
      difference->mutable_update_time()->CopyFrom(
          *fields::GetMessage(*now->message, "update_time"));
    }
    bytes_ += difference->ByteSizeLong();
    return true;
  }

 private:
  const State& from_;
  const State& to_;
  const size_t page_size_;
  type::v1::CompareRevisionsResponse* const response_;
  size_t bytes_ = 0;
};

// One end of a comparison.
AsOf EndOf(const Message& request, const char* revision, const char* time, Violations* violations) {
  AsOf end{fields::GetInt(request, revision)};
  if (const Message* given = fields::GetMessage(request, time)) {
    end.time = fields::ToTime(*given);
    if (end.revision != 0) {
      violations->Add(time,
                      absl::StrCat("stands in place of `", revision, "`: give one of the two"));
    }
  }
  if (end.revision < 0) violations->Add(revision, "must not be negative");
  return end;
}

}  // namespace

absl::Status ListRevisions(const Store& store, const type::v1::ListRevisionsRequest& request,
                           type::v1::ListRevisionsResponse* response) {
  Violations violations;
  const std::string& resource = request.resource();
  const ResourceType* type = resource.empty() ? nullptr : TypeOf(store, resource, &violations);
  const size_t page_size = PageSize(request, &violations);
  const PageTokens tokens(request);
  int64_t next = 0;  // The first one of this page.
  if (const auto place = tokens.Open(request, 1, &violations); place.has_value()) {
    if (!absl::SimpleAtoi(place->front(), &next) || next <= 0) AddForeignToken(&violations);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  if (type != nullptr && store.Current()->Find(*type, resource) == nullptr) {
    return errors::ResourceNotFound(type->type, resource);
  }
  if (next == 0) {
    ASSIGN_OR_RETURN(next, LastRevision(store, request));
  }

  const int64_t oldest = store.OldestReadable();
  response->set_oldest_readable(oldest);
  std::vector<int64_t> numbers;
  if (resource.empty()) {
    for (int64_t n = next; n > 0 && numbers.size() <= page_size; --n) numbers.push_back(n);
  } else {
    ASSIGN_OR_RETURN(numbers,
                     store.RevisionsOf(resource, next, static_cast<int64_t>(page_size) + 1));
  }
  size_t changes = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i == page_size || changes >= kPageChanges) {
      response->set_next_page_token(tokens.Seal({absl::StrCat(numbers[i])}));
      break;
    }
    ASSIGN_OR_RETURN(const auto committed, store.Next(numbers[i] - 1));
    changes += committed->changed.size();
    Fill(*committed, resource, oldest, response->add_revisions());
  }
  return absl::OkStatus();
}

absl::Status CompareRevisions(const Store& store, const type::v1::CompareRevisionsRequest& request,
                              type::v1::CompareRevisionsResponse* response) {
  Violations violations;
  AsOf from = EndOf(request, "from_revision", "from_time", &violations);
  AsOf to = EndOf(request, "to_revision", "to_time", &violations);
  const std::string& resource = request.resource();
  const ResourceType* only = resource.empty() ? nullptr : TypeOf(store, resource, &violations);
  std::set<const ResourceType*> types;
  for (int i = 0; i < request.types_size(); ++i) {
    const ResourceType* type = store.registry().FindByType(request.types(i));
    const std::string path = absl::StrCat("types[", i, "]");
    if (type == nullptr) {
      violations.Add(path, "must be a type of this service, for example \"" +
                               store.registry().types().front()->type + "\"");
    } else if (!types.insert(type).second) {
      violations.Add(path, "stands in the list twice");
    }
  }
  if (only != nullptr && request.types_size() > 0) {
    violations.Add("types", "must be empty where `resource` says which one is meant");
  }
  const size_t page_size = PageSize(request, &violations);
  const PageTokens tokens(request);
  std::string after;  // The name that the page before ended with.
  bool from_start = from.revision == 0 && !from.time.has_value();
  if (const auto place = tokens.Open(request, 3, &violations); place.has_value()) {
    from = {};
    to = {};
    if (!absl::SimpleAtoi((*place)[0], &from.revision) ||
        !absl::SimpleAtoi((*place)[1], &to.revision)) {
      AddForeignToken(&violations);
    }
    from_start = from.revision == 0;
    after = (*place)[2];
  }
  RETURN_IF_ERROR(violations.ToStatus());

  std::shared_ptr<const State> before = std::make_shared<const State>(&store.registry());
  if (!from_start) {
    ASSIGN_OR_RETURN(before, store.At(from));
  }
  ASSIGN_OR_RETURN(const auto now, store.At(to));
  response->set_from_revision(before->revision());
  response->set_to_revision(now->revision());
  Comparison comparison(*before, *now, page_size, response);
  if (only != nullptr) {
    const Entry* old_one = before->Find(*only, resource);
    const Entry* new_one = now->Find(*only, resource);
    if (old_one == nullptr && new_one == nullptr) {
      return errors::ResourceNotFound(only->type, resource);
    }
    if (old_one == nullptr || new_one == nullptr || old_one->revision != new_one->revision) {
      comparison.Add(old_one, new_one);
    }
    return absl::OkStatus();
  }
  const ResourceType* resume = after.empty() ? nullptr : store.registry().FindByName(after);
  for (const auto& type : store.registry().types()) {
    if (resume != nullptr && type.get() != resume) continue;
    const bool begun = resume != nullptr;
    resume = nullptr;
    if (!types.empty() && types.count(type.get()) == 0) continue;
    if (comparison.Add(*type, begun ? after : "")) continue;
    const auto& last = *response->differences().rbegin();
    response->set_next_page_token(tokens.Seal(
        {absl::StrCat(before->revision()), absl::StrCat(now->revision()), last.resource()}));
    break;
  }
  return absl::OkStatus();
}

}  // namespace entente::resource
