// SPDX-License-Identifier: Apache-2.0
#include "common/passage/align.h"

#include <algorithm>
#include <cstddef>

#include "absl/container/flat_hash_map.h"
#include "common/passage/vectors.h"

namespace entente::passage {
namespace {

using Piece = TokenSequence::Piece;

// Long enough to be telling, short enough to stand in a sentence of which a figure has changed.
constexpr int kShingle = 8;

absl::Span<const int> Tokens(const TokenSequence& sequence, const Piece& piece) {
  return absl::MakeConstSpan(sequence.tokens)
      .subspan(static_cast<size_t>(piece.begin), static_cast<size_t>(piece.end - piece.begin));
}

bool Proves(const TokenSequence& sequence, const Piece& piece) {
  int words = 0;
  for (int i = piece.begin; i < piece.end && words < kProvingWords; ++i) {
    words += At(sequence.is_word, i);
  }
  return words >= kProvingWords;
}

// Of each token the number of the piece that holds it, -1 if none does.
std::vector<int> PieceOf(const TokenSequence& sequence, const std::vector<Piece>& pieces) {
  std::vector<int> piece_of(sequence.tokens.size(), -1);
  for (int piece = 0; piece < SizeOf(pieces); ++piece) {
    for (int i = At(pieces, piece).begin; i < At(pieces, piece).end; ++i) At(piece_of, i) = piece;
  }
  return piece_of;
}

// Equal runs.
struct Match {
  int from;
  int to;
  int size;

  int from_end() const { return from + size; }
  int to_end() const { return to + size; }
};

// How often some tokens stand in each text, and where last.
struct Seen {
  int from_count = 0;
  int to_count = 0;
  Piece from;
  Piece to;

  bool once() const { return from_count == 1 && to_count == 1; }
};
using SeenByTokens = absl::flat_hash_map<absl::Span<const int>, Seen>;

// Which of `matches`, which are in the order of `from`, make up the heaviest chain that is in the
// order of `to` as well.
std::vector<bool> HeaviestChain(const std::vector<Match>& matches) {
  const int n = SizeOf(matches);
  std::vector<int> by_to(matches.size());
  for (int i = 0; i < n; ++i) At(by_to, i) = i;
  std::sort(by_to.begin(), by_to.end(),
            [&](int a, int b) { return At(matches, a).to < At(matches, b).to; });
  std::vector<int> rank(matches.size());
  for (int r = 0; r < n; ++r) At(rank, At(by_to, r)) = r + 1;

  // Of the chains that end with a rank up to some, the last match of the heaviest: a Fenwick tree.
  std::vector<int> best(matches.size() + 1, -1);
  std::vector<int> weight(matches.size());
  std::vector<int> before(matches.size(), -1);
  const auto heavier = [&](int a, int b) {
    return a >= 0 && (b < 0 || At(weight, a) > At(weight, b)) ? a : b;
  };
  int last = -1;
  for (int i = 0; i < n; ++i) {
    int previous = -1;
    for (int r = At(rank, i) - 1; r > 0; r -= r & -r) previous = heavier(At(best, r), previous);
    At(before, i) = previous;
    At(weight, i) = At(matches, i).size + (previous < 0 ? 0 : At(weight, previous));
    for (int r = At(rank, i); r <= n; r += r & -r) At(best, r) = heavier(i, At(best, r));
    last = heavier(i, last);
  }
  std::vector<bool> chosen(matches.size());
  for (; last >= 0; last = At(before, last)) At(chosen, last) = true;
  return chosen;
}

class Aligner {
 public:
  Aligner(const TokenSequence& from, const TokenSequence& to) : from_(from), to_(to) {
    result_.of_from.assign(from.tokens.size(), -1);
    result_.of_to.assign(to.tokens.size(), -1);
    result_.block.assign(from.tokens.size(), 0);
    settled_from_.assign(from.tokens.size(), false);
    settled_to_.assign(to.tokens.size(), false);
  }

  Counterparts Run() {
    PairPieces(from_.lines, to_.lines);
    PairPieces(from_.sentences, to_.sentences);
    PairShingles();
    std::sort(matches_.begin(), matches_.end(),
              [](const Match& a, const Match& b) { return a.from < b.from; });
    const std::vector<bool> is_main = HeaviestChain(matches_);
    FillBlocks(is_main);
    FillMain(is_main);
    return std::move(result_);
  }

 private:
  bool Equal(int from, int to) const { return At(from_.tokens, from) == At(to_.tokens, to); }
  bool IsFree(int from, int to) const {
    return At(result_.of_from, from) < 0 && !At(settled_from_, from) && At(result_.of_to, to) < 0 &&
           !At(settled_to_, to);
  }
  void Link(int from, int to, int block) {
    At(result_.of_from, from) = to;
    At(result_.of_to, to) = from;
    At(result_.block, from) = block;
  }
  void Add(const Match& match) {
    for (int i = 0; i < match.size; ++i) Link(match.from + i, match.to + i, 0);
    matches_.push_back(match);
  }

  static SeenByTokens Index(const TokenSequence& from, const std::vector<Piece>& from_pieces,
                            const TokenSequence& to, const std::vector<Piece>& to_pieces) {
    SeenByTokens seen;
    for (const Piece& piece : from_pieces) {
      if (!Proves(from, piece)) continue;
      Seen& each = seen[Tokens(from, piece)];
      ++each.from_count;
      each.from = piece;
    }
    for (const Piece& piece : to_pieces) {
      const auto each = seen.find(Tokens(to, piece));
      if (each == seen.end()) continue;
      ++each->second.to_count;
      each->second.to = piece;
    }
    return seen;
  }

  void PairPieces(const std::vector<Piece>& from_pieces, const std::vector<Piece>& to_pieces) {
    const SeenByTokens seen = Index(from_, from_pieces, to_, to_pieces);
    for (const Piece& piece : from_pieces) {
      const auto each = seen.find(Tokens(from_, piece));
      if (each == seen.end() || !each->second.once()) continue;
      const Piece& other = each->second.to;
      if (IsFree(piece.begin, other.begin)) {
        Add({piece.begin, other.begin, piece.end - piece.begin});
      }
    }
  }

  static std::vector<Piece> Shingles(const TokenSequence& sequence) {
    std::vector<Piece> shingles;
    for (int i = 0; i + kShingle <= SizeOf(sequence.tokens); ++i) {
      shingles.push_back({i, i + kShingle});
    }
    return shingles;
  }

  void PairShingles() {
    const std::vector<Piece> shingles = Shingles(from_);
    const SeenByTokens seen = Index(from_, shingles, to_, Shingles(to_));
    // Where the only counterpart of a shingle begins; -1 if it has none.
    std::vector<int> partner(shingles.size(), -1);
    for (int i = 0; i < SizeOf(shingles); ++i) {
      const auto each = seen.find(Tokens(from_, At(shingles, i)));
      if (each != seen.end() && each->second.once()) At(partner, i) = each->second.to.begin;
    }
    const std::vector<int> from_sentence = PieceOf(from_, from_.sentences);
    const std::vector<int> to_sentence = PieceOf(to_, to_.sentences);
    for (int i = 0; i < SizeOf(partner); ++i) {
      if (At(partner, i) < 0) continue;
      Match match{i, At(partner, i), 0};
      while (match.size < kShingle && IsFree(match.from_end(), match.to_end())) ++match.size;
      if (match.size < kShingle) continue;
      // On while the next shingle goes to the next place, and to both ends of the sentences.
      for (int next = i + 1; next < SizeOf(partner) && At(partner, next) == match.to + (next - i) &&
                             IsFree(match.from_end(), match.to_end());
           ++next) {
        ++match.size;
      }
      Grow(from_sentence, to_sentence, &match);
      Add(match);
    }
  }

  // Takes in what is free and equal before and after, as long as it is in the same pieces.
  void Grow(const std::vector<int>& from_piece, const std::vector<int>& to_piece,
            Match* match) const {
    const auto joins = [&](int from, int to, int next_from, int next_to) {
      return At(from_piece, from) >= 0 && At(from_piece, from) == At(from_piece, next_from) &&
             At(to_piece, to) >= 0 && At(to_piece, to) == At(to_piece, next_to) &&
             IsFree(from, to) && Equal(from, to);
    };
    while (match->from > 0 && match->to > 0 &&
           joins(match->from - 1, match->to - 1, match->from, match->to)) {
      --match->from;
      --match->to;
      ++match->size;
    }
    while (match->from_end() < SizeOf(from_.tokens) && match->to_end() < SizeOf(to_.tokens) &&
           joins(match->from_end(), match->to_end(), match->from_end() - 1, match->to_end() - 1)) {
      ++match->size;
    }
  }

  // Whether no token between the two has a counterpart.
  bool AreNeighbours(const Match& a, const Match& b) const {
    if (b.to < a.to_end()) return false;
    const auto free = [](const std::vector<int>& others, int begin, int end) {
      return std::all_of(others.begin() + begin, others.begin() + end,
                         [](int other) { return other < 0; });
    };
    return free(result_.of_from, a.from_end(), b.from) && free(result_.of_to, a.to_end(), b.to);
  }

  // Makes blocks of the matches that are out of order, and aligns what lies within them.
  void FillBlocks(const std::vector<bool>& is_main) {
    std::vector<std::vector<Match>> blocks;
    for (int i = 0; i < SizeOf(matches_); ++i) {
      if (At(is_main, i)) continue;
      const Match& match = At(matches_, i);
      const bool goes_on =
          i > 0 && !At(is_main, i - 1) && AreNeighbours(At(matches_, i - 1), match);
      if (!goes_on) blocks.emplace_back();
      blocks.back().push_back(match);
    }
    from_line_ = PieceOf(from_, from_.lines);
    to_line_ = PieceOf(to_, to_.lines);
    for (int b = 0; b < SizeOf(blocks); ++b) {
      const std::vector<Match>& parts = At(blocks, b);
      const int block = b + 1;
      for (const Match& part : parts) {
        for (int i = 0; i < part.size; ++i) At(result_.block, part.from + i) = block;
      }
      for (int i = 1; i < SizeOf(parts); ++i) {
        const Match& last = At(parts, i - 1);
        const Match& next = At(parts, i);
        AlignFree({last.from_end(), next.from}, {last.to_end(), next.to}, block);
      }
      CompleteLines(parts, block);
    }
  }

  // Aligns the rest of the first and of the last line of a block, and takes in the lines around it
  // as long as they are equal.
  void CompleteLines(const std::vector<Match>& parts, int block) {
    const Match& first = parts.front();
    const Match& last = parts.back();
    const auto is_free = [](const std::vector<int>& others, const std::vector<bool>& settled) {
      return [&](int i) { return At(others, i) < 0 && !At(settled, i); };
    };
    const auto from_is_free = is_free(result_.of_from, settled_from_);
    const auto to_is_free = is_free(result_.of_to, settled_to_);
    AlignFree(RestBefore(first.from, from_line_, from_is_free),
              RestBefore(first.to, to_line_, to_is_free), block);
    AlignFree(RestAfter(last.from_end(), from_line_, from_is_free),
              RestAfter(last.to_end(), to_line_, to_is_free), block);
    int from = At(from_line_, first.from) - 1;
    int to = At(to_line_, first.to) - 1;
    while (TakeLine(from, to, block)) --from, --to;
    from = At(from_line_, last.from_end() - 1) + 1;
    to = At(to_line_, last.to_end() - 1) + 1;
    while (TakeLine(from, to, block)) ++from, ++to;
  }

  // What of the line is free right before the token `at`, and right after the token before `at`.
  template <typename IsFree>
  static Piece RestBefore(int at, const std::vector<int>& line_of, const IsFree& is_free) {
    Piece rest{at, at};
    while (rest.begin > 0 && At(line_of, rest.begin - 1) == At(line_of, at) &&
           is_free(rest.begin - 1)) {
      --rest.begin;
    }
    return rest;
  }
  template <typename IsFree>
  static Piece RestAfter(int at, const std::vector<int>& line_of, const IsFree& is_free) {
    Piece rest{at, at};
    while (rest.end < SizeOf(line_of) && At(line_of, rest.end) == At(line_of, at - 1) &&
           is_free(rest.end)) {
      ++rest.end;
    }
    return rest;
  }

  // Links two lines if there are such and they are equal and free.
  bool TakeLine(int from, int to, int block) {
    if (from < 0 || from >= SizeOf(from_.lines) || to < 0 || to >= SizeOf(to_.lines)) return false;
    const Piece& a = At(from_.lines, from);
    const Piece& b = At(to_.lines, to);
    if (Tokens(from_, a) != Tokens(to_, b)) return false;
    const int size = a.end - a.begin;
    for (int i = 0; i < size; ++i) {
      if (!IsFree(a.begin + i, b.begin + i)) return false;
    }
    for (int i = 0; i < size; ++i) Link(a.begin + i, b.begin + i, block);
    return true;
  }

  // Aligns what lies between the matches that are in order.
  void FillMain(const std::vector<bool>& is_main) {
    Match last{0, 0, 0};
    for (int i = 0; i < SizeOf(matches_); ++i) {
      if (!At(is_main, i)) continue;
      const Match& next = At(matches_, i);
      AlignFree({last.from_end(), next.from}, {last.to_end(), next.to}, 0);
      last = next;
    }
    AlignFree({last.from_end(), SizeOf(from_.tokens)}, {last.to_end(), SizeOf(to_.tokens)}, 0);
  }

  // Aligns those of the tokens that have no counterpart yet.
  void AlignFree(const Piece& from, const Piece& to, int block) {
    const auto free = [&](const Piece& piece, const std::vector<int>& others,
                          std::vector<bool>* settled) {
      std::vector<int> positions;
      for (int i = piece.begin; i < piece.end; ++i) {
        if (At(others, i) >= 0 || At(*settled, i)) continue;
        positions.push_back(i);
        if (block > 0) At(*settled, i) = true;
      }
      return positions;
    };
    const std::vector<int> a = free(from, result_.of_from, &settled_from_);
    const std::vector<int> b = free(to, result_.of_to, &settled_to_);
    for (const Match& run : WithoutChance(Runs(a, b), SizeOf(a), SizeOf(b))) {
      for (int i = 0; i < run.size; ++i) Link(At(a, run.from + i), At(b, run.to + i), block);
    }
  }

  // The equal runs of two lists of tokens; places in the lists.
  std::vector<Match> Runs(const std::vector<int>& a, const std::vector<int>& b) {
    const int shorter = std::min(SizeOf(a), SizeOf(b));
    int head = 0;
    while (head < shorter && Equal(At(a, head), At(b, head))) ++head;
    int tail = 0;
    while (tail < shorter - head &&
           Equal(At(a, SizeOf(a) - 1 - tail), At(b, SizeOf(b) - 1 - tail))) {
      ++tail;
    }
    std::vector<Match> runs;
    const auto add = [&](int from, int to, int size) {
      if (size == 0) return;
      if (!runs.empty() && runs.back().from_end() == from && runs.back().to_end() == to) {
        runs.back().size += size;
      } else {
        runs.push_back({from, to, size});
      }
    };
    add(0, 0, head);
    std::vector<int> middle_a;
    std::vector<int> middle_b;
    for (int i = head; i < SizeOf(a) - tail; ++i) middle_a.push_back(At(from_.tokens, At(a, i)));
    for (int i = head; i < SizeOf(b) - tail; ++i) middle_b.push_back(At(to_.tokens, At(b, i)));
    const auto common = LongestCommon(middle_a, middle_b, kMaxEdits, &steps_);
    if (common.has_value()) {
      for (const auto& [i, j] : *common) add(head + i, head + j, 1);
    }
    add(SizeOf(a) - tail, SizeOf(b) - tail, tail);
    return runs;
  }

  // Without the runs that are no longer than the edits on either side of them.
  static std::vector<Match> WithoutChance(const std::vector<Match>& runs, int a_size, int b_size) {
    std::vector<Match> kept;
    const auto edit = [](const Match& before, const Match& after) {
      return std::max(after.from - before.from_end(), after.to - before.to_end());
    };
    const auto settle = [&](const Match& next) {
      while (!kept.empty()) {
        const Match before = kept.size() < 2 ? Match{0, 0, 0} : kept[kept.size() - 2];
        const Match& last = kept.back();
        if (last.size > std::min(edit(before, last), edit(last, next))) return;
        kept.pop_back();
      }
    };
    for (const Match& run : runs) {
      settle(run);
      kept.push_back(run);
    }
    settle({a_size, b_size, 0});
    return kept;
  }

  const TokenSequence& from_;
  const TokenSequence& to_;
  Counterparts result_;
  // What lies in blocks: it is not compared with what surrounds them.
  std::vector<bool> settled_from_;
  std::vector<bool> settled_to_;
  // Of each token the number of its line.
  std::vector<int> from_line_;
  std::vector<int> to_line_;
  std::vector<Match> matches_;
  int64_t steps_ = kMaxSteps;
};

}  // namespace

Counterparts FindCounterparts(const TokenSequence& from, const TokenSequence& to) {
  return Aligner(from, to).Run();
}

std::optional<std::vector<std::pair<int, int>>> LongestCommon(absl::Span<const int> a,
                                                              absl::Span<const int> b,
                                                              int max_edits, int64_t* steps) {
  const int n = SizeOf(a);
  const int m = SizeOf(b);
  std::vector<std::pair<int, int>> pairs;
  if (n == 0 || m == 0) return pairs;
  const int limit = std::min(max_edits, n + m);
  // How far each diagonal k = x - y gets with d edits, and for every d what it was before that, to
  // find the way back.
  std::vector<int> reach(static_cast<size_t>(2 * limit + 3), 0);
  std::vector<std::vector<int>> history;
  const auto reached = [&](int k) -> int& { return At(reach, k + limit + 1); };
  const auto comes_down = [](const auto& x, int d, int k) {
    return k == -d || (k != d && x(k - 1) < x(k + 1));
  };
  const auto walk_back = [&](int d, int x, int k) {
    for (; d > 0; --d) {
      const auto before = [&](int at) { return At(At(history, d), at + d + 1); };
      const bool down = comes_down(before, d, k);
      const int start = down ? before(k + 1) : before(k - 1) + 1;
      for (; x > start; --x) pairs.emplace_back(x - 1, x - 1 - k);
      k += down ? 1 : -1;
      x = before(k);
    }
    for (; x > 0; --x) pairs.emplace_back(x - 1, x - 1);
    std::reverse(pairs.begin(), pairs.end());
  };
  for (int d = 0; d <= limit && *steps >= 0; ++d) {
    history.emplace_back(reach.begin() + (limit - d), reach.begin() + (limit + d + 3));
    *steps -= d + 1;
    for (int k = -d; k <= d; k += 2) {
      int x = d == 0 ? 0 : comes_down(reached, d, k) ? reached(k + 1) : reached(k - 1) + 1;
      for (; x < n && x - k < m && At(a, x) == At(b, x - k); ++x) --*steps;
      reached(k) = x;
      if (x < n || x - k < m) continue;
      walk_back(d, x, k);
      return pairs;
    }
  }
  return std::nullopt;
}

}  // namespace entente::passage
