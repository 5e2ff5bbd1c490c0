// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/point_reads/load.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace entente::benchmarks {
namespace {

// No call shall miss it: the server only has to look at it.
constexpr absl::Duration kDeadline = absl::Seconds(10);

// How long calls run before they count: connections and caches have filled by then, and at an even
// pace also what was in the way when they began has been made up for.
constexpr absl::Duration kRunUp = absl::Milliseconds(100);
constexpr absl::Duration kPacedRunUp = absl::Milliseconds(500);

[[noreturn]] void Fail(const std::string& method, const grpc::Status& status) {
  std::cerr << "point_reads: " << method << ": " << status.error_message() << " (code "
            << status.error_code() << ")\n";
  std::_Exit(1);
}

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// One call after the other; each has its own state and they share only what they must.
class Caller {
 public:
  explicit Caller(Target* target)
      : target_(target), stub_(target->NextStub()), request_(target->request()) {}
  virtual ~Caller() = default;

  void Start() {
    context_.emplace();
    target_->Prepare(&*context_);
    stub_->UnaryCall(&*context_, target_->method(), grpc::StubOptions(), &request_, &response_,
                     [this](const grpc::Status& status) {
                       if (!status.ok()) Fail(target_->method(), status);
                       context_.reset();
                       response_.Clear();
                       Ended();
                     });
  }

 protected:
  // May start the next.
  virtual void Ended() = 0;

 private:
  Target* const target_;
  grpc::GenericStub* const stub_;
  const grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::optional<grpc::ClientContext> context_;
};

// A line of its own in the cache, for counters that different threads count.
struct alignas(64) Counter {
  std::atomic<int64_t> value{0};
};

class Repeater final : public Caller {
 public:
  Repeater(Target* target, const std::atomic<bool>* stopping)
      : Caller(target), stopping_(stopping) {}

  int64_t calls() const { return calls_.value.load(std::memory_order_relaxed); }
  void Await() const { ended_.WaitForNotification(); }

 private:
  void Ended() override {
    calls_.value.fetch_add(1, std::memory_order_relaxed);
    if (stopping_->load(std::memory_order_relaxed)) {
      ended_.Notify();
    } else {
      Start();
    }
  }

  const std::atomic<bool>* const stopping_;
  Counter calls_;
  absl::Notification ended_;
};

// Callers that wait for their next call, and the times of the calls so far.
class Pacer {
 public:
  Pacer(Target* target, absl::Time counted_from, size_t calls)
      : target_(target), counted_from_(counted_from) {
    times_.reserve(calls);
  }

  void StartOne(absl::Time due) {
    PacedCaller* caller = nullptr;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (idle_.empty()) {
        callers_.push_back(std::make_unique<PacedCaller>(target_, this));
        idle_.push_back(callers_.back().get());
      }
      caller = idle_.back();
      idle_.pop_back();
    }
    caller->StartAt(due);
  }

  std::vector<absl::Duration> AwaitAll() {
    while (true) {
      {
        std::lock_guard<std::mutex> lock(mutex_);
        if (idle_.size() == callers_.size()) return std::move(times_);
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

 private:
  class PacedCaller final : public Caller {
   public:
    PacedCaller(Target* target, Pacer* pacer) : Caller(target), pacer_(pacer) {}
    void StartAt(absl::Time due) {
      due_ = due;
      Start();
    }

   private:
    void Ended() override { pacer_->Ended(this, due_); }

    Pacer* const pacer_;
    absl::Time due_;
  };

  void Ended(PacedCaller* caller, absl::Time due) {
    const absl::Duration time = absl::Now() - due;
    std::lock_guard<std::mutex> lock(mutex_);
    if (due >= counted_from_) times_.push_back(time);
    idle_.push_back(caller);
  }

  Target* const target_;
  const absl::Time counted_from_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<PacedCaller>> callers_;  // Guarded by mutex_.
  std::vector<PacedCaller*> idle_;                     // Guarded by mutex_.
  std::vector<absl::Duration> times_;                  // Guarded by mutex_.
};

}  // namespace

Target::Target(const std::string& address, std::string method,
               const google::protobuf::Message& request, const TargetOptions& options)
    : method_(std::move(method)), options_(options) {
  const grpc::Slice bytes(request.SerializeAsString());
  request_ = grpc::ByteBuffer(&bytes, 1);
  for (int i = 0; i < options.channels; ++i) {
    grpc::ChannelArguments arguments;
    // Channels with different arguments do not share a connection.
    arguments.SetInt("entente.point_reads.channel", i);
    const auto channel =
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
      Fail(method_, grpc::Status(grpc::StatusCode::UNAVAILABLE, "nobody listens on " + address));
    }
    stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
}

grpc::GenericStub* Target::NextStub() { return stubs_[next_stub_++ % stubs_.size()].get(); }

void Target::Prepare(grpc::ClientContext* context) {
  if (!options_.deadline_and_request_id) return;
  context->set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
  // As long as an id that our servers make.
  context->AddMetadata("x-request-id",
                       absl::StrCat("0123456789abcdef", absl::Hex(next_id_++, absl::kZeroPad16)));
}

std::string Target::Ask() {
  grpc::ClientContext context;
  Prepare(&context);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> answered;
  NextStub()->UnaryCall(&context, method_, grpc::StubOptions(), &request_, &response,
                        [&](const grpc::Status& status) { answered.set_value(status); });
  const grpc::Status status = answered.get_future().get();
  if (!status.ok()) Fail(method_, status);
  return Bytes(response);
}

Saturation Saturate(Target* target, int in_flight, absl::Duration time, const Mark& begin,
                    const Mark& end) {
  std::atomic<bool> stopping{false};
  std::vector<std::unique_ptr<Repeater>> repeaters;
  for (int i = 0; i < in_flight; ++i) {
    repeaters.push_back(std::make_unique<Repeater>(target, &stopping));
  }
  const auto calls = [&] {
    int64_t sum = 0;
    for (const auto& repeater : repeaters) sum += repeater->calls();
    return sum;
  };
  for (const auto& repeater : repeaters) repeater->Start();
  absl::SleepFor(kRunUp);
  begin();
  const absl::Time start = absl::Now();
  const int64_t before = calls();
  absl::SleepFor(time);
  const int64_t after = calls();
  const absl::Time stop = absl::Now();
  end();
  stopping = true;
  for (const auto& repeater : repeaters) repeater->Await();
  return {after - before, stop - start};
}

Latencies Pace(Target* target, double calls_per_second, absl::Duration time) {
  const auto calls =
      static_cast<size_t>(calls_per_second * absl::ToDoubleSeconds(kPacedRunUp + time));
  const absl::Duration interval = absl::Seconds(1) / calls_per_second;
  const absl::Time start = absl::Now();
  Pacer pacer(target, start + kPacedRunUp, calls);
  for (size_t i = 0; i < calls; ++i) {
    const absl::Time due = start + static_cast<double>(i) * interval;
    if (const absl::Time now = absl::Now(); now < due) absl::SleepFor(due - now);
    pacer.StartOne(due);
  }
  std::vector<absl::Duration> times = pacer.AwaitAll();
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

}  // namespace entente::benchmarks
