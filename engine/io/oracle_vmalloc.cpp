// The scripts of the module on vmalloc and vmap: every address, and what /proc/vmallocinfo lists afterwards.
//
// What was taken before the scripts is not recorded, but what is listed after them is, lazily freed areas too. Areas that
// the scripts never had stood there all the time, as far as the scripts can tell; all other addresses were free.
#include <algorithm>
#include <bit>
#include <map>

#include "io/oracle.h"
#include "io/oracle_replay.h"
#include "io/recording_vmalloc.h"
#include "kernel/vmap.h"

namespace mm {
namespace {

struct Range {
    u64 start, end;
};

struct Script {
    std::string file;
    std::vector<VmallocEntry> log;
};

constexpr std::string_view AFTER = "mod-vmallocinfo-after.txt";

std::vector<Script> scripts_of(const RecordingFolder& folder) {
    std::vector<Script> scripts;
    for (const std::string& file : folder.files) {
        if (!file.starts_with("mod-") || file == AFTER) continue;
        if (std::vector<VmallocEntry> log = parse_vmalloc_log(folder.text(file)); !log.empty())
            scripts.push_back({file, std::move(log)});
    }
    return scripts;
}

class VmallocReplay {
  public:
    VmallocReplay(u64 start, u64 end, const machine_profile& profile, FactLog& log)
        : start_(start), end_(end), page_(profile.page_size), log_(log),
          space_(make_vmap_space(start, end, static_cast<u32>(std::countr_zero(profile.page_size)), profile.cpus,
                                 profile.kernel)) {}

    // A vm_struct is whole pages and a guard page behind them.
    [[nodiscard]] u64 area_size(const VmallocEntry& entry) const {
        const u64 bytes = entry.kind == VmallocEntry::Kind::vmap ? entry.pages * page_ : entry.size;
        return (bytes + page_ - 1) / page_ * page_ + page_;
    }

    void begin(const std::vector<VmallocLine>& after, std::vector<Range> own);
    void run(const Script& script);
    void compare_list(const std::vector<VmallocLine>& after);

  private:
    [[nodiscard]] std::string place(const VmallocEntry& entry) const {
        return "line " + std::to_string(entry.line) + ", command " + std::to_string(entry.command);
    }

    u64 start_, end_, page_;
    FactLog& log_;
    vmap_space space_;
    std::map<u32, u64> slots_; // address that the engine gave
};

void VmallocReplay::begin(const std::vector<VmallocLine>& after, std::vector<Range> own) {
    std::sort(own.begin(), own.end(), [](Range a, Range b) { return a.start < b.start; });
    for (const VmallocLine& line : after) {
        if (line.start < start_ || line.end > end_) continue;
        const vmap_state state = line.unpurged ? vmap_state::lazy : vmap_state::busy;
        u64 from = line.start;
        for (const Range& range : own) {
            if (range.end <= from || range.start >= line.end) continue;
            if (range.start > from) insert_vmap_area(space_, from, range.start, state);
            from = std::max(from, std::min(range.end, line.end));
        }
        if (from < line.end) insert_vmap_area(space_, from, line.end, state);
    }
}

void VmallocReplay::run(const Script& script) {
    for (const VmallocEntry& entry : script.log) {
        if (entry.kind != VmallocEntry::Kind::free) {
            const vmap_id area = alloc_vmap_area(space_, area_size(entry), 1, start_, end_);
            const u64 address = area == VMAP_NONE ? 0 : space_.areas[area].va_start;
            slots_[entry.slot] = address;
            log_.check("vmalloc.address", address == entry.address, [&] {
                return script.file + ", " + place(entry) + ": recorded " + hex_text(entry.address) + ", engine " +
                       hex_text(address);
            });
            continue;
        }
        const auto slot = slots_.find(entry.slot);
        const vmap_id area = slot == slots_.end() ? VMAP_NONE : find_vmap_area(space_, slot->second);
        log_.check("vmalloc.freed", area != VMAP_NONE,
                   [&] { return script.file + ", " + place(entry) + ": the engine holds nothing in this slot"; });
        if (area != VMAP_NONE && free_vmap_area_noflush(space_, area)) purge_vmap_area_lazy(space_);
    }
}

void VmallocReplay::compare_list(const std::vector<VmallocLine>& after) {
    for (const VmallocLine& line : after) {
        if (line.start < start_ || line.end > end_) continue;
        const vmap_id id = vmap_area_at(space_, line.start);
        const vmap_state wanted = line.unpurged ? vmap_state::lazy : vmap_state::busy;
        const vmap_area none;
        const vmap_area& area = id == VMAP_NONE ? none : space_.areas[id];
        log_.check(
            "vmalloc.listed", area.state == wanted && area.va_start == line.start && area.va_end == line.end, [&] {
                return "vmallocinfo line " + std::to_string(line.line) + ": recorded " + hex_text(line.start) + "-" +
                       hex_text(line.end) + ", engine " + hex_text(area.va_start) + "-" + hex_text(area.va_end);
            });
    }
    const auto wrong = verify_vmap_space(space_, start_, end_);
    log_.check("vmalloc.sound", !wrong, [&] { return std::string(wrong.value_or("")); });
}

} // namespace

void compare_vmalloc(const OracleMachine& machine, FactLog& log) {
    const std::string state = machine.folder.text("mod-00-state.txt");
    const auto start = printed_address(state, "VMALLOC_START");
    const auto end = printed_address(state, "VMALLOC_END");
    const std::vector<VmallocLine> after = parse_vmallocinfo(machine.folder.text(std::string(AFTER)));
    const std::vector<Script> scripts = scripts_of(machine.folder);
    if (!start || !end || *start >= *end || after.empty() || scripts.empty()) return;

    log.set_area("vmalloc");
    VmallocReplay replay(*start, *end, machine.machine.profile, log);
    std::vector<Range> own;
    for (const Script& script : scripts)
        for (const VmallocEntry& entry : script.log)
            if (entry.kind != VmallocEntry::Kind::free)
                own.push_back({entry.address, entry.address + replay.area_size(entry)});
    replay.begin(after, std::move(own));
    for (const Script& script : scripts) replay.run(script);
    replay.compare_list(after);
}

} // namespace mm
