#pragma once
// Bridge: what the page may ask of the engine, and the only way in. Start here to read the shell.
//
//   page (web/js/engine.js) ── mmscope_*() ──► Bridge ──► Session, App          JSON text in, JSON text out
//   canvas (bridge/canvas.cpp) ── view_input(), apply() ──► Bridge ──► View::draw
//
// What is told and drawn is the moment of the session (machine/moment.h); its op is called the shown op here.
//
// Every reply is one JSON object. A request that cannot be met is {"error": {"path", "message", "line", "column"}}, and
// nothing has changed then. Texts are in the language of App::language, but for "message", "problem", "misfit" and "unmade": {"en", "zh"}.
//
// A place is written the same way in links, in replies and in requests (machine/facts/place.h).
//
// bridge/exports.cpp holds the exported C functions. They need a link with
//   -sMODULARIZE=1 -sEXPORT_ES6=1 -sEXPORTED_RUNTIME_METHODS=UTF8ToString,stringToNewUTF8
//   -sEXPORTED_FUNCTIONS=_main,_malloc,_free
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app.h"
#include "machine/proc_files.h"
#include "machine/run_sum.h"
#include "scenario/expectation_check.h"
#include "views/parts/view.h"

namespace shell {

struct ProgramTold;

// What goes on in slices. The numbers are part of the exported interface.
enum class LongWork : int { load, way, sum, check };

// Back and next go by ops; the steps of next_step and back_step are those that the file has written. into and back_into go
// op by op in a run, event by event in a step of one op. next_way goes to the next turn of a run that goes another way than
// the turn before (machine/run_sum.h), at most to the end of the step; next_note to the next step with a note or a question.
// The numbers are part of the exported interface.
enum class Motion : int {
    first,
    back,
    next,
    last,
    back_event,
    next_event,
    next_step,
    back_step,
    into,
    back_into,
    next_way,
    next_note,
};

class Bridge {
  public:
    explicit Bridge(std::span<const std::unique_ptr<View>> views);
    ~Bridge();
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

    App app;

    // ---- asked by the page ------------------------------------------------------------------------------------------

    // {"views": [{"id", "en", "zh", "place"}], "places": [{"id", "en", "zh"}], "colours": [...], "layouts": [...], "files": [{"name", "subject"}],
    // "palette": {"light", "dark"}}: what there is to choose from, and the colours of the canvas. "files" are those of
    // proc(); "subject" says what has to be selected, "" for nothing.
    [[nodiscard]] std::string hello() const;

    // Gives the text of a machine file that scenarios may name.
    void add_machine(std::string_view name, std::string_view text);

    // Loads a scenario that is known to fit (base/work.h), as the page's own lessons are, and stands at its start. {"id", "title", "summary", "notes", "machine": {...}, "steps",
    // "bookmarks": [{"op", "end", "text"}], "questions": [[first op, ops of the step, its number]...],
    // "program", "state": {...}}, "program" whether processes run in it; {"need": name} when a
    // machine file is missing: add it, try again.
    [[nodiscard]] std::string load(std::string_view id, std::string_view text);
    // The same for any scenario: all its ops run first, so that one with an op that may not run is refused, and what was
    // loaded stays. Long work, see go_on().
    [[nodiscard]] std::string load_any(std::string_view id, std::string_view text);
    // The same reply for what is loaded, after another language was chosen.
    [[nodiscard]] std::string scenario() const;

    // Where the cursor stands: {"step", "event", "steps", "op", "opText", "opKind", "nrEvents", "happened", "next",
    // "because", "served", "select", "pointer"?, "chosen", "pointed", "view", "best", "look", "colour", "layout", "revision"}. seek() and
    // move() return the same. "op" is the shown op, -1 at the start; "happened" counts its events up to the cursor;
    // "because" is the number of the one that decided, 0 when none did, "served" that of the one which tells what zone served
    // when others were too low, 0 when that is not the matter; "chosen" is false while the selection is the
    // scenario's own; "pointed" counts what was selected in the canvas; "best" is the view in which the step is best seen.
    // "at" is the position as people count (scenario/step_spans.h); "stepNo", "opNo" and "stepOps" say which of the "nrSteps"
    // written steps the shown op belongs to, which of its ops it is and how many it has; "stepDone": the cursor stands at
    // that step's end.
    [[nodiscard]] std::string state() const;
    // When an op stands in the way that may not run, the cursor stands before it, and "refused" says why as {"path",
    // "message", "line", "column"}. Long work, see go_on().
    [[nodiscard]] std::string seek(mm::u32 step, mm::u32 event);
    [[nodiscard]] std::string move(Motion motion);
    // The same to a position as people count: "4.17.3". Where there is none such, the nearest, and "problem" says why;
    // {"error"} when the text is no position.
    [[nodiscard]] std::string seek_at(std::string_view position);

    // What may take long replies {"running": {"step", "steps"}} after a slice of it, and nothing has changed then. Each call
    // of go_on() does another slice, until it gives the reply of the request that began it; stop() ends it at the last op
    // that has run: a scenario that was loading is open there, the cursor stands there. A new request takes the place of
    // an older one of its kind.
    [[nodiscard]] std::string go_on(LongWork what);
    [[nodiscard]] std::string stop(LongWork what);

    // {"view", "colour", "layout", "theme", "language", "reducedMotion", "asked", "follow", "select", "look"}, each optional;
    // "look" is where the open view looks (View::look()), "asked" whether a question is open: the views then do not mark what
    // comes next; "follow" whether a selected zone, or a list of one, makes room for the zone in which the next step is at
    // work. Replies {"refused": [names whose value is not known], "state": {...}}.
    [[nodiscard]] std::string choose(std::string_view request);

    // Events of the shown op: {"first", "events": [{"name", "path": [...], "runs": [[text, place?]...]}]}.
    [[nodiscard]] std::string events(mm::u32 first, mm::u32 count) const;

    // Ops of the session with their words: {"first", "ops": [{"at", "text", "kind", "note"?, "group"?, "question"?}]}. A
    // question, {"kind", "text", "choices"?, "within"?, "points"?}, stands at the first op of its step; "kind" is one of
    // mm::question_kind_names. A choice of "picture" is {"text", "lists": [[order, count]...]} or {"text", "order", "free":
    // [[first frame in the block, order]...]}. "points": it is answered by pointing at frames.
    [[nodiscard]] std::string ops(mm::u32 first, mm::u32 count) const;

    // Written steps: {"first", "steps": [{"step", "op", "ops", "kind", "text" | "turns", "turnOps", "texts", "note"?,
    // "question"?}]}. "op" is the first of its "ops"; a repeat tells the first ops of a turn, a random run none.
    [[nodiscard]] std::string steps(mm::u32 first, mm::u32 count) const;

    // The ops of processes as a program in C, a line a written step: {"first", "total", "processes": [{"name", "depth"}],
    // "lines": [{"step", "op", "ops", "text", "process"?, "result"?}], "more"}. "process" is an index; "result" is what a line
    // that is done came to. "more": some of these are not known yet, and are with another call. program.cpp
    [[nodiscard]] std::string program(mm::u32 first, mm::u32 count);

    // What the run of a step, counted from 1, does: {"step", "text", "ops", "allocations", "frees", "failed", "refused", "splits",
    // "merges", "zones": [{"name", "place", "blocks", "pages"}], "otherWays", "ways": [{"at", "op", "name"}]}. "otherWays" counts
    // the turns that went another way; "ways" are the first of them, "name" is what the turn before had not. Long work.
    [[nodiscard]] std::string sum(mm::u32 step);

    // Answers the question of the step that begins with op `op`: {"correct", "right", "place", "at", "explanation": [{"name",
    // "runs"}], "places"?: [[text, place]...]}. "at" is the number of the step. `value` is what the person chose or wrote:
    // the index of a choice, a number, a place, an address, "#3" for an object, or a list with ","; "?" asks for the reply
    // without "correct". {"unread": true, "items"?: [...]} when it could be no answer, as an empty text; "items" are those to
    // choose from or to put in order. {"error"} when this machine gives the question no answer. The cursor stays.
    [[nodiscard]] std::string answer(mm::u32 op, std::string_view value);

    // Ops [first, end) counted in `buckets` equal parts: {"alloc": [...], "free": [...], "other": [...]}.
    [[nodiscard]] std::string timeline(mm::u32 first, mm::u32 end, mm::u32 buckets) const;

    // The kernel's structs behind the selection: {"select", "structs": [{"title", "fields": [{"name", "value",
    // "place"?, "was"?}]}], "views": [{"view", "look"?}]}. "was" is the value before the shown op, where that differs.
    // Names that begin with "// " are ours, in the language of the App. "views" are those that show the selection too.
    [[nodiscard]] std::string inspect() const;

    // The way to the selection, from the machine to the byte: {"crumbs": [{"text", "place", "view", "look"?}]}. A crumb
    // names its place, empty for the machine, and the view that shows it. "text" is empty for the machine. places.cpp
    [[nodiscard]] std::string crumbs() const;

    // {"path", "text", "was"?} of a file of mm::proc_files(), or of "dmesg": what the kernel has printed so far. "was" is
    // the text before the shown op. A file with a subject is that of what is selected.
    [[nodiscard]] std::string proc(std::string_view name) const;

    // Whether the expectations of what is loaded hold: {"of", "checked", "held", "failures": [{"op", "path", "message",
    // "line", "column"}]}, "op" the first of the step. It runs on a machine of its own. Long work, see go_on().
    [[nodiscard]] std::string check();

    // Pasted /proc/buddyinfo: {"zones": [...]} as buddyinfo_json() has them, and "misfit" when this machine cannot have
    // these free blocks: then "made", the architecture of a machine made for them, or "unmade", why there is none;
    // {"error": {...}} when the text is none.
    [[nodiscard]] std::string read_buddyinfo(std::string_view text) const;
    // {"text": a scenario}: this machine with the free blocks of the text, or one made for them.
    [[nodiscard]] std::string buddyinfo_scenario(std::string_view text) const;

    // What a text may mean: {"found": [{"text", "place"}]}: a pfn, a physical address, a zone, a named result.
    [[nodiscard]] std::string find(std::string_view text) const;

    // What a number in hex is on this machine: {"value", "guess", "virtual"?, "physical", "levels"?, "entry"?}, or {"wrong":
    // empty, digit, wide, wide32 or long}. "guess" is the reading that fits best: virtual, physical or entry. "virtual" is
    // {"region"?, "half"?, "parts"?, "walks"?, "linear"?, "structPage"?, "place"}, with a walk for each space that could
    // translate it; "entry" takes it as an entry of a table of the level that is named: {"level", "bits", "kind",
    // "protection"?, "target"?, "size"?, "fields", "helpers": [{"name", "value"}], "questions": [{"name", "answer"}]}.
    // A frame is told as {"phys", "frame", "owner", "place"?, "ownerPlace"?}.
    [[nodiscard]] std::string what_is(std::string_view text, std::string_view level) const;

    // The open view as a table: {"caption", "note"?, "columns": [...], "rows": [{"cells": [...], "place"?, "change"?, "was"?}],
    // "above", "below"}. The first cell of a row is its name; "change" is touched, changed, added or gone, and "was" has
    // the cells before the shown op, "" where they are the same. "above" and "below" count rows that are left out.
    [[nodiscard]] std::string mirror() const;

    // The open view as it would be drawn at rest, as the text of an SVG file: {"svg"}. "link" stands in its description. It
    // draws some frames that nobody sees; {"error"} when it would be too large, or nothing can be drawn. picture.cpp
    [[nodiscard]] std::string export_svg(std::string_view link);

    // The numbers behind the open view and the canonical hash of the machine, for tests: {"hash", "view": {...}}.
    [[nodiscard]] std::string describe() const;

    // ---- asked by the canvas ----------------------------------------------------------------------------------------

    [[nodiscard]] bool loaded() const { return app.session != nullptr; }
    [[nodiscard]] View* open_view() const;
    [[nodiscard]] ViewInput view_input(double seconds) const; // only when loaded()
    // True when the person selected something or looks elsewhere: the page must be told (tell_page()).
    bool apply(const ViewActions& actions);

    // Holds the last reply while the page reads it.
    std::string last_reply;

  private:
    // A scenario before it is open.
    struct Loading {
        mm::Scenario scenario;
        std::unique_ptr<mm::Session> session;
    };

    [[nodiscard]] std::string read(std::string_view id, std::string_view text, std::optional<Loading>& out);
    [[nodiscard]] std::string open(Loading loading, mm::u32 step);
    [[nodiscard]] std::string set_out(mm::Position to, mm::Told problem = {});
    [[nodiscard]] std::string go_on_checking(mm::u64 work);
    [[nodiscard]] std::string arrive(mm::Position to);
    void go_to(mm::Position to);
    [[nodiscard]] mm::Position walk_target(Motion motion) const;
    [[nodiscard]] std::optional<mm::Position> other_way_ahead();
    [[nodiscard]] mm::RunWatch* watch_of(mm::u32 index);
    [[nodiscard]] std::string watch_running(mm::u32 index) const;
    [[nodiscard]] std::string go_on_summing();
    // Only when loaded().
    [[nodiscard]] const mm::Moment& moment() const { return app.session->moment(); }
    [[nodiscard]] const mm::Machine& machine() const { return moment().at; }
    void select_named_result();
    void follow_zone();
    bool choose_one(std::string_view name, const nlohmann::ordered_json& value);
    [[nodiscard]] nlohmann::ordered_json state_json() const;
    void tell_place(nlohmann::ordered_json& state) const;
    [[nodiscard]] nlohmann::ordered_json step_json(mm::u32 index) const;
    [[nodiscard]] nlohmann::ordered_json sum_json(mm::u32 index, const mm::RunSum& sum) const;
    [[nodiscard]] nlohmann::ordered_json scenario_json() const;
    [[nodiscard]] nlohmann::ordered_json file_of_machine_json(const mm::ProcFile& file) const;
    [[nodiscard]] nlohmann::ordered_json file_of_cache_json(const mm::ProcFile& file) const;
    [[nodiscard]] nlohmann::ordered_json file_of_process_json(const mm::ProcFile& file) const;
    [[nodiscard]] nlohmann::ordered_json dmesg_json() const;

    std::span<const std::unique_ptr<View>> views_;
    std::map<std::string, std::string, std::less<>> machines_;
    std::optional<Loading> loading_;
    std::optional<mm::Position> way_;         // where a seek or a move goes to
    mm::Told problem_;                        // of it, to be told there
    std::optional<mm::u32> ahead_;            // from this op on the next turn that goes another way is looked for
    std::map<mm::u32, mm::RunWatch> watches_; // of runs, by the index of their step, as far as somebody wanted to know
    std::optional<mm::u32> summing_;          // the step whose sum was asked for
    std::unique_ptr<mm::ExpectationCheck> check_;
    std::unique_ptr<ProgramTold> program_; // once somebody has asked
    mm::u32 revision_ = 0;
    bool follows_ = true; // the selection goes to the zone of the step
    mm::u32 pointed_ = 0; // presses in the canvas that selected something
    std::string told_look_;
};

// What a person may choose for the map, with its names.
struct Choice {
    std::string_view id, en, zh;
};
[[nodiscard]] std::span<const Choice> map_colours();
[[nodiscard]] std::span<const Choice> map_layouts();

// The one instance.
[[nodiscard]] Bridge& the_bridge();

// Tells the page that the person did something in the canvas: it then asks for state().
void tell_page();

} // namespace shell
