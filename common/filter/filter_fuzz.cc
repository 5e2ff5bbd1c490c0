// SPDX-License-Identifier: Apache-2.0
// Any text as a filter, an order_by and a key: compiled, matched and refused without a fault, and
// with the properties that the headers promise.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/filter/ordering.h"
#include "common/filter/testing/sample.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"

namespace entente::filter {
namespace {

using google::protobuf::Message;
using testing::Sample;

void Require(bool condition) {
  if (!condition) std::abort();
}

Schema MakeSchema() {
  const StringComparator by_length = CompareBy<absl::string_view>(
      [](absl::string_view literal)
          -> absl::StatusOr<std::function<std::partial_ordering(absl::string_view)>> {
        if (literal.empty()) return absl::InvalidArgumentError("is empty");
        return [size = literal.size()](absl::string_view value) {
          return std::partial_ordering(value.size() <=> size);
        };
      });
  const Function present{"present(field)", 1, 2,
                         [](const FunctionCall& call) -> absl::StatusOr<Predicate> {
                           absl::StatusOr<FieldPath> path = call.Field(0);
                           if (!path.ok()) return path.status();
                           return Predicate([path = *std::move(path)](const Message& message) {
                             return path.Any(message, [](const auto&) { return true; });
                           });
                         }};
  return *Schema::Create(
      Sample::descriptor(),
      {.text_fields = {"title", "people.name"},
       .string_comparators = {{"entente.filter.testing.Sample.price", by_length}},
       .functions = {{"present", present}, {"a.b", present}}});
}

std::vector<Sample> MakeSamples() {
  std::vector<Sample> samples(3);
  Require(google::protobuf::TextFormat::ParseFromString(R"pb(
                                                          name: "samples/1"
                                                          title: "a b"
                                                          count: -1
                                                          big: 5
                                                          ratio: 0.5
                                                          active: true
                                                          stage: LIVE
                                                          rank: 0
                                                          label: "x"
                                                          owner {
                                                            name: "Ann"
                                                            age: 3
                                                            address { city: "Hanoi" }
                                                          }
                                                          tags: [ "red", "blue" ]
                                                          numbers: [ 1, 2 ]
                                                          people {
                                                            name: "Bo"
                                                            homes { city: "Manila" }
                                                          }
                                                          stages: PLANNED
                                                          labels { key: "a" value: "b" }
                                                          by_id { key: 1 value: "one" }
                                                          by_flag { key: true value: 1 }
                                                          staff {
                                                            key: "boss"
                                                            value { age: 5 }
                                                          }
                                                          create_time { seconds: 1 }
                                                          length { nanos: 1 }
                                                          visits {}
                                                          amount { value: "1" }
                                                          price: "10"
                                                          parent {
                                                            count: 1
                                                            parent { tags: "x" }
                                                          }
                                                          by_serial { key: 3 value: 4 })pb",
                                                        &samples[1]));
  samples[2].mutable_owner();
  samples[2].set_title("\xc3\xa9*\"");
  return samples;
}

void RequireGoodError(const absl::Status& status, absl::string_view text) {
  Require(status.code() == absl::StatusCode::kInvalidArgument);
  const std::optional<int> column = ErrorColumn(status);
  Require(column.has_value() && *column >= 1 && *column <= static_cast<int>(text.size()) + 1);
  Require(absl::StartsWith(status.message(), absl::StrCat("column ", *column, ": ")));
  Require(!FindInvalidUtf8(status.message()).has_value());
  Require(status.message().size() < 4096);
}

// A condition that holds has what it is said to need.
void RequireNeeded(const Condition& condition, const Sample& sample) {
  for (const Condition& operand : condition.operands) RequireNeeded(operand, sample);
  if (!condition.needed.has_value() || !condition.Matches(sample)) return;
  const Condition::Needed& needed = *condition.needed;
  Require(needed.path.Any(sample, [&](const FieldPath::Value& value) {
    std::string scratch;
    const absl::string_view found = value.GetString(&scratch);
    return needed.is_prefix ? absl::StartsWith(found, needed.text) : found == needed.text;
  }));
}

std::unique_ptr<Message> Dynamic(const Sample& sample) {
  static auto* const factory = new google::protobuf::DynamicMessageFactory();
  std::unique_ptr<Message> message(factory->GetPrototype(Sample::descriptor())->New());
  Require(message->ParseFromString(sample.SerializeAsString()));
  return message;
}

void TestFilter(absl::string_view text) {
  static const auto* const schema = new Schema(MakeSchema());
  static const auto* const samples = new std::vector<Sample>(MakeSamples());
  const absl::StatusOr<Filter> filter = Filter::Compile(text, *schema);
  if (!filter.ok()) return RequireGoodError(filter.status(), text);
  // It means the same in parentheses, and the opposite when negated.
  const std::string enclosed = absl::StrCat("(", text, ")");
  const absl::StatusOr<Filter> same = Filter::Compile(enclosed, *schema);
  const absl::StatusOr<Filter> opposite = Filter::Compile("NOT " + enclosed, *schema);
  Require(same.ok() == opposite.ok() || enclosed.size() + 4 > kMaxFilterBytes);
  // The limits of length and depth may refuse it; nothing else, but that () is not a condition.
  if (!same.ok()) {
    Require(filter->matches_everything() || enclosed.size() + 4 > kMaxFilterBytes ||
            absl::StrContains(same.status().message(), "levels deep"));
  }
  // A filter asks what is cheap first; as written it means the same. A dynamic message is read
  // without what is known of the generated type.
  const absl::StatusOr<std::optional<Condition>> as_written = Condition::Compile(text, *schema);
  Require(as_written.ok() && as_written->has_value() != filter->matches_everything());
  for (const Sample& sample : *samples) {
    const bool matches = filter->Matches(sample);
    if (as_written->has_value()) {
      Require((*as_written)->Matches(sample) == matches);
      RequireNeeded(**as_written, sample);
    }
    Require(filter->Matches(*Dynamic(sample)) == matches);
    if (same.ok()) Require(same->Matches(sample) == matches);
    if (opposite.ok()) Require(opposite->Matches(sample) != matches);
  }
}

void TestOrdering(absl::string_view text) {
  static const auto* const samples = new std::vector<Sample>(MakeSamples());
  const absl::StatusOr<Ordering> ordering = Ordering::Compile(text, Sample::descriptor());
  if (!ordering.ok()) return RequireGoodError(ordering.status(), text);
  Require(Ordering::Compile(ordering->canonical(), Sample::descriptor())->canonical() ==
          ordering->canonical());
  for (const Sample& a : *samples) {
    for (const Sample& b : *samples) {
      const absl::StatusOr<int> order = ordering->CompareToKey(a, ordering->KeyOf(b));
      Require(order.ok() && *order == ordering->Compare(a, b));
    }
  }
}

void TestKey(absl::string_view bytes) {
  static const auto* const ordering = new Ordering(*Ordering::Compile(
      "title desc,active,owner.age desc,ratio,create_time desc", Sample::descriptor()));
  static const auto* const samples = new std::vector<Sample>(MakeSamples());
  // The right fingerprint, so that what follows it is looked at.
  const std::string key = absl::StrCat(ordering->KeyOf((*samples)[0]).substr(0, 4), bytes);
  for (const Sample& sample : *samples) {
    Require(ordering->CompareToKey(sample, key).ok() == ordering->CheckKey(key).ok());
  }
}

}  // namespace
}  // namespace entente::filter

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      entente::filter::TestOrdering(text);
      break;
    case 1:
      entente::filter::TestKey(text);
      break;
    default:
      entente::filter::TestFilter(text);
  }
  return 0;
}
