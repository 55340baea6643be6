#pragma once
// The text mirror of a view: what its picture shows, as a table that can be read and stepped through.
//
//   Free lists of Normal      blocks              pages         first blocks
//   order 4, Movable          3, was 2  changed   48, was 32    0x48050 0x48060 0x48070
//   order 3, Movable          0, was 1  changed   0, was 8
//
// A view makes the rows of a machine (View::mirror()): of the one at the cursor and of the one before the op, which are
// then compared row by row. A row has one name in both: its first cell.
#include <string>
#include <vector>

#include "choices.h"
#include "views/parts/teller.h"

namespace shell {

// Of the rows that a view makes, so many are told at once: those around what the step touched.
inline constexpr std::size_t MIRROR_ROWS = 240;
// Where a view would have more rows than this, it leaves the last ones out.
inline constexpr std::size_t MIRROR_MOST = 8192;
inline constexpr std::size_t MIRROR_CHIPS = 8; // blocks, pages and slabs that a cell names

enum class RowChange : mm::u8 {
    none,
    touched, // by the op, but it says what it said before
    changed,
    added,
    gone, // the row is the one before the op
};

struct MirrorRow {
    std::vector<std::string> cells; // the first is the row's name: no other row's
    Selection place{};              // what the row is about; none: nothing that can be selected
    RowChange change = RowChange::none;
    std::vector<std::string> was{}; // of a changed row: cells before the op, empty where they are the same
    bool selected = false; // what is selected stands in it; where it is the place itself, that need not be said

    [[nodiscard]] const std::string& name() const { return cells.front(); }
};

struct Mirror {
    std::string caption;
    std::vector<std::string> columns{};
    std::vector<MirrorRow> rows{};
    std::string note{};               // why there are no rows, or what they leave out
    std::size_t above = 0, below = 0; // rows that are there, but not told

    // False when there are enough rows.
    bool add(MirrorRow row) {
        if (rows.size() >= MIRROR_MOST) return false;
        rows.push_back(std::move(row));
        return true;
    }
};

// Marks rows that are not as they were, and puts those that are gone where they stood.
void mark_changes(Mirror& now, const Mirror& before);
// Leaves at most `most` rows: around the first one that the step touched, else around the selected one.
void keep_in_sight(Mirror& mirror, const Selection& selection, std::size_t most = MIRROR_ROWS);

[[nodiscard]] constexpr RowChange touched_if(bool touched) { return touched ? RowChange::touched : RowChange::none; }

class View;
struct ViewInput;
// The mirror of a view at the moment, marked and kept in sight.
[[nodiscard]] Mirror mirror_of(const View& view, const ViewInput& input);

} // namespace shell
