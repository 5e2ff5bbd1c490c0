// SPDX-License-Identifier: Apache-2.0
//
// A glance at the bytes of random resources, against what reflection finds in the messages.
#include "common/resource/glance.h"

#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/resource/fields.h"
#include "common/resource/type.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/organisation.pb.h"
#include "entente/events/v1/event.pb.h"
#include "entente/funding/v1/claim.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Sets about half of the fields of a message, down to a few levels.
class Filler {
 public:
  // `small`: with values of which the bytes are ASCII, lengths included.
  explicit Filler(unsigned seed, bool small = false) : small_(small), random_(seed) {}

  void Fill(Message* message, int levels) {
    const auto* type = message->GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const int times = type->field(i)->is_repeated() ? Below(4) : Below(2);
      for (int j = 0; j < times; ++j) FillField(message, type->field(i), levels);
    }
  }

  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

 private:
  void FillField(Message* message, const FieldDescriptor* field, int levels) {
    const auto* reflection = message->GetReflection();
    const bool repeated = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (levels == 0) return;
        return Fill(repeated ? reflection->AddMessage(message, field)
                             : reflection->MutableMessage(message, field),
                    levels - 1);
      case FieldDescriptor::CPPTYPE_STRING: {
        // Also empty ones, and long ones, of which the length takes two bytes.
        const std::string text(static_cast<size_t>(Below(3) * (small_ ? 5 : 90)),
                               static_cast<char>('a' + Below(3)));
        return repeated ? reflection->AddString(message, field, text)
                        : reflection->SetString(message, field, text);
      }
      case FieldDescriptor::CPPTYPE_INT32:
        return repeated ? reflection->AddInt32(message, field, Number())
                        : reflection->SetInt32(message, field, Number());
      case FieldDescriptor::CPPTYPE_INT64:
        return repeated ? reflection->AddInt64(message, field, Number())
                        : reflection->SetInt64(message, field, Number());
      case FieldDescriptor::CPPTYPE_BOOL:
        return repeated ? reflection->AddBool(message, field, true)
                        : reflection->SetBool(message, field, true);
      case FieldDescriptor::CPPTYPE_ENUM:
        return repeated ? reflection->AddEnumValue(message, field, 1)
                        : reflection->SetEnumValue(message, field, 1);
      default:
        FAIL() << "a field of a sort that this does not know: " << field->full_name();
    }
  }

  int Number() { return small_ ? Below(100) : Below(1000) - 500; }

  const bool small_;
  std::mt19937 random_;
};

using Found = std::vector<std::pair<std::string, std::string>>;

// The references that reflection finds, with the top-level fields that they are in.
Found ReferencesIn(const Message& resource) {
  Found found;
  ForEachReference(resource, [&](const FieldDescriptor* field, absl::string_view target) {
    found.emplace_back(std::string(field->name()), std::string(target));
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> CitationsIn(const Message& resource) {
  std::vector<std::string> found;
  const auto* field = resource.GetDescriptor()->FindFieldByName("citations");
  for (int i = 0; i < resource.GetReflection()->FieldSize(resource, field); ++i) {
    found.push_back(
        resource.GetReflection()->GetRepeatedMessage(resource, field, i).SerializeAsString());
  }
  return found;
}

const std::vector<const Message*>& Kinds() {
  static const auto* const kinds = new std::vector<const Message*>{
      &catalogue::v1::Initiative::default_instance(),
      &catalogue::v1::Organisation::default_instance(), &events::v1::Event::default_instance(),
      &funding::v1::Claim::default_instance()};
  return *kinds;
}

TEST(GlanceTest, SeesWhatReflectionFinds) {
  Filler filler(1);
  for (int round = 0; round < 200; ++round) {
    for (const Message* kind : Kinds()) {
      const std::unique_ptr<Message> resource(kind->New());
      filler.Fill(resource.get(), 4);
      const std::string bytes = resource->SerializeAsString();
      const auto glance = GlanceAt(*resource->GetDescriptor(), bytes);
      ASSERT_TRUE(glance.ok()) << glance.status();
      EXPECT_EQ(glance->name, fields::GetString(*resource, "name"));
      EXPECT_EQ(glance->is_deleted, fields::GetMessage(*resource, "delete_time") != nullptr);
      Found references;
      for (const auto& [field, target] : glance->references) {
        references.emplace_back(std::string(field->name()), std::string(target));
      }
      std::sort(references.begin(), references.end());
      EXPECT_EQ(references, ReferencesIn(*resource));
      EXPECT_EQ(std::vector<std::string>(glance->citations.begin(), glance->citations.end()),
                CitationsIn(*resource));
    }
  }
}

// What it lets pass a parser takes, too.
TEST(GlanceTest, RefusesWhatIsCutOffOrChangedWhereAParserDoes) {
  Filler filler(2, /*small=*/true);
  int refused = 0;
  int passed = 0;
  for (int round = 0; round < 2000; ++round) {
    for (const Message* kind : Kinds()) {
      const std::unique_ptr<Message> resource(kind->New());
      filler.Fill(resource.get(), round % 3);
      std::string bytes = resource->SerializeAsString();
      if (bytes.empty()) continue;
      const int size = static_cast<int>(bytes.size());
      if (round % 2 == 0) {
        bytes.resize(static_cast<size_t>(filler.Below(size)));
      } else {
        // A length, mostly; what stays plain text stays UTF-8.
        bytes[static_cast<size_t>(filler.Below(size))] = static_cast<char>(filler.Below(128));
      }
      const bool seen = GlanceAt(*resource->GetDescriptor(), bytes).ok();
      refused += seen ? 0 : 1;
      // Where a length is another, what was one may have become a part of a text, which is then
      // refused by a parser for not being UTF-8.
      const bool is_ascii =
          std::all_of(bytes.begin(), bytes.end(), [](char c) { return absl::ascii_isascii(c); });
      if (!seen || !is_ascii) continue;
      ++passed;
      const std::unique_ptr<Message> parsed(kind->New());
      EXPECT_TRUE(parsed->ParseFromString(bytes)) << round;
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(passed, 100);
}

TEST(GlanceTest, TellsTheTargetOfAField) {
  funding::v1::Claim claim;
  claim.set_name("claims/a");
  claim.set_part_of("claims/whole");
  const std::string bytes = claim.SerializeAsString();
  const auto glance = GlanceAt(*claim.GetDescriptor(), bytes);
  ASSERT_TRUE(glance.ok());
  EXPECT_EQ(glance->TargetOf("part_of"), "claims/whole");
  EXPECT_EQ(glance->TargetOf("initiative"), "");
}

}  // namespace
}  // namespace entente::resource
