// SPDX-License-Identifier: Apache-2.0

#include "common/edtf/relations.h"

#include <ostream>
#include <utility>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace entente::edtf {
namespace {

Date Must(absl::string_view text) {
  absl::StatusOr<Date> date = Parse(text);
  EXPECT_TRUE(date.ok()) << date.status();
  return *std::move(date);
}

enum Answer { kNo, kPossibly, kCertainly };

struct WindowCase {
  const char* date;
  const char* window;
  Answer answer;
};

std::ostream& operator<<(std::ostream& out, const WindowCase& c) {
  return out << c.date << " in " << c.window;
}

class WindowTest : public testing::TestWithParam<WindowCase> {};

TEST_P(WindowTest, IsAnswered) {
  const Date date = Must(GetParam().date);
  const Date window = Must(GetParam().window);
  EXPECT_EQ(PossiblyWithin(date, window), GetParam().answer != kNo);
  EXPECT_EQ(CertainlyWithin(date, window), GetParam().answer == kCertainly);
}

INSTANTIATE_TEST_SUITE_P(
    Points, WindowTest,
    testing::Values(
        WindowCase{"2023-08-31", "2023-08", kCertainly}, WindowCase{"2023-09-01", "2023-08", kNo},
        WindowCase{"2023-08", "2023-08", kCertainly},
        WindowCase{"2023-08", "2023-08-15", kPossibly}, WindowCase{"2023", "2023-08", kPossibly},
        WindowCase{"2023", "2022/2024", kCertainly}, WindowCase{"2023-XX-XX", "2023", kCertainly},
        WindowCase{"202X", "2023", kPossibly}, WindowCase{"202X", "202X", kCertainly},
        WindowCase{"2023-08-31T23:30:00-10:00", "2023-09", kNo},
        WindowCase{"2023-22", "2023-06/2023-08", kCertainly},
        // A winter is in its year, and not in the summer between its two pieces.
        WindowCase{"2023-24", "2023", kCertainly}, WindowCase{"2023-24", "2023-12", kPossibly},
        WindowCase{"2023-24", "2023-06/2023-08", kNo},
        WindowCase{"2023-12-24", "2023-24", kCertainly}, WindowCase{"2023-07-01", "2023-24", kNo}));

INSTANTIATE_TEST_SUITE_P(Qualified, WindowTest,
                         testing::Values(WindowCase{"2023-09?", "2023-09", kPossibly},
                                         WindowCase{"2023-09~", "2023", kPossibly},
                                         WindowCase{"2023-09%", "2023-09", kPossibly},
                                         WindowCase{"2023-09?", "2023-10", kNo},
                                         WindowCase{"2023-09/2023-12?", "2023-09", kPossibly},
                                         WindowCase{"2023-09", "2023-09?", kPossibly}));

INSTANTIATE_TEST_SUITE_P(
    Durations, WindowTest,
    testing::Values(
        WindowCase{"2023-09-05/2023-09-07", "2023-09-06", kCertainly},
        WindowCase{"2023-09-05/2023-09-07", "2023-09-08", kNo},
        WindowCase{"2023-08/2023-10", "2023-09", kCertainly},
        WindowCase{"2023-08/2023-10", "2023-08", kCertainly},
        WindowCase{"2023-08/2023-10", "2023-08-15", kPossibly},
        WindowCase{"2023-08/2023-10", "2023-08-31", kCertainly},
        WindowCase{"2023-09/2023-09", "2023-09-01/2023-09-29", kPossibly},
        WindowCase{"2022/2023", "2022-12-31/2023-01-01", kCertainly},
        // Starts by March, so that all of it is over by then.
        WindowCase{"2023/2023-03", "2023-01/2023-03", kCertainly},
        WindowCase{"2023/2023-03", "2023-03", kCertainly},
        WindowCase{"2023/2023-03", "2023-02", kPossibly},
        WindowCase{"2023/2023-03", "2023-04", kNo}, WindowCase{"2023-08/..", "2099", kCertainly},
        WindowCase{"2023-08/..", "2023-08", kCertainly}, WindowCase{"2023-08/..", "2023-07", kNo},
        WindowCase{"../2023-08", "1950", kCertainly}, WindowCase{"2023-08/", "2099", kPossibly},
        WindowCase{"2023-08/", "2023-08", kCertainly}, WindowCase{"2023-08/", "2023-07", kNo},
        WindowCase{"/2023-08", "1950", kPossibly}, WindowCase{"/2023-08", "2023-08", kCertainly},
        // Between the two pieces of a winter that it must cross.
        WindowCase{"2023-01/2023-12", "2023-24", kCertainly}));

INSTANTIATE_TEST_SUITE_P(
    Sets, WindowTest,
    testing::Values(WindowCase{"[..2023-09-07]", "2023-09", kPossibly},
                    WindowCase{"[..2023-09-07]", "../2023", kCertainly},
                    WindowCase{"[..2023-09-07]", "2023-09-08", kNo},
                    WindowCase{"[2023-09-07..2023-12-31]", "2023", kCertainly},
                    WindowCase{"[2023-09-07..2023-12-31]", "2023-12", kPossibly},
                    WindowCase{"[2021,2023]", "2022", kNo},
                    WindowCase{"[2021,2023]", "[2021,2023]", kCertainly},
                    WindowCase{"[2021,2023]", "2021/2023", kCertainly},
                    WindowCase{"{2021,2023}", "2023", kCertainly},
                    WindowCase{"{2021,2023}", "2023-05", kPossibly},
                    WindowCase{"{2021..2023}", "2022", kCertainly},
                    WindowCase{"{2021..2023}", "2022-02/2023-11", kPossibly},
                    WindowCase{"{2021..2023}", "2022-02/2023-12", kCertainly},
                    WindowCase{"{2021-11..2023}", "2021-11/2022-01", kCertainly},
                    WindowCase{"{2021..2023-02}", "2023-01/2023-02", kCertainly},
                    WindowCase{"{2023-09-05..2023-09-07}", "2023-09-06", kCertainly},
                    WindowCase{"{..1984}", "../1950", kCertainly},
                    WindowCase{"{..1984}", "1950", kCertainly},
                    WindowCase{"{..1984}", "1950-01", kPossibly},
                    WindowCase{"{1984..}", "2023/..", kCertainly},
                    WindowCase{"{1984..}", "1983", kNo}));

INSTANTIATE_TEST_SUITE_P(UnknownWindows, WindowTest,
                         testing::Values(WindowCase{"2023-09-05", "2023/", kPossibly},
                                         WindowCase{"2099", "2023/", kPossibly},
                                         WindowCase{"2022", "2023/", kNo},
                                         WindowCase{"2099", "2023/..", kCertainly}));

struct OrderCase {
  const char* a;
  const char* b;
  Order order;
};

std::ostream& operator<<(std::ostream& out, const OrderCase& c) {
  return out << c.a << " and " << c.b;
}

class OrderTest : public testing::TestWithParam<OrderCase> {};

TEST_P(OrderTest, IsAnsweredBothWays) {
  const Date a = Must(GetParam().a);
  const Date b = Must(GetParam().b);
  const Order order = GetParam().order;
  EXPECT_EQ(Compare(a, b), order);
  EXPECT_EQ(Compare(b, a), order == Order::kBefore  ? Order::kAfter
                           : order == Order::kAfter ? Order::kBefore
                                                    : order);
}

INSTANTIATE_TEST_SUITE_P(
    All, OrderTest,
    testing::Values(
        OrderCase{"2022", "2023-01-05", Order::kBefore},
        OrderCase{"2022", "2022-05", Order::kUnknown}, OrderCase{"2022", "2022", Order::kUnknown},
        OrderCase{"2023-09-05", "2023-09-05", Order::kOverlaps},
        OrderCase{"2023-09-05", "2023-09-05T08:00:00Z", Order::kOverlaps},
        OrderCase{"2023-09-05", "2023-09-04", Order::kAfter},
        OrderCase{"2022?", "2023", Order::kUnknown}, OrderCase{"2022", "2023~", Order::kUnknown},
        OrderCase{"2022/2024", "2023", Order::kOverlaps},
        OrderCase{"2022/2023", "2023", Order::kUnknown},
        OrderCase{"2023-09-05/2023-09-07", "2023-09-07/2023-09-09", Order::kOverlaps},
        OrderCase{"2023-09-05/2023-09-07", "2023-09-08", Order::kBefore},
        OrderCase{"2023-01/2023-03", "2023-02/2023-04", Order::kOverlaps},
        OrderCase{"2023-01/2023-03", "2023-03/2023-04", Order::kUnknown},
        OrderCase{"2023/2023-03", "2023-04-01", Order::kBefore},
        // Ends in December, starts by February: the other piece of the winter cannot be.
        OrderCase{"2023-06/2023-24", "2023-08", Order::kOverlaps},
        OrderCase{"2023-24/2023-03", "[2023-02-28,2023-03-01]", Order::kOverlaps},
        OrderCase{"2004/..", "2005/..", Order::kOverlaps},
        OrderCase{"../2004", "../2003", Order::kOverlaps},
        OrderCase{"2004/..", "../2005", Order::kOverlaps},
        OrderCase{"2004/..", "../2003", Order::kAfter}, OrderCase{"2004/", "2005", Order::kUnknown},
        OrderCase{"2004/", "2003", Order::kAfter}, OrderCase{"/2004", "2005", Order::kBefore},
        OrderCase{"[..2004]", "2005", Order::kBefore},
        OrderCase{"[..2004]", "2003", Order::kUnknown},
        OrderCase{"[..2004]", "../2005", Order::kOverlaps},
        OrderCase{"[2001,2005]", "2003", Order::kUnknown},
        OrderCase{"{2001,2005}", "2003", Order::kUnknown},
        OrderCase{"{2001,2003}", "2004", Order::kBefore},
        OrderCase{"{2001,2003}", "2002/2004", Order::kOverlaps},
        OrderCase{"{2001..2003}", "2002", Order::kUnknown},
        OrderCase{"{2023-09-05..2023-09-07}", "2023-09-06", Order::kOverlaps},
        OrderCase{"{2023-09-05,2023-09-07}", "[2023-09-05,2023-09-07]", Order::kOverlaps},
        OrderCase{"{2023-09-05,2023-09-07}", "2023-09-06", Order::kUnknown}));

}  // namespace
}  // namespace entente::edtf
