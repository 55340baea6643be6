#include "oracle/user_machine.h"

#include "physical/boot.h"
#include "physical/watermark.h"

namespace mm {

namespace {

constexpr u64 TESTED_MEMORY = 1ull << 30;

// Tables and TLBs on the machine's memory, as far as processes use them.
void start_tables(UserMachine& machine, machine_profile profile) {
    machine.arch = profile.arch;
    if (profile.arch != architecture::arm64) {
        profile.arch = architecture::arm64;
        profile.tlb = {};
        profile.tlb.hafdbs = hardware_update::dbm;
    }
    const std::optional<pte_format> format = pte_format_of(profile);
    if (!format) return;
    mmu_init(machine.mmu, *format, machine.mem);
    tlb_init(machine.mmu.tlb, profile.tlb, format->geometry, profile.cpus);
    EventSink quiet;
    mmu_context cx{machine.mmu, {machine.mem, quiet, 0, 0}};
    (void)create_space(cx, true);
}

} // namespace

UserMachine recorded_user_machine(const OracleMachine& machine) {
    UserMachine made;
    made.mem = machine.booted.settled;
    made.proc = recorded_process_memory(machine);
    start_tables(made, machine.machine.profile);
    return made;
}

UserMachine tested_user_machine(const TestedKernel& kernel) {
    machine_profile profile;
    profile.kernel = kernel.version;
    profile.arch = kernel.arch;
    declare_memory(profile, TESTED_MEMORY);
    UserMachine made;
    EventSink quiet;
    physical_context cx{made.mem, quiet, 0, 0};
    free_area_init(cx, profile);
    memblock_free_all(cx, profile);
    setup_per_cpu_pageset(cx);
    init_per_zone_wmark_min(cx);
    const bool x86 = kernel.arch == architecture::x86_64;
    made.proc.rules = {kernel.version, kernel.arch};
    made.proc.mmap_min_addr = x86 ? 65536 : 4096;
    made.proc.totalram_pages = TESTED_MEMORY >> made.proc.page_shift;
    start_tables(made, profile);
    return made;
}

} // namespace mm
