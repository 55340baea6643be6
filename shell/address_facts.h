#pragma once
// What an address is on a machine: which region of the layout, which way through the tables, which frame, whose. The views
// of page tables, the inspector and "What is this address?" read the same facts.
//
// Simplified: what the linear map's arithmetic reaches and no table here maps (on x86-64 all of it; elsewhere a device's memory,
//   and what an op has unmapped) is told by arithmetic, and said to be so.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.h"
#include "machine/narrate.h"
#include "mmu/layout.h"
#include "views/view.h"

namespace shell {

// ---- whose is a frame -----------------------------------------------------------------------------------------------

enum class FrameUse : mm::u8 {
    no_memory,
    reserved,
    free,    // on a free list
    per_cpu, // on a list of a CPU
    page_table,
    slab,
    vmalloc,   // a page of a vmalloc or vmap area
    allocated, // somebody's, and nothing here knows more
    unlisted,  // between a list and its user
    bad,
};

struct FrameOwner {
    FrameUse use = FrameUse::no_memory;
    mm::pfn_t pfn = mm::PFN_NONE;
    mm::pfn_t head = mm::PFN_NONE; // of the block
    mm::u8 order = 0;
    mm::table_id table = mm::TABLE_NONE;   // page_table
    mm::cache_id cache = mm::CACHE_NONE;   // slab
    std::optional<mm::phys_addr_t> object; // slab: the object that holds the address
    mm::u32 object_index = 0;
    mm::u64 area = 0; // vmalloc: where it begins
};
[[nodiscard]] FrameOwner owner_of(const mm::Machine& machine, mm::phys_addr_t phys);

// "allocated, block of order 3 at 0x45340", "page table: pmd of init_mm", "slab of kmalloc-64, object 3"
[[nodiscard]] std::string owner_text(const mm::Machine& machine, const FrameOwner& owner, mm::Language language);
// What the text is about, to be selected: the object, the area's address, else the frame; Kind::none without memory.
[[nodiscard]] Selection owner_place(const FrameOwner& owner);

// ---- an address -----------------------------------------------------------------------------------------------------

// Bits of an address that do one thing together.
struct AddressPart {
    static constexpr int OFFSET = -1, HALF = mm::MAX_LEVELS;
    int level = OFFSET; // HALF: the bits that choose between TTBR0 and TTBR1
    mm::u8 high = 0, low = 0;
    mm::u64 value = 0;
};
// From the highest bit down. Together they are all bits: 64, on i386 32.
[[nodiscard]] std::vector<AddressPart> parts_of(const mm::page_geometry& geometry, mm::u64 address);
[[nodiscard]] std::string_view part_name(const mm::page_geometry& geometry, const AddressPart& part);

// The layout of the machine's kernel; nullopt: none is known (x86-64).
[[nodiscard]] std::optional<mm::address_layout> layout_of(const mm::Machine& machine);

struct AddressFacts {
    mm::u64 address = 0;
    mm::space_id space = mm::INIT_MM;
    mm::address_half half = mm::address_half::none;
    mm::walk_result walk;                      // without page tables: no steps
    mm::map_error error = mm::map_error::none; // why no table translates it at all
    std::optional<mm::phys_addr_t> linear;     // what the linear map's arithmetic gives
    std::optional<mm::pfn_t> struct_page_of;   // in vmemmap: the frame that the struct page describes

    // By the tables, else by arithmetic.
    [[nodiscard]] std::optional<mm::phys_addr_t> phys() const { return walk.found ? std::optional(walk.phys) : linear; }
    [[nodiscard]] mm::frame_t frame(mm::u32 page_shift) const {
        return phys() ? *phys() >> page_shift : mm::FRAME_NONE;
    }
};
[[nodiscard]] AddressFacts facts_of(const mm::Machine& machine, mm::u64 address, mm::space_id space);

// Why the tables do not translate it, with what the CPU reports; empty: they do.
[[nodiscard]] std::string fault_text(const mm::Machine& machine, const AddressFacts& facts, mm::Language language);

// "init_mm", "mm 2 (user)": with the scenario's name of it, where it has one.
[[nodiscard]] std::string space_text(const mm::Machine& machine, mm::space_id space,
                                     const std::vector<std::string>& result_names);
// The space that the op names; INIT_MM when it names none.
[[nodiscard]] mm::space_id space_of_op(const mm::Machine& machine, const mm::Op& op);

// ---- what the moment is about ---------------------------------------------------------------------------------------

// The argument of this name; nullopt: the event has none.
[[nodiscard]] std::optional<mm::i64> argument_named(const mm::Event& event, std::string_view name);
// The virtual address that the event tells of, if it tells of one.
[[nodiscard]] std::optional<mm::u64> told_address(const mm::Event& event);

struct ShownAddress {
    enum class From : mm::u8 { selection, events, op, example };
    mm::u64 address = 0;
    mm::space_id space = mm::INIT_MM;
    From from = From::example;
    friend bool operator==(const ShownAddress&, const ShownAddress&) = default;
};
// The selected address, else the one that the events so far name last, else the op's own, else where vmalloc begins.
[[nodiscard]] ShownAddress shown_address(const ViewInput& input);

// The op whose events are shown; nullptr before the first.
[[nodiscard]] std::optional<mm::Op> shown_op(const mm::Session& session);

// Entries of tables that the op has written or read so far.
struct TouchedEntries {
    mm::pfn_t table = mm::PFN_NONE;
    mm::u32 first = 0, nr = 0;

    [[nodiscard]] bool holds(mm::pfn_t frame, mm::u32 index) const {
        return table == frame && index >= first && index - first < nr;
    }
};
[[nodiscard]] std::vector<TouchedEntries> touched_entries(const ViewInput& input);

} // namespace shell
