// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/compose.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "google/api/resource.pb.h"

namespace entente::gateway {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;

// What is kept back of the caller's time to compose and send the answer: a quarter, but no more
// than an answer of a few megabytes needs. An answer that waited for a peer in vain is sent 5 to 30
// ms after that peer's deadline on two cores that are busy (gateway_chaos_test), and an answer that
// is late is worth nothing, while one that gave a silent peer a little less time lacks only its
// part.
constexpr absl::Duration kMinReserve = absl::Milliseconds(50);
constexpr absl::Duration kMaxReserve = absl::Milliseconds(250);

// Moves the resources of `page` behind those of `all`; the first page brings everything else too.
void AddPage(Message* page, Message* all) {
  fields::SetString(page, "next_page_token", "");
  std::vector<const google::protobuf::FieldDescriptor*> set;
  all->GetReflection()->ListFields(*all, &set);
  // Most lists are one page.
  if (set.empty()) return all->GetReflection()->Swap(all, page);
  page->GetReflection()->ListFields(*page, &set);
  for (const auto* field : set) {
    if (!field->is_repeated()) page->GetReflection()->ClearField(page, field);
  }
  all->MergeFrom(*page);
}

// An empty message like `other`, on its arena if it is on one.
std::shared_ptr<Message> NewBeside(const Message& other) {
  google::protobuf::Arena* const arena = other.GetArena();
  if (arena == nullptr) return std::shared_ptr<Message>(other.New());
  return std::shared_ptr<Message>(std::shared_ptr<void>(), other.New(arena));
}

// What comes after a page.
enum class Next { kNone, kPage, kFromTheStart, kUnwanted };

// Makes `request`, which `page` answers, ask for what comes next.
Next NextOf(const Message& page, const client::CallOptions& options, Message* request) {
  const std::string token = fields::GetString(page, "next_page_token");
  if (token.empty()) return Next::kNone;
  if (options.cancellation != nullptr && options.cancellation->IsCancelled()) {
    return Next::kUnwanted;
  }
  const int64_t revision = fields::GetInt(page, "revision");
  if (fields::GetInt(*request, "revision") == revision) {
    fields::SetString(request, "page_token", token);
    return Next::kPage;
  }
  // The token is bound to the other arguments, the revision among them: a first page that was read
  // at "now" is read again at what "now" was.
  fields::SetInt(request, "revision", revision);
  fields::Clear(request, "read_time");
  fields::SetString(request, "page_token", "");
  return Next::kFromTheStart;
}

absl::Status Unwanted() { return absl::CancelledError("nobody waits for the rest"); }

}  // namespace

Budget::Budget(absl::Time now, absl::Time deadline, int stages) : now_(now), stages_(stages) {
  const absl::Duration given = std::min(deadline - now, kDefaultBudget);
  const absl::Duration reserve = std::clamp(given / 4, kMinReserve, kMaxReserve);
  // A caller with less time than the reserve gets half of it: too late is worse than too little.
  usable_ = std::max(given - reserve, given / 2);
}

absl::Time Budget::StageDeadline(int stage) const { return now_ + usable_ * stage / stages_; }

absl::Status CheckRevision(const Message& request, const Message& response) {
  // The revision of a resource is that of its last change.
  if (response.GetDescriptor()->options().HasExtension(google::api::resource) ||
      response.GetDescriptor()->FindFieldByName("revision") == nullptr ||
      request.GetDescriptor()->FindFieldByName("revision") == nullptr) {
    return absl::OkStatus();
  }
  const int64_t asked = fields::GetInt(request, "revision");
  const int64_t read = fields::GetInt(response, "revision");
  if (asked == 0 || asked == read) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("the answer was read at revision ", read, " instead of ", asked));
}

void ListAll(client::Peer* peer, const client::CallOptions& options, Message* request, Message* all,
             client::Done done) {
  const std::shared_ptr<Message> page = NewBeside(*all);
  peer->Call(options, *request, page.get(),
             [peer, options, request, all, page, done = std::move(done)](absl::Status status) {
               if (status.ok()) status = CheckRevision(*request, *page);
               if (!status.ok()) return done(std::move(status));
               const Next next = NextOf(*page, options, request);
               AddPage(page.get(), all);
               if (next == Next::kFromTheStart) all->Clear();
               if (next == Next::kNone) return done(absl::OkStatus());
               if (next == Next::kUnwanted) return done(Unwanted());
               ListAll(peer, options, request, all, done);
             });
}

void ListAllUnparsed(client::Peer* peer, const client::CallOptions& options, Message* request,
                     Message* rest, std::deque<std::string>* pages, client::Done done) {
  const std::shared_ptr<Message> page = NewBeside(*rest);
  std::string* const resources = &pages->emplace_back();
  peer->CallUnparsed(
      options, *request, page.get(), resources,
      [peer, options, request, rest, page, pages, done = std::move(done)](absl::Status status) {
        if (status.ok()) status = CheckRevision(*request, *page);
        if (!status.ok()) return done(std::move(status));
        const Next next = NextOf(*page, options, request);
        if (pages->size() == 1) {
          fields::SetString(page.get(), "next_page_token", "");
          rest->GetReflection()->Swap(rest, page.get());
        }
        if (next == Next::kFromTheStart) pages->clear();
        if (next == Next::kNone) return done(absl::OkStatus());
        if (next == Next::kUnwanted) return done(Unwanted());
        ListAllUnparsed(peer, options, request, rest, pages, done);
      });
}

}  // namespace entente::gateway
