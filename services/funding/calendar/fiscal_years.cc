// SPDX-License-Identifier: Apache-2.0
#include "services/funding/calendar/fiscal_years.h"

#include <algorithm>
#include <iterator>

namespace entente::funding::calendar {
namespace {

// ASEAN, its partners, and Europe's larger donors. Where nothing else is said, from The World
// Factbook (CIA), field "Fiscal year". "IMF" is G. Huang and H. van Eden, "The Timing of the
// Government's Fiscal Year", IMF Public Financial Management Blog, October 20, 2016.
//
// A country whose fiscal year is not certain is better left out: who asks for it can give the day.
constexpr FiscalYear kFiscalYears[] = {
    {"AT", 1, 1},
    {"AU", 7, 1},  // Also IMF.
    {"BE", 1, 1},
    // Since 2004; calendar years before (Ministry of Finance and Economy, Treasury Department).
    {"BN", 4, 1},
    {"CA", 4, 1},  // Also IMF.
    {"CH", 1, 1},
    {"CN", 1, 1},
    {"DE", 1, 1},
    {"DK", 1, 1},
    {"ES", 1, 1},
    {"FI", 1, 1},
    {"FR", 1, 1},
    // That of the Consolidated Fund (Interpretation Act 1978, Schedule 1, "financial year"; IMF).
    // April 6, which the Factbook has, begins the year of the income tax.
    {"GB", 4, 1},
    {"HK", 4, 1},
    {"ID", 1, 1},  // Since 2001; from April 1 before.
    {"IE", 1, 1},
    {"IN", 4, 1},  // Also IMF.
    {"IT", 1, 1},
    {"JP", 4, 1},
    {"KH", 1, 1},
    {"KR", 1, 1},
    // Since 2017; from October 1 until 2015/2016, which is what the Factbook has (World Bank, "Lao
    // PDR Public Expenditure and Financial Accountability Assessment", 2019).
    {"LA", 1, 1},
    // Since April 2022, and until March 2018. From October 1 for 2018/2019 to 2020/2021, with a
    // budget of six months on either side, April to September 2018 and October 2021 to March 2022
    // (The Global New Light of Myanmar and Myawady on the Financial Commission, August 2021).
    {"MM", 4, 1},
    {"MY", 1, 1},
    {"NL", 1, 1},
    {"NO", 1, 1},
    // That of the Public Finance Act 1989 (IMF). April 1, which the Factbook has, begins the year
    // of the income tax.
    {"NZ", 7, 1},
    {"PH", 1, 1},
    {"PL", 1, 1},
    {"PT", 1, 1},
    {"SE", 1, 1},
    {"SG", 4, 1},  // Also IMF.
    // Calendar years until 1960 (National Statistical Office, Statistical Yearbook 2014).
    {"TH", 10, 1},
    // Since 2008; from July 1 before.
    {"TL", 1, 1},
    // 31 U.S.C. 1102. Since October 1976; from July 1 before.
    {"US", 10, 1},
    {"VN", 1, 1},
};

}  // namespace

absl::Span<const FiscalYear> FiscalYears() { return kFiscalYears; }

const FiscalYear* FindFiscalYear(absl::string_view country) {
  const auto found =
      std::find_if(std::begin(kFiscalYears), std::end(kFiscalYears),
                   [country](const FiscalYear& known) { return known.country == country; });
  return found == std::end(kFiscalYears) ? nullptr : found;
}

}  // namespace entente::funding::calendar
