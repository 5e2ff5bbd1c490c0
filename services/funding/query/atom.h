// SPDX-License-Identifier: Apache-2.0
//
// The money of one claim that no part of it itemises, as a number.
//
// Nearly all claims are *flat*: exact or "at least" so much, a total, and neither whole nor part.
// They are numbers in an array. Every other claim is in a tree (algebra/tree.h), if only in one of
// its own. Both sorts have rows of their own, from 0 on.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_ATOM_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_ATOM_H_

#include <cstddef>
#include <cstdint>

namespace entente::funding::query {

// A row and, in one bit, of which sort.
using Atom = int32_t;
inline constexpr Atom kNoAtom = -1;
inline constexpr Atom kTreeBit = Atom{1} << 30;

inline Atom FlatAtom(size_t row) { return static_cast<Atom>(row); }
inline Atom TreeAtom(size_t row) { return static_cast<Atom>(row) | kTreeBit; }
inline bool IsFlat(Atom atom) { return (atom & kTreeBit) == 0; }
inline size_t RowOf(Atom atom) { return static_cast<size_t>(atom & ~kTreeBit); }

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_ATOM_H_
