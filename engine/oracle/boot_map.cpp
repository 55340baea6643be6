#include "oracle/boot_map.h"

#include <algorithm>
#include <bit>

#include "mmu/arm64/descriptor.h"
#include "oracle/replay.h"
#include "recording/text.h"
#include "recording/vmalloc.h"

namespace mm {

namespace {

constexpr std::size_t IMAGE_PARTS = 5;
constexpr u64 HEAD_BYTES = 64 << 10;
constexpr u64 MAX_IMAGE_BYTES = 256 << 20; // larger ones are no kernel

// The parts of the image, as paging_init() registered them. The other offsets are Debian's.
void read_image(const std::string& vmallocinfo, u64 kimage, const machine_profile& profile, kernel_image& image) {
    std::vector<VmallocLine> parts;
    for (const VmallocLine& line : parse_vmallocinfo(vmallocinfo))
        if (line.what.find("paging_init") != std::string::npos && line.what.ends_with(" vmap")) parts.push_back(line);
    std::sort(parts.begin(), parts.end(), [](const VmallocLine& a, const VmallocLine& b) { return a.start < b.start; });
    if (parts.size() != IMAGE_PARTS || parts.front().start < kimage || parts.back().end - kimage > MAX_IMAGE_BYTES)
        return;
    u64 phys = 0;
    TextCursor at(parts.front().what);
    if (!at.find("phys=0x") || !at.number(phys, 16)) return;
    image.phys = phys - (parts.front().start - kimage);
    const auto offset = [&](u64 address) { return address - kimage; };
    // Kernels that map the head register it with the text.
    const u64 head = boot_map_rules{profile.kernel}.maps_head() ? HEAD_BYTES : 0;
    image.text = offset(parts[0].start) + head;
    image.rodata = offset(parts[1].start);
    image.init_text = offset(parts[2].start);
    image.init_data = offset(parts[3].start);
    image.data = offset(parts[4].start);
    image.end = offset(parts[4].end) - profile.page_size; // behind the guard page
}

// "pci-host-generic 4010000000.pcie:       IO 0x003eff0000..0x003effffff -> 0x0000000000"
std::optional<phys_addr_t> read_pci_io(const std::string& log) {
    LineReader reader(log);
    for (std::string_view line; reader.next(line);) {
        TextCursor at(line);
        u64 start = 0, port = 0;
        if (at.find("pcie:") && at.find(" IO 0x") && at.number(start, 16) && at.find("-> 0x") && at.number(port, 16) &&
            port == 0)
            return start;
    }
    return std::nullopt;
}

std::string before_arrow(std::string text) {
    if (const std::size_t arrow = text.find(" -> "); arrow != std::string::npos) text.resize(arrow);
    return text;
}

} // namespace

bool RecordedKernelTable::is_dynamic(u64 address) const {
    const u64 kimage = layout["KIMAGE_VADDR"];
    const u64 first = boot_map_rules{mmu.format.rules.machine_kernel()}.maps_head() ? 0 : config.image.text;
    if (address >= kimage + first && address < kimage + config.image.end) return false;
    return address >= layout["PAGE_END"] && address < layout["VMALLOC_END"];
}

std::optional<layout_config> recorded_layout(const OracleMachine& machine) {
    const machine_profile& profile = machine.machine.profile;
    if (profile.arch == architecture::i386) return layout_config_of(profile);
    if (profile.arch != architecture::arm64) return std::nullopt;
    const std::string state = machine.folder.text("mod-00-state.txt");
    const auto tcr = printed_address(state, "tcr_el1");
    const auto page_offset = printed_address(state, "PAGE_OFFSET");
    layout_config config = layout_config_of(profile);
    if (!tcr || !page_offset) return std::nullopt;
    // TCR_EL1.T1SZ: bits that the upper half does not use. PAGE_OFFSET is -(1 << VA_BITS) in all these kernels.
    config.va_bits_actual = static_cast<u8>(64 - (*tcr >> 16 & 63));
    config.va_bits = static_cast<u8>(std::countr_zero(*page_offset));
    if (!make_layout(config).ok()) return std::nullopt;
    return config;
}

std::optional<RecordedKernelTable> recorded_kernel_table(const OracleMachine& machine) {
    const machine_profile& profile = machine.machine.profile;
    const std::string state = machine.folder.text("mod-00-state.txt");
    const auto ttbr1 = printed_address(state, "ttbr1_el1");
    const auto layout_found = profile.arch == architecture::arm64 ? recorded_layout(machine) : std::nullopt;
    if (!layout_found || !ttbr1 || profile.memory.empty()) return std::nullopt;

    RecordedKernelTable table;
    table.mem = machine.booted.settled;
    table.layout = std::move(make_layout(*layout_found).value());
    table.linear = linear_map_of(table.layout, memstart_address(profile));
    table.config = boot_map_config_of(profile);
    boot_map_config& config = table.config;
    config.layout = *layout_found;
    read_image(machine.folder.text("static-vmallocinfo.txt"), table.layout["KIMAGE_VADDR"], profile, config.image);
    // ASID above, CnP below.
    const u64 pgd = *ttbr1 & 0xffffffffffc0ull;
    if (pgd >= config.image.phys) config.image.pg_dir = pgd - config.image.phys;
    config.pci_io = read_pci_io(machine.folder.text("static-dmesg.txt"));

    mmu_init(table.mmu, {table.layout.geometry, {profile.kernel}}, table.mem);
    EventSink quiet;
    mmu_context cx{table.mmu, {table.mem, quiet, 0, 0}};
    table.space = boot_map(cx, config);
    return table;
}

std::string leaf_words(const pte_format& format, pteval_t entry, u8 level) {
    return before_arrow(descriptor_line(format, entry, level));
}

std::string prot_words(const pte_format& format, pgprot_t prot, u8 level, bool contiguous) {
    return leaf_words(format, leaf_entry(format, 0, prot | (contiguous ? PTE_CONT : 0), level), level);
}

} // namespace mm
