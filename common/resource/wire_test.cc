// SPDX-License-Identifier: Apache-2.0
#include "common/resource/wire.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "entente/catalogue/v1/place.pb.h"

namespace entente::resource {
namespace {

using catalogue::v1::Place;

// With everything that the BASIC view leaves out.
std::shared_ptr<const Place> Hanoi() {
  auto place = std::make_shared<Place>();
  place->set_name("places/hanoi");
  place->set_revision(7);
  place->mutable_title()->set_text("Hanoi");
  place->mutable_title()->add_translations()->set_text("Hà Nội");
  place->add_citations()->set_document("documents/d");
  place->add_notes()->set_text("A city.");
  return place;
}

Place Parsed(const std::string& bytes) {
  Place place;
  EXPECT_TRUE(place.ParseFromString(bytes));
  return place;
}

TEST(WireFormsTest, FullIsAllOfIt) {
  const auto hanoi = Hanoi();
  EXPECT_EQ(WireForms(hanoi).Of(/*full=*/true), hanoi->SerializeAsString());
}

TEST(WireFormsTest, BasicIsTheBasicView) {
  const auto hanoi = Hanoi();
  Place expected = *hanoi;
  ApplyView(&expected, /*full=*/false);
  const WireForms forms(hanoi);
  EXPECT_EQ(forms.Of(/*full=*/false), expected.SerializeAsString());
  const Place basic = Parsed(forms.Of(/*full=*/false));
  EXPECT_EQ(basic.title().text(), "Hanoi");
  EXPECT_EQ(basic.title().translations_size(), 0);
  EXPECT_EQ(basic.citations_size(), 0);
  EXPECT_EQ(basic.notes_size(), 0);
  // The message itself is as it was.
  EXPECT_EQ(Parsed(forms.Of(/*full=*/true)).title().translations_size(), 1);
}

TEST(WireFormsTest, AreMadeOnce) {
  const WireForms forms(Hanoi());
  const std::string* full = &forms.Of(/*full=*/true);
  const std::string* basic = &forms.Of(/*full=*/false);
  EXPECT_NE(full, basic);
  EXPECT_EQ(&forms.Of(/*full=*/true), full);
  EXPECT_EQ(&forms.Of(/*full=*/false), basic);
}

TEST(WireFormsTest, AreTheSameToAllWhoAskAtOnce) {
  constexpr int kRounds = 100;
  constexpr size_t kThreads = 4;
  const auto hanoi = Hanoi();
  for (int round = 0; round < kRounds; ++round) {
    const WireForms forms(hanoi);
    std::vector<const std::string*> full(kThreads);
    std::vector<const std::string*> basic(kThreads);
    std::vector<std::thread> threads;
    for (size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        full[t] = &forms.Of(/*full=*/true);
        basic[t] = &forms.Of(/*full=*/false);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (size_t t = 0; t < kThreads; ++t) {
      EXPECT_EQ(full[t], full[0]);
      EXPECT_EQ(basic[t], basic[0]);
      EXPECT_EQ(*full[t], hanoi->SerializeAsString());
    }
  }
}

}  // namespace
}  // namespace entente::resource
