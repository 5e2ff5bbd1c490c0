// SPDX-License-Identifier: Apache-2.0
#include "services/entente/rates/rate_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/entente/record/record_test_util.h"

namespace entente {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class RateFilesTest : public testing::Test {
 protected:
  // The rates in these files, which are written in a directory of the test: "NAME DATE VALUE".
  std::vector<std::string> RatesIn(const std::vector<std::pair<std::string, std::string>>& texts) {
    std::vector<std::string> paths;
    for (const auto& [name, text] : texts) {
      directory_.Write(name, text);
      paths.push_back(absl::StrCat(directory_.path(), "/", name));
    }
    std::vector<Fault> faults;
    files_ = RateFiles::Read(paths, &faults);
    faults_.clear();
    for (Fault& fault : faults) {
      fault.file = fault.file.substr(directory_.path().size() + 1);
      faults_.push_back(fault.ToString());
    }
    std::vector<std::string> rates;
    for (const FoundSeries* series : files_.series()) {
      for (const auto& [date, rate] : series->rates) {
        rates.push_back(absl::StrCat(series->Name().substr(11), " ", date, " ", rate.value));
      }
    }
    return rates;
  }
  std::vector<std::string> RatesIn(const std::string& text) { return RatesIn({{"a", text}}); }
  std::vector<std::string> FaultsOf(const std::string& text) {
    RatesIn(text);
    return faults_;
  }

  RecordFiles directory_;
  RateFiles files_;
  std::vector<std::string> faults_;
};

constexpr char kImf[] = "Date,Rate,Currency,Frequency,Source,Country code,Country\r\n";

TEST_F(RateFilesTest, TheHistoryOfTheEcb) {
  EXPECT_THAT(
      RatesIn("Date,USD,ISK,THB,\n"
              "2024-01-02,1.0956,N/A,37.600,\n"
              "2023-12-29,1.1050,150.5,37.973,\n"
              "2023-12-28,1.1114,,N/A,\n"),
      ElementsAre("ecb-eur-isk-2023 2023-12-29 150.5", "ecb-eur-thb-2023 2023-12-29 37.973",
                  "ecb-eur-thb-2024 2024-01-02 37.6", "ecb-eur-usd-2023 2023-12-28 1.1114",
                  "ecb-eur-usd-2023 2023-12-29 1.105", "ecb-eur-usd-2024 2024-01-02 1.0956"));
  EXPECT_THAT(faults_, IsEmpty());
  ASSERT_THAT(files_.files(), SizeIs(1));
  EXPECT_THAT(files_.files()[0].Summary(),
              HasSubstr(": 6 daily reference rates of the ECB, 3 currencies, 2023-12-28 to "
                        "2024-01-02"));
  const auto series = files_.series()[0]->WithoutRates();
  EXPECT_EQ(series.name(), "rateSeries/ecb-eur-isk-2023");
  EXPECT_EQ(series.kind(), funding::v1::RATE_KIND_DAILY_REFERENCE);
  EXPECT_EQ(series.base_currency_code(), "EUR");
  EXPECT_EQ(series.quote_currency_code(), "ISK");
  EXPECT_THAT(series.source(), StartsWith("Source: ECB"));
  EXPECT_THAT(series.title().text(), HasSubstr("2023"));
}

TEST_F(RateFilesTest, TheDayOfTheEcb) {
  EXPECT_THAT(
      RatesIn("Date, USD, JPY, \n5 September 2023, 1.0731, 158.04, \n"),
      ElementsAre("ecb-eur-jpy-2023 2023-09-05 158.04", "ecb-eur-usd-2023 2023-09-05 1.0731"));
  EXPECT_THAT(FaultsOf("Date, USD\n31 September 2023, 1\n"), SizeIs(1));
}

constexpr char kXml[] = R"(<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>
    <Cube time='2023-09-05'>
      <Cube currency='USD' rate='1.0731'/>
      <Cube currency='JPY' rate='158.040'/>
    </Cube>
    <Cube time="2023-09-04"><Cube currency="USD" rate="1.0801"/></Cube>
  </Cube>
</gesmes:Envelope>
)";

TEST_F(RateFilesTest, TheXmlOfTheEcb) {
  EXPECT_THAT(RatesIn(kXml), ElementsAre("ecb-eur-jpy-2023 2023-09-05 158.04",
                                         "ecb-eur-usd-2023 2023-09-04 1.0801",
                                         "ecb-eur-usd-2023 2023-09-05 1.0731"));
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(RateFilesTest, FaultsOfXmlHaveTheirLines) {
  const auto with = [](const std::string& cubes) {
    return absl::StrCat("<Envelope>\n<Cube>\n", cubes, "\n</Cube>\n</Envelope>");
  };
  EXPECT_THAT(FaultsOf(with("<Cube time='2023-02-30'>\n<Cube currency='USD' rate='1'/></Cube>")),
              ElementsAre(StartsWith("a:3:1: \"2023-02-30\" is no day"),
                          StartsWith("a:4:1: the rate of USD is of no day")));
  EXPECT_THAT(FaultsOf(with("<Cube time='2023-02-03'><Cube currency='USD'/>\n"
                            "  <Cube currency='usd' rate='1'/><Cube currency='USD' rate='0'/>"
                            "</Cube>")),
              ElementsAre(StartsWith("a:3:25: a rate needs a currency"),
                          StartsWith("a:4:3: usd of 2023-02-03: \"usd\" is no currency"),
                          StartsWith("a:4:34: USD of 2023-02-03: \"0\" must be")));
  EXPECT_THAT(FaultsOf("<Envelope>\n<Cube>"), ElementsAre(StartsWith("a:2:7: is not well-formed")));
  EXPECT_THAT(FaultsOf("<html></html>"), ElementsAre(HasSubstr("is not the ECB's")));
  EXPECT_THAT(FaultsOf("<!DOCTYPE x [<!ENTITY e 'e'>]><Envelope>&e;</Envelope>"),
              ElementsAre(HasSubstr("document type declaration")));
  EXPECT_THAT(FaultsOf("<Envelope/>"), ElementsAre("a: holds no rate"));
}

TEST_F(RateFilesTest, TheAveragesOfTheImf) {
  EXPECT_THAT(
      RatesIn(absl::StrCat(kImf,
                           "2022-12-31,23271.2125,VND,A,IMF,VN,Vietnam\r\n"
                           "2023-12-31,,VND,A,IMF,VN,Vietnam\r\n"
                           "1955-12-31,14.4451109778044,AFN,A,IMF,AF,\"Afghanistan, Islamic "
                           "Republic of\"\r\n"
                           "2022-12-31,1,USD,A,IMF,US,United States\r\n")),
      ElementsAre("imf-usd-afn 1955 14.4451109778044", "imf-usd-vnd 2022 23271.2125"));
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_THAT(files_.files()[0].Summary(),
              HasSubstr(": 2 annual averages of the IMF, 2 currencies, 1955 to 2022"));
  EXPECT_THAT(files_.files()[0].left_out, IsEmpty());
  EXPECT_THAT(files_.series()[0]->WithoutRates().source(),
              StartsWith("Source: International Monetary Fund"));
}

// Haiti reports what its gourde costs under the dollar's code, the Antilles under the guilder's.
TEST_F(RateFilesTest, OfSeveralCountriesTheIssuersRateIsTaken) {
  EXPECT_THAT(RatesIn(absl::StrCat(kImf,
                                   "1998-12-31,1.79,NLG,A,IMF,AN,Netherlands Antilles\n"
                                   "1998-12-31,1.983733,NLG,A,IMF,NL,Netherlands\n"
                                   "2005-12-31,1.79,NLG,A,IMF,AN,Netherlands Antilles\n"
                                   "2022-12-31,0.950915533962108,EUR,A,IMF,AD,Andorra\n"
                                   "2022-12-31,0.949623756938104,EUR,A,IMF,U2,Euro Area\n"
                                   "2022-12-31,622.912348249567,XOF,A,IMF,BJ,Benin\n"
                                   "2022-12-31,623.759700911182,XOF,A,IMF,7A,WAEMU\n"
                                   "2022-12-31,115.6,USD,A,IMF,HT,Haiti\n")),
              ElementsAre("imf-usd-eur 2022 0.949623756938104", "imf-usd-nlg 1998 1.983733",
                          "imf-usd-xof 2022 623.759700911182"));
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_THAT(files_.files()[0].left_out, ElementsAre(StartsWith("4 rates that countries report")));
}

TEST_F(RateFilesTest, WhereNoIssuerReportsTheCountriesMustAgree) {
  EXPECT_THAT(RatesIn(absl::StrCat(kImf,
                                   "1958-12-31,49.628,XPF,A,IMF,PF,French Polynesia\n"
                                   "1958-12-31,49.627,XPF,A,IMF,NC,New Caledonia\n"
                                   "1959-12-31,89.7650,XPF,A,IMF,PF,French Polynesia\n"
                                   "1959-12-31,89.765,XPF,A,IMF,NC,New Caledonia\n")),
              ElementsAre("imf-usd-xpf 1959 89.765"));
  EXPECT_THAT(files_.files()[0].left_out,
              ElementsAre("XPF of 1958, on which countries differ: NC 49.627, PF 49.628"));
}

TEST_F(RateFilesTest, FaultsOfTheImfsFormHaveTheirPlaces) {
  EXPECT_THAT(FaultsOf(absl::StrCat(kImf,
                                    "2022-06-30,1,VND,A,IMF,VN,Vietnam\n"
                                    "2022-12-31,1,VND,M,IMF,VN,Vietnam\n"
                                    "2022-12-31,1,VND,A,IMF,VN\n"
                                    "2022-12-31,x,VND,A,IMF,VN,Vietnam\n"
                                    "2022-12-31,2,VND,A,IMF,VN,Vietnam\n"
                                    "2021-12-31,1,dong,A,IMF,VN,Vietnam\n")),
              testing::UnorderedElementsAre(StartsWith("a:2:1: \"2022-06-30\" is no year"),
                                            StartsWith("a:3:18: \"M\" is not the frequency"),
                                            StartsWith("a:4:1: has 6 columns; the header has 7"),
                                            StartsWith("a:5:12: VND of 2022: \"x\" must be"),
                                            StartsWith("a:6:1: VND of 2022 stands here for VN"),
                                            StartsWith("a:7:12: dong of 2021: \"dong\" is no")));
  EXPECT_THAT(FaultsOf("Date,Rate\n2022-12-31,1\n"),
              ElementsAre("a:1:1: has no column Currency", "a:1:1: has no column Frequency",
                          "a:1:1: has no column Country code"));
  RatesIn({{"imf_exchangerates_A_ENDE_USD.csv",
            absl::StrCat(kImf, "2022-12-31,1,VND,A,IMF,VN,Vietnam\n")}});
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("no averages")));
}

TEST_F(RateFilesTest, FaultsOfTheEcbsFormHaveTheirPlaces) {
  EXPECT_THAT(FaultsOf("Date,USD,dong,THB\n"
                       "2023-02-29,1,1,1\n"
                       "2023-03-01,1,1\n"
                       "2023-03-02,-1,1,1e3\n"
                       "2023-03-03,1,1,\"1\n"),
              ElementsAre(StartsWith("a:1:10: \"dong\" is no currency code"),
                          StartsWith("a:2:1: \"2023-02-29\" is no day"),
                          StartsWith("a:3:1: has 3 columns; the header has 4"),
                          StartsWith("a:4:12: USD of 2023-03-02: \"-1\" must be"),
                          StartsWith("a:4:17: THB of 2023-03-02: \"1e3\" must be"),
                          StartsWith("a:5:16: a quote is not closed")));
}

TEST_F(RateFilesTest, WhatIsNoFileOfRates) {
  EXPECT_THAT(FaultsOf("hello\n"), ElementsAre(HasSubstr("no file of rates that is known")));
  EXPECT_THAT(FaultsOf(""), ElementsAre("a: cannot be read, or is empty"));
  EXPECT_THAT(FaultsOf("\n\n"), ElementsAre("a: holds no rate"));
  EXPECT_THAT(FaultsOf("Date,USD\n2023-01-02,N/A\n"), ElementsAre("a: holds no rate"));
  std::vector<Fault> faults;
  RateFiles::Read({"/no/such/file"}, &faults);
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_EQ(faults[0].ToString(), "/no/such/file: cannot be read, or is empty");
}

TEST_F(RateFilesTest, SeveralFilesAreOneAndMustNotContradictEachOther) {
  EXPECT_THAT(RatesIn({{"a", "Date,USD\n2023-09-04,1.0801\n2023-09-05,1.0731\n"}, {"b", kXml}}),
              SizeIs(3));
  EXPECT_THAT(faults_, IsEmpty());
  RatesIn({{"a", "Date,USD\n2023-09-05,1.0732\n"}, {"b", kXml}});
  EXPECT_THAT(faults_, ElementsAre(testing::MatchesRegex("b:8:7: USD of 2023-09-05: 1.0731 "
                                                         "contradicts .*/a:2, which has 1.0732")));
  RatesIn("Date,USD,USD\n2023-09-05,1.1,1.2\n");
  EXPECT_THAT(faults_, SizeIs(1));
}

}  // namespace
}  // namespace entente
