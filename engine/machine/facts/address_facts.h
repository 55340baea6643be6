#pragma once
// What an address is on a machine: which region of the layout, which way through the tables, which frame.
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

namespace mm {

// Bits of an address that do one thing together.
struct AddressPart {
    static constexpr int OFFSET = -1, HALF = MAX_LEVELS;
    int level = OFFSET; // HALF: the bits that choose between TTBR0 and TTBR1
    u8 high = 0, low = 0;
    u64 value = 0;
};
// From the highest bit down. Together they are all bits: 64, on i386 32.
[[nodiscard]] std::vector<AddressPart> parts_of(const page_geometry& geometry, u64 address);
[[nodiscard]] std::string_view part_name(const page_geometry& geometry, const AddressPart& part);

// The layout of the machine's kernel; nullopt: none is known (x86-64).
[[nodiscard]] std::optional<address_layout> layout_of(const Machine& machine);

struct AddressFacts {
    u64 address = 0;
    space_id space = INIT_MM;
    address_half half = address_half::none;
    walk_result walk;                    // without page tables: no steps
    map_error error = map_error::none;   // why no table translates it at all
    std::optional<phys_addr_t> linear;   // what the linear map's arithmetic gives
    std::optional<pfn_t> struct_page_of; // in vmemmap: the frame that the struct page describes

    // By the tables, else by arithmetic.
    [[nodiscard]] std::optional<phys_addr_t> phys() const { return walk.found ? std::optional(walk.phys) : linear; }
    [[nodiscard]] frame_t frame(u32 page_shift) const { return phys() ? *phys() >> page_shift : FRAME_NONE; }
};
[[nodiscard]] AddressFacts facts_of(const Machine& machine, u64 address, space_id space);

// Why the tables do not translate it, with what the CPU reports; empty: they do.
[[nodiscard]] std::string fault_text(const Machine& machine, const AddressFacts& facts, Language language);

// "init_mm", "mm 2 (user)": with the scenario's name of it, where it has one.
[[nodiscard]] std::string space_text(const Machine& machine, space_id space,
                                     const std::vector<std::string>& result_names);
// The space that the op names; INIT_MM when it names none.
[[nodiscard]] space_id space_of_op(const Machine& machine, const Op& op);
// The virtual address that the op names, or whose logical address it names; nullopt: it names none.
[[nodiscard]] std::optional<u64> asked_address(const Machine& machine, const Op& op);

} // namespace mm
