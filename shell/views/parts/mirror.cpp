#include "views/parts/mirror.h"

#include <algorithm>
#include <unordered_map>

#include "views/parts/view.h"

namespace shell {

namespace {

constexpr Phrase NOTHING{"Nothing to show at this step.", "这一步没有可显示的内容。"};

using Positions = std::unordered_map<std::string_view, std::size_t>; // of rows, by name

Positions positions_of(const Mirror& mirror) {
    Positions out;
    for (std::size_t i = 0; i < mirror.rows.size(); ++i) out.emplace(mirror.rows[i].name(), i);
    return out;
}

void mark(MirrorRow& row, const MirrorRow& before) {
    std::vector<std::string> was(row.cells.size());
    bool changed = false;
    for (std::size_t i = 1; i < row.cells.size(); ++i) {
        const std::string old = i < before.cells.size() ? before.cells[i] : "";
        if (old == row.cells[i]) continue;
        was[i] = old.empty() ? "—" : old;
        changed = true;
    }
    if (!changed) return;
    row.change = RowChange::changed;
    row.was = std::move(was);
}

} // namespace

void mark_changes(Mirror& now, const Mirror& before) {
    const Positions here = positions_of(now), there = positions_of(before);
    for (MirrorRow& row : now.rows) {
        const auto old = there.find(row.name());
        if (old != there.end())
            mark(row, before.rows[old->second]);
        else
            row.change = RowChange::added;
    }
    // What is gone stands behind the row that it stood behind.
    std::vector<std::vector<const MirrorRow*>> gone(now.rows.size() + 1);
    std::size_t behind = 0;
    for (const MirrorRow& row : before.rows) {
        if (const auto still = here.find(row.name()); still != here.end())
            behind = still->second + 1;
        else
            gone[behind].push_back(&row);
    }
    std::vector<MirrorRow> all;
    for (std::size_t i = 0; i <= now.rows.size(); ++i) {
        for (const MirrorRow* row : gone[i]) {
            all.push_back(*row);
            all.back().change = RowChange::gone;
        }
        if (i < now.rows.size()) all.push_back(std::move(now.rows[i]));
    }
    now.rows = std::move(all);
}

void keep_in_sight(Mirror& mirror, const Selection& selection, std::size_t most) {
    std::vector<MirrorRow>& rows = mirror.rows;
    if (rows.size() <= most) return;
    auto middle = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.change != RowChange::none; });
    if (middle == rows.end() && selection.kind != Selection::Kind::none)
        middle = std::find_if(rows.begin(), rows.end(),
                              [&](const auto& row) { return row.selected || row.place == selection; });
    const auto at = middle == rows.end() ? std::size_t{0} : static_cast<std::size_t>(middle - rows.begin());
    const std::size_t first = std::min(at - std::min(at, most / 4), rows.size() - most);
    mirror.above = first;
    mirror.below = rows.size() - first - most;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(first + most), rows.end());
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(first));
}

Mirror mirror_of(const View& view, const ViewInput& input) {
    Mirror now = view.mirror(input, input.moment.at);
    if (input.moment.before) mark_changes(now, view.mirror(input, *input.moment.before));
    if (now.rows.empty() && now.note.empty()) now.note = input.teller().say(NOTHING);
    keep_in_sight(now, input.choices.selection);
    return now;
}

} // namespace shell
