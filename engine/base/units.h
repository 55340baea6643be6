#pragma once
// Units: what an argument of an event or a field of an op means. One row a unit (units.cpp) says how its values are written
// and read; who needs the machine for that has a function for each Writing or Form in a table of its own.
#include <string_view>

#include "base/types.h"

namespace mm {

enum class Unit : u8 {
    none,
    number,      // a plain count or size without unit
    pages,       // number of pages
    order,       // log2 of a number of pages
    pfn,         // page frame number, shown in hex
    zone,        // index in physical_memory::zones
    node,        // NUMA node id
    cpu,         // CPU number
    migratetype, // enum migratetype
    gfp,         // gfp_t bits
    pcp_list,    // index of a per-CPU list
    wmark,       // 0 min, 1 low, 2 high
    flag,        // 0 or 1
    reason,      // a code of the event's own; the text spells it out
    kib,         // kibibytes
    result,      // a named result of an earlier op, which holds pages
    bytes,
    zone_index,    // position of a zone in its node, the kernel's zone_idx()
    cache_result,  // the same, which holds a cache
    object_result, // the same, which holds an object
    area_result,   // the same, which holds an address of vmalloc's space
    space_result,  // the same, which holds an address space
    name,          // number of a text (base/names.h)
    slab_flags,    // slab_flags_t bits
    cache,         // cache_id, shown by name
    slab,          // a slab by the pfn of its first frame
    object,        // physical address of an object, shown as its linear-map address
    object_index,  // position in its slab of the object that the event is about
    object_link,   // the same of another object of the slab, which a freelist or an array of indices leads to
    hex,           // a plain number in hex
    virt_address,  // a virtual address that the event or the op is about
    phys_address,  // a physical address: it leads to a frame
    address_term,  // a term of arithmetic with addresses (PAGE_OFFSET, the end of low memory): it leads nowhere
    pte,           // an entry of a page table, or the protection bits of one
    place,         // where a program's call points (base/program_place.h)
    path,          // number of the text of a file's path
    file_result,   // a named result, which holds a file that a process opened
    map_prot,      // PROT_ bits
    map_flags,     // MAP_ bits
    mremap_flags,  // MREMAP_ bits
    mlock_flags,   // MCL_ bits
    msync_flags,   // MS_ bits
    vm_flags,      // vm_flags_t bits
    count,
};

// What a named result stands for; a field that takes a result takes one kind.
enum class ResultKind : u8 { none, pages, cache, object, area, space, file, region };

// How sentences write a value. What several units share is written by one function (machine/narrate.cpp).
enum class Writing : u8 {
    number,
    hex,
    frame, // in hex, or "none"
    kib,
    bytes,
    slot, // of a result
    name,
    zone,
    zone_index,
    migratetype,
    wmark,
    pcp_list,
    flags, // the names of a flag set (machine/flag_sets.h)
    cache,
    object,
    object_index,
    count
};

// How a step of a scenario writes a value: read by scenario/steps.cpp, told by the schema and the reference page.
enum class Form : u8 {
    integer,
    order,      // an integer; only the machine knows the highest
    frame,      // a number or hex text
    hex_number, // the same, with bounds told in hex
    address,    // hex text, any 64 bits
    flag,
    size, // "64KiB"
    name,
    zone, // "0:Normal"
    migratetype,
    wmark,
    flags, // names of a flag set joined with |
    result,
    row_of_results, // one, or as many as the op's row has
    place,          // an address, or "a+0x1000" behind what a result holds
    path,
    count
};

// How reports of a run write a value as JSON. Words where its number means nothing outside of the run; text in hex where
// a reader that keeps numbers as doubles would lose bits.
enum class ReportForm : u8 { number, words, hex_text };

struct UnitRow {
    Unit unit = Unit::none;
    std::string_view name; // as the enum has it
    Writing writing = Writing::number;
    Form form = Form::integer;
    std::string_view help = "a number"; // how a step writes it, for people
    std::string_view example{};         // of a step's value; empty: the least that the field may be
    ReportForm report = ReportForm::number;
    bool in_hex = false; // the bare number, in expectations
    // A step may expect an argument of this unit: it is the same wherever it is read, a number or the words of a reason.
    // Others are positions in a table of the engine.
    bool expected = false;
    ResultKind takes = ResultKind::none;
    i64 left_out = -1; // what stands for a field that was left out, where that is its default
};

[[nodiscard]] const UnitRow& unit_row(Unit unit);

// The kind of result that a field of this unit takes; none: it takes no result.
[[nodiscard]] inline ResultKind result_kind(Unit unit) { return unit_row(unit).takes; }

// "a cache", as errors and the reference page say it.
[[nodiscard]] constexpr std::string_view result_kind_text(ResultKind kind) {
    constexpr std::string_view texts[] = {"nothing", "pages",  "a cache",  "an object", "an area",
                                          "an address space", "a file", "a region"};
    return texts[static_cast<std::size_t>(kind)];
}
[[nodiscard]] constexpr std::string_view result_kind_text_zh(ResultKind kind) {
    constexpr std::string_view texts[] = {"无", "页", "缓存", "对象", "区域", "地址空间", "文件", "映射的区域"};
    return texts[static_cast<std::size_t>(kind)];
}

} // namespace mm
