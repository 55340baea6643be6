// The text mirror of the open view, for the page.
#include <array>

#include "bridge/bridge.h"
#include "bridge/replies.h"
#include "machine/facts/slab_state.h"
#include "views/parts/mirror.h"

namespace shell {

namespace {

constexpr std::array<std::string_view, 5> CHANGES = {"", "touched", "changed", "added", "gone"};

// A row that is gone may be about something that there is no more.
bool can_be_selected(const mm::Machine& machine, const Selection& place) {
    if (place.kind == Selection::Kind::cache) return mm::cache_exists(machine.slabs, place.value);
    if (place.kind == Selection::Kind::address) return mm::parse_place(machine, place_text(machine, place)).has_value();
    return place.kind != Selection::Kind::none && mm::place_exists(machine, place);
}

Json row_json(const mm::Machine& machine, const MirrorRow& row) {
    Json out{{"cells", row.cells}};
    if (can_be_selected(machine, row.place)) out["place"] = mm::place_text(machine, row.place);
    if (row.change != RowChange::none) out["change"] = CHANGES[static_cast<std::size_t>(row.change)];
    if (!row.was.empty()) out["was"] = row.was;
    return out;
}

} // namespace

std::string Bridge::mirror() const {
    if (!loaded()) return to_text(nothing_loaded());
    const View* open = open_view();
    if (!open) return to_text(Json::object());
    const Mirror mirror = mirror_of(*open, view_input(0));
    Json rows = Json::array();
    for (const MirrorRow& row : mirror.rows) rows.push_back(row_json(machine(), row));
    Json out{{"caption", mirror.caption}, {"columns", mirror.columns}, {"rows", std::move(rows)}};
    if (!mirror.note.empty()) out["note"] = mirror.note;
    out["above"] = mirror.above;
    out["below"] = mirror.below;
    return to_text(out);
}

} // namespace shell
