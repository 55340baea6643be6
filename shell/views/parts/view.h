#pragma once
// A view draws one picture of the machine with Dear ImGui. It reads the moment where the cursor stands, and what the
// person has chosen; it cannot move the cursor. What the person does in it is returned as requests. One file a view, and
// one row in views/views.cpp.
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/rooms.h"
#include "choices.h"
#include "machine/moment.h"
#include "machine/phrase.h"
#include "scenario/scenario.h"
#include "views/parts/fingers.h"
#include "views/parts/mirror.h"

namespace shell {

class Pen;
class SvgSheet;

// What of the canvas Dear ImGui does not tell.
struct CanvasInput {
    bool focused = true; // keys come to it
    Pinch pinch{};
    SvgSheet* sheet = nullptr; // the picture is written there, too
};

struct ViewInput {
    const mm::Moment& moment;
    const Choices& choices;
    const mm::Scenario& scenario; // whose ops these are
    std::span<const mm::Op> ops;  // of the whole session
    mm::u32 session_number = 0;   // another one for each session
    double seconds = 0;           // time for animation only, never for state
    CanvasInput canvas{};

    // The machine before the op; at the start, where there is none, the one at the cursor.
    [[nodiscard]] const mm::Machine& before() const { return moment.before ? *moment.before : moment.at; }
    [[nodiscard]] Teller teller() const { return {choices.language == mm::Language::zh}; }
};

// Draws into the current window, in the colours and language that the person has chosen.
[[nodiscard]] Pen pen_of(const ViewInput& input);

// What a view asks for. Applied after drawing.
struct ViewActions {
    bool select = false;
    Selection selection;
    bool animate = false;  // wants another frame soon
    std::string_view open; // id of the view to go to; empty: stay
};

// A person chooses a place, and the place offers its views. A place without a view is not offered.
enum class ViewPlace : mm::u8 { machine, slabs, addresses, processes };
struct ViewPlaceRow {
    std::string_view id;
    mm::Phrase title;
};
inline constexpr std::array<ViewPlaceRow, 4> VIEW_PLACES = {{{"machine", {"Machine", "机器"}},
                                                             {"slabs", {"Slabs", "slab 缓存"}},
                                                             {"addresses", {"Addresses", "内核地址"}},
                                                             {"processes", {"Processes", "进程"}}}};

// Ops by the beginning of their names, "kmap"; empty: no more.
using OpNames = std::array<std::string_view, 6>;

// Where a view should look to show a selection, as View::look() has it; nullopt: it does not show it.
using Shown = std::optional<std::string>;

class View;

// What there is to know of a view without having it.
struct ViewRow {
    std::string_view id; // in links: never changes
    mm::Phrase title;
    ViewPlace place = ViewPlace::machine;
    std::unique_ptr<View> (*make)() = nullptr;
    Shown (*shows)(const mm::Machine& machine, const Selection& selection) = nullptr; // null: none is shown here
    // Which ops are best seen here: those of a room, and ops by name, which count for more. Neither: never the best.
    std::optional<mm::room_id> room = std::nullopt;
    OpNames ops{};
};

class View {
  public:
    virtual ~View() = default;
    [[nodiscard]] const ViewRow& row() const { return *row_; }
    [[nodiscard]] std::string_view id() const { return row_->id; }
    void set_row(const ViewRow& row) { row_ = &row; }
    // Draws into the current ImGui window, which fills the canvas.
    virtual void draw(const ViewInput& input, ViewActions& actions) = 0;
    // Where the person looks, as text for a link; empty when it is where the view itself would look here. It is known
    // after a frame was drawn. look_at() goes there with the next frame; empty text goes where the view would look.
    [[nodiscard]] virtual std::string look() const { return {}; }
    virtual void look_at(std::string_view) {}
    // What the picture shows, as rows: of `machine`, at what the person and the op of `input` have chosen to look at.
    // `machine` is the one at the cursor or the one before the op; rows that the op touched are marked in both.
    [[nodiscard]] virtual Mirror mirror(const ViewInput& input, const mm::Machine& machine) const = 0;
    // The numbers behind the picture, for tests: JSON text.
    [[nodiscard]] virtual std::string describe(const ViewInput& input) const = 0;

  private:
    const ViewRow* row_ = nullptr; // of make_views()
};

} // namespace shell
