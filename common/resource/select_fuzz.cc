// SPDX-License-Identifier: Apache-2.0
//
// Any text as the filter of a list: whichever way the resources are found that satisfy it, they are
// those of the plain scan.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "common/resource/methods.h"
#include "common/resource/select_test_util.h"

namespace entente::resource {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

const State& States() {
  static const auto* const state = [] {
    RandomInitiatives random(20230906);
    auto made = random.Next(State(&SelectTypes()), 20, 60);
    for (int i = 0; i < 3; ++i) made = random.Next(*made, 20, 12);
    return new std::shared_ptr<const State>(made);
  }();
  return **state;
}

void TestFilter(uint8_t how, absl::string_view text) {
  static const auto* const schema =
      new filter::Schema(MakeSchema(catalogue::v1::Initiative::descriptor()).value());
  static auto* const parallel = new Parallel(2);
  const auto filter = filter::Filter::Compile(text, *schema);
  if (!filter.ok()) return;
  const auto condition = filter::Condition::Compile(text, *schema);
  Require(condition.ok());
  Selecting selecting{.type = &InitiativeType()};
  selecting.filter = &*filter;
  selecting.with_deleted = (how & 1) != 0;
  if ((how & 2) != 0) selecting.most = 5;
  if ((how & 4) != 0) {
    selecting.before = [](const Entry& a, const Entry& b) { return a.name > b.name; };
  }
  if ((how & 8) != 0) selecting.from = "initiatives/i15";
  const auto expected = SelectPlainly(States(), selecting, *condition);
  for (const SelectPath path :
       {SelectPath::kBest, SelectPath::kIndex, SelectPath::kScan, SelectPath::kParallelScan}) {
    selecting.path = path;
    Require(Select(States(), selecting, parallel) == expected);
  }
}

}  // namespace
}  // namespace entente::resource

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  entente::resource::TestFilter(
      data[0], absl::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
