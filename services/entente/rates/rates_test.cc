// SPDX-License-Identifier: Apache-2.0
#include "services/entente/rates/rates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "common/testing/matchers.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/entente/call.h"
#include "services/entente/record/record_test_util.h"
#include "services/funding/funding.h"

namespace entente {
namespace {

using funding::v1::RateSeries;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(60);

std::string DataFile(const std::string& name) {
  const char* root = std::getenv("ENTENTE_SOURCE_DIR");
  return absl::StrCat(root == nullptr ? "." : root, "/data/rates/", name);
}

// Funding in this process, as a peer that counts the change sets it gets.
class LoadRatesTest : public testing::Test {
 protected:
  LoadRatesTest()
      : core_(
            funding::MakeFunding(&view_, std::make_unique<log::MemoryLog>(&SystemClock::Get()), {})
                .value()),
        peer_([this](const auto& request, auto* response,
                     client::Done done) { Answer(request, response, std::move(done)); },
              /*reads=*/{}, funding::v1::ApplyChangesRequest::descriptor()->file()->service(0)) {
    EXPECT_THAT(core_->Load(), IsOk());
  }

  void Answer(const google::protobuf::Message& request, google::protobuf::Message* response,
              client::Done done) {
    if (request.GetDescriptor() == funding::v1::ApplyChangesRequest::descriptor()) {
      change_sets_.push_back(request.ByteSizeLong());
      if (before_apply_) before_apply_();
    }
    core_->Call(request, response, std::move(done));
  }

  // The status, and what it printed.
  absl::Status Load(const std::vector<std::string>& paths) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    absl::Status status = LoadRates(paths, &peer_, kPatience);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return status;
  }
  absl::Status LoadText(const std::string& text) {
    files_.Write("a", text);
    return Load({files_.path() + "/a"});
  }
  template <typename Response>
  Response Call(const google::protobuf::Message& request) {
    Response response;
    EXPECT_THAT(CallAndWait(&peer_, request, &response, kPatience), IsOk());
    return response;
  }
  RateSeries Get(const std::string& name) {
    funding::v1::GetRateSeriesRequest request;
    request.set_name(name);
    return Call<RateSeries>(request);
  }
  std::vector<std::string> RatesOf(const std::string& name) {
    std::vector<std::string> texts;
    const RateSeries series = Get(name);
    for (const auto& rate : series.rates()) {
      texts.push_back(absl::StrCat(rate.date(), " ", rate.value()));
    }
    return texts;
  }

  catalogue::CatalogueView view_;
  const std::unique_ptr<resource::DataService> core_;
  client::DirectPeer peer_;
  RecordFiles files_;
  std::vector<size_t> change_sets_;
  std::function<void()> before_apply_;
  std::string out_, err_;
};

TEST_F(LoadRatesTest, TheExtractsAreLoadedOnce) {
  const std::vector<std::string> paths = {DataFile("ecb-2023.csv"),
                                          DataFile("imf-annual-2019-2024.csv")};
  ASSERT_THAT(Load(paths), IsOk());
  EXPECT_THAT(out_,
              AllOf(HasSubstr("ecb-2023.csv: 1785 daily reference rates of the ECB, 7 "
                              "currencies, 2023-01-02 to 2023-12-29\n"),
                    HasSubstr("imf-annual-2019-2024.csv: 68 annual averages of the IMF, 12 "
                              "currencies, 2019 to 2024\n"),
                    HasSubstr("rates      19 created, 0 updated, 0 unchanged; revision 1\n")));
  EXPECT_EQ(err_, "");
  ASSERT_THAT(Load(paths), IsOk());
  EXPECT_THAT(out_, HasSubstr("rates      0 created, 0 updated, 19 unchanged; revision 1\n"));
  const RateSeries series = Get("rateSeries/ecb-eur-thb-2023");
  EXPECT_THAT(series.rates(), SizeIs(255));
  EXPECT_EQ(series.rates(254).date(), "2023-12-29");
  EXPECT_EQ(series.rates(254).value(), "37.973");
  EXPECT_EQ(series.first_year(), 2023);
  EXPECT_EQ(series.last_year(), 2023);
  EXPECT_THAT(RatesOf("rateSeries/imf-usd-mmk"),
              ElementsAre("2019 1518.255116666666", "2020 1381.619166666667"));
}

TEST_F(LoadRatesTest, EachDaysFileAddsToTheYear) {
  ASSERT_THAT(LoadText("Date,USD,THB\n2023-09-04,1.0801,38.182\n2023-09-01,1.0844,37.992\n"),
              IsOk());
  ASSERT_THAT(LoadText("Date, USD, THB, \n05 September 2023, 1.0731, 38.052, \n"), IsOk());
  EXPECT_THAT(out_, HasSubstr("0 created, 2 updated, 0 unchanged; revision 2"));
  EXPECT_THAT(RatesOf("rateSeries/ecb-eur-usd-2023"),
              ElementsAre("2023-09-01 1.0844", "2023-09-04 1.0801", "2023-09-05 1.0731"));
  // A correction, and a year of its own.
  ASSERT_THAT(LoadText("Date,USD\n2024-01-02,1.0956\n2023-09-04,1.08010\n2023-09-01,1.0845\n"),
              IsOk());
  EXPECT_THAT(out_, HasSubstr("1 created, 1 updated, 0 unchanged; revision 3"));
  EXPECT_THAT(RatesOf("rateSeries/ecb-eur-usd-2023"),
              ElementsAre("2023-09-01 1.0845", "2023-09-04 1.0801", "2023-09-05 1.0731"));
  EXPECT_THAT(RatesOf("rateSeries/ecb-eur-usd-2024"), ElementsAre("2024-01-02 1.0956"));
}

TEST_F(LoadRatesTest, WhatOthersWroteInASeriesStays) {
  ASSERT_THAT(LoadText("Date,USD\n2023-09-04,1.0801\n"), IsOk());
  funding::v1::UpdateRateSeriesRequest update;
  update.mutable_rate_series()->set_name("rateSeries/ecb-eur-usd-2023");
  update.mutable_rate_series()->mutable_title()->set_text("Dollars");
  update.mutable_rate_series()->add_notes()->set_text("A note");
  Call<RateSeries>(update);
  ASSERT_THAT(LoadText("Date,USD\n2023-09-05,1.0731\n"), IsOk());
  const RateSeries series = Get("rateSeries/ecb-eur-usd-2023");
  EXPECT_EQ(series.title().text(), "Dollars");
  EXPECT_THAT(series.notes(), SizeIs(1));
  EXPECT_THAT(series.rates(), SizeIs(2));
}

TEST_F(LoadRatesTest, DeletedSeriesComeBack) {
  ASSERT_THAT(LoadText("Date,USD\n2023-09-04,1.0801\n"), IsOk());
  funding::v1::DeleteRateSeriesRequest request;
  request.set_name("rateSeries/ecb-eur-usd-2023");
  Call<RateSeries>(request);
  ASSERT_THAT(LoadText("Date,USD\n2023-09-05,1.0731\n"), IsOk());
  EXPECT_THAT(RatesOf("rateSeries/ecb-eur-usd-2023"), ElementsAre("2023-09-05 1.0731"));
}

TEST_F(LoadRatesTest, FaultsChangeNothing) {
  EXPECT_THAT(
      LoadText("Date,USD\n2023-09-04,1.0801\n2023-09-05,x\n2023-09-06,y\n"),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("2 faults; nothing was changed")));
  EXPECT_THAT(err_, AllOf(HasSubstr("/a:3:12: USD of 2023-09-05: "),
                          HasSubstr("/a:4:12: USD of 2023-09-06: ")));
  EXPECT_EQ(out_, "");
  EXPECT_THAT(change_sets_, IsEmpty());
}

// What only the service can see is reported at its line all the same.
TEST_F(LoadRatesTest, FaultsThatTheServiceFindsHaveTheirLines) {
  funding::v1::CreateRateSeriesRequest create;
  create.set_rate_series_id("mine");
  RateSeries* mine = create.mutable_rate_series();
  mine->mutable_title()->set_text("Mine");
  mine->set_kind(funding::v1::RATE_KIND_DAILY_REFERENCE);
  mine->set_source("Source: me");
  mine->set_base_currency_code("EUR");
  mine->set_quote_currency_code("USD");
  auto* rate = mine->add_rates();
  rate->set_date("2023-09-05");
  rate->set_value("2");
  Call<RateSeries>(create);
  EXPECT_THAT(LoadText("Date,USD\n2023-09-05,1.0731\n2023-09-04,1.0801\n"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("1 faults")));
  EXPECT_THAT(err_, HasSubstr("/a:2:12: rateSeries/ecb-eur-usd-2023: contradicts rateSeries/mine, "
                              "which has 2 for 2023-09-05"));
}

TEST_F(LoadRatesTest, ANameThatIsTakenForOtherRatesIsAFault) {
  funding::v1::CreateRateSeriesRequest create;
  create.set_rate_series_id("imf-usd-vnd");
  RateSeries* other = create.mutable_rate_series();
  other->mutable_title()->set_text("Other");
  other->set_kind(funding::v1::RATE_KIND_ANNUAL_AVERAGE);
  other->set_source("Source: me");
  other->set_base_currency_code("EUR");
  other->set_quote_currency_code("VND");
  auto* rate = other->add_rates();
  rate->set_date("2023");
  rate->set_value("2");
  Call<RateSeries>(create);
  EXPECT_THAT(LoadText("Date,Rate,Currency,Frequency,Source,Country code,Country\n"
                       "2022-12-31,23271.2125,VND,A,IMF,VN,Vietnam\n"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("1 faults")));
  EXPECT_THAT(err_, HasSubstr("/a:2:12: rateSeries/imf-usd-vnd is there, of another kind"));
  EXPECT_THAT(change_sets_, IsEmpty());
}

TEST_F(LoadRatesTest, WhoWasOvertakenIsToldSo) {
  ASSERT_THAT(LoadText("Date,USD\n2023-09-04,1.0801\n"), IsOk());
  before_apply_ = [this] {
    before_apply_ = nullptr;
    funding::v1::UpdateRateSeriesRequest update;
    update.mutable_rate_series()->set_name("rateSeries/ecb-eur-usd-2023");
    update.mutable_rate_series()->add_notes()->set_text("A note");
    Call<RateSeries>(update);
  };
  EXPECT_THAT(LoadText("Date,USD\n2023-09-05,1.0731\n"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(RatesOf("rateSeries/ecb-eur-usd-2023"), ElementsAre("2023-09-04 1.0801"));
}

TEST_F(LoadRatesTest, LargeFilesGoInParts) {
  std::string text = "Date";
  constexpr int kCurrencies = 300;
  for (int i = 0; i < kCurrencies; ++i) {
    absl::StrAppend(&text, ",Q", std::string(1, static_cast<char>('A' + i / 26)),
                    std::string(1, static_cast<char>('A' + i % 26)));
  }
  for (absl::CivilDay day(2022, 1, 1); day < absl::CivilDay(2024, 1, 1); ++day) {
    absl::StrAppend(&text, "\n", absl::FormatCivilTime(day));
    for (int i = 0; i < kCurrencies; ++i) absl::StrAppend(&text, ",1.2345");
  }
  ASSERT_THAT(LoadText(text), IsOk());
  EXPECT_THAT(out_, HasSubstr("rates      600 created, 0 updated, 0 unchanged; revision "));
  EXPECT_THAT(change_sets_, SizeIs(testing::Ge(2u)));
  EXPECT_THAT(change_sets_, testing::Each(testing::Lt(size_t{3} << 20)));
}

}  // namespace
}  // namespace entente
