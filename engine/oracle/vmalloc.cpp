// The scripts of the module on vmalloc and vmap: every address, and what /proc/vmallocinfo lists afterwards.
//
// What was taken before the scripts is not recorded, but what is listed after them is, lazily freed areas too. Areas that
// the scripts never had stood there all the time, as far as the scripts can tell; all other addresses were free.
//
// vmalloc keeps the pages of an area in an array, which is itself from vmalloc when it is larger than a page. The log does
// not show where: of the lazily freed areas of an array's size, so many of the lowest are taken to be such arrays, and
// the engine has to find the same places for them.
#include <algorithm>
#include <bit>
#include <map>

#include "kernel/vmap.h"
#include "oracle/oracle.h"
#include "oracle/replay.h"
#include "recording/vmalloc.h"

namespace mm {
namespace {

struct Range {
    u64 start, end;
};

struct Script {
    std::string file;
    std::vector<VmallocEntry> log;
};

constexpr u64 POINTER_BYTES = 8;

std::vector<Script> scripts_of(const RecordingFolder& folder) {
    std::vector<Script> scripts;
    for (const std::string& file : folder.files) {
        if (!file.starts_with("mod-")) continue;
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

    // Of the array of pages, when it needs an area; else 0.
    [[nodiscard]] u64 array_size(const VmallocEntry& entry) const {
        const u64 bytes = (area_size(entry) / page_ - 1) * POINTER_BYTES;
        if (entry.kind != VmallocEntry::Kind::vmalloc || bytes <= page_) return 0;
        return (bytes + page_ - 1) / page_ * page_ + page_;
    }

    void begin(const std::vector<VmallocLine>& after, std::vector<Range> own, std::vector<u64> arrays);
    void run(const Script& script);
    void compare_list(const std::vector<VmallocLine>& after);

  private:
    [[nodiscard]] std::string place(const VmallocEntry& entry) const {
        return "line " + std::to_string(entry.line) + ", command " + std::to_string(entry.command);
    }

    u64 start_, end_, page_;
    FactLog& log_;
    vmap_space space_;
    struct Held {
        u64 address, array; // as the engine gave them; array 0: none
    };
    u64 take(u64 size);
    bool give_back(u64 address);

    std::map<u32, Held> slots_;
};

void VmallocReplay::begin(const std::vector<VmallocLine>& after, std::vector<Range> own, std::vector<u64> arrays) {
    std::sort(own.begin(), own.end(), [](Range a, Range b) { return a.start < b.start; });
    for (const VmallocLine& line : after) {
        if (line.start < start_ || line.end > end_) continue;
        const vmap_state state = line.unpurged ? vmap_state::lazy : vmap_state::busy;
        const auto occupy = [&](u64 first, u64 end) {
            const auto array = std::find(arrays.begin(), arrays.end(), end - first);
            if (line.unpurged && array != arrays.end()) {
                arrays.erase(array);
                return;
            }
            insert_vmap_area(space_, first, end, state);
        };
        u64 from = line.start;
        for (const Range& range : own) {
            if (range.end <= from || range.start >= line.end) continue;
            if (range.start > from) occupy(from, range.start);
            from = std::max(from, std::min(range.end, line.end));
        }
        if (from < line.end) occupy(from, line.end);
    }
}

u64 VmallocReplay::take(u64 size) {
    const vmap_id area = alloc_vmap_area(space_, size, 1, start_, end_);
    return area == VMAP_NONE ? 0 : space_.areas[area].va_start;
}

bool VmallocReplay::give_back(u64 address) {
    const vmap_id area = find_vmap_area(space_, address);
    if (area == VMAP_NONE) return false;
    if (free_vmap_area_noflush(space_, area)) purge_vmap_area_lazy(space_);
    return true;
}

void VmallocReplay::run(const Script& script) {
    for (const VmallocEntry& entry : script.log) {
        if (entry.kind != VmallocEntry::Kind::free) {
            const u64 address = take(area_size(entry));
            const u64 array = array_size(entry);
            slots_[entry.slot] = {address, array ? take(array) : 0};
            log_.check("vmalloc.address", address == entry.address, [&] {
                return script.file + ", " + place(entry) + ": recorded " + hex(entry.address) + ", engine " +
                       hex(address);
            });
            continue;
        }
        const auto slot = slots_.find(entry.slot);
        const Held held = slot == slots_.end() ? Held{0, 0} : slot->second;
        log_.check("vmalloc.freed", give_back(held.address),
                   [&] { return script.file + ", " + place(entry) + ": the engine holds nothing in this slot"; });
        if (held.array) give_back(held.array);
    }
}

void VmallocReplay::compare_list(const std::vector<VmallocLine>& after) {
    for (const VmallocLine& line : after) {
        if (line.start < start_ || line.end > end_) continue;
        const vmap_id id = vmap_area_at(space_, line.start);
        const vmap_state wanted = line.unpurged ? vmap_state::lazy : vmap_state::busy;
        const vmap_area none;
        const vmap_area& area = id == VMAP_NONE ? none : space_.areas[id];
        log_.check("vmalloc.listed", area.state == wanted && area.va_start == line.start && area.va_end == line.end,
                   [&] {
                       return "vmallocinfo line " + std::to_string(line.line) + ": recorded " + hex(line.start) + "-" +
                              hex(line.end) + ", engine " + hex(area.va_start) + "-" + hex(area.va_end);
                   });
    }
    const auto wrong = verify_vmap_space(space_, start_, end_);
    log_.check("vmalloc.sound", !wrong, [&] { return std::string(wrong.value_or("")); });
}

} // namespace

void compare_vmalloc(const OracleMachine& machine, const std::vector<VmallocLine>& after, FactLog& log) {
    const std::string state = machine.folder.text("mod-00-state.txt");
    const auto start = printed_address(state, "VMALLOC_START");
    const auto end = printed_address(state, "VMALLOC_END");
    const std::vector<Script> scripts = scripts_of(machine.folder);
    if (!start || !end || *start >= *end || after.empty() || scripts.empty()) return;
    VmallocReplay replay(*start, *end, machine.machine.profile, log);
    std::vector<Range> own;
    std::vector<u64> arrays;
    for (const Script& script : scripts)
        for (const VmallocEntry& entry : script.log) {
            if (entry.kind == VmallocEntry::Kind::free) continue;
            own.push_back({entry.address, entry.address + replay.area_size(entry)});
            if (const u64 array = replay.array_size(entry)) arrays.push_back(array);
        }
    replay.begin(after, std::move(own), std::move(arrays));
    for (const Script& script : scripts) replay.run(script);
    replay.compare_list(after);
}

} // namespace mm
