// SPDX-License-Identifier: Apache-2.0
//
// Whole expressions: single dates, intervals and sets.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/edtf/edtf.h"
#include "common/edtf/scanner.h"
#include "common/edtf/single.h"

namespace entente::edtf {

class Parser {
 public:
  explicit Parser(absl::string_view text) : scanner_(text) {}

  absl::StatusOr<Date> Parse() {
    if (scanner_.text().size() > kMaxLength) {
      return absl::InvalidArgumentError(absl::StrCat("EDTF text of ", scanner_.text().size(),
                                                     " bytes: expected at most ", kMaxLength,
                                                     " bytes; split it into several dates"));
    }
    if (scanner_.text().empty()) {
      return scanner_.Fail(0, "expected a date, found nothing", Scanner::kHow);
    }
    if (scanner_.Peek() == '[' || scanner_.Peek() == '{') return Set();
    if (scanner_.text().find('/') != absl::string_view::npos) return Interval();
    absl::StatusOr<Single> single = ReadSingleOrTime(&scanner_);
    if (!single.ok()) return single.status();
    if (!scanner_.AtEnd()) return scanner_.Trailing();
    return Whole(*std::move(single));
  }

 private:
  static Date Whole(Single single) {
    Date date;
    date.text_ = std::move(single.text);
    date.form_ = Form::kDate;
    date.precision_ = single.precision;
    date.uncertain_ = single.uncertain;
    date.approximate_ = single.approximate;
    date.start_ = std::move(single.days);
    return date;
  }

  // --- intervals ---

  static void Note(const Single& single, bool first, Date* date) {
    date->precision_ = first ? single.precision : std::min(date->precision_, single.precision);
    date->uncertain_ |= single.uncertain;
    date->approximate_ |= single.approximate;
  }

  // One end up to `/` or the end of the text: a date, "..", or nothing.
  absl::StatusOr<std::optional<Single>> IntervalEnd(Date* date) {
    if (scanner_.Take("..")) {
      date->text_ += "..";
      return std::optional<Single>();
    }
    if (scanner_.AtEnd() || scanner_.Peek() == '/') return std::optional<Single>();
    absl::StatusOr<Single> single = ReadSingle(&scanner_);
    if (!single.ok()) return single.status();
    date->text_ += single->text;
    return std::optional<Single>(*std::move(single));
  }

  absl::StatusOr<Date> Interval() {
    constexpr int64_t kFrom = kBeginningOfTime;
    constexpr int64_t kTo = kEndOfTime;
    Date date;
    date.form_ = Form::kInterval;

    absl::StatusOr<std::optional<Single>> start = IntervalEnd(&date);
    if (!start.ok()) return start.status();
    date.start_unknown_ = scanner_.at() == 0;
    if (scanner_.Peek() != '/') return scanner_.Trailing();
    scanner_.Skip(1);
    date.text_ += "/";
    const size_t end_at = scanner_.at();
    absl::StatusOr<std::optional<Single>> end = IntervalEnd(&date);
    if (!end.ok()) return end.status();
    date.end_unknown_ = scanner_.at() == end_at;
    if (scanner_.Peek() == '/') {
      return scanner_.Fail(scanner_.at(), "expected the end of the interval",
                           "an interval has one / and two ends");
    }
    if (!scanner_.AtEnd()) return scanner_.Trailing();
    if (!start->has_value() && !end->has_value()) {
      return scanner_.Fail(0, "expected a date on at least one side of /",
                           "leave out a date of which nothing is known");
    }

    if (start->has_value()) Note(**start, true, &date);
    if (end->has_value()) Note(**end, !start->has_value(), &date);
    const DaySet starts = start->has_value()    ? (*start)->days
                          : date.start_unknown_ ? DaySet({{kFrom, kTo}})
                                                : DaySet({{kFrom, kFrom}});
    const DaySet ends = end->has_value()    ? (*end)->days
                        : date.end_unknown_ ? DaySet({{kFrom, kTo}})
                                            : DaySet({{kTo, kTo}});
    if (ends.last() < starts.first()) return EndsEarly(end_at, "interval");
    // Days without a partner are no possible starts or ends: 2023/2023-03 starts by March.
    date.start_ = starts.Intersection(DaySet({{kFrom, ends.last()}}));
    date.end_ = ends.Intersection(DaySet({{starts.first(), kTo}}));
    return date;
  }

  absl::Status EndsEarly(size_t at, absl::string_view what) const {
    return scanner_.Fail(
        at, absl::StrCat("expected an end of the ", what, " that is not before its start"),
        "exchange the two, or correct one");
  }

  // --- sets ---

  struct Element {
    std::string text;
    Date::Member member;
  };

  absl::StatusOr<Single> RangeEnd(size_t at, absl::StatusOr<Single> single) const {
    if (!single.ok()) return single;
    if (single->unspecified || single->precision == Precision::kSeason) {
      return scanner_.Fail(
          at, "expected a year, month or day as the end of a range in a set",
          "write the first or last month or day that is meant in place of X or a season");
    }
    return single;
  }

  absl::StatusOr<Element> SetElement(bool first, Date* date) {
    Element element;
    if (scanner_.Take("..")) {
      const size_t end_at = scanner_.at();
      absl::StatusOr<Single> end = RangeEnd(end_at, ReadSingle(&scanner_));
      if (!end.ok()) return end.status();
      Note(*end, first, date);
      element.text = absl::StrCat("..", end->text);
      element.member = {DaySet({{kBeginningOfTime, end->days.last()}}), true, end->precision};
      return element;
    }
    const size_t start_at = scanner_.at();
    absl::StatusOr<Single> start = ReadSingle(&scanner_);
    if (!start.ok()) return start.status();
    Note(*start, first, date);
    if (!scanner_.Take("..")) return Element{start->text, {start->days, false, start->precision}};

    start = RangeEnd(start_at, std::move(start));
    if (!start.ok()) return start.status();
    const char next = scanner_.Peek();
    if (next == ',' || next == ' ' || next == ']' || next == '}') {
      element.text = absl::StrCat(start->text, "..");
      element.member = {DaySet({{start->days.first(), kEndOfTime}}), true, start->precision};
      return element;
    }
    const size_t end_at = scanner_.at();
    absl::StatusOr<Single> end = RangeEnd(end_at, ReadSingle(&scanner_));
    if (!end.ok()) return end.status();
    Note(*end, false, date);
    if (start->text == end->text) return Element{start->text, {start->days, false, end->precision}};
    if (end->days.last() < start->days.first()) return EndsEarly(end_at, "range");
    element.text = absl::StrCat(start->text, "..", end->text);
    element.member = {DaySet({{start->days.first(), end->days.last()}}), true,
                      std::min(start->precision, end->precision)};
    return element;
  }

  absl::StatusOr<Date> Set() {
    const bool one_of = scanner_.Peek() == '[';
    scanner_.Skip(1);
    const char close = one_of ? ']' : '}';
    Date date;
    date.form_ = one_of ? Form::kOneOf : Form::kAllOf;
    std::vector<std::string> texts;
    do {
      scanner_.SkipSpaces();
      if (scanner_.Peek() == close) {
        return scanner_.Fail(scanner_.at(), "expected a date",
                             "a set has at least one member, and no comma after it");
      }
      absl::StatusOr<Element> element = SetElement(texts.empty(), &date);
      if (!element.ok()) return element.status();
      scanner_.SkipSpaces();
      if (std::find(texts.begin(), texts.end(), element->text) == texts.end()) {
        texts.push_back(std::move(element->text));
        date.members_.push_back(std::move(element->member));
      }
    } while (scanner_.Take(","));

    if (scanner_.Peek() == '/') {
      return scanner_.Fail(scanner_.at(), "expected , or the end of the set",
                           "a set has no intervals: write a range as a..b");
    }
    if (scanner_.Peek() == 'T') return scanner_.Trailing();
    if (scanner_.Peek() != close) {
      return scanner_.Fail(scanner_.at(), absl::StrCat("expected , or ", std::string(1, close)),
                           "separate members with commas and close the set as it was opened");
    }
    scanner_.Skip(1);
    if (!scanner_.AtEnd()) {
      return scanner_.Fail(scanner_.at(), "expected the end after the set",
                           "qualify members, not sets, and write sets on their own");
    }
    return Assemble(std::move(texts), std::move(date));
  }

  static Date Assemble(std::vector<std::string> texts, Date date) {
    DaySet::Ranges all;
    for (const Date::Member& member : date.members_) {
      all.insert(all.end(), member.days.ranges().begin(), member.days.ranges().end());
    }
    date.start_ = DaySet(std::move(all));
    const std::string inner = absl::StrJoin(texts, ",");
    if (date.members_.size() == 1 && !date.members_[0].is_range) {
      date.form_ = Form::kDate;
      date.text_ = inner;
    } else {
      date.text_ = date.form_ == Form::kOneOf ? absl::StrCat("[", inner, "]")
                                              : absl::StrCat("{", inner, "}");
    }
    if (date.form_ != Form::kAllOf) date.members_.clear();
    return date;
  }

  Scanner scanner_;
};

absl::StatusOr<Date> Parse(absl::string_view text) { return Parser(text).Parse(); }

}  // namespace entente::edtf
