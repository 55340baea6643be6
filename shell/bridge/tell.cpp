// Replies that tell where the cursor stands, what the ops and events are, and what a text may mean. Nothing changes.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/hex.h"
#include "bridge/bridge.h"
#include "bridge/replies.h"
#include "bridge/structs.h"
#include "machine/deciding_event.h"
#include "machine/facts/address_facts.h"
#include "machine/facts/process_facts.h"
#include "machine/facts/slab_state.h"
#include "machine/kernel_log.h"
#include "machine/op_kind.h"
#include "machine/proc_files.h"
#include "process/processes.h"
#include "scenario/buddyinfo.h"
#include "scenario/counted_machine.h"
#include "scenario/run_report.h"
#include "scenario/step_result.h"
#include "scenario/step_spans.h"
#include "slab/slab.h"
#include "views/parts/palette.h"

namespace shell {
namespace {

using mm::i64;
using mm::u32;

constexpr u32 MAX_ROWS = 1000;    // of events or ops in one reply
constexpr u32 MAX_BUCKETS = 4096; // of the timeline

constexpr std::array<Choice, 5> COLOURS = {{{"state", "state", "状态"},
                                            {"type", "migratetype", "迁移类型"},
                                            {"order", "order", "阶"},
                                            {"zone", "zone", "内存域"},
                                            {"age", "age", "新旧"}}};
constexpr std::array<Choice, 2> LAYOUTS = {
    {{"z-order", "buddies side by side", "伙伴相邻"}, {"linear", "row by row", "按地址逐行"}}};

Json choices_json(std::span<const Choice> choices) {
    Json list = Json::array();
    for (const Choice& c : choices) list.push_back({{"id", c.id}, {"en", c.en}, {"zh", c.zh}});
    return list;
}

std::string_view kind_name(const mm::Op& op) {
    return mm::OP_KIND_NAMES[static_cast<std::size_t>(mm::kind_of(mm::op_spec(op.kind)))];
}

std::string frame_place(const mm::Machine& machine, i64 pfn) {
    if (!machine.physical.pfn_valid(static_cast<mm::frame_t>(pfn))) return "";
    return place_text(machine, {Selection::Kind::pfn, pfn, 0, 0});
}

// The first argument of this unit; -1: there is none.
i64 argument(const mm::Event& event, mm::Unit unit) {
    const std::span<const mm::ArgSpec> args = mm::event_spec(event.kind).arg_list();
    for (std::size_t i = 0; i < args.size(); ++i)
        if (args[i].unit == unit) return event.arg[i];
    return -1;
}

// A value that an event tells of.
struct ToldValue {
    const mm::Machine& machine;
    const mm::Event& event;
    i64 value;
    mm::space_id space; // whose tables translate the virtual addresses of the event
};

std::string frame_place(const ToldValue& told) { return frame_place(told.machine, told.value); }
std::string frame_of_address_place(const ToldValue& told) {
    const auto address = static_cast<mm::u64>(told.value);
    return frame_place(told.machine, static_cast<i64>(address >> told.machine.physical.page_shift));
}
std::string address_place(const ToldValue& told) {
    return place_text(told.machine, {Selection::Kind::address, told.value, told.space, 0});
}
std::string cache_place(const ToldValue& told) {
    if (!cache_exists(told.machine.slabs, told.value)) return "";
    return place_text(told.machine, {Selection::Kind::cache, told.value, 0, 0});
}
std::string object_place(const ToldValue& told) {
    const Selection object{Selection::Kind::object, told.value, 0, 0};
    return told.value > 0 && frame_of(told.machine, object) ? place_text(told.machine, object) : "";
}
std::string zone_place(const ToldValue& told) {
    if (told.value < 0 || told.value >= static_cast<i64>(told.machine.physical.zones.size())) return "";
    return place_text(told.machine, {Selection::Kind::zone, told.value, 0, 0});
}
// An object by its index: the event names its slab, which may be gone by now.
std::string object_in_slab_place(const ToldValue& told) {
    const mm::Machine& machine = told.machine;
    const i64 pfn = argument(told.event, mm::Unit::slab), index = told.value;
    if (pfn < 0 || pfn >= mm::PFN_NONE) return "";
    const mm::phys_addr_t base = static_cast<mm::phys_addr_t>(pfn) << machine.physical.page_shift;
    const mm::slab_id id = mm::slab_of_address(machine.slabs, machine.physical, base);
    if (id >= machine.slabs.nr_slabs || index < 0 || index >= machine.slabs.slabs[id].objects) return "";
    const mm::object_ref object{id, static_cast<mm::obj_index>(index), 0};
    const auto address = static_cast<i64>(mm::object_address(machine.slabs, machine.physical, object));
    return place_text(machine, {Selection::Kind::object, address, 0, 0});
}

// Units whose values stand for something that one can look at.
struct UnitPlace {
    mm::Unit unit;
    std::string (*place)(const ToldValue& told);
};
constexpr UnitPlace UNIT_PLACES[] = {
    {mm::Unit::pfn, frame_place},
    {mm::Unit::slab, frame_place},
    {mm::Unit::phys_address, frame_of_address_place},
    {mm::Unit::virt_address, address_place},
    {mm::Unit::zone, zone_place},
    {mm::Unit::cache, cache_place},
    {mm::Unit::object, object_place},
    {mm::Unit::object_index, object_in_slab_place},
    {mm::Unit::object_link, object_in_slab_place},
};

// Empty: it leads nowhere.
std::string place_of_run(const mm::Machine& machine, const mm::Event& event, const mm::TextRun& run,
                         mm::space_id space) {
    for (const UnitPlace& row : UNIT_PLACES)
        if (row.unit == run.unit) return row.place({machine, event, run.value, space});
    return "";
}

} // namespace

const mm::ScenarioStep* step_of(const mm::Scenario& scenario, u32 op) {
    const std::optional<u32> index = mm::step_of_op(scenario.steps, op);
    return index ? &scenario.steps[*index] : nullptr;
}

Json runs_json(const mm::Machine& machine, const mm::Event& event, mm::Language language, mm::space_id space) {
    Json runs = Json::array();
    for (const mm::TextRun& run : mm::narrate(machine, event, language)) {
        Json item = Json::array({run.text});
        if (run.unit != mm::Unit::none) item.push_back(place_of_run(machine, event, run, space));
        runs.push_back(std::move(item));
    }
    return runs;
}

std::span<const Choice> map_colours() { return COLOURS; }
std::span<const Choice> map_layouts() { return LAYOUTS; }

std::string Bridge::hello() const {
    Json views = Json::array();
    for (const auto& view : views_) {
        const ViewRow& row = view->row();
        views.push_back({{"id", row.id},
                         {"en", row.title.en},
                         {"zh", row.title.zh},
                         {"place", VIEW_PLACES[static_cast<std::size_t>(row.place)].id}});
    }
    Json places = Json::array();
    for (const ViewPlaceRow& row : VIEW_PLACES)
        places.push_back({{"id", row.id}, {"en", row.title.en}, {"zh", row.title.zh}});
    Json files = Json::array();
    for (const mm::ProcFile& file : mm::proc_files())
        files.push_back(
            {{"name", file.name}, {"subject", mm::proc_subject_names[static_cast<std::size_t>(file.subject)]}});
    files.push_back({{"name", mm::KERNEL_LOG}, {"subject", ""}});
    const auto palette = [](Theme theme) { return Json::parse(palette_json(theme), nullptr, false); };
    return to_text({{"views", views},
                    {"places", places},
                    {"colours", choices_json(COLOURS)},
                    {"layouts", choices_json(LAYOUTS)},
                    {"files", files},
                    {"palette", {{"light", palette(Theme::light)}, {"dark", palette(Theme::dark)}}}});
}

std::string Bridge::state() const { return to_text(loaded() ? state_json() : nothing_loaded()); }

Json Bridge::state_json() const {
    const mm::Moment& now = moment();
    const std::span<const mm::Op> ops = app.session->ops();
    const auto words = [&](const mm::Op& op) {
        return mm::op_text(now.at, op, app.scenario.result_names, app.language);
    };

    Json state = {{"step", now.position.step}, {"event", now.position.event}, {"steps", ops.size()}};
    tell_place(state);
    if (!now.op) {
        state["op"] = -1;
    } else {
        state["op"] = now.op_step();
        state["opText"] = words(*now.op);
        state["opKind"] = kind_name(*now.op);
    }
    state["nrEvents"] = now.events.size();
    state["happened"] = now.nr_happened;
    state["because"] = now.because + 1;
    state["served"] = mm::serving_event(now.events, now.because) + 1;
    const u32 next = now.op ? now.op_step() + 1 : 0;
    state["next"] = next < ops.size() ? words(ops[next]) : "";
    state["select"] = place_text(now.at, app.selection);
    // An object as sentences and answers name it.
    if (app.selection.kind == Selection::Kind::object)
        state["pointer"] = mm::unit_text(now.at, mm::Unit::object, app.selection.value);
    state["view"] = open_view() ? open_view()->id() : "";
    state["best"] = best_view(views_, app.scenario, now.op ? &*now.op : nullptr, now.op ? now.op_step() : 0);
    state["chosen"] = app.chosen;
    state["pointed"] = pointed_;
    state["look"] = open_view() ? open_view()->look() : "";
    state["colour"] = app.colour;
    state["layout"] = app.layout;
    state["revision"] = revision_;
    return state;
}

std::string Bridge::events(u32 first, u32 count) const {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::Moment& now = moment();
    const u32 total = static_cast<u32>(now.events.size());
    first = std::min(first, total);
    count = std::min({count, total - first, MAX_ROWS});
    mm::space_id space = now.op ? space_of_op(now.at, *now.op) : mm::INIT_MM;
    if (!now.at.mmu.has_space(space)) space = mm::INIT_MM;
    Json list = Json::array();
    for (const mm::Event& event : std::span(now.events).subspan(first, count)) {
        const std::vector<std::string_view> path = mm::call_path(event);
        list.push_back({{"name", mm::event_spec(event.kind).name},
                        {"path", path},
                        {"runs", runs_json(now.at, event, app.language, space)}});
    }
    return to_text({{"first", first}, {"events", list}});
}

std::string Bridge::ops(u32 first, u32 count) const {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::Session& session = *app.session;
    first = std::min(first, session.steps());
    count = std::min({count, session.steps() - first, MAX_ROWS});
    Json list = Json::array();
    for (u32 i = first; i < first + count; ++i) {
        Json row = {{"at", mm::position_text(app.scenario.steps, {i + 1, 0})},
                    {"text", mm::op_text(session.machine(), session.op(i), app.scenario.result_names, app.language)},
                    {"kind", kind_name(session.op(i))}};
        const mm::ScenarioStep* step = step_of(app.scenario, i);
        if (step && step->first_op == i) {
            const std::string& note = local_text(step->note, app.language);
            if (!note.empty()) row["note"] = note;
            if (step->nr_ops > 1) row["group"] = step->nr_ops;
            if (step->question) row["question"] = question_json(*step->question, app.language);
        }
        list.push_back(std::move(row));
    }
    return to_text({{"first", first}, {"ops", list}});
}

std::string Bridge::timeline(u32 first, u32 end, u32 buckets) const {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::Session& session = *app.session;
    end = std::min(end, session.steps());
    first = std::min(first, end);
    buckets = std::clamp(buckets, 1u, MAX_BUCKETS);

    std::vector<std::optional<mm::OpKind>> kinds; // of those that occur, by Op::kind
    const auto kind_of = [&](mm::u16 op) {
        if (op >= kinds.size()) kinds.resize(op + 1u);
        if (!kinds[op]) kinds[op] = mm::kind_of(mm::op_spec(op));
        return static_cast<std::size_t>(*kinds[op]);
    };

    std::array<std::vector<u32>, 3> counted;
    for (auto& counts : counted) counts.assign(buckets, 0);
    const mm::u64 ops = end - first;
    for (u32 i = first; i < end; ++i) {
        const auto bucket = static_cast<std::size_t>(static_cast<mm::u64>(i - first) * buckets / ops);
        ++counted[kind_of(session.op(i).kind)][bucket];
    }
    Json reply = {{"first", first}, {"end", end}};
    for (std::size_t kind = 0; kind < counted.size(); ++kind)
        reply[std::string(mm::OP_KIND_NAMES[kind])] = counted[kind];
    return to_text(reply);
}

std::string Bridge::proc(std::string_view name) const {
    if (!loaded()) return to_text(nothing_loaded());
    if (name == mm::KERNEL_LOG) return to_text(dmesg_json());
    const std::optional<mm::ProcFile> file = mm::find_proc_file(name);
    if (!file)
        return to_text(error_json(mm::told_error("", mm::told("no such file: {0}", "没有这个文件：{0}", {name}))));
    switch (file->subject) {
    case mm::ProcSubject::none: return to_text(file_of_machine_json(*file));
    case mm::ProcSubject::cache: return to_text(file_of_cache_json(*file));
    case mm::ProcSubject::process: return to_text(file_of_process_json(*file));
    }
    return {};
}

Json Bridge::file_of_machine_json(const mm::ProcFile& file) const {
    const mm::Moment& now = moment();
    Json text = {{"path", mm::proc_path(file, now.at)}, {"text", file.text(now.at, 0)}};
    if (now.before) text["was"] = file.text(*now.before, 0);
    return text;
}

Json Bridge::dmesg_json() const {
    const auto or_words = [&](std::string log) {
        if (!log.empty()) return log;
        return std::string(app.language == mm::Language::zh ? "到这一步内核没有打印任何内容。\n"
                                                            : "The kernel has printed nothing up to here.\n");
    };
    Json text = {{"path", "dmesg"}, {"text", or_words(app.session->kernel_log())}};
    if (moment().op) text["was"] = or_words(app.session->kernel_log({moment().op_step(), 0}));
    return text;
}

// The folder of the selected cache in /sys/kernel/slab; without one, a line that says how to select one.
Json Bridge::file_of_cache_json(const mm::ProcFile& file) const {
    const mm::Machine& machine = moment().at;
    const std::optional<mm::Machine>& before = moment().before;
    const mm::cache_id cache = cache_of(machine, app.selection);
    const bool zh = app.language == mm::Language::zh;
    Json text = {{"path", "/sys/kernel/slab/"}};
    if (machine.slabs.config.allocator != mm::slab_allocator::slub) {
        text["text"] = zh ? "只有 SLUB 有这个目录。\n" : "Only SLUB has this folder.\n";
        return text;
    }
    if (cache == mm::CACHE_NONE) {
        text["text"] = zh ? "选中一个缓存，或它的一个对象，这里就列出它的文件。\n"
                          : "Select a cache, or an object of one, and its files are listed here.\n";
        return text;
    }
    text["path"] = mm::proc_path(file, machine, cache);
    text["text"] = file.text(machine, cache);
    if (before && cache_exists(before->slabs, cache)) text["was"] = file.text(*before, cache);
    return text;
}

// Of the process that the op is about, else of the one whose address is selected, else of the first.
Json Bridge::file_of_process_json(const mm::ProcFile& file) const {
    const mm::Moment& now = moment();
    const mm::process_memory& processes = now.at.processes;
    mm::mm_id id = now.op ? mm::process_of_op(now.at, *now.op) : mm::MM_NONE;
    if (id == mm::MM_NONE && app.selection.kind == Selection::Kind::address)
        id = process_of_space(processes, static_cast<mm::space_id>(app.selection.second));
    if (id == mm::MM_NONE) id = mm::first_process(processes);
    if (id == mm::MM_NONE) {
        const bool zh = app.language == mm::Language::zh;
        return {{"path", "/proc/PID/" + std::string(file.name)},
                {"text", zh ? "还没有进程：execve 建立进程。\n" : "There is no process yet: execve makes one.\n"}};
    }
    Json text = {{"path", mm::proc_path(file, now.at, id)}, {"text", file.text(now.at, id)}};
    const bool was_there = now.before && mm::has_process(now.before->processes, id) &&
                           now.before->processes.mms[id].pid == processes.mms[id].pid;
    if (was_there) text["was"] = file.text(*now.before, id);
    return text;
}

std::string Bridge::read_buddyinfo(std::string_view text) const {
    if (!loaded()) return to_text(nothing_loaded());
    const auto rows = mm::read_buddyinfo(text);
    if (!rows) return to_text(error_json(rows.error()));
    Json reply{{"zones", Json::parse(mm::buddyinfo_json(*rows), nullptr, false)}};
    if (const auto cut = mm::cut_rows(*rows)) reply["cut"] = told_json(*cut);
    const auto profile = mm::with_free_blocks(*machine().profile, *rows);
    if (profile) return to_text(reply);
    reply["misfit"] = told_json(message_of(profile.error()));
    const auto made = mm::machine_of_counts(*rows);
    if (made)
        reply["made"] = mm::architecture_name(made->arch);
    else
        reply["unmade"] = told_json(message_of(made.error()));
    return to_text(reply);
}

std::string Bridge::buddyinfo_scenario(std::string_view text) const {
    if (!loaded()) return to_text(nothing_loaded());
    const auto rows = mm::read_buddyinfo(text);
    if (!rows) return to_text(error_json(rows.error()));
    auto profile = mm::with_free_blocks(*machine().profile, *rows);
    if (!profile) profile = mm::machine_of_counts(*rows);
    if (!profile) return to_text(error_json(profile.error()));
    return to_text({{"text", mm::buddyinfo_scenario(*profile)}});
}

std::string Bridge::describe() const {
    if (!loaded()) return to_text(nothing_loaded());
    Json view = Json::object();
    if (const View* open = open_view()) view = Json::parse(open->describe(view_input(0)), nullptr, false);
    return to_text({{"hash", mm::hex(mm::canonical_hash(machine()))}, {"view", view}});
}

// ---- search ---------------------------------------------------------------------------------------------------------

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

// Collects what a number may be: a pfn or a physical address, in hex; a pfn in decimal.
class Finder {
  public:
    explicit Finder(const mm::Machine& machine) : machine_(machine) {}

    void numbers(std::string_view text) {
        const bool hex_only = text.starts_with("0x") || text.starts_with("0X");
        if (hex_only) text.remove_prefix(2);
        if (const auto value = number(text, 16)) {
            frame(*value, "pfn 0x" + mm::hex(*value));
            object(*value);
            address(*value);
            frame(*value >> machine_.physical.page_shift, mm::address_hex(*value));
        }
        if (hex_only) return;
        if (const auto value = number(text, 10)) frame(*value, "pfn " + std::to_string(*value));
    }

    void frame(mm::frame_t pfn, const std::string& text) {
        if (!machine_.physical.pfn_valid(pfn)) return;
        add(text, {Selection::Kind::pfn, static_cast<i64>(pfn), 0, 0});
    }

    // A physical address inside an object of a slab.
    void object(mm::u64 address) {
        const mm::slab_memory& slabs = machine_.slabs;
        const mm::object_ref found = mm::object_of_address(slabs, machine_.physical, address);
        if (found.slab == mm::SLAB_NONE || found.index == mm::OBJ_NONE) return;
        const std::string_view cache = mm::name_text(slabs.caches[slabs.slabs[found.slab].cache].name);
        add("object " + std::to_string(found.index) + " of " + std::string(cache),
            {Selection::Kind::object, static_cast<i64>(mm::object_address(slabs, machine_.physical, found)), 0, 0});
    }

    // An address of the kernel: a number that no frame has.
    void address(mm::u64 value) {
        const bool of_kernel = machine_.mmu.up && machine_.mmu.arch().two_halves &&
                               mm::half_of(machine_.mmu.geometry(), value) == mm::address_half::kernel;
        if (of_kernel)
            add("address 0x" + mm::hex(value), {Selection::Kind::address, static_cast<i64>(value), mm::INIT_MM, 0});
    }

    void add(const std::string& text, const Selection& place) {
        if (std::find(places_.begin(), places_.end(), place) != places_.end()) return;
        places_.push_back(place);
        found_.push_back({{"text", text}, {"place", place_text(machine_, place)}});
    }

    [[nodiscard]] const Json& found() const { return found_; }

  private:
    static std::optional<mm::u64> number(std::string_view text, int base) {
        mm::u64 value = 0;
        const char* const end = text.data() + text.size();
        const auto result = std::from_chars(text.data(), end, value, base);
        if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
        return value;
    }

    const mm::Machine& machine_;
    std::vector<Selection> places_;
    Json found_ = Json::array();
};

} // namespace

std::string Bridge::find(std::string_view text) const {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::Machine& machine = moment().at;
    text = trimmed(text);
    Finder finder(machine);

    const auto& names = app.scenario.result_names;
    for (std::size_t slot = 0; slot < names.size(); ++slot) {
        if (names[slot] != text) continue;
        const mm::OpResult result = machine.results[static_cast<u32>(slot)];
        const Selection place = result_place(machine, result);
        if (place.kind != Selection::Kind::none) finder.add(names[slot], place);
    }
    const auto& zones = machine.physical.zones;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        if (zones[i].spanned_pages == 0 || !equal_ignoring_case(zones[i].name(), text)) continue;
        finder.add("zone " + std::string(zones[i].name()) + ", node " + std::to_string(zones[i].node),
                   {Selection::Kind::zone, static_cast<i64>(i), 0, 0});
    }
    if (const auto cache = parse_place(machine, mm::place_prefix(Selection::Kind::cache) + std::string(text)))
        finder.add("cache " + std::string(text), *cache);
    if (const auto place = parse_place(machine, text); place && place->kind != Selection::Kind::none) {
        finder.add(std::string(text), *place);
    }
    finder.numbers(text);
    return to_text({{"found", finder.found()}});
}

} // namespace shell
