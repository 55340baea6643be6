// What a machine prints of its address space against the layout that is computed from the macros.
#include "mmu/arm64/descriptor.h"
#include "oracle/boot_map.h"
#include "oracle/replay.h"
#include "recording/text.h"
#include "recording/vmalloc.h"

namespace mm {

void compare_layout(const OracleMachine& machine, std::string_view state, FactLog& log) {
    const auto config = recorded_layout(machine);
    if (!config || config->arch != architecture::arm64) return;
    const address_layout layout = std::move(make_layout(*config).value());
    const machine_profile& profile = machine.machine.profile;
    const auto check = [&](std::string_view name, u64 engine) {
        const auto recorded = printed_address(state, name);
        if (!recorded) return;
        log.check("layout.value", *recorded == engine,
                  [&] { return std::string(name) + ": recorded " + hex(*recorded) + ", engine " + hex(engine); });
    };
    for (const std::string_view name : {"PAGE_OFFSET", "PAGE_END", "VMALLOC_START", "VMALLOC_END", "MODULES_VADDR",
                                        "MODULES_END", "KIMAGE_VADDR", "VMEMMAP_START", "FIXADDR_TOP", "PCI_IO_START"})
        check(name, layout[name]);
    check("TASK_SIZE", layout["TASK_SIZE_64"]);
    // PHYS_OFFSET: a kernel of 52 bits on a CPU of 48 counts from PAGE_OFFSET, far below the map's first byte.
    const linear_map linear = linear_map_of(layout, memstart_address(profile));
    check("PHYS_OFFSET(memstart_addr)", linear.phys_offset - (linear.page_offset - layout["PAGE_OFFSET"]));
    check("mair_el1", mair_el1({profile.kernel}));
}

void compare_vmalloc_total(const OracleMachine& machine, std::string_view meminfo, FactLog& log) {
    const auto config = recorded_layout(machine);
    if (!config) return;
    const auto layout = make_layout(*config);
    if (!layout) return;
    LineReader reader(meminfo);
    for (std::string_view line; reader.next(line);) {
        TextCursor at(line);
        u64 kib = 0;
        if (!at.eat("VmallocTotal:")) continue;
        at.skip_blanks();
        if (!at.number(kib)) continue;
        const u64 engine = ((*layout)["VMALLOC_END"] - (*layout)["VMALLOC_START"]) >> 10;
        log.equal_number("layout.vmalloc_total", "VmallocTotal", static_cast<i64>(kib), static_cast<i64>(engine));
    }
}

} // namespace mm
