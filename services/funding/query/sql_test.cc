// SPDX-License-Identifier: Apache-2.0
//
// Real data, added up twice: by queries, and by SQLite in integer cents. The two share no code
// beyond the names of places, and must agree to the cent, to the claim and in the order of rows.
//
// The data is ForeignAssistance.gov's table of money by country, stage and fiscal year, each line a
// claim that is neither whole nor part. data/foreign-assistance has an extract. The whole table, of
// 23,166 lines, is added up as well where it is: the file that ENTENTE_FOREIGN_ASSISTANCE names or,
// where a folder `shared` stands beside the checkout,
// shared/data/foreignassistance-gov/us_foreign_aid_country.csv. Without either those tests say that
// they did not run and are skipped; a file that should be there and is not is a failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/figure/decimal.h"
#include "common/log/sqlite.h"
#include "common/testing/matchers.h"
#include "services/entente/text/csv.h"
#include "services/funding/query/ledger_test_util.h"

namespace entente::funding::query {
namespace {

using figure::Decimal;
using log::sqlite::Database;
using log::sqlite::Statement;
using test::HasReason;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// A line of the table. Its sums are in `current_amount`: dollars as they were spent. Those of
// `constant_amount` are another measure of the same money.
struct Line {
  std::string id;
  std::string country_name;
  std::string region_name;
  std::string income_group;  // "NULL" for none
  std::string type_id;
  std::string fiscal_year;
  std::string amount;
};

// "places/korea-republic-of" for "Korea, Republic of". Places are told apart by name: former
// countries share the code "NULL".
std::string PlaceOf(const std::string& name) {
  std::string id;
  for (const char c : name) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      id += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  if (!id.empty() && id.back() == '-') id.pop_back();
  return "places/" + id;
}

std::vector<Line> ReadLines(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  const std::string content = text.str();
  CsvReader reader(content);
  CsvRow row;
  std::map<std::string, size_t> columns;
  std::vector<Line> lines;
  while (reader.Next(&row)) {
    EXPECT_THAT(row.fault, IsEmpty());
    if (columns.empty()) {
      for (size_t i = 0; i < row.fields.size(); ++i) columns[row.fields[i].text] = i;
      continue;
    }
    const auto field = [&](const char* name) { return row.fields.at(columns.at(name)).text; };
    lines.push_back({absl::StrFormat("line-%05d", row.fields[0].line), field("Country Name"),
                     field("Region Name"), field("Income Group Acronym"),
                     field("Transaction Type ID"), field("Fiscal Year"), field("current_amount")});
  }
  return lines;
}

// A line as a claim. What the table does not have is not invented: no agency, no sector. The
// group of countries by income, a classification of the publisher, stands in the place of a sector
// in the vocabulary for such ("99", "Reporting Organisation").
v1::Claim ClaimOf(const Line& line) {
  v1::Claim claim;
  claim.set_name("claims/" + line.id);
  claim.set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
  claim.set_direction(v1::CLAIM_DIRECTION_OUTGOING);
  claim.set_instrument(v1::CLAIM_INSTRUMENT_NOT_STATED);
  static const auto* const stages = new std::map<std::string, v1::ClaimStage>{
      {"1", v1::CLAIM_STAGE_APPROPRIATED},  // "Appropriated and Planned"
      {"2", v1::CLAIM_STAGE_COMMITTED},     // "Obligations"
      {"3", v1::CLAIM_STAGE_DISBURSED},     // "Disbursements"
      {"18", v1::CLAIM_STAGE_REQUESTED},    // "President's Budget Requests"
      {"19", v1::CLAIM_STAGE_ALLOCATED},    // "Initial Allocations"
  };
  claim.set_stage(stages->at(line.type_id));
  claim.mutable_amount()->set_currency_code("USD");
  claim.mutable_amount()->mutable_figure()->set_value(line.amount);
  // Until 1976 the fiscal year began on July 1. The quarter from then to October 1, on which it
  // has begun ever since, is in no fiscal year.
  int year = 0;
  if (line.fiscal_year == "1976tq") {
    claim.mutable_period()->set_edtf("1976-07-01/1976-09-30");
  } else if (absl::SimpleAtoi(line.fiscal_year, &year)) {
    claim.mutable_period()->set_edtf(year <= 1976
                                         ? absl::StrFormat("%d-07-01/%d-06-30", year - 1, year)
                                         : absl::StrFormat("%d-10-01/%d-09-30", year - 1, year));
  } else {
    ADD_FAILURE() << line.id << ": " << line.fiscal_year;
  }
  const bool for_region = line.country_name == line.region_name + " Region";
  claim.add_places()->set_place(PlaceOf(for_region ? line.region_name : line.country_name));
  type::v1::Party* party = claim.add_parties();
  party->set_organisation("organisations/united-states");
  party->set_role(type::v1::PARTY_ROLE_FUNDING);
  if (line.income_group != "NULL") {
    claim.add_sectors()->set_vocabulary("99");
    claim.mutable_sectors(0)->set_code(line.income_group);
  }
  return claim;
}

void PutPlaces(const std::vector<Line>& lines, Ledger* ledger) {
  std::map<std::string, std::string> places;
  for (const Line& line : lines) {
    const std::string region = PlaceOf(line.region_name);
    places[region] = absl::StrCat("kind: PLACE_KIND_REGION ",
                                  region == "places/world" ? "" : "parent: 'places/world'");
    places["places/world"] = "kind: PLACE_KIND_REGION";
    const bool is_region = absl::EndsWith(line.country_name, " Region");
    if (line.country_name == line.region_name ||
        line.country_name == line.region_name + " Region") {
      continue;
    }
    places[PlaceOf(line.country_name)] =
        absl::StrCat("kind: ", is_region ? "PLACE_KIND_REGION" : "PLACE_KIND_COUNTRY", " parent: '",
                     region, "'");
  }
  for (const auto& [name, text] : places) ledger->PutPlace(name, text);
}

// The same lines once more, and what SQL is told about them. `us`, `july` and `year` are buckets of
// time; what does not lie within one of them is a row of its own, marked like a region among
// countries.
constexpr char kSchema[] = R"sql(
  CREATE TABLE line (id TEXT, place TEXT, name TEXT, region TEXT, region_name TEXT, income TEXT,
                     type INTEGER, fy TEXT, dollars TEXT);
  CREATE VIEW dated AS SELECT *,
    CAST(fy AS INTEGER) AS y,
    CASE WHEN fy = '1976tq' THEN '1976-07-01'
         WHEN CAST(fy AS INTEGER) < 1977 THEN (CAST(fy AS INTEGER) - 1) || '-07-01'
         ELSE (CAST(fy AS INTEGER) - 1) || '-10-01' END AS first,
    CASE WHEN fy = '1976tq' THEN '1976-09-30'
         WHEN CAST(fy AS INTEGER) < 1977 THEN fy || '-06-30'
         ELSE fy || '-09-30' END AS last
    FROM line;
  CREATE VIEW money AS SELECT id, name, income, first, last,
    CAST(dollars AS INTEGER) * 100 AS cents,
    CASE type WHEN 18 THEN 'CLAIM_STAGE_REQUESTED' WHEN 19 THEN 'CLAIM_STAGE_ALLOCATED'
              WHEN 1 THEN 'CLAIM_STAGE_APPROPRIATED' WHEN 2 THEN 'CLAIM_STAGE_COMMITTED'
              WHEN 3 THEN 'CLAIM_STAGE_DISBURSED' END AS stage,
    CASE type WHEN 18 THEN 1 WHEN 19 THEN 2 WHEN 1 THEN 3 WHEN 2 THEN 7 ELSE 8 END AS step,
    CASE WHEN name = region_name || ' Region' THEN 'wider ' || region
         WHEN name = region_name OR name LIKE '% Region' THEN 'wider ' || place
         ELSE place END AS country,
    CASE WHEN name LIKE '% Region' AND name <> region_name || ' Region' THEN place
         ELSE region END AS region,
    CASE WHEN fy = '1976tq' THEN 'FY1976' WHEN y > 1976 THEN 'FY' || fy
         ELSE 'wider ' || first || '/' || last END AS us,
    CASE WHEN fy = '1976tq' THEN '1976-09-30' ELSE last END AS us_last,
    CASE WHEN fy = '1976tq' THEN 'FY1977' WHEN y < 1977 THEN 'FY' || fy
         ELSE 'wider ' || first || '/' || last END AS july,
    CASE WHEN fy = '1976tq' THEN '1977-06-30' ELSE last END AS july_last,
    CASE WHEN fy = '1976tq' THEN '1976' ELSE 'wider ' || first || '/' || last END AS year
    FROM dated;
)sql";

std::unique_ptr<Database> MakeDatabase(const std::vector<Line>& lines) {
  auto db = Database::Open(":memory:", {});
  EXPECT_THAT(db, IsOk());
  EXPECT_THAT((*db)->Execute(kSchema), IsOk());
  EXPECT_THAT((*db)->Execute("BEGIN"), IsOk());
  {
    auto insert = (*db)->Prepare("INSERT INTO line VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    EXPECT_THAT(insert, IsOk());
    for (const Line& line : lines) {
      const std::string place = PlaceOf(line.country_name);
      const std::string region = PlaceOf(line.region_name);
      insert->BindText(1, line.id).BindText(2, place).BindText(3, line.country_name);
      insert->BindText(4, region).BindText(5, line.region_name).BindText(6, line.income_group);
      insert->BindText(7, line.type_id).BindText(8, line.fiscal_year).BindText(9, line.amount);
      EXPECT_THAT(insert->Run(), IsOk());
    }
  }
  EXPECT_THAT((*db)->Execute("COMMIT"), IsOk());
  return *std::move(db);
}

struct Both {
  Ledger ledger;
  std::unique_ptr<Database> db;
  size_t lines = 0;
};

std::unique_ptr<Both> Load(const std::string& path) {
  const std::vector<Line> lines = ReadLines(path);
  auto both = std::make_unique<Both>();
  both->lines = lines.size();
  std::vector<v1::Claim> claims;
  claims.reserve(lines.size());
  for (const Line& line : lines) claims.push_back(ClaimOf(line));
  both->ledger.PutClaims(std::move(claims));
  PutPlaces(lines, &both->ledger);
  both->db = MakeDatabase(lines);
  return both;
}

// Both sides of what the table holds are compared as lines of text:
// "FY1999 | CLAIM_STAGE_COMMITTED: 150000 cents, 3 claims".
using Lines = std::vector<std::string>;

// A decimal in units of 10^-digits; anything finer is a failure.
int64_t UnitsOf(const std::string& text, int digits) {
  const auto decimal = Decimal::Parse(text);
  EXPECT_THAT(decimal, IsOk()) << text;
  if (!decimal.ok()) return 0;
  EXPECT_LE(decimal->scale(), digits) << text;
  absl::int128 units = decimal->coefficient();
  for (int scale = decimal->scale(); scale < digits; ++scale) units *= 10;
  return static_cast<int64_t>(units);
}

// Half to even.
int64_t Quotient(absl::int128 dividend, absl::int128 divisor) {
  if (divisor < 0) return Quotient(-dividend, -divisor);
  absl::int128 floor = dividend / divisor;
  if (floor * divisor > dividend) --floor;
  const absl::int128 twice = (dividend - floor * divisor) * 2;
  const bool up = twice > divisor || (twice == divisor && floor % 2 != 0);
  return static_cast<int64_t>(floor + (up ? 1 : 0));
}

std::string Show(const std::string& key, int64_t cents, int64_t claims) {
  return absl::StrCat(key, ": ", cents, " cents, ", claims, " claims");
}

// `share` in units of 0.0001 percent, "none" if the total is 0.
std::string ShowMeasures(int64_t min, int64_t max, int64_t mean, const std::string& share) {
  return absl::StrCat(", min ", min, ", max ", max, ", mean ", mean, ", share ", share);
}

std::string KeyOf(const v1::FundingRow& row) {
  std::vector<std::string> values;
  for (const v1::DimensionValue& value : row.values()) {
    switch (value.kind()) {
      case v1::DIMENSION_VALUE_KIND_STATED:
        values.push_back(value.value());
        break;
      case v1::DIMENSION_VALUE_KIND_WIDER:
        values.push_back("wider " + value.value());
        break;
      case v1::DIMENSION_VALUE_KIND_NOT_STATED:
        values.push_back("not stated");
        break;
      default:
        EXPECT_EQ(value.kind(), v1::DIMENSION_VALUE_KIND_ANY);
        values.push_back("any");
    }
  }
  return absl::StrJoin(values, " | ");
}

// Every number of a sum of flat claims is exact.
std::string Show(const v1::FundingRow& row, bool measured) {
  const std::string key = KeyOf(row);
  EXPECT_THAT(row.left_out(), IsEmpty()) << key;
  EXPECT_THAT(row.sums(), SizeIs(1)) << key;
  if (row.sums_size() != 1) return key;
  const v1::MoneySum& sum = row.sums(0);
  EXPECT_EQ(sum.currency_code(), "USD");
  EXPECT_FALSE(sum.has_recurrence());
  EXPECT_EQ(sum.bounds().low(), sum.stated()) << key;
  EXPECT_EQ(sum.bounds().high(), sum.stated()) << key;
  EXPECT_FALSE(sum.bounds().low_open() || sum.bounds().high_open()) << key;
  EXPECT_THAT(sum.excess(), IsEmpty()) << key;
  EXPECT_EQ(sum.not_stated(), 0) << key;
  EXPECT_EQ(sum.claims(), row.claims()) << key;
  std::string line = Show(key, UnitsOf(sum.stated(), 2), sum.claims());
  if (!measured) return line;
  EXPECT_EQ(sum.exact_amounts(), sum.claims()) << key;
  const std::string share =
      sum.share_percent().empty() ? "none" : absl::StrCat(UnitsOf(sum.share_percent(), 4));
  return line +
         ShowMeasures(UnitsOf(sum.min(), 2), UnitsOf(sum.max(), 2), UnitsOf(sum.mean(), 2), share);
}

// What SQL answers: `keys` texts, then the cents and the number of claims and, if measured, the
// least and the greatest amount and the cents of the total.
Lines RunSql(Database* db, const std::string& sql, int keys, bool measured) {
  Lines lines;
  auto statement = db->Prepare(sql);
  EXPECT_THAT(statement, IsOk()) << sql;
  if (!statement.ok()) return lines;
  while (true) {
    const auto row = statement->Step();
    EXPECT_THAT(row, IsOk()) << sql;
    if (!row.ok() || !*row) return lines;
    std::vector<std::string> values;
    for (int i = 0; i < keys; ++i) values.push_back(statement->Bytes(i));
    const int64_t cents = statement->Int(keys);
    const int64_t claims = statement->Int(keys + 1);
    lines.push_back(Show(absl::StrJoin(values, " | "), cents, claims));
    if (!measured) continue;
    const int64_t total = statement->Int(keys + 4);
    absl::StrAppend(
        &lines.back(),
        ShowMeasures(
            statement->Int(keys + 2), statement->Int(keys + 3), Quotient(cents, claims),
            total == 0 ? "none" : absl::StrCat(Quotient(absl::int128(cents) * 1'000'000, total))));
  }
}

// The first difference, which says more than two lists of thousands of lines.
void ExpectSame(const Lines& query, const Lines& sql) {
  for (size_t i = 0; i < query.size() && i < sql.size(); ++i) {
    ASSERT_EQ(query[i], sql[i]) << "in row " << i << " of " << query.size();
  }
  ASSERT_EQ(query.size(), sql.size())
      << "after the same rows, one has "
      << (query.size() > sql.size() ? query[sql.size()] : sql[query.size()]);
}

enum class Table { kExtract, kWhole };

// Loads each table once for all tests of the process.
class Tables {
 public:
  // Null if the table is not here and need not be.
  static Both* Get(Table table) {
    static auto* const loaded = new std::map<Table, std::unique_ptr<Both>>;
    const auto found = loaded->find(table);
    if (found != loaded->end()) return found->second.get();
    const std::string path = PathOf(table);
    return loaded->emplace(table, path.empty() ? nullptr : Load(path)).first->second.get();
  }

 private:
  static std::string PathOf(Table table) {
    const char* root = std::getenv("ENTENTE_SOURCE_DIR");
    const std::string checkout = root == nullptr ? "." : root;
    if (table == Table::kExtract) return checkout + "/data/foreign-assistance/extract.csv";
    const char* given = std::getenv("ENTENTE_FOREIGN_ASSISTANCE");
    if (given != nullptr && *given != '\0') return given;
    const std::string shared = checkout + "/../shared";
    if (!std::filesystem::is_directory(shared)) return "";
    return shared + "/data/foreignassistance-gov/us_foreign_aid_country.csv";
  }
};

// One question, put in both languages.
struct Question {
  const char* name;
  const char* query;
  int keys;
  const char* sql;
};

const Question kQuestions[] = {
    {"ByFiscalYear",
     "filter: 'stage = CLAIM_STAGE_COMMITTED' "
     "group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: 'US' }",
     1,
     "SELECT us, SUM(cents), COUNT(*) FROM money WHERE stage = 'CLAIM_STAGE_COMMITTED' "
     "GROUP BY us ORDER BY us LIKE 'wider%', MIN(first)"},
    {"ByFiscalYearOfJuly",
     "filter: 'stage = CLAIM_STAGE_COMMITTED' "
     "group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: '--07-01' }",
     1,
     "SELECT july, SUM(cents), COUNT(*) FROM money WHERE stage = 'CLAIM_STAGE_COMMITTED' "
     "GROUP BY july ORDER BY july LIKE 'wider%', MIN(first)"},
    {"ByCalendarYear",
     "filter: 'stage = CLAIM_STAGE_COMMITTED' group_by { field: 'period' unit: PERIOD_UNIT_YEAR }",
     1,
     "SELECT year, SUM(cents), COUNT(*) FROM money WHERE stage = 'CLAIM_STAGE_COMMITTED' "
     "GROUP BY year ORDER BY year LIKE 'wider%', MIN(first)"},
    {"ByYearStageAndCountry",
     "group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: 'US' } "
     "group_by { field: 'stage' } group_by { field: 'countries' }",
     3,
     "SELECT us, stage, country, SUM(cents), COUNT(*) FROM money GROUP BY us, stage, country "
     "ORDER BY us LIKE 'wider%', MIN(first), step, country LIKE 'wider%', country"},
    {"ByFunderAndStage",
     "group_by { field: 'funding' } group_by { field: 'stage' } measures: MEASURE_MIN "
     "measures: MEASURE_MAX measures: MEASURE_MEAN measures: MEASURE_SHARE",
     2,
     "SELECT 'organisations/united-states', stage, SUM(cents), COUNT(*), MIN(cents), MAX(cents), "
     "SUM(cents) FROM money GROUP BY stage ORDER BY step"},
    {"ByRegion",
     "filter: 'stage = CLAIM_STAGE_DISBURSED' group_by { field: 'regions' } "
     "measures: MEASURE_MIN measures: MEASURE_MAX measures: MEASURE_MEAN measures: MEASURE_SHARE",
     1,
     "SELECT region, SUM(cents), COUNT(*), MIN(cents), MAX(cents), SUM(SUM(cents)) OVER () "
     "FROM money WHERE stage = 'CLAIM_STAGE_DISBURSED' GROUP BY region ORDER BY region"},
    {"ShareOfEachStage",
     "group_by { field: 'countries' } group_by { field: 'stage' } order_by: 'stage, stated desc' "
     "measures: MEASURE_MIN measures: MEASURE_MAX measures: MEASURE_MEAN measures: MEASURE_SHARE",
     2,
     "SELECT country, stage, SUM(cents) AS s, COUNT(*), MIN(cents), MAX(cents), "
     "SUM(SUM(cents)) OVER (PARTITION BY stage) FROM money GROUP BY country, stage "
     "ORDER BY step, s DESC, country LIKE 'wider%', country"},
    {"TopTenCountries",
     "filter: 'stage = CLAIM_STAGE_COMMITTED' group_by { field: 'countries' } "
     "order_by: 'stated desc' top: 10",
     1,
     "WITH ranked AS (SELECT country, SUM(cents) AS s, COUNT(*) AS n, ROW_NUMBER() OVER "
     "(ORDER BY SUM(cents) DESC, country LIKE 'wider%', country) AS place FROM money "
     "WHERE stage = 'CLAIM_STAGE_COMMITTED' GROUP BY country) "
     "SELECT country, s, n FROM (SELECT * FROM ranked WHERE place <= 10 UNION ALL "
     "SELECT 'any', SUM(s), SUM(n), 11 FROM ranked WHERE place > 10) ORDER BY place"},
    {"TopTenByClaims",
     "filter: 'stage = CLAIM_STAGE_COMMITTED OR stage = CLAIM_STAGE_DISBURSED' "
     "mix: MONEY_KIND_STAGE group_by { field: 'countries' } "
     "order_by: 'claims desc, stated' top: 10",
     1,
     "WITH ranked AS (SELECT country, SUM(cents) AS s, COUNT(*) AS n, ROW_NUMBER() OVER "
     "(ORDER BY COUNT(*) DESC, SUM(cents), country LIKE 'wider%', country) AS place FROM money "
     "WHERE stage IN ('CLAIM_STAGE_COMMITTED', 'CLAIM_STAGE_DISBURSED') GROUP BY country) "
     "SELECT country, s, n FROM (SELECT * FROM ranked WHERE place <= 10 UNION ALL "
     "SELECT 'any', SUM(s), SUM(n), 11 FROM ranked WHERE place > 10) ORDER BY place"},
    {"TopOfEachStageLeavesARestOfEach",
     "group_by { field: 'stage' } group_by { field: 'countries' } order_by: 'low desc' top: 7", 2,
     "WITH ranked AS (SELECT stage, step, country, SUM(cents) AS s, COUNT(*) AS n, ROW_NUMBER() "
     "OVER (ORDER BY SUM(cents) DESC, step, country LIKE 'wider%', country) AS place FROM money "
     "GROUP BY stage, country) "
     "SELECT stage, country, s, n FROM (SELECT stage, country, s, n, place, 0 AS step FROM ranked "
     "WHERE place <= 7 UNION ALL SELECT stage, 'any', SUM(s), SUM(n), 8, step FROM ranked "
     "WHERE place > 7 GROUP BY stage) ORDER BY place, step"},
    {"ByCode",
     "filter: 'stage = CLAIM_STAGE_DISBURSED' sector_vocabulary: '99' "
     "group_by { field: 'sectors' }",
     1,
     "SELECT CASE income WHEN 'NULL' THEN 'not stated' ELSE income END, SUM(cents), COUNT(*) "
     "FROM money WHERE stage = 'CLAIM_STAGE_DISBURSED' GROUP BY income "
     "ORDER BY income = 'NULL', income"},
    {"ByCodesBeginning",
     "filter: 'stage = CLAIM_STAGE_DISBURSED' sector_vocabulary: '99' "
     "group_by { field: 'sectors' level: 1 } order_by: 'sectors desc'",
     1,
     "SELECT CASE income WHEN 'NULL' THEN 'not stated' ELSE SUBSTR(income, 1, 1) END AS code, "
     "SUM(cents), COUNT(*) FROM money WHERE stage = 'CLAIM_STAGE_DISBURSED' GROUP BY code "
     "ORDER BY code = 'not stated' DESC, code DESC"},
    {"InAnotherVocabularyThereIsNoCode",
     "filter: 'stage = CLAIM_STAGE_DISBURSED' sector_vocabulary: '1' "
     "group_by { field: 'sectors' }",
     1,
     "SELECT 'not stated', SUM(cents), COUNT(*) FROM money WHERE stage = 'CLAIM_STAGE_DISBURSED'"},
    // About one line in a hundred.
    {"OnePercent",
     "filter: 'countries:\"places/vietnam\" AND certainly(period, \"1999-10-01/2023-09-30\")' "
     "group_by { field: 'stage' } "
     "group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: 'US' }",
     2,
     "SELECT stage, us, SUM(cents), COUNT(*) FROM money WHERE country = 'places/vietnam' "
     "AND first >= '1999-10-01' AND last <= '2023-09-30' GROUP BY stage, us "
     "ORDER BY step, MIN(first)"},
    // Time that is partly in a window is in it, and certainly so; in a bucket it is not.
    {"TimeInAWindow",
     "filter: 'certainly(period, \"1976\")' "
     "group_by { field: 'period' unit: PERIOD_UNIT_QUARTER }",
     1,
     "SELECT CASE last WHEN '1976-09-30' THEN '1976-Q3' "
     "ELSE 'wider ' || first || '/' || last END AS quarter, SUM(cents), COUNT(*) FROM money "
     "WHERE first <= '1976-12-31' AND last >= '1976-01-01' GROUP BY quarter "
     "ORDER BY quarter LIKE 'wider%', MIN(first)"},
    {"NothingIsOnlyPossiblyInAWindow",
     "filter: 'possibly(period, \"1976\") AND NOT certainly(period, \"1976\")' "
     "group_by { field: 'places' }",
     1, "SELECT country, SUM(cents), COUNT(*) FROM money WHERE FALSE GROUP BY country"},
    {"WithinARegionButForACountry",
     "filter: 'within:\"places/europe-and-eurasia\" AND stage = CLAIM_STAGE_COMMITTED AND "
     "NOT places:\"places/europe-and-eurasia\"' group_by { field: 'places' } "
     "order_by: 'places desc'",
     1,
     "SELECT REPLACE(country, 'wider ', '') AS place, SUM(cents), COUNT(*) FROM money "
     "JOIN line USING (id) WHERE region_name = 'Europe and Eurasia' "
     "AND money.name <> 'Europe and Eurasia Region' AND stage = 'CLAIM_STAGE_COMMITTED' "
     "GROUP BY 1 ORDER BY 1 DESC"},
    {"Cumulative",
     "filter: 'stage = CLAIM_STAGE_COMMITTED' cumulative: true "
     "group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: 'US' }",
     1,
     "WITH m AS (SELECT * FROM money WHERE stage = 'CLAIM_STAGE_COMMITTED'), "
     "b AS (SELECT DISTINCT us, us_last FROM m WHERE us NOT LIKE 'wider%') "
     "SELECT b.us, SUM(cents), COUNT(*) FROM b JOIN m ON m.us_last <= b.us_last "
     "GROUP BY b.us ORDER BY b.us_last"},
    // What ends after the last of the buckets stands alone.
    {"CumulativeWithWiderAtTheEnd",
     "filter: 'stage = CLAIM_STAGE_COMMITTED' cumulative: true "
     "group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: '--07-01' }",
     1,
     "WITH m AS (SELECT * FROM money WHERE stage = 'CLAIM_STAGE_COMMITTED'), "
     "b AS (SELECT DISTINCT july, july_last FROM m WHERE july NOT LIKE 'wider%') "
     "SELECT key, s, n FROM (SELECT b.july AS key, SUM(cents) AS s, COUNT(*) AS n, "
     "b.july_last AS day, 0 AS wider FROM b JOIN m ON m.july_last <= b.july_last GROUP BY b.july "
     "UNION ALL SELECT july, SUM(cents), COUNT(*), first, 1 FROM m "
     "WHERE july_last > (SELECT MAX(july_last) FROM b) GROUP BY july) ORDER BY wider, day"},
    {"NothingSelected", "filter: 'places:\"places/nowhere\"' group_by { field: 'places' }", 1,
     "SELECT country, SUM(cents), COUNT(*) FROM money WHERE country = 'places/nowhere' "
     "GROUP BY country"},
};

class SqlTest : public testing::TestWithParam<std::tuple<Table, Question>> {};

constexpr char kNotHere[] =
    "NOT RUN: the whole table is not here; name it with ENTENTE_FOREIGN_ASSISTANCE";

TEST_P(SqlTest, AgreesWithTheQuery) {
  Both* both = Tables::Get(std::get<0>(GetParam()));
  if (both == nullptr) GTEST_SKIP() << kNotHere;
  const Question& question = std::get<1>(GetParam());
  const bool measured = absl::StrContains(question.query, "measures");
  const auto answer = both->ledger.Query(question.query);
  ASSERT_THAT(answer, IsOk());
  Lines lines;
  for (const v1::FundingRow& row : answer->rows()) lines.push_back(Show(row, measured));
  const Lines expected = RunSql(both->db.get(), question.sql, question.keys, measured);
  ExpectSame(lines, expected);
  EXPECT_EQ(lines.empty(), absl::StartsWith(question.name, "Nothing"));
}

std::string NameOf(Table table) { return table == Table::kExtract ? "Extract" : "Whole"; }

INSTANTIATE_TEST_SUITE_P(ForeignAssistance, SqlTest,
                         testing::Combine(testing::Values(Table::kExtract, Table::kWhole),
                                          testing::ValuesIn(kQuestions)),
                         [](const auto& test) {
                           return NameOf(std::get<0>(test.param)) + std::get<1>(test.param).name;
                         });

class TableTest : public testing::TestWithParam<Table> {
 protected:
  void SetUp() override {
    both_ = Tables::Get(GetParam());
    if (both_ == nullptr) GTEST_SKIP() << kNotHere;
  }
  Lines Sql(const std::string& sql, int keys) { return RunSql(both_->db.get(), sql, keys, false); }

  Both* both_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(ForeignAssistance, TableTest,
                         testing::Values(Table::kExtract, Table::kWhole),
                         [](const auto& test) { return NameOf(test.param); });

// What the other tests are about is in the table.
TEST_P(TableTest, HasItsTraps) {
  const auto count = [&](const std::string& where) {
    return *both_->db->QueryInt("SELECT COUNT(*) FROM line WHERE " + where);
  };
  EXPECT_EQ(both_->lines, static_cast<size_t>(count("1")));
  if (GetParam() == Table::kWhole) {
    EXPECT_EQ(both_->lines, 23'166U);
  }
  EXPECT_GT(count("dollars LIKE '-%'"), 50);
  EXPECT_GT(count("dollars = '0'"), 0);
  EXPECT_GT(count("fy = '1976tq'"), 0);
  EXPECT_GT(count("CAST(fy AS INTEGER) < 1977"), 10);
  EXPECT_GT(count("income = 'NULL'"), 10);
  EXPECT_GT(count("name = 'World'"), 0);
  EXPECT_GT(count("name = region_name || ' Region'"), 0);
  EXPECT_GT(count("name LIKE '%, %'"), 0);
  EXPECT_EQ(*both_->db->QueryInt("SELECT COUNT(DISTINCT type) FROM line"), 5);
  EXPECT_GT(*both_->db->QueryInt("SELECT COUNT(*) FROM (SELECT name FROM line GROUP BY name "
                                 "HAVING COUNT(DISTINCT income) > 1)"),
            1);
  // SQL knows what to make of each of them.
  EXPECT_EQ(*both_->db->QueryInt("SELECT COUNT(*) FROM money WHERE stage IS NULL OR us IS NULL "
                                 "OR country IS NULL OR cents IS NULL"),
            0);
  EXPECT_EQ(count("CAST(CAST(dollars AS INTEGER) AS TEXT) <> dollars"), 0);
}

// A request is no obligation, and an obligation no disbursement: their sum would count the same
// money up to five times.
TEST_P(TableTest, StagesDoNotMix) {
  const auto all_stages =
      AllOf(HasSubstr("CLAIM_STAGE_REQUESTED"), HasSubstr("CLAIM_STAGE_ALLOCATED"),
            HasSubstr("CLAIM_STAGE_APPROPRIATED"), HasSubstr("CLAIM_STAGE_COMMITTED"),
            HasSubstr("CLAIM_STAGE_DISBURSED"));
  for (const char* query : {"", "group_by { field: 'countries' }", "mix: MONEY_KIND_DIRECTION"}) {
    const auto answer = both_->ledger.Query(query);
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kFailedPrecondition, all_stages)) << query;
    EXPECT_THAT(answer, HasReason("MIXED_KINDS")) << query;
  }
  const auto two = both_->ledger.Query(
      "filter: 'stage = CLAIM_STAGE_COMMITTED OR stage = CLAIM_STAGE_DISBURSED'");
  EXPECT_THAT(two, StatusIs(absl::StatusCode::kFailedPrecondition,
                            Not(HasSubstr("CLAIM_STAGE_REQUESTED"))));
  // In so many words, the mix is had and says what it is.
  const auto mixed = both_->ledger.Query("mix: MONEY_KIND_STAGE");
  ASSERT_THAT(mixed, IsOk());
  ASSERT_THAT(mixed->totals(), SizeIs(1));
  EXPECT_THAT(mixed->totals(0).stages(), SizeIs(5));
  ExpectSame({Show(mixed->totals(0), false)}, Sql("SELECT SUM(cents), COUNT(*) FROM money", 0));
}

TEST_P(TableTest, TotalsAreByStageOnly) {
  const auto answer = both_->ledger.Query(
      "group_by { field: 'regions' } group_by { field: 'stage' } "
      "group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: 'US' } top: 3 "
      "order_by: 'stated desc'");
  ASSERT_THAT(answer, IsOk());
  Lines totals;
  for (const v1::FundingRow& row : answer->totals()) totals.push_back(Show(row, false));
  ExpectSame(totals, Sql("SELECT 'any', stage, 'any', SUM(cents), COUNT(*) FROM money "
                         "GROUP BY stage ORDER BY step",
                         3));
}

// Money for the region that a country lies in, or for the world, is not money for the country, and
// could be.
TEST_P(TableTest, MoneyOfARegionCouldBeForACountry) {
  const auto answer = both_->ledger.Query(
      "filter: 'countries:\"places/vietnam\" AND stage = CLAIM_STAGE_COMMITTED' "
      "group_by { field: 'places' }");
  ASSERT_THAT(answer, IsOk());
  Lines rows;
  for (const v1::FundingRow& row : answer->rows()) rows.push_back(Show(row, false));
  ExpectSame(rows, Sql("SELECT country, SUM(cents), COUNT(*) FROM money "
                       "WHERE name = 'Vietnam' AND stage = 'CLAIM_STAGE_COMMITTED'",
                       1));
  Lines could;
  for (const v1::FundingRow& row : answer->could_include()) could.push_back(Show(row, false));
  ExpectSame(could, Sql("SELECT REPLACE(country, 'wider ', ''), SUM(cents), COUNT(*) FROM money "
                        "WHERE name IN ('East Asia and Oceania Region', 'World') "
                        "AND stage = 'CLAIM_STAGE_COMMITTED' GROUP BY 1 ORDER BY 1",
                        1));
  EXPECT_THAT(could, SizeIs(2));
}

TEST_P(TableTest, OneYearAndTheOther) {
  const auto answer = both_->ledger.Query(
      "filter: 'stage = CLAIM_STAGE_DISBURSED AND certainly(period, \"2021-10-01/2022-09-30\")' "
      "compare_with { filter: 'stage = CLAIM_STAGE_DISBURSED AND "
      "certainly(period, \"2020-10-01/2021-09-30\")' } group_by { field: 'countries' }");
  ASSERT_THAT(answer, IsOk());
  // "none" on the side that has no such row; the change is of what is 0 then.
  Lines rows;
  for (const v1::FundingRow& row : answer->rows()) {
    const auto cents = [](const auto& sums) {
      return sums.empty() ? "none" : absl::StrCat(UnitsOf(sums[0].stated(), 2));
    };
    ASSERT_THAT(row.changes(), SizeIs(1)) << KeyOf(row);
    EXPECT_EQ(row.changes(0).bounds().low(), row.changes(0).stated());
    EXPECT_EQ(row.changes(0).bounds().high(), row.changes(0).stated());
    rows.push_back(absl::StrCat(KeyOf(row), ": ", cents(row.sums()), " from ",
                                cents(row.compared()), ", ", cents(row.changes())));
  }
  auto statement = both_->db->Prepare(
      "SELECT country, "
      "SUM(CASE WHEN last = '2022-09-30' THEN cents END), "
      "SUM(CASE WHEN last = '2021-09-30' THEN cents END), "
      "SUM(CASE WHEN last = '2022-09-30' THEN cents ELSE -cents END) "
      "FROM money WHERE stage = 'CLAIM_STAGE_DISBURSED' AND last IN ('2022-09-30', '2021-09-30') "
      "GROUP BY country ORDER BY country LIKE 'wider%', country");
  ASSERT_THAT(statement, IsOk());
  Lines expected;
  while (*statement->Step()) {
    const auto cents = [&](int column) {
      return statement->Bytes(column).empty() ? "none" : statement->Bytes(column);
    };
    expected.push_back(
        absl::StrCat(statement->Bytes(0), ": ", cents(1), " from ", cents(2), ", ", cents(3)));
  }
  ExpectSame(rows, expected);
  EXPECT_GT(rows.size(), 5U);
}

// Behind a row are the lines that SQL finds, and what they count adds up to it.
TEST_P(TableTest, ARowIsExplainedByItsLines) {
  const auto explained = both_->ledger.Explain(
      "query { group_by { field: 'stage' } group_by { field: 'countries' } } "
      "kind: FUNDING_ROW_KIND_GROUP omit_others: true "
      "values { kind: DIMENSION_VALUE_KIND_STATED value: 'CLAIM_STAGE_COMMITTED' } "
      "values { kind: DIMENSION_VALUE_KIND_STATED value: 'places/indonesia' }");
  ASSERT_THAT(explained, IsOk());
  Lines lines;
  for (const v1::ExplainedTree& tree : explained->trees()) {
    ASSERT_THAT(tree.contributions(), SizeIs(1)) << tree.claim();
    const v1::Contribution& contribution = tree.contributions(0);
    EXPECT_EQ(contribution.claim(), tree.claim());
    EXPECT_EQ(contribution.stated(), contribution.counted()) << tree.claim();
    EXPECT_EQ(contribution.figure().value(), contribution.stated()) << tree.claim();
    lines.push_back(Show(tree.claim(), UnitsOf(contribution.counted(), 2), 1));
  }
  const std::string of_row =
      " FROM money WHERE name = 'Indonesia' AND stage = 'CLAIM_STAGE_COMMITTED'";
  ExpectSame(lines, Sql("SELECT 'claims/' || id, cents, 1" + of_row + " ORDER BY id", 1));
  ExpectSame({Show(explained->row(), false)},
             Sql("SELECT stage, country, SUM(cents), COUNT(*)" + of_row, 2));
  EXPECT_GT(lines.size(), 3U);
  EXPECT_THAT(explained->exclusions(), IsEmpty());
}

}  // namespace
}  // namespace entente::funding::query
