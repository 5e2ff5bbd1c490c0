// SPDX-License-Identifier: Apache-2.0
#include "common/resource/difference.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "entente/catalogue/v1/document.pb.h"
#include "entente/funding/v1/claim.pb.h"
#include "google/api/field_behavior.pb.h"

namespace entente::resource {
namespace {

using funding::v1::Claim;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Value;
using testing::ElementsAre;
using testing::IsEmpty;
using type::v1::FieldDifference;

const Registry& Types() {
  static const Registry* const types =
      new Registry(*Registry::Of({Claim::descriptor(), catalogue::v1::Document::descriptor()}));
  return *types;
}

std::vector<FieldDifference> Between(const Claim* before, const Claim* after) {
  return DifferencesOf(*Types().FindByDescriptor(Claim::descriptor()), before, after);
}

// In JSON, members in the order of their names: messages have none.
std::string InJson(const Value& value) {
  if (!value.has_struct_value()) {
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(value, &json).ok());
    return json;
  }
  const auto& members = value.struct_value().fields();
  const std::map<std::string, Value> sorted(members.begin(), members.end());
  std::vector<std::string> parts;
  for (const auto& [name, member] : sorted) {
    parts.push_back(absl::StrCat("\"", name, "\":", InJson(member)));
  }
  return absl::StrCat("{", absl::StrJoin(parts, ","), "}");
}

// "path: before -> after", nothing for none.
std::vector<std::string> InShort(const std::vector<FieldDifference>& differences) {
  std::vector<std::string> lines;
  for (const FieldDifference& difference : differences) {
    lines.push_back(absl::StrCat(difference.path(), ": ",
                                 difference.has_before() ? InJson(difference.before()) : "", " -> ",
                                 difference.has_after() ? InJson(difference.after()) : ""));
  }
  return lines;
}

Claim SomeClaim() {
  Claim claim;
  claim.set_name("claims/a");
  claim.mutable_title()->set_text("Grids");
  claim.mutable_amount()->set_currency_code("USD");
  claim.mutable_amount()->mutable_figure()->set_value("8000000000");
  claim.mutable_amount()->mutable_figure()->set_qualifier(type::v1::QUALIFIER_MORE_THAN);
  claim.mutable_amount()->mutable_figure()->mutable_interval()->set_low("8000000000");
  auto* party = claim.add_parties();
  party->set_role(type::v1::PARTY_ROLE_FUNDING);
  party->set_organisation("organisations/a");
  claim.add_partnerships("partnerships/p");
  claim.set_revision(3);
  claim.set_etag("\"3\"");
  return claim;
}

TEST(DifferenceTest, TellsWhichFieldsReadDifferently) {
  const Claim before = SomeClaim();
  Claim after = before;
  EXPECT_THAT(Between(&before, &after), IsEmpty());

  after.mutable_amount()->mutable_figure()->set_value("8500000000");
  after.mutable_amount()->mutable_figure()->mutable_interval()->set_low("8500000000");
  after.mutable_amount()->mutable_figure()->set_qualifier(type::v1::QUALIFIER_EXACT);
  after.mutable_description()->set_text("New.");
  after.clear_title();
  after.set_revision(4);
  after.set_etag("\"4\"");
  EXPECT_THAT(InShort(Between(&before, &after)),
              ElementsAre("title: {\"text\":\"Grids\"} -> ", "description:  -> {\"text\":\"New.\"}",
                          "amount.figure.value: \"8000000000\" -> \"8500000000\"",
                          "amount.figure.qualifier: \"QUALIFIER_MORE_THAN\" -> "
                          "\"QUALIFIER_EXACT\""));
}

TEST(DifferenceTest, CountsTheElementsOfLists) {
  Claim before = SomeClaim();
  for (const char* name : {"partnerships/q", "partnerships/r"}) before.add_partnerships(name);
  Claim after = SomeClaim();
  after.set_partnerships(0, "partnerships/n");
  after.add_partnerships("partnerships/p");
  after.add_partnerships("partnerships/r");
  after.mutable_parties(0)->set_organisation("organisations/b");
  auto* party = after.add_parties();
  party->set_role(type::v1::PARTY_ROLE_PARTNER);
  party->set_organisation("organisations/c");
  EXPECT_THAT(
      InShort(Between(&before, &after)),
      testing::UnorderedElementsAre(
          "parties[0].organisation: \"organisations/a\" -> \"organisations/b\"",
          "parties[1]:  -> {\"organisation\":\"organisations/c\",\"role\":\"PARTY_ROLE_PARTNER\"}",
          "partnerships[0]:  -> \"partnerships/n\"", "partnerships[1]: \"partnerships/q\" -> "));
}

TEST(DifferenceTest, WhatIsNewOrGoneIsToldWhole) {
  const Claim claim = SomeClaim();
  const auto made = InShort(Between(nullptr, &claim));
  EXPECT_THAT(made,
              testing::Contains("amount:  -> {\"currencyCode\":\"USD\",\"figure\":{\"qualifier\":"
                                "\"QUALIFIER_MORE_THAN\",\"value\":\"8000000000\"}}"));
  EXPECT_THAT(made, testing::Contains("partnerships[0]:  -> \"partnerships/p\""));
  const auto gone = Between(&claim, nullptr);
  EXPECT_EQ(gone.size(), made.size());
  for (const FieldDifference& difference : gone) {
    EXPECT_TRUE(difference.has_before() && !difference.has_after()) << difference.path();
  }
}

TEST(DifferenceTest, WhatStandsForTextThatIsNeverReadIsTold) {
  catalogue::v1::Document before;
  catalogue::v1::Document after;
  after.set_text_loaded(true);
  const auto& type = *Types().FindByDescriptor(before.GetDescriptor());
  EXPECT_THAT(InShort(DifferencesOf(type, &before, &after)), ElementsAre("text_loaded:  -> true"));
}

// Applied to one version, the differences must make it the other.

bool IsOutputOnly(const FieldDescriptor* field) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY) {
      return true;
    }
  }
  return false;
}

// Few values for each field, so that versions have much in common.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }

  void Fill(Message* message, int depth) {
    for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = message->GetDescriptor()->field(i);
      if (IsOutputOnly(field) || field->containing_oneof() != nullptr) continue;
      if (field->name() == "name" || field->name() == "etag") continue;
      if (Below(3) != 0) Change(message, field, depth);
    }
  }

  // Fields of a message at any depth.
  void Mutate(Message* message) {
    for (int n = 1 + Below(6); n > 0; --n) {
      Message* at = message;
      for (int depth = 0;; ++depth) {
        const FieldDescriptor* field =
            at->GetDescriptor()->field(Below(at->GetDescriptor()->field_count()));
        if (IsOutputOnly(field) || field->name() == "name" || field->name() == "etag") break;
        const bool message_field = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
        if (!message_field || Below(3) == 0) {
          Change(at, field, depth);
          break;
        }
        if (field->is_repeated()) {
          const int size = at->GetReflection()->FieldSize(*at, field);
          if (size == 0) break;
          at = at->GetReflection()->MutableRepeatedMessage(at, field, Below(size));
        } else {
          at = at->GetReflection()->MutableMessage(at, field);
        }
      }
    }
  }

 private:
  void Change(Message* message, const FieldDescriptor* field, int depth) {
    const Reflection* reflection = message->GetReflection();
    if (field->is_repeated()) {
      const int size = reflection->FieldSize(*message, field);
      switch (Below(4)) {
        case 0:
          if (size > 0) {
            // The one that is to go goes to the end.
            for (int i = Below(size); i + 1 < size; ++i) {
              reflection->SwapElements(message, field, i, i + 1);
            }
            reflection->RemoveLast(message, field);
          }
          return;
        case 1:
          if (size > 1) reflection->SwapElements(message, field, Below(size), Below(size));
          return;
        default:
          for (int n = 1 + Below(3); n > 0; --n) {
            Set(message, field, depth);
            const int last = reflection->FieldSize(*message, field) - 1;
            if (last < 0) return;
            for (int i = last; i > Below(last + 1); --i) {
              reflection->SwapElements(message, field, i, i - 1);
            }
          }
          return;
      }
    }
    if (Below(4) == 0) return reflection->ClearField(message, field);
    Set(message, field, depth);
  }

  void Set(Message* message, const FieldDescriptor* field, int depth) {
    const Reflection* reflection = message->GetReflection();
    const bool list = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth > 3) return;
        Fill(list ? reflection->AddMessage(message, field)
                  : reflection->MutableMessage(message, field),
             depth + 1);
        return;
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string value = absl::StrCat("text \"", Below(4), "\" \xC3\xA9");
        return list ? reflection->AddString(message, field, value)
                    : reflection->SetString(message, field, value);
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = Below(field->enum_type()->value_count());
        return list ? reflection->AddEnumValue(message, field, value)
                    : reflection->SetEnumValue(message, field, value);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->SetBool(message, field, Below(2) == 0);
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection->SetInt32(message, field, Below(5));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection->SetInt64(message, field, Below(5));
      default:
        return;
    }
  }

  std::mt19937 random_;
};

struct Place {
  Message* message;
  const FieldDescriptor* field;
  int index;  // -1 if the field is no list.
};

// Where a path leads in `message`, whose outer lists must be in order already.
Place Follow(Message* message, const std::string& path) {
  const std::vector<std::string> segments = absl::StrSplit(path, '.');
  for (size_t i = 0;; ++i) {
    const std::vector<std::string> parts = absl::StrSplit(segments[i], absl::ByAnyChar("[]"));
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(parts[0]);
    int index = -1;
    if (parts.size() > 1) {
      EXPECT_TRUE(absl::SimpleAtoi(parts[1], &index));
    }
    if (i + 1 == segments.size()) return {message, field, index};
    const Reflection* reflection = message->GetReflection();
    message = index < 0 ? reflection->MutableMessage(message, field)
                        : reflection->MutableRepeatedMessage(message, field, index);
  }
}

// Puts `value` at a place, at the end of a list.
void Put(const Place& place, const Value& value) {
  const Reflection* reflection = place.message->GetReflection();
  Message* message = place.message;
  const FieldDescriptor* field = place.field;
  const bool list = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* target = list ? reflection->AddMessage(message, field)
                             : reflection->MutableMessage(message, field);
      std::string json;
      ASSERT_TRUE(google::protobuf::util::MessageToJsonString(value, &json).ok());
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, target).ok()) << json;
      return;
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return list ? reflection->AddString(message, field, value.string_value())
                  : reflection->SetString(message, field, value.string_value());
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* named = field->enum_type()->FindValueByName(value.string_value());
      ASSERT_NE(named, nullptr) << value.string_value();
      return list ? reflection->AddEnum(message, field, named)
                  : reflection->SetEnum(message, field, named);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(message, field, value.bool_value());
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t number = 0;
      ASSERT_TRUE(absl::SimpleAtoi(value.string_value(), &number));
      return reflection->SetInt64(message, field, number);
    }
    default:
      return reflection->SetInt32(message, field, static_cast<int32_t>(value.number_value()));
  }
}

void MoveLastTo(const Place& place, int index) {
  const Reflection* reflection = place.message->GetReflection();
  for (int i = reflection->FieldSize(*place.message, place.field) - 1; i > index; --i) {
    reflection->SwapElements(place.message, place.field, i, i - 1);
  }
}

void RemoveAt(const Place& place) {
  const Reflection* reflection = place.message->GetReflection();
  const int size = reflection->FieldSize(*place.message, place.field);
  ASSERT_LT(place.index, size);
  for (int i = place.index; i + 1 < size; ++i) {
    reflection->SwapElements(place.message, place.field, i, i + 1);
  }
  reflection->RemoveLast(place.message, place.field);
}

// From the outside to the inside: what is gone from the back, what is new from the front, the rest.
void Apply(std::vector<FieldDifference> differences, Message* message) {
  const auto rank = [&](const FieldDifference& difference) {
    const auto depth = std::count(difference.path().begin(), difference.path().end(), '.');
    const bool gone = !difference.has_after();
    const bool made = !difference.has_before();
    return depth * 3 + (gone ? 0 : made ? 1 : 2);
  };
  const auto index = [](const FieldDifference& difference) {
    const size_t open = difference.path().rfind('[');
    int number = -1;
    if (open != std::string::npos && difference.path().back() == ']') {
      EXPECT_TRUE(absl::SimpleAtoi(
          difference.path().substr(open + 1, difference.path().size() - open - 2), &number));
    }
    return difference.has_after() ? number : -number;
  };
  std::stable_sort(differences.begin(), differences.end(), [&](const auto& a, const auto& b) {
    return std::make_pair(rank(a), index(a)) < std::make_pair(rank(b), index(b));
  });
  for (const FieldDifference& difference : differences) {
    const Place place = Follow(message, difference.path());
    ASSERT_NE(place.field, nullptr) << difference.path();
    const Reflection* reflection = place.message->GetReflection();
    if (place.index < 0) {
      reflection->ClearField(place.message, place.field);
      if (difference.has_after()) Put(place, difference.after());
      continue;
    }
    if (difference.has_before()) RemoveAt(place);
    if (difference.has_after()) {
      Put(place, difference.after());
      MoveLastTo(place, place.index);
    }
  }
}

TEST(DifferenceTest, AppliedToOneVersionTheyMakeItTheOther) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    Generator generator(seed);
    Claim before;
    generator.Fill(&before, 0);
    Claim after = before;
    if (seed % 5 == 0) {
      after.Clear();
      generator.Fill(&after, 0);
    } else {
      generator.Mutate(&after);
    }
    const auto differences = Between(&before, &after);
    Claim applied = before;
    Apply(differences, &applied);
    ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(applied, after))
        << "seed " << seed << "\n"
        << testing::PrintToString(InShort(differences)) << "\nfrom " << before.DebugString()
        << "to " << after.DebugString() << "made " << applied.DebugString();
    // And there are none where there is nothing to tell.
    EXPECT_EQ(differences.empty(),
              google::protobuf::util::MessageDifferencer::Equals(before, after));
  }
}

TEST(DifferenceTest, LongListsAreComparedToo) {
  Claim before;
  for (int i = 0; i < 5000; ++i) before.add_partnerships(absl::StrCat("partnerships/p", i));
  Claim after = before;
  after.set_partnerships(0, "partnerships/new");
  after.set_partnerships(4999, "partnerships/last");
  const auto differences = Between(&before, &after);
  Claim applied = before;
  Apply(differences, &applied);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(applied, after));
}

}  // namespace
}  // namespace entente::resource
