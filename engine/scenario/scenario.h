#pragma once
// Scenarios: format mmscope/1. A machine, steps with named results, notes in two languages, expectations, a view.
//
//   { "format": "mmscope/1",
//     "title": {"en": "Buddies", "zh": "伙伴"}, "summary": {...}, "notes": {...},
//     "machine": {"name": "arm64-6.1-1g"} | {"profile": {...}},
//     "view": {"open": "map", "select": {"pfn": "0x48000"}},
//     "steps": [ {"op": "alloc_pages", "order": 3, "gfp": "GFP_KERNEL", "as": "a", "note": {...},
//                 "expect": {"pfn": "0x48050", "events": ["buddy_split"], "nr_free": {"0:DMA": {"3": 2}}}},
//                {"op": "__free_pages", "page": "a"},
//                {"repeat": {"count": 40, "steps": [{"op": "alloc_pages", "as": "b[]"}]}},
//                {"random": {"count": 50000, "seed": 7}} ] }
//
// docs/scenario-format.md tells the format field by field. Errors name path, line and column, what was found and what
// was expected. Unknown fields are errors with a suggestion. A scenario that does not load leaves nothing behind.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "machine/machine.h"

namespace mm {

inline constexpr std::string_view SCENARIO_FORMAT = "mmscope/1";

// Caps of a scenario, documented in the format reference. JsonLimits caps the values of the text, expectations among
// them; MAX_MEMORY_PAGES the machine.
inline constexpr std::size_t MAX_SCENARIO_BYTES = 4u << 20;
inline constexpr u32 MAX_SCENARIO_OPS = 1'000'000;
inline constexpr u32 MAX_SCENARIO_STEPS = 20'000; // as the file writes them
inline constexpr std::size_t MAX_NOTE_LENGTH = 4'000;
inline constexpr u32 MAX_RANDOM_SLOTS = 65'536;

struct LocalText {
    std::string en;
    std::string zh; // falls back to en when empty
};

inline constexpr std::array<std::string_view, 4> outcome_names = {"done", "returned_null", "refused", "no_effect"};

// "first" and "last": arguments of the first and of the last event of a kind in the step.
inline constexpr std::array<std::string_view, 2> argument_subjects = {"first", "last"};

// What must hold after a step; checked by the tests, by `mmscope check` and shown in the page.
struct Expectation {
    enum class What : u8 {
        nr_free,        // zone, key: order
        watermark,      // zone, key: wmark; without boost
        pfn,            // of the step's page
        event,          // name; value: how often in the step, -1 at least once
        no_event,       // name
        outcome,        // value: OpOutcome of the step's last op
        free_pages,     // zone; all of the free lists, as buddyinfo sums up
        type,           // value: migratetype of the pageblock of the step's page
        pcp_count,      // zone, key: CPU
        managed_pages,  // zone
        lowmem_reserve, // zone, key: zone index
        argument,       // name; key: which argument of the event; fact: 0 of the step's first such event, 1 of its last
        errno_name,     // value: mm_errno of the step's last call
        process, // fact: row of process_facts() (scenario/process_facts.h), about slot; key: the slot of another region
        vmas,    // of the process in slot; key: a place (base/program_place.h), list: ExpectedVma
        slab,    // fact: row of slab_facts() (scenario/slab_facts.h), about slot, pfn or name; key as the fact has it
    };
    What what = What::pfn;
    std::string zone{}; // "0:Normal": node and zone name, where one is meant
    i64 key = 0;
    i64 value = 0;
    std::string name{}; // of an event, or of a cache that no result names
    u8 fact = 0;
    u32 slot = Op::NO_RESULT; // of a cache, an object, a process or a region
    pfn_t pfn = PFN_NONE;     // of a slab
    std::vector<i64> list{};  // instead of value, where what is expected is a list
    std::string path{};       // in the scenario, for messages
    int line = 0, column = 0;
};

// An argument of the events of a kind, as a question asks for its values.
struct AskedValue {
    u16 event = 0;
    u8 arg = 0;
};

// A question that stands before a step. The file holds no answer: the engine finds it when the step is complete.
struct Question {
    enum class Kind : u8 { choices, number, page, object, branch, order, several, picture };
    // Of "branch": the way that a request takes, or the zone that serves it.
    enum class Among : u8 { ways, zones };
    // A block, and all free blocks in it.
    struct BlockPicture {
        pfn_t start = PFN_NONE; // none: the picture shows its choice's `when`
        u8 order = 0;
        std::vector<std::pair<pfn_t, u8>> free; // first frame and order, by address
    };
    struct Choice {
        LocalText text;
        std::vector<Expectation> when; // right when all hold after the step
        BlockPicture block{};          // of "picture": right when it is what the machine has
    };
    struct Item {
        LocalText text;
        u16 event = 0;
    };
    Kind kind = Kind::choices;
    LocalText text;
    std::vector<Choice> choices;
    Expectation number; // the value asked for; its own value is not used
    i64 within = 0;     // number: so far off is right, too; `percent`: in hundredths of the answer
    bool percent = false;
    u32 of = Op::NO_RESULT;         // page, object: the result meant, else that of the step's last op
    Among among = Among::ways;      // branch
    std::vector<Item> items;        // order: by when the first event of each happens
    std::optional<u16> path_to;     // order: the functions on the way to the first event of this kind
    std::vector<AskedValue> values; // order, several: what the events tell
    std::vector<u16> because;       // kinds of the events that explain the answer; empty: scenario/question.h chooses
    std::string path;               // in the scenario, for messages
    int line = 0, column = 0;
};
inline constexpr std::array<std::string_view, 8> question_kind_names = {"choices", "number", "page",    "object",
                                                                        "branch",  "order",  "several", "picture"};
inline constexpr std::array<std::string_view, 2> question_among_names = {"ways", "zones"};
inline constexpr std::size_t MAX_CHOICES = 8;
inline constexpr std::size_t MAX_POINTED = 16; // places that a question asks to point at
inline constexpr std::size_t MAX_ASKED_VALUES = 4;
inline constexpr u8 MAX_PICTURE_ORDER = 10; // of the block that a picture shows

struct ScenarioStep {
    u32 first_op = 0; // number of the op that this step of the file begins with
    u32 nr_ops = 1;   // more than 1 for "random" and "repeat"
    u32 turn_ops = 1; // ops of one turn of a "repeat"; 0 for "random", which has no turns
    LocalText note;
    std::string view; // id of the view in which it is best seen; empty: that of the scenario
    std::vector<Expectation> expect;
    std::optional<Question> question;
    int line = 0, column = 0; // in the file, for messages
};

struct ScenarioView {
    std::string open; // id of the view to open; empty: the page chooses
    i64 select_pfn = -1;
    std::string select_result;
    std::string select_zone;
};

struct Scenario {
    // Made once, not in every file that copies one.
    Scenario();
    ~Scenario();
    Scenario(const Scenario&);
    Scenario(Scenario&&) noexcept;
    Scenario& operator=(const Scenario&);
    Scenario& operator=(Scenario&&) noexcept;

    std::string id; // from the file's name; empty for pasted text
    LocalText title, summary, notes;
    machine_profile profile;
    bool unbooted = false; // "boot": "stepped": the boot stages are the first ops
    std::vector<Op> ops;
    std::vector<ScenarioStep> steps;
    std::vector<std::string> result_names; // by result slot
    ScenarioView view;
};

// Gives the text of a machine by its name ("arm64-6.1-1g" -> scenarios/machines/arm64-6.1-1g.json); empty: unknown.
using MachineSource = std::function<std::string(std::string_view name)>;

[[nodiscard]] Result<Scenario> parse_scenario(std::string_view text, const MachineSource& machines);

// A machine file on its own: {"format": "mmscope-machine/1", "profile": {...}}, where the profile is the object that
// "machine" may also hold inline.
[[nodiscard]] Result<machine_profile> parse_machine(std::string_view text);

// The profile with its recorded state, as text that parse_machine() reads. Page numbers are packed as hex runs.
[[nodiscard]] std::string machine_to_json(const machine_profile& profile);

// The machine at step 0.
[[nodiscard]] Result<Machine> start_machine(const Scenario& scenario);

// Checks every expectation by running the scenario; the first failures, at most 20. Empty: all hold.
[[nodiscard]] std::vector<Error> check_expectations(const Scenario& scenario);

// JSON Schema (draft 2020-12) of the format, from the op table; and the op reference as Markdown.
[[nodiscard]] std::string scenario_schema();
[[nodiscard]] std::string op_reference();

} // namespace mm
