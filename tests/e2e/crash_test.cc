// SPDX-License-Identifier: Apache-2.0
//
// kill -9 under writes, again and again: no acknowledged write is lost, no change set is there in
// halves, and a write that was not acknowledged is there once when it is tried again.
//
// ENTENTE_SOAK_ROUNDS says how often (20 if it is not set).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"
#include "entente/events/v1/events_service.grpc.pb.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"
#include "tests/e2e/cluster.h"

namespace entente::e2e {
namespace {

constexpr char kPartnership[] = "partnerships/asean-canada";
constexpr int kWriters = 4;
constexpr int kSetSize = 5;
constexpr int kMaxWritingMs = 120;
constexpr int kMaxStartingMs = 60;

int Rounds() {
  const char* text = std::getenv("ENTENTE_SOAK_ROUNDS");
  int rounds = 0;
  return text != nullptr && absl::SimpleAtoi(text, &rounds) && rounds > 0 ? rounds : 20;
}

// What differs from service to service.
struct Catalogue {
  static constexpr Service kService = Service::kCatalogue;
  using Stub = catalogue::v1::CatalogueService;
  using ApplyChangesRequest = catalogue::v1::ApplyChangesRequest;
  using ApplyChangesResponse = catalogue::v1::ApplyChangesResponse;
  using WatchRequest = catalogue::v1::WatchRequest;
  using WatchResponse = catalogue::v1::WatchResponse;

  static constexpr char kCollection[] = "places/";
  static auto* Put(catalogue::v1::CatalogueResource* resource) {
    auto* place = resource->mutable_place();
    place->set_kind(catalogue::v1::PLACE_KIND_CITY);
    return place;
  }
  static const auto& Get(const catalogue::v1::CatalogueResource& resource) {
    return resource.place();
  }
};

struct Funding {
  static constexpr Service kService = Service::kFunding;
  using Stub = funding::v1::FundingService;
  using ApplyChangesRequest = funding::v1::ApplyChangesRequest;
  using ApplyChangesResponse = funding::v1::ApplyChangesResponse;
  using WatchRequest = funding::v1::WatchRequest;
  using WatchResponse = funding::v1::WatchResponse;

  static constexpr char kCollection[] = "claims/";
  static auto* Put(funding::v1::FundingResource* resource) {
    auto* claim = resource->mutable_claim();
    claim->mutable_amount()->set_currency_code("CAD");
    claim->mutable_amount()->mutable_figure()->set_value("1000000");
    claim->mutable_amount()->mutable_figure()->set_qualifier(type::v1::QUALIFIER_EXACT);
    claim->set_nature(funding::v1::CLAIM_NATURE_OWN_FUNDING);
    claim->set_stage(funding::v1::CLAIM_STAGE_ANNOUNCED);
    claim->set_instrument(funding::v1::CLAIM_INSTRUMENT_GRANT);
    claim->set_direction(funding::v1::CLAIM_DIRECTION_OUTGOING);
    return claim;
  }
  static const auto& Get(const funding::v1::FundingResource& resource) { return resource.claim(); }
};

struct Events {
  static constexpr Service kService = Service::kEvents;
  using Stub = events::v1::EventsService;
  using ApplyChangesRequest = events::v1::ApplyChangesRequest;
  using ApplyChangesResponse = events::v1::ApplyChangesResponse;
  using WatchRequest = events::v1::WatchRequest;
  using WatchResponse = events::v1::WatchResponse;

  static constexpr char kCollection[] = "events/";
  static auto* Put(events::v1::EventsResource* resource) {
    auto* event = resource->mutable_event();
    event->set_kind(events::v1::EVENT_KIND_DIALOGUE);
    event->set_status(events::v1::EVENT_STATUS_PLANNED);
    return event;
  }
  static const auto& Get(const events::v1::EventsResource& resource) { return resource.event(); }
};

template <typename Stub, typename Response, typename Request>
grpc::Status Apply(Stub* stub, const Request& request, Response* response) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  return stub->ApplyChanges(&context, request, response);
}

template <typename Traits>
class CrashTest : public testing::Test {
 protected:
  using Stub = typename Traits::Stub;

  // The resources of one revision, or of the current state: their stamps by name.
  struct Step {
    int64_t revision = 0;
    std::map<std::string, std::string> stamps;
    std::string token;
  };

  void SetUp() override {
    if (Traits::kService != Service::kCatalogue) {
      catalogue().Start();
      ASSERT_TRUE(catalogue().AwaitServing());
    }
    victim().Start();
    ASSERT_TRUE(victim().AwaitServing());
    beginning_ = verified_ = Current().token;
    ASSERT_NE(beginning_, "");
    PutPartnership();
    if (Traits::kService == Service::kCatalogue) {
      // Not one of the sets that the rounds are about.
      beginning_ = verified_ = Current().token;
      head_ = 1;
    } else {
      AwaitPartnership();
    }
  }

  Server& victim() { return cluster_.server(Traits::kService); }
  Server& catalogue() { return cluster_.server(Service::kCatalogue); }
  std::unique_ptr<typename Stub::Stub> NewStub() {
    return Stub::NewStub(NewChannel(victim().address()));
  }

  void PutPartnership() {
    catalogue::v1::ApplyChangesRequest request;
    auto* partnership = request.add_changes()->mutable_put()->mutable_partnership();
    partnership->set_name(kPartnership);
    partnership->mutable_title()->set_text("ASEAN-Canada");
    catalogue::v1::ApplyChangesResponse response;
    const auto stub = catalogue::v1::CatalogueService::NewStub(NewChannel(catalogue().address()));
    const grpc::Status status = Apply(stub.get(), request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  // Until the victim accepts references to the partnership.
  void AwaitPartnership() {
    const auto stub = NewStub();
    typename Traits::ApplyChangesRequest request = Set(0, "probe");
    request.set_validate_only(true);
    typename Traits::ApplyChangesResponse response;
    const absl::Time end = absl::Now() + kPatience;
    grpc::Status status;
    do {
      status = Apply(stub.get(), request, &response);
    } while (!status.ok() && absl::Now() < end);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  // A change set of one writer: always the same resources, each with the stamp.
  static typename Traits::ApplyChangesRequest Set(int writer, const std::string& stamp) {
    typename Traits::ApplyChangesRequest request;
    for (int i = 0; i < kSetSize; ++i) {
      auto* resource = Traits::Put(request.add_changes()->mutable_put());
      resource->set_name(absl::StrCat(Traits::kCollection, "w", writer, "-", i));
      resource->mutable_title()->set_text(stamp);
      resource->add_partnerships(kPartnership);
    }
    request.set_request_id(stamp);
    return request;
  }

  // Writes until the server is gone. What a writer did not get an answer to in the round before it
  // tries again first, as it was.
  void WriteUntilGone(int writer) {
    const auto stub = NewStub();
    while (true) {
      std::string& stamp = unanswered_[writer];
      if (stamp.empty()) stamp = absl::StrCat("w", writer, "-", ++count_[writer]);
      typename Traits::ApplyChangesResponse response;
      if (!Apply(stub.get(), Set(writer, stamp), &response).ok()) return;
      std::lock_guard<std::mutex> lock(mutex_);
      acknowledged_.emplace(stamp, response.revision());
      stamp.clear();
    }
  }

  // Takes the next whole step of a watch.
  static bool Next(grpc::ClientReader<typename Traits::WatchResponse>* reader, Step* step) {
    *step = Step();
    typename Traits::WatchResponse message;
    do {
      if (!reader->Read(&message)) return false;
      step->revision = message.revision();
      for (const auto& resource : message.resources()) {
        const auto& written = Traits::Get(resource);
        step->stamps[written.name()] = written.title().text();
      }
    } while (message.resume_token().empty());
    step->token = message.resume_token();
    return true;
  }

  static void End(grpc::ClientContext* context,
                  grpc::ClientReader<typename Traits::WatchResponse>* reader) {
    context->TryCancel();
    typename Traits::WatchResponse ignored;
    while (reader->Read(&ignored)) {
    }
    reader->Finish();
  }

  // The state as a watch gives it.
  Step Current() {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    typename Traits::WatchRequest request;
    request.set_include_current(true);
    const auto stub = NewStub();
    const auto reader = stub->Watch(&context, request);
    Step step;
    EXPECT_TRUE(Next(reader.get(), &step));
    End(&context, reader.get());
    return step;
  }

  // Every revision after the one of `token` up to `head`, each checked to be one whole set.
  // Returns the token of the last.
  std::string Replay(std::string token, int64_t previous, int64_t head,
                     std::map<std::string, int64_t>* history) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience * 10));
    typename Traits::WatchRequest request;
    request.set_resume_token(token);
    const auto stub = NewStub();
    const auto reader = stub->Watch(&context, request);
    while (previous < head) {
      Step step;
      if (!Next(reader.get(), &step)) {
        ADD_FAILURE() << "the watch ended at " << previous;
        break;
      }
      EXPECT_EQ(step.revision, previous + 1);
      previous = step.revision;
      token = step.token;
      std::set<std::string> stamps;
      for (const auto& [name, stamp] : step.stamps) stamps.insert(stamp);
      EXPECT_EQ(step.stamps.size(), static_cast<size_t>(kSetSize)) << "at " << step.revision;
      EXPECT_THAT(stamps, testing::SizeIs(1)) << "at " << step.revision;
      if (stamps.empty()) continue;
      EXPECT_TRUE(history->emplace(*stamps.begin(), step.revision).second)
          << *stamps.begin() << " is there twice, again at " << step.revision;
    }
    End(&context, reader.get());
    return token;
  }

  // After a restart: everything acknowledged is there, in whole sets, once.
  void Verify() {
    const Step current = Current();
    ASSERT_GE(current.revision, head_);
    verified_ = Replay(verified_, head_, current.revision, &history_);
    head_ = current.revision;
    for (const auto& [stamp, revision] : acknowledged_) {
      const auto found = history_.find(stamp);
      ASSERT_NE(found, history_.end()) << stamp << ", acknowledged at " << revision << ", is lost";
      EXPECT_EQ(found->second, revision) << stamp;
    }
    // The state holds the last set of each writer, whole.
    std::map<std::string, std::pair<int64_t, std::string>> last;
    for (const auto& [stamp, revision] : history_) {
      auto& entry = last[stamp.substr(0, stamp.find('-'))];
      entry = std::max(entry, std::pair(revision, stamp));
    }
    EXPECT_EQ(current.stamps.count(kPartnership), 0U);
    for (const auto& [name, stamp] : current.stamps) {
      if (name.empty()) continue;  // The partnership, which is no place.
      const size_t slash = name.find('/') + 1;
      const std::string writer = name.substr(slash, name.find('-') - slash);
      EXPECT_EQ(stamp, last[writer].second) << name;
    }
  }

  Cluster cluster_;
  std::string beginning_;  // The token before the first set.
  std::string verified_;   // The token after the last that was verified.
  int64_t head_ = 0;       // Its revision.

  std::string unanswered_[kWriters];
  int count_[kWriters] = {};
  std::mutex mutex_;
  std::map<std::string, int64_t> acknowledged_;  // By stamp. Guarded by mutex_.
  std::map<std::string, int64_t> history_;       // Of stamps, as watched.
};

using Services = testing::Types<Catalogue, Funding, Events>;

class Names {
 public:
  template <typename Traits>
  static std::string GetName(int) {
    return ShortName(Traits::kService);
  }
};

TYPED_TEST_SUITE(CrashTest, Services, Names);

TYPED_TEST(CrashTest, NoAcknowledgedWriteIsLostAndNoneIsThereInHalves) {
  const int rounds = Rounds();
  std::mt19937 random(19670808);
  const auto up_to = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  const auto kill = [&] {
    this->victim().process().Signal(SIGKILL);
    ASSERT_EQ(this->victim().process().Wait(), KilledBy(SIGKILL));
  };
  const int64_t first = this->head_;
  int found_unacknowledged = 0;
  int killed_starting = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i) writers.emplace_back([=, this] { this->WriteUntilGone(i); });
    absl::SleepFor(absl::Milliseconds(up_to(kMaxWritingMs)));
    kill();
    for (std::thread& writer : writers) writer.join();

    this->victim().Start();
    if (up_to(3) == 0) {  // Sometimes again while it recovers.
      absl::SleepFor(absl::Milliseconds(up_to(kMaxStartingMs)));
      kill();
      ++killed_starting;
      this->victim().Start();
    }
    ASSERT_TRUE(this->victim().AwaitServing());
    this->Verify();
    for (const std::string& stamp : this->unanswered_) {
      if (this->history_.count(stamp) > 0) ++found_unacknowledged;
    }
    if (this->HasFailure()) break;
  }
  // And all of it once more, from the beginning.
  std::map<std::string, int64_t> again;
  this->Replay(this->beginning_, first, this->head_, &again);
  EXPECT_EQ(again, this->history_);
  EXPECT_EQ(this->victim().Stop(), Exited(0));

  std::cout << ShortName(TypeParam::kService) << ": " << rounds << " rounds, "
            << this->acknowledged_.size() << " change sets of " << kSetSize << " acknowledged"
            << (this->HasFailure() ? "" : ", none lost, none in halves") << "; revision "
            << this->head_ << "; " << found_unacknowledged
            << " were written and not acknowledged before the kill, " << killed_starting
            << " kills while starting\n";
  EXPECT_GT(this->acknowledged_.size(), static_cast<size_t>(rounds));
}

}  // namespace
}  // namespace entente::e2e
