#include "mmu/pte.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>

#include "base/rng.h"
#include "mmu/arm64/descriptor.h"
#include "mmu/recordings.h"

namespace mm {
namespace {

using enum kernel_version;

pte_format arm64(kernel_version version) { return {*arm64_geometry(4096, 48), {version}}; }

constexpr pfn_t PFN = 0x45340;

// ---- against recordings

// VMA lines: "VMA start-end flags=75 ... prot=20000000000fc3". Bits 0 to 3 of the flags: read, write, execute, shared.
TEST(Pte, ProtectionsAreThoseOfRecordedVmas) {
    for (const test::RecordedMachine& machine : test::recorded_arm64_machines()) {
        const pte_format format = test::format_of(machine);
        std::map<u64, int> seen;
        for (const char* file : {"mod-01-pagetables", "user-fault"}) {
            for (const std::string& line : test::recorded_lines(machine, file)) {
                unsigned long long flags = 0, prot = 0;
                if (std::sscanf(line.c_str(), "  VMA %*x-%*x flags=%llx pgoff=%*x prot=%llx", &flags, &prot) != 2)
                    continue;
                SCOPED_TRACE(machine.folder + ": " + line);
                ++seen[flags & 15];
                const protection own = vm_get_page_prot(flags & 1, flags & 2, flags & 4, flags & 8);
                // Pages of a file that may be written are read-only until written (vma_wants_writenotify).
                const protection notify = vm_get_page_prot(flags & 1, flags & 2, flags & 4, false);
                EXPECT_TRUE(prot == pgprot_of(format, own) || (flags & 8 && prot == pgprot_of(format, notify)));
            }
        }
        EXPECT_GE(seen.size(), 3u) << machine.folder;
    }
}

// Every leaf of the whole kernel table, as runs: its attributes are a protection of the kernel's, or one changed by a helper
// that the kernel applied to it.
TEST(Pte, EveryRecordedKernelMappingHasAProtectionOfTheKernels) {
    for (const test::RecordedMachine& machine : test::recorded_arm64_machines()) {
        const pte_format format = test::format_of(machine);
        const auto of = [&](protection name) { return pgprot_of(format, name); };
        const auto with_type = [&](u64 prot, memory_type type) {
            return (prot & ~PTE_ATTRINDX_MASK) | u64{attr_index_of(format.rules, type)} << PTE_ATTRINDX_SHIFT;
        };
        const u64 kernel = of(protection::PAGE_KERNEL), tagged = of(protection::PAGE_KERNEL_TAGGED);
        const std::set<u64> known = {kernel,
                                     tagged,
                                     of(protection::PAGE_KERNEL_RO),
                                     of(protection::PAGE_KERNEL_ROX),
                                     of(protection::PROT_DEVICE_nGnRE),
                                     of(protection::PROT_DEVICE_nGnRnE),
                                     of(protection::PROT_SECT_NORMAL),
                                     (tagged & ~PTE_WRITE) | PTE_RDONLY,        // set_memory_ro() on the linear alias
                                     with_type(kernel, memory_type::normal_nc), // pgprot_writecombine(PAGE_KERNEL)
                                     with_type(kernel, memory_type::device_nGnRE)}; // pgprot_device(PAGE_KERNEL)
        int runs = 0;
        for (const std::string& line : test::recorded_lines(machine, "mod-01-pagetables")) {
            unsigned long long start = 0;
            int attr = 0, ap = 0, sh = 0, af = 0, ng = 0, dbm = 0, pxn = 0, uxn = 0;
            unsigned software = 0;
            if (std::sscanf(line.c_str(),
                            "%llx-%*x %*uK L%*d phys=%*x V%*c AttrIdx=%d NS=0 AP=%d(%*2c,%*3c) SH=%d AF=%d nG=%d "
                            "DBM=%d CONT=%*d PXN=%d UXN=%d sw=%x",
                            &start, &attr, &ap, &sh, &af, &ng, &dbm, &pxn, &uxn, &software) != 10)
                continue;
            const auto bit = [](int value, int at) { return static_cast<u64>(value) << at; };
            const u64 prot = PTE_TYPE_PAGE | bit(attr, 2) | bit(ap, 6) | bit(sh, 8) | bit(af, 10) | bit(ng, 11) |
                             bit(dbm, 51) | bit(pxn, 53) | bit(uxn, 54) | u64{software} << 55;
            SCOPED_TRACE(machine.folder + ": " + line);
            ++runs;
            if (start >> 63) {
                EXPECT_TRUE(known.contains(prot)) << std::hex << prot;
                continue;
            }
            // User pages: what was read, what was written, what fork or write-back made read-only.
            const u64 readable = of(protection::PAGE_READONLY), code = of(protection::PAGE_READONLY_EXEC);
            const u64 written = pte_mkwrite(format, pte_mkdirty(format, readable));
            const u64 young = pte_mkyoung(format, prot);
            EXPECT_TRUE(young == readable || young == code || young == written ||
                        young == pte_wrprotect(format, written) || young == pte_mkspecial(format, readable) ||
                        young == pte_mkspecial(format, code))
                << std::hex << prot;
        }
        EXPECT_GT(runs, 300) << machine.folder;
    }
}

// The life of a page in the recordings of faults (user-fault): first touch, fork, the child's copy of the entry.
TEST(Pte, RecordedFaultsAreTheHelpersAtWork) {
    const pte_format format = arm64(v6_1);
    const u64 readonly = pgprot_of(format, protection::PAGE_READONLY);
    // A read of untouched private memory maps the zero page, special and read-only.
    EXPECT_EQ(pte_mkspecial(format, pfn_pte(format, 0x42173, readonly)), 0x0160000042173fc3u);
    // A write maps a page of its own, dirty and writable.
    const u64 written = pte_mkwrite(format, pte_mkdirty(format, pfn_pte(format, 0x41d45, readonly)));
    EXPECT_EQ(written, 0x00e8000041d45f43u);
    // fork() write-protects both entries and makes the child's old.
    EXPECT_EQ(pte_mkold(format, pte_wrprotect(format, written)), 0x00e0000041d45bc3u);
    // A page of a shared file that is writable but clean.
    EXPECT_EQ(pfn_pte(format, 0x45400, pgprot_of(format, protection::PAGE_SHARED)), 0x0068000045400fc3u);
    // 5.10 made it writable for hardware at once.
    EXPECT_EQ(pte_mkwrite(arm64(v5_10), pfn_pte(arm64(v5_10), 0x41600, readonly)), 0x0068000041600f43u);
    // vmalloc, and a table entry of the kernel's and of a process.
    EXPECT_EQ(pfn_pte(format, 0x45340, pgprot_of(format, protection::PAGE_KERNEL)), 0x00e8000045340703u);
    EXPECT_EQ(pfn_pte(format, 0x4384b, pgprot_of(format, protection::PAGE_KERNEL_TAGGED)), 0x00e800004384b707u);
    EXPECT_EQ(table_entry(format, 0x7ffff000, 3, true), 0x100000007ffff003u);
    EXPECT_EQ(table_entry(format, 0x7fff8000, 3, true, true), 0x180000007fff8003u);
    EXPECT_EQ(table_entry(format, 0x45340000, 3, false), 0x0800000045340003u);
    // Kernel text: a 2 MiB block, and vmemmap's.
    EXPECT_EQ(leaf_entry(format, 0x40400000, pgprot_of(format, protection::PAGE_KERNEL_ROX), 1), 0x00c0000040400781u);
    EXPECT_EQ(leaf_entry(format, 0x7ec00000, pgprot_of(format, protection::PROT_SECT_NORMAL), 1), 0x006000007ec00701u);
    EXPECT_EQ(protection_of(format, 0x00d0000040210783, 0), protection::PAGE_KERNEL_ROX); // contiguous
    EXPECT_EQ(protection_of(format, 0x00c0000040400781, 1), protection::PAGE_KERNEL_ROX);
    EXPECT_EQ(protection_of(format, 0x0160000042173fc3, 0), protection::count);
}

// ---- rules that the helpers keep, for any bits

// The table at the top of pte.h.
TEST(Pte, WritableAndDirtyShareThreeBits) {
    for (const kernel_version version : {v5_10, v6_1, v6_12}) {
        const pte_format format = arm64(version);
        const u64 clean = pfn_pte(format, PFN, pgprot_of(format, protection::PAGE_READONLY));
        EXPECT_FALSE(pte_write(format, clean) || pte_dirty(format, clean));
        const u64 shared = pfn_pte(format, PFN, pgprot_of(format, protection::PAGE_SHARED));
        EXPECT_TRUE(pte_write(format, shared) && !pte_dirty(format, shared));
        const u64 dirty = pte_mkdirty(format, shared);
        EXPECT_TRUE(pte_write(format, dirty) && pte_hw_dirty(dirty) && pte_sw_dirty(dirty));
        const u64 guarded = pte_wrprotect(format, dirty & ~PTE_DIRTY); // hardware alone knew that it was written
        EXPECT_TRUE(!pte_write(format, guarded) && !pte_hw_dirty(guarded) && pte_sw_dirty(guarded));
        EXPECT_TRUE(pte_dirty(format, guarded));
        const u64 again = pte_mkwrite(format, guarded);
        EXPECT_TRUE(pte_hw_dirty(again));
        EXPECT_FALSE(pte_dirty(format, pte_mkclean(format, again)));
        EXPECT_TRUE(pte_write(format, pte_mkclean(format, again)));
        // The difference of versions: a clean page that becomes writable.
        EXPECT_EQ(pte_dirty(format, pte_mkwrite(format, clean)), version == v5_10);
    }
}

TEST(Pte, HelpersChangeWhatTheySayAndNothingElse) {
    Rng rng(11);
    for (const page_geometry& geometry : all_geometries()) {
        for (const kernel_version version : {v5_10, v6_1, v6_12}) {
            const pte_format format{geometry, {version}};
            const u64 limit = 1ull << (std::min<u32>(physical_bits(format), 44) - geometry.page_shift);
            for (u8 i = 0; i < static_cast<u8>(protection::count); ++i) {
                const pgprot_t prot = pgprot_of(format, static_cast<protection>(i));
                const auto pfn = static_cast<pfn_t>(rng.next() & (limit - 1) & 0xffffffff);
                const u64 pte = pfn_pte(format, pfn, prot);
                ASSERT_TRUE(pte_present(format, pte));
                ASSERT_EQ(pte_pfn(format, pte), pfn);
                EXPECT_EQ(pte_protnone(format, pte), i == 0);
                EXPECT_EQ(pte_valid(pte), i != 0);
                EXPECT_TRUE(pte_young(format, pte));
                const u64 old = pte_mkold(format, pte);
                EXPECT_FALSE(pte_young(format, old));
                EXPECT_EQ(pte_mkyoung(format, old), pte);
                EXPECT_EQ(pte_pfn(format, old), pfn);
                EXPECT_TRUE(pte_write(format, pte_mkwrite(format, pte)));
                EXPECT_FALSE(pte_write(format, pte_wrprotect(format, pte)));
                EXPECT_EQ(pte_dirty(format, pte_wrprotect(format, pte)), pte_dirty(format, pte));
                EXPECT_TRUE(pte_dirty(format, pte_mkdirty(format, pte)));
                EXPECT_TRUE(pte_special(format, pte_mkspecial(format, pte)));
                EXPECT_EQ(pte_write(format, pte_mkdirty(format, pte)), pte_write(format, pte));
                // To any other user protection and back: frame, young, dirty and special stay.
                const u64 marked = pte_mkspecial(format, pte_mkdirty(format, old));
                for (u8 other = 0; other <= static_cast<u8>(protection::PAGE_SHARED_EXEC); ++other) {
                    const u64 changed = pte_modify(format, marked, pgprot_of(format, static_cast<protection>(other)));
                    EXPECT_EQ(pte_pfn(format, changed), pfn);
                    EXPECT_FALSE(pte_young(format, changed));
                    EXPECT_TRUE(pte_dirty(format, changed) && pte_special(format, changed));
                    EXPECT_EQ(pte_protnone(format, changed), other == 0);
                    EXPECT_EQ(pte_write(format, changed), other >= static_cast<u8>(protection::PAGE_SHARED));
                }
            }
        }
    }
}

TEST(Pte, OnlyPresentEntriesWithTheUserBitLetUserModeIn) {
    for (const page_geometry& geometry : {*arm64_geometry(4096, 48), i386_geometry(false), i386_geometry(true)}) {
        const pte_format format{geometry, {v6_1}};
        const auto may = [&](protection name, bool write) {
            return pte_access_permitted(format, pfn_pte(format, PFN, pgprot_of(format, name)), write);
        };
        EXPECT_TRUE(may(protection::PAGE_READONLY, false));
        EXPECT_FALSE(may(protection::PAGE_READONLY, true));
        EXPECT_TRUE(may(protection::PAGE_SHARED, true));
        EXPECT_FALSE(may(protection::PAGE_NONE, false));
        EXPECT_FALSE(may(protection::PAGE_KERNEL, false));
        EXPECT_FALSE(pte_user(format, pgprot_of(format, protection::PAGE_KERNEL)));
    }
}

// Bits 0 to 8 of a page of the kernel, 163 and 161 in hex, are what every dump of an i386 page table shows; without PAE
// nothing can be made not executable.
TEST(Pte, ProtectionsOfI386) {
    const pte_format two{i386_geometry(false), {v6_1}}, pae{i386_geometry(true), {v6_1}};
    EXPECT_EQ(pgprot_of(two, protection::PAGE_KERNEL), 0x163u);
    EXPECT_EQ(pgprot_of(two, protection::PAGE_KERNEL_RO), 0x161u);
    EXPECT_EQ(pgprot_of(two, protection::PAGE_READONLY), 0x25u);
    EXPECT_EQ(pgprot_of(two, protection::PAGE_SHARED), 0x27u);
    EXPECT_EQ(pgprot_of(pae, protection::PAGE_SHARED), 0x8000000000000027u);
    EXPECT_EQ(pgprot_of(pae, protection::PAGE_SHARED_EXEC), 0x27u);
    EXPECT_EQ(table_entry(two, 0x1000, 1, true), 0x1067u);
    EXPECT_EQ(table_entry(pae, 0x1000, 2, true), 0x1001u);
    EXPECT_EQ(leaf_entry(two, 0x400000, pgprot_of(two, protection::PAGE_KERNEL_EXEC), 1), 0x4001e3u);
    // L1TF: a PROT_NONE entry of PAE points away from memory.
    const u64 none = pfn_pte(pae, 0x12345, pgprot_of(pae, protection::PAGE_NONE));
    EXPECT_EQ(none & 0xffffffffff000, 0xfffffedcba000u);
    EXPECT_EQ(pte_pfn(pae, none), 0x12345u);
}

// The last frame that each format can name.
TEST(Pte, FramesAreAsWideAsTheFormat) {
    const pte_format formats[] = {arm64(kernel_version::v6_1),
                                  {*arm64_geometry(65536, 52), {kernel_version::v6_1}},
                                  {i386_geometry(false), {kernel_version::v6_1}},
                                  {i386_geometry(true), {kernel_version::v6_1}}};
    for (const pte_format& format : formats) {
        const frame_t last = ((1ull << physical_bits(format)) - 1) >> format.geometry.page_shift;
        for (const frame_t frame : {last, last / 2 + 1})
            EXPECT_EQ(pte_pfn(format, pfn_pte(format, frame, pgprot_of(format, protection::PAGE_KERNEL))), frame);
    }
}

} // namespace
} // namespace mm
