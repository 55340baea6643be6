// Segments on a machine: the ops, what they tell, and the way on into the page tables. Expected numbers follow from the formats in
// Intel SDM 3A 3.4 and 5.2 to 5.7.
#include "both_languages.h"
#include "machine/logical_text.h"
#include "mmu/ops.h"
#include "mmu/ops_on_machine.h"
#include "mmu/x86/segment_events.h"

namespace mm {
namespace {

constexpr i64 USER_CS = 0x73, USER_DS = 0x7b, KERNEL_CS = 0x60, KERNEL_DS = 0x68;
constexpr i64 READ = 0, WRITE = 1, EXEC = 2, THROUGH_CS = 0, THROUGH_SS = 1;

class SegmentOps : public test::OpsOnMachine {
  protected:
    static constexpr i64 USER = 0x8048000;

    SegmentOps() : OpsOnMachine(architecture::i386) {}

    OpOutcome touch(i64 selector, i64 offset, i64 kind = READ, Fields more = {}) {
        more.insert(more.end(), {{"selector", selector}, {"offset", offset}, {"kind", kind}});
        return run("logical_access", more);
    }
    // "fault code" of the segment, as the event tells it; empty: none.
    [[nodiscard]] std::pair<segment_fault, i64> fault() const {
        const Event* event = find(segment_event::segment_fault);
        return event ? std::pair(static_cast<segment_fault>(event->arg[0]), event->arg[1])
                     : std::pair(segment_fault::none, i64{0});
    }
    [[nodiscard]] segment_reason reason() const {
        return static_cast<segment_reason>(find(segment_event::segment_fault)->arg[2]);
    }
    void map_a_page() {
        OpsOnMachine::map_a_page(USER);
        run("switch_mm", {{"mm", SPACE}});
    }
};

TEST_F(SegmentOps, TheGdtIsLinuxsWithItsFourSegments) {
    const descriptor_table& gdt = machine_.mmu.gdt;
    EXPECT_EQ(gdt[12], 0x00cf9a000000ffffu);
    EXPECT_EQ(gdt[13], 0x00cf92000000ffffu);
    EXPECT_EQ(gdt[14], 0x00cffa000000ffffu);
    EXPECT_EQ(gdt[15], 0x00cff2000000ffffu);
    EXPECT_EQ(std::count(gdt.begin(), gdt.end(), 0u), i64{GDT_ENTRIES} - 4);
    EXPECT_EQ(machine_of(architecture::arm64).mmu.gdt, descriptor_table{});
}

// 0x8048123 = directory entry 32, table entry 72, offset 0x123.
TEST_F(SegmentOps, AFlatOffsetIsTheLinearAddressAndThenTheTablesAreWalked) {
    map_a_page();
    EXPECT_EQ(touch(USER_DS, USER + 0x123, WRITE), OpOutcome::done);
    const Event* selector = find(segment_event::selector_decoded);
    ASSERT_NE(selector, nullptr);
    EXPECT_EQ(selector->arg[1], 15);
    EXPECT_EQ(selector->arg[2], 0);
    EXPECT_EQ(selector->arg[3], 3);
    const Event* descriptor = find(segment_event::descriptor_fetched);
    ASSERT_NE(descriptor, nullptr);
    EXPECT_EQ(descriptor->arg[1], 15 * 8);
    EXPECT_EQ(descriptor->arg[2], 0x00cff2000000ffff);
    EXPECT_EQ(descriptor->arg[5], 0xffffffff);
    EXPECT_EQ(find(segment_event::linear_address)->arg[5], USER + 0x123);
    const Event* cr3 = find(tlb_event::walk_begins);
    ASSERT_NE(cr3, nullptr);
    const pfn_t pgd = machine_.mmu.tables[machine_.mmu.spaces[1].pgd].pfn;
    EXPECT_EQ(cr3->arg[1], pgd);
    std::vector<i64> indices;
    for (const Event& event : events_)
        if (event.kind == static_cast<u16>(mmu_event::walk_step)) indices.push_back(event.arg[2]);
    EXPECT_EQ(indices, (std::vector<i64>{32, 72}));
    EXPECT_EQ(find(mmu_event::walk_found)->arg[1], i64{machine_.results[PAGES].pfn()} * 4096 + 0x123);
}

TEST_F(SegmentOps, TheFirstUseSetsTheAccessedBit) {
    map_a_page();
    touch(USER_DS, USER);
    EXPECT_EQ(machine_.mmu.gdt[15], 0x00cff3000000ffffu);
    ASSERT_NE(find(segment_event::descriptor_accessed), nullptr);
    touch(USER_DS, USER);
    EXPECT_EQ(find(segment_event::descriptor_accessed), nullptr);
    const u64 before = canonical_hash(machine_);
    Machine copy = machine_;
    copy.mmu.gdt[15] &= ~SEGMENT_ACCESSED;
    EXPECT_NE(canonical_hash(copy), before);
    EXPECT_EQ(touch(KERNEL_DS, USER), OpOutcome::refused);
    EXPECT_EQ(machine_.mmu.gdt[13], 0x00cf92000000ffffu) << "a register that refuses marks nothing";
}

// Entry 6 is the first that set_thread_area() gives to a process: selector 6 << 3 | 3.
TEST_F(SegmentOps, ASegmentWithABaseMovesOffsets) {
    map_a_page();
    EXPECT_EQ(run("write_gdt_entry", {{"entry", 6}, {"base", USER}, {"limit", 0xfff}, {"flags", 0x40f2}}),
              OpOutcome::done);
    EXPECT_EQ(machine_.mmu.gdt[6], 0x0840f20480000fff) << "base 31:24 | flags | base 23:0 | limit 15:0";
    EXPECT_EQ(find(segment_event::gdt_entry_written)->arg[3], static_cast<i64>(segment_type::data));
    EXPECT_EQ(touch(0x33, 0x123), OpOutcome::done);
    EXPECT_EQ(find(segment_event::linear_address)->arg[5], USER + 0x123);
    EXPECT_EQ(touch(0x33, 0xffc), OpOutcome::done);
    EXPECT_EQ(touch(0x33, 0xffd), OpOutcome::refused);
    EXPECT_EQ(fault(), std::pair(segment_fault::general_protection, i64{0}));
    EXPECT_EQ(reason(), segment_reason::beyond_limit);
    EXPECT_EQ(find(tlb_event::access), nullptr) << "no page table is asked";
    EXPECT_EQ(touch(0x33, 0x1000, READ, {{"size", 1}}), OpOutcome::refused);
}

TEST_F(SegmentOps, EachFaultHasItsVectorItsCodeAndItsEnd) {
    const auto end = [&] {
        const Event* event = find(segment_event::segment_fault_ends);
        return std::pair(static_cast<segment_end>(event->arg[0]), function_name(event->path[event->depth - 1u]));
    };
    using enum segment_fault;
    EXPECT_EQ(touch(KERNEL_DS, 0), OpOutcome::refused);
    EXPECT_EQ(fault(), std::pair(general_protection, KERNEL_DS));
    EXPECT_EQ(reason(), segment_reason::data_privilege);
    EXPECT_EQ(end(), (std::pair(segment_end::sigsegv, std::string_view("exc_general_protection"))));
    EXPECT_EQ(touch(KERNEL_CS, 0, EXEC), OpOutcome::refused);
    EXPECT_EQ(fault(), std::pair(general_protection, KERNEL_CS));
    EXPECT_EQ(reason(), segment_reason::code_privilege);
    EXPECT_EQ(touch(USER_CS, 0, WRITE, {{"segment", THROUGH_CS}}), OpOutcome::refused);
    EXPECT_EQ(fault(), std::pair(general_protection, i64{0}));
    EXPECT_EQ(reason(), segment_reason::not_writable);
    EXPECT_EQ(touch(0x7f, 0), OpOutcome::refused);
    EXPECT_EQ(fault(), std::pair(general_protection, i64{0x7c})) << "TI stays in the code";
    EXPECT_EQ(reason(), segment_reason::no_ldt);
    EXPECT_EQ(find(segment_event::descriptor_fetched), nullptr);
    EXPECT_EQ(touch(3, 0), OpOutcome::refused);
    EXPECT_EQ(fault(), std::pair(general_protection, i64{0}));
    EXPECT_EQ(reason(), segment_reason::null_selector);
    EXPECT_EQ(touch(0x103, 0), OpOutcome::refused);
    EXPECT_EQ(reason(), segment_reason::beyond_table) << "32 entries, 0 to 31";
    EXPECT_EQ(touch(0x3b, 0), OpOutcome::refused);
    EXPECT_EQ(reason(), segment_reason::empty_entry);

    run("write_gdt_entry", {{"entry", 8}, {"flags", 0xc072}}); // P = 0
    EXPECT_EQ(touch(0x43, 0), OpOutcome::refused);
    EXPECT_EQ(fault(), std::pair(not_present, i64{0x40}));
    EXPECT_EQ(end(), (std::pair(segment_end::sigbus, std::string_view("exc_segment_not_present"))));
    EXPECT_EQ(touch(0x43, 0, READ, {{"segment", THROUGH_SS}}), OpOutcome::refused);
    EXPECT_EQ(fault(), std::pair(stack, i64{0x40}));
    EXPECT_EQ(end(), (std::pair(segment_end::sigbus, std::string_view("exc_stack_segment"))));
    EXPECT_EQ(touch(0x40, 0, READ, {{"cpl", 0}}), OpOutcome::refused);
    EXPECT_EQ(end().first, segment_end::oops);
}

// The same bit of hardware stands between the two: what a flat segment lets through, the page tables refuse.
TEST_F(SegmentOps, PagesProtectTheKernelWhereFlatSegmentsDoNot) {
    map_a_page();
    run("vmalloc", {{"size", 4096}}, 2);
    const auto area = static_cast<i64>(machine_.results[2].value);
    EXPECT_EQ(touch(USER_DS, area), OpOutcome::refused);
    EXPECT_EQ(fault().first, segment_fault::none);
    const Event* page_fault = find(tlb_event::page_fault_taken);
    ASSERT_NE(page_fault, nullptr);
    EXPECT_EQ(page_fault->arg[0], area);
    EXPECT_EQ(page_fault->arg[1], 5) << "P and U/S";
    EXPECT_EQ(touch(KERNEL_DS, area, WRITE, {{"cpl", 0}}), OpOutcome::done);
    EXPECT_EQ(touch(KERNEL_DS, USER, READ, {{"cpl", 0}}), OpOutcome::done);
}

// A 4 MiB page: bit 7 of the directory entry, and 22 bits of offset.
TEST_F(SegmentOps, ALargePageTakesOneLevel) {
    run("pgd_alloc", {}, SPACE);
    run("switch_mm", {{"mm", SPACE}});
    run("create_pgd_mapping",
        {{"mm", SPACE}, {"address", 0x40000000}, {"phys", 0x1000000}, {"size", 4 << 20}, {"prot", 1}});
    touch(KERNEL_DS, 0x40123456, READ, {{"cpl", 0}});
    ASSERT_NE(find(mmu_event::walk_found), nullptr);
    EXPECT_EQ(find(mmu_event::walk_found)->arg[1], 0x1123456);
    EXPECT_EQ(find(mmu_event::walk_found)->arg[2], 4 << 20);
}

TEST_F(SegmentOps, OtherMachinesHaveNoSegments) {
    machine_ = machine_of(architecture::arm64);
    EXPECT_EQ(touch(USER_DS, 0), OpOutcome::refused);
    EXPECT_NE(find(segment_event::no_segments), nullptr);
    EXPECT_EQ(run("write_gdt_entry", {{"entry", 6}}), OpOutcome::refused);
    EXPECT_EQ(machine_.mmu.gdt, descriptor_table{});
    machine_ = machine_of(architecture::x86_64);
    EXPECT_EQ(touch(USER_DS, 0), OpOutcome::refused);
    EXPECT_NE(find(mmu_event::no_page_tables), nullptr);
}

TEST_F(SegmentOps, EntriesOutsideTheTableAreNoOps) {
    const auto error_of = [&](i64 entry) {
        Op op;
        op.kind = find_op("write_gdt_entry").value();
        op.arg[0] = entry;
        const std::optional<Error> error = check_op(machine_, op);
        return error ? test::in_both(*error).text() : std::string();
    };
    EXPECT_EQ(error_of(GDT_ENTRIES), "entry: 32 is above 31");
    EXPECT_EQ(error_of(0), "entry: 0 is below 1");
    EXPECT_EQ(error_of(GDT_ENTRIES - 1), "");
}

TEST_F(SegmentOps, VerifyFindsAnEntryThatNobodyMayUse) {
    machine_.mmu.gdt[0] = 1;
    EXPECT_TRUE(verify(machine_));
}

// ---- written by hand

TEST_F(SegmentOps, ALogicalAddressIsReadAsSelectorAndOffset) {
    for (const char* text : {"7b:8048123", "0x7b:0x8048123", "0X7B:8048123"}) {
        const auto written = read_logical(text);
        ASSERT_TRUE(written) << text;
        EXPECT_EQ(written->selector, 0x7b);
        EXPECT_EQ(written->offset, 0x8048123u);
    }
    for (const char* text : {"", ":", "7b", "7b:", ":1", "1007b:0", "7b:100000000", "7b:1:2", "zz:0", "-1:0", "7b: 0"})
        EXPECT_FALSE(read_logical(text)) << text;
}

TEST_F(SegmentOps, ToldWithoutChangingTheMachine) {
    const u64 before = canonical_hash(machine_);
    const LogicalTold flat = tell_logical(machine_, {0x7b, 0x8048123}, Language::en);
    EXPECT_EQ(flat.linear, 0x8048123u);
    EXPECT_EQ(flat.sentences.back(), "The last byte, 0x8048123, does not lie beyond the limit 0xffffffff. The linear "
                                     "address is base 0x0 + offset 0x8048123 = 0x8048123.");
    EXPECT_EQ(tell_logical(machine_, {0x73, 0x8048000}, Language::zh).linear, 0x8048000u) << "code is fetched";
    EXPECT_EQ(tell_logical(machine_, {0x60, 0}, Language::en).linear, 0u) << "RPL 0: as the kernel";
    EXPECT_FALSE(tell_logical(machine_, {0x6b, 0}, Language::en).linear) << "RPL 3 on a segment of the kernel";
    EXPECT_FALSE(tell_logical(machine_, {0xffff, 0}, Language::en).linear);
    EXPECT_EQ(canonical_hash(machine_), before);
}

} // namespace
} // namespace mm
