#pragma once
// Ops: what a person or a scenario asks for. One row a kind; JSON reader, schema, command help, forms, fuzzers and the
// reference page are all derived from the rows.
#include <array>
#include <span>
#include <string_view>

#include "base/cow_array.h"
#include "base/event.h"
#include "base/late_text.h"
#include "base/types.h"
#include "base/units.h"

namespace mm {

inline constexpr int MAX_OP_FIELDS = 8;

// Bounds that depend on the machine are given as the widest; the op's function checks the rest and says so.
struct FieldSpec {
    std::string_view name;
    Unit unit = Unit::none;
    i64 default_value = 0;
    i64 min = 0;
    i64 max = 0;
    bool required = false;
    LateText help;
    std::span<const std::string_view> names{}; // what values from 0 on are written as; empty: as the unit says
    std::string_view instead_of{}; // the field that says the same in another way: a step has one of them at most
};

struct OpSpec {
    std::string_view name; // the kernel function it stands for, where it is one
    std::array<FieldSpec, MAX_OP_FIELDS> fields{};
    ResultKind makes = ResultKind::none; // what "as" names; none: the op takes no "as"
    LateText kernel_function;            // with the file, as in Linux 6.1
    LateText help_en;
    LateText help_zh;
    bool boots = false;       // a stage of boot: all other ops wait for the last of them
    bool keeps_pages = false; // takes no pages for its result and gives none back: it tells, or maps what there is
    // The field that says how many results in a row the op makes or takes, from the slot that is named; empty: one.
    std::string_view row_field{};

    [[nodiscard]] constexpr std::span<const FieldSpec> field_list() const {
        std::size_t n = 0;
        while (n < fields.size() && !fields[n].name.empty()) ++n;
        return {fields.data(), n};
    }
    // Where the field of this name stands; -1: there is none.
    [[nodiscard]] constexpr int field_index(std::string_view field) const {
        const std::span<const FieldSpec> list = field_list();
        for (std::size_t i = 0; i < list.size(); ++i)
            if (list[i].name == field) return static_cast<int>(i);
        return -1;
    }
    [[nodiscard]] constexpr bool has_row() const { return !row_field.empty(); }
};

// A value for every field of the row, in the row's order. An op's function reads them by name (base/op_row.h).
struct Op {
    u16 kind = 0;
    u16 cpu = 0;
    u32 result = NO_RESULT; // slot of "as"
    std::array<i64, MAX_OP_FIELDS> arg{};

    static constexpr u32 NO_RESULT = 0xffffffffu;
    friend bool operator==(const Op&, const Op&) = default;
};

// How many results side by side the op makes or takes.
[[nodiscard]] constexpr i64 row_length(const OpSpec& spec, const Op& op) {
    return spec.has_row() ? op.arg[static_cast<std::size_t>(spec.field_index(spec.row_field))] : 1;
}

// What a named result holds: a block's first frame with the order of the request, a cache's id, an object's physical
// address, an area's or a region's virtual one, or the number of an address space or of a file.
struct OpResult {
    u64 value = 0;
    ResultKind kind = ResultKind::none; // none: never set, or the allocation failed
    u8 order = 0;
    u8 freed = 0; // 1 after it was handed back: the name still stands for the (now dangling) memory

    [[nodiscard]] bool empty() const { return kind == ResultKind::none; }
    [[nodiscard]] pfn_t pfn() const { return static_cast<pfn_t>(value); }
};

// How the kernel answered. Kernel outcomes are not errors of ours: they are told by events, too.
enum class OpOutcome : u8 {
    done,
    returned_null, // the allocation failed
    refused,       // misuse that the kernel reports (bad page) or the request cannot be made (order above MAX_ORDER)
    no_effect,     // nothing to do: free of NULL
};

using Results = CowArray<OpResult>;
inline constexpr u32 MAX_RESULTS = 1u << 20;

// What an op's function is handed besides the state of its room.
struct OpCall {
    const Op& op;
    EventSink& sink;
    Results& results;
    u32 step; // 1-based number of this op in its session

    // What "as" names, or the result `place` behind it in its row. An op without "as" keeps nothing.
    void keep(const OpResult& result, u32 place = 0) {
        if (op.result != Op::NO_RESULT) results.mut(op.result + place) = result;
    }
    // What a result names was handed back. A slot below 0, and one that holds nothing, stay as they are.
    void mark_freed(i64 slot) {
        if (slot >= 0 && !results[static_cast<u32>(slot)].empty()) results.mut(static_cast<u32>(slot)).freed = 1;
    }
};

} // namespace mm
