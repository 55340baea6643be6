#include "recording/machine.h"

#include <algorithm>

#include "base/hex.h"
#include "recording/page_ranges.h"
#include "recording/zoneinfo.h"

namespace mm {
namespace {

// Calls `use` with a cursor behind each occurrence of `mark` at whatever place in a line.
template <class Use>
void for_each_line_with(std::string_view text, std::string_view mark, Use use) {
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line)) {
        TextCursor at(line);
        if (at.find(mark)) use(at);
    }
}

// "0x0000000040000000<between>0x000000007fffffff" or without 0x: the range with its last byte.
bool read_range(TextCursor& at, std::string_view between, ByteRange& range) {
    u64 first = 0, last = 0;
    at.skip_blanks();
    static_cast<void>(at.eat("0x"));
    if (!at.number(first, 16) || !at.eat(between)) return false;
    static_cast<void>(at.eat("0x"));
    if (!at.number(last, 16) || last < first || last == ~0ull) return false;
    range = {first, last + 1};
    return true;
}

struct NodeRange {
    u8 node = 0;
    ByteRange range;
};

// What the files say, before it is put together.
struct Evidence {
    std::vector<NodeRange> node_ranges; // boot log: Early memory node ranges
    std::vector<NodeRange> memory;      // memblock; node 255: not said
    std::vector<ByteRange> reserved;    // memblock
    std::vector<ByteRange> e820_usable; // boot log
    std::vector<ByteRange> cma;         // boot log
    std::vector<ByteRange> iomem_reserved;
    std::optional<ByteRange> init; // iomem: reserved between kernel code and kernel data
    std::optional<ByteRange> kernel_code, kernel_rodata, kernel_data, kernel_bss; // iomem
    std::optional<ByteRange> ramdisk; // boot log of x86: where the initrd is in the end
    bool has_boot_log = false;
    // Boot log: Freeing ... memory, but "SMP alternatives", which go before watermarks are set first.
    u64 init_bytes = 0, initrd_bytes = 0, decrypted_bytes = 0, text_gap_bytes = 0, rodata_gap_bytes = 0;
    bool other_bytes = false; // more is freed, of which is not known where it lay
};

constexpr u8 NODE_NOT_SAID = 255;

void read_boot_log(std::string_view log, Evidence& out) {
    out.has_boot_log = !log.empty();
    for_each_line_with(log, "BIOS-e820: [mem ", [&](TextCursor at) {
        ByteRange range;
        if (read_range(at, "-", range) && at.eat("] usable")) out.e820_usable.push_back(range);
    });
    for_each_line_with(log, "]   node ", [&](TextCursor at) {
        u64 node = 0;
        ByteRange range;
        at.skip_blanks();
        if (at.number(node, 10, MAX_NODES - 1) && at.eat(": [mem ") && read_range(at, "-", range))
            out.node_ranges.push_back({static_cast<u8>(node), range});
    });
    for_each_line_with(log, "cma: Reserved ", [&](TextCursor at) {
        u64 mib = 0, start = 0;
        if (at.number(mib, 10, 1u << 20) && at.eat(" MiB at 0x") && at.number(start, 16))
            out.cma.push_back({start, start + (mib << 20)}); // check_frames() finds an end that wrapped
    });
    for_each_line_with(log, "RAMDISK: [mem ", [&](TextCursor at) {
        ByteRange range;
        if (read_range(at, "-", range)) out.ramdisk = range;
    });
    for_each_line_with(log, "Freeing ", [&](TextCursor at) {
        static constexpr std::pair<std::string_view, u64 Evidence::*> KINDS[] = {
            {"unused kernel memory: ", &Evidence::init_bytes},
            {"unused kernel image (initmem) memory: ", &Evidence::init_bytes},
            {"initrd memory: ", &Evidence::initrd_bytes},
            {"unused decrypted memory: ", &Evidence::decrypted_bytes},
            {"unused kernel image (text/rodata gap) memory: ", &Evidence::text_gap_bytes},
            {"unused kernel image (rodata/data gap) memory: ", &Evidence::rodata_gap_bytes}};
        if (at.eat("SMP alternatives")) return;
        for (const auto& [what, bytes] : KINDS) {
            u64 kib = 0;
            if (!at.eat(what)) continue;
            if (at.number(kib, 10, 1u << 30) && at.eat("K")) out.*bytes = kib << 10;
            return;
        }
        if (at.find(" memory: ")) out.other_bytes = true;
    });
}

void read_memblock(std::string_view text, Evidence& out) {
    const auto regions = [&](std::string_view kind, auto add) {
        for_each_line_with(text, kind, [&](TextCursor at) {
            u64 number = 0;
            ByteRange range;
            at.skip_blanks();
            if (!at.number(number) || !at.eat(":") || !read_range(at, "..", range)) return;
            u64 node = NODE_NOT_SAID;
            at.skip_blanks();
            static_cast<void>(at.number(node, 10, MAX_NODES - 1));
            add(range, static_cast<u8>(node));
        });
    };
    regions("memory:", [&](ByteRange range, u8 node) { out.memory.push_back({node, range}); });
    regions("reserved:", [&](ByteRange range, u8) { out.reserved.push_back(range); });
}

void read_iomem(std::string_view text, Evidence& out) {
    LineReader lines(text);
    std::string_view line, what_before;
    std::optional<ByteRange> candidate;
    while (lines.next(line)) {
        TextCursor at(line);
        ByteRange range;
        if (!read_range(at, "-", range) || !at.eat(" : ")) continue;
        const std::string_view what = at.rest();
        if (what == "reserved") {
            out.iomem_reserved.push_back(range);
            candidate = what_before == "Kernel code" ? std::optional(range) : std::nullopt;
        } else if (what == "Kernel data") {
            out.init = candidate;
            out.kernel_data = range;
        } else if (what == "Kernel code") {
            out.kernel_code = range;
        } else if (what == "Kernel rodata") {
            out.kernel_rodata = range;
        } else if (what == "Kernel bss") {
            out.kernel_bss = range;
        }
        what_before = what;
    }
}

// "0-1,4": calls `use` with each number.
template <class Use>
void for_each_in_cpu_list(std::string_view text, Use use) {
    TextCursor at(text);
    do {
        u64 first = 0;
        if (!at.number(first, 10, MAX_CPUS - 1)) return;
        u64 last = first;
        if (at.eat("-") && !at.number(last, 10, MAX_CPUS - 1)) return;
        for (u64 cpu = first; cpu <= last; ++cpu) use(static_cast<u32>(cpu));
    } while (at.eat(","));
}

// /sys/devices/system/node as "./node0/cpulist:0-1".
void read_nodes(std::string_view text, machine_profile& profile) {
    for_each_line_with(text, "/node", [&](TextCursor at) {
        u64 node = 0;
        if (!at.number(node, 10, MAX_NODES - 1) || !at.eat("/")) return;
        if (at.eat("distance:")) {
            std::vector<u8> row;
            u64 distance = 0;
            for (at.skip_blanks(); row.size() < MAX_NODES && at.number(distance, 10, 255); at.skip_blanks())
                row.push_back(static_cast<u8>(distance));
            if (profile.distance.size() <= node) profile.distance.resize(node + 1);
            profile.distance[node] = std::move(row);
        } else if (at.eat("cpulist:")) {
            for_each_in_cpu_list(at.rest(), [&](u32 cpu) {
                if (profile.cpu_node.size() <= cpu) profile.cpu_node.resize(cpu + 1);
                profile.cpu_node[cpu] = static_cast<u8>(node);
            });
        }
    });
    const std::size_t nodes = profile.distance.size();
    const bool square = std::all_of(profile.distance.begin(), profile.distance.end(),
                                    [&](const std::vector<u8>& row) { return row.size() == nodes; });
    if (!square) profile.distance.clear();
}

// "min_free_kbytes:22528"
std::map<std::string, std::string> read_sysctl(std::string_view text) {
    std::map<std::string, std::string> values;
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line) && values.size() < 1000)
        if (const std::size_t colon = line.find(':'); colon != std::string_view::npos)
            values[std::string(line.substr(0, colon))] = line.substr(colon + 1);
    return values;
}

u32 page_size_from_config(std::string_view config) {
    u32 shift = 12;
    const auto read = [&](std::string_view name) {
        for_each_line_with(config, name, [&](TextCursor at) {
            u64 value = 0;
            if (at.number(value, 10, 16) && value >= 12) shift = static_cast<u32>(value);
        });
    };
    read("CONFIG_ARM64_PAGE_SHIFT=");
    read("CONFIG_PAGE_SHIFT=");
    return 1u << shift;
}

u8 node_of(const std::vector<NodeRange>& ranges, u64 address) {
    for (const NodeRange& r : ranges)
        if (address >= r.range.start && address < r.range.end) return r.node;
    return 0;
}

void add_memory(machine_profile& profile, ByteRange range, u8 node) {
    if (range.end > range.start) profile.memory.push_back({range.start, range.end - range.start, node});
}

// A range that the firmware or memblock lists as one piece, cut where the boot log says that a node begins.
void add_memory_by_node(const Evidence& evidence, ByteRange range, machine_profile& profile) {
    u64 at = range.start;
    while (at < range.end) {
        u64 end = range.end;
        for (const NodeRange& r : evidence.node_ranges) {
            if (r.range.start > at) end = std::min(end, r.range.start);
            if (r.range.end > at) end = std::min(end, r.range.end);
        }
        add_memory(profile, {at, end}, node_of(evidence.node_ranges, at));
        at = end;
    }
}

// Memory as memblock lists it, each piece with its node. Without node numbers memblock merges what touches.
void use_memblock(const Evidence& evidence, RecordedMachine& machine) {
    for (const NodeRange& m : evidence.memory) {
        if (m.node != NODE_NOT_SAID)
            add_memory(machine.profile, m.range, m.node);
        else
            add_memory_by_node(evidence, m.range, machine.profile);
    }
    machine.memory_known = true;
}

// Memory as the BIOS lists it: whole pages of usable ranges, without page 0, which the kernel leaves to the BIOS.
void use_e820(const Evidence& evidence, RecordedMachine& machine) {
    const u64 page = machine.profile.page_size;
    for (const ByteRange& usable : evidence.e820_usable) {
        const u64 start = std::max((usable.start + page - 1) / page * page, page);
        add_memory_by_node(evidence, {start, usable.end / page * page}, machine.profile);
    }
    machine.memory_known = true;
    machine.notes.push_back(
        "this kernel does not keep memblock: which pages are reserved is not recorded, so managed pages are taken from "
        "the recording");
    // Where each piece lay follows from the kernel's image, as iomem lists it.
    //   code [gap] rodata [gap] data [init] ... bss [unused decrypted]
    const auto freed = [&](bool known, u64 start, u64 size) {
        if (size > 0 && known) machine.freed_later.push_back({start / page * page, size, 0});
        return known || size == 0;
    };
    const auto behind = [&](const std::optional<ByteRange>& part) { return part ? part->end + page - 1 : 0; };
    const auto& bss = evidence.kernel_bss;
    const bool decrypted_known = bss && bss->end - bss->start >= evidence.decrypted_bytes;
    machine.freed_known = !evidence.other_bytes;
    machine.freed_known &=
        freed(evidence.kernel_code.has_value(), behind(evidence.kernel_code), evidence.text_gap_bytes);
    machine.freed_known &=
        freed(evidence.kernel_rodata.has_value(), behind(evidence.kernel_rodata), evidence.rodata_gap_bytes);
    machine.freed_known &= freed(evidence.kernel_data.has_value(), behind(evidence.kernel_data), evidence.init_bytes);
    machine.freed_known &=
        freed(decrypted_known, decrypted_known ? behind(bss) - evidence.decrypted_bytes : 0, evidence.decrypted_bytes);
    // The initrd's last page is freed whole here.
    machine.freed_known &=
        freed(evidence.ramdisk.has_value(), evidence.ramdisk ? evidence.ramdisk->start : 0, evidence.initrd_bytes);
}

// What stays reserved: memblock's list without CMA areas and init memory, and the page that initrd shares with others.
void use_reserved(const Evidence& evidence, RecordedMachine& machine) {
    const u64 page = machine.profile.page_size;
    PageRanges kept;
    for (const ByteRange& r : evidence.reserved) kept.add_rounded_out(r, page);
    for (const ByteRange& r : evidence.cma) {
        kept.subtract({r.start / page, r.end / page});
        machine.profile.cma.push_back({r.start, r.end - r.start, 0});
    }
    const auto freed = [&](ByteRange range) {
        machine.freed_later.push_back({range.start, range.end - range.start, 0});
        kept.subtract({range.start / page, range.end / page});
    };
    if (evidence.init && evidence.init_bytes == evidence.init->end - evidence.init->start)
        freed(*evidence.init);
    else if (evidence.init_bytes > 0)
        machine.notes.push_back("where the kernel's init memory lay is not recorded");
    // The initrd is not in memblock's list any more; whole pages of it were freed, so its last page may have stayed.
    bool found = evidence.initrd_bytes == 0;
    for (const ByteRange& r : evidence.iomem_reserved) {
        const u64 size = r.end - r.start;
        if (found || size < evidence.initrd_bytes || size - evidence.initrd_bytes > page) continue;
        if (kept.overlaps({r.start / page, r.end / page})) continue;
        kept.add({(r.start + evidence.initrd_bytes) / page, r.end / page});
        freed({r.start, r.start + evidence.initrd_bytes});
        found = true;
    }
    if (!found) machine.notes.push_back("where the initrd lay is not recorded");
    for (const PageRange& r : kept.ranges())
        machine.profile.reserved.push_back({r.start * page, (r.end - r.start) * page, 0});
    machine.freed_known =
        evidence.has_boot_log && !evidence.other_bytes && found && (evidence.init_bytes == 0 || evidence.init);
    machine.reserved_known = machine.freed_known;
}

// The first range of memory that has no frames, with the file that says it. Also of what is freed later: it was reserved.
std::optional<Error> check_frames(const Evidence& evidence, const machine_profile& profile,
                                  const RecordingFolder& folder, std::string_view log_name) {
    const auto check = [&](std::string_view file, std::string_view what, ByteRange range) -> std::optional<Error> {
        const std::string wrong = behind_all_frames(profile, range.start, range.end).en;
        if (wrong.empty()) return std::nullopt;
        return Error{"", folder.name + "/" + std::string(file) + ": " + std::string(what) + " at " +
                             address_hex(range.start) + " " + wrong};
    };
    for (const NodeRange& m : evidence.memory)
        if (auto bad = check("static-memblock.txt", "memory", m.range)) return bad;
    for (const ByteRange& r : evidence.reserved)
        if (auto bad = check("static-memblock.txt", "reserved memory", r)) return bad;
    for (const ByteRange& r : evidence.cma)
        if (auto bad = check(log_name, "the CMA area", r)) return bad;
    if (evidence.memory.empty())
        for (const ByteRange& r : evidence.e820_usable)
            if (auto bad = check(log_name, "usable memory", r)) return bad;
    if (evidence.ramdisk)
        if (auto bad = check(log_name, "the initrd", *evidence.ramdisk)) return bad;
    for (const std::optional<ByteRange>& r : {evidence.init, evidence.kernel_data})
        if (r)
            if (auto bad = check("static-iomem.txt", "the kernel", *r)) return bad;
    return std::nullopt;
}

void read_settings(RecordedMachine& machine, const RecordingFolder& folder) {
    vm_sysctl& sysctl = machine.profile.sysctl;
    machine.sysctl = read_sysctl(folder.text("static-sysctl-vm.txt"));
    const auto number = [&](const char* name, i64& value) {
        const auto it = machine.sysctl.find(name);
        if (it != machine.sysctl.end()) static_cast<void>(TextCursor(it->second).signed_number(value));
    };
    number("watermark_scale_factor", sysctl.watermark_scale_factor);
    number("watermark_boost_factor", sysctl.watermark_boost_factor);
    const std::string mm = folder.text("static-sys-kernel-mm.txt");
    for_each_line_with(mm, "transparent_hugepage/enabled:", [&](TextCursor at) {
        sysctl.transparent_hugepage = at.rest().find("[never]") == std::string_view::npos;
    });
}

} // namespace

namespace {

// "6.1.0-56-arm64" -> 6.1
std::optional<linux_release> read_release(std::string_view text) {
    TextCursor at(text);
    u64 version = 0, patchlevel = 0;
    if (!at.number(version, 10, 255) || !at.eat(".") || !at.number(patchlevel, 10, 255)) return std::nullopt;
    return linux_release{static_cast<u8>(version), static_cast<u8>(patchlevel)};
}

} // namespace

std::string series_of_release(std::string_view text) {
    const std::optional<linux_release> release = read_release(text);
    return release ? std::to_string(release->version) + "." + std::to_string(release->patchlevel) : std::string();
}

std::optional<kernel_version> kernel_version_of_release(std::string_view text) {
    const std::optional<linux_release> release = read_release(text);
    if (!release || *release < release_of(debian_kernels.front().version)) return std::nullopt;
    return debian_kernels[kernel_index(*release)].version;
}

RecordingName read_recording_name(std::string_view name) {
    RecordingName out;
    out.kernel = kernel_version_of_release(name);
    out.release = series_of_release(name);
    if (name.find("-arm64") != std::string_view::npos) out.arch = architecture::arm64;
    if (name.find("-amd64") != std::string_view::npos) out.arch = architecture::x86_64;
    if (name.find("-686") != std::string_view::npos) out.arch = architecture::i386;
    for (std::size_t at = name.find("-m"); at != std::string_view::npos; at = name.find("-m", at + 1)) {
        TextCursor shape(name.substr(at + 2));
        u32 mib = 0, cpus = 0, nodes = 0;
        if (!shape.number32(mib) || !shape.eat("s") || !shape.number32(cpus)) continue;
        if (shape.eat("n")) static_cast<void>(shape.number32(nodes));
        out.memory_mib = mib;
        out.cpus = std::min<u32>(cpus, MAX_CPUS);
        out.nodes = std::min<u32>(nodes, MAX_NODES);
        break;
    }
    return out;
}

RecordingName identify_recording(const RecordingFolder& folder) {
    RecordingName out = read_recording_name(folder.name);
    const std::string version = folder.text("static-version.txt");
    if (TextCursor at(version); at.eat("Linux version ")) {
        const RecordingName from_release = read_recording_name(at.word());
        if (!from_release.release.empty()) {
            out.kernel = from_release.kernel;
            out.release = from_release.release;
        }
        if (from_release.arch) out.arch = from_release.arch;
    }
    return out;
}

Result<RecordedMachine> read_recorded_machine(const RecordingFolder& folder) {
    RecordedMachine machine;
    machine_profile& profile = machine.profile;
    const RecordingName said = identify_recording(folder);
    profile.name = folder.name;
    if (!said.kernel)
        return Error{"",
                     folder.name + ": neither static-version.txt nor the folder's name gives a kernel from 5.10 on"};
    profile.kernel = *said.kernel;
    machine.kernel = said.release;
    if (const std::string_view rules = kernel_version_name(profile.kernel); machine.kernel != rules)
        machine.notes.push_back("Linux " + machine.kernel + " is not modelled; it gets the rules of " +
                                std::string(rules));
    profile.arch = said.arch.value_or(architecture::arm64);
    if (!said.arch) machine.notes.push_back("the architecture is not recorded: arm64 is assumed");
    profile.page_size = page_size_from_config(folder.text("static-config-mm.txt"));

    Evidence evidence;
    std::string log_name = "static-dmesg.txt";
    std::string log = folder.text(log_name);
    for (const std::string& file : folder.files)
        if (log.empty() && file.starts_with("dmesg-")) log = folder.text(log_name = file);
    read_boot_log(log, evidence);
    read_memblock(folder.text("static-memblock.txt"), evidence);
    read_iomem(folder.text("static-iomem.txt"), evidence);
    read_nodes(folder.text("static-nodes.txt"), profile);
    read_settings(machine, folder);
    if (auto bad = check_frames(evidence, profile, folder, log_name)) return *bad;

    if (!evidence.memory.empty())
        use_memblock(evidence, machine);
    else if (!evidence.e820_usable.empty())
        use_e820(evidence, machine);
    if (!evidence.reserved.empty()) use_reserved(evidence, machine);

    u32 nodes = std::max<u32>(1, std::max<u32>(said.nodes, static_cast<u32>(profile.distance.size())));
    for (const memory_region& m : profile.memory) nodes = std::max<u32>(nodes, m.node + 1u);
    profile.nodes = static_cast<u8>(std::min<u32>(nodes, MAX_NODES));
    profile.cpus =
        static_cast<u16>(std::max<u32>(1, std::max<u32>(said.cpus, static_cast<u32>(profile.cpu_node.size()))));
    if (profile.cpu_node.size() != profile.cpus) profile.cpu_node.clear();
    if (profile.distance.size() != profile.nodes) profile.distance.clear();

    if (!machine.memory_known) {
        if (said.memory_mib == 0) return Error{"", folder.name + ": nothing says how much memory this machine has"};
        declare_memory(profile, static_cast<u64>(said.memory_mib) << 20);
        machine.notes.push_back("memory regions are not recorded: they are guessed from the folder's name");
    }
    std::sort(profile.memory.begin(), profile.memory.end(),
              [](const memory_region& a, const memory_region& b) { return a.start < b.start; });
    return machine;
}

} // namespace mm
