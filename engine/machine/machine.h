#pragma once
// Machine: everything that a simulated computer is, as one value. Start here to read the engine.
//
// Copying a Machine is the snapshot, comparing two is the difference, and a what-if is a copy with another op. Links
// inside are indices, never pointers. apply() is the only thing that changes a Machine. What each room adds to ops, events,
// verify, hash and texts stands in its row of rooms.cpp; here the rows are joined.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/event_words.h"
#include "base/op.h"
#include "base/result.h"
#include "heap/heaps.h"
#include "kernel/kernel_memory.h"
#include "mmu/page_table.h"
#include "physical/memory.h"
#include "physical/profile.h"
#include "process/mm.h"
#include "slab/slab_memory.h"

namespace mm {

struct Machine {
    // Made once, not in every file that copies one.
    Machine();
    ~Machine();
    Machine(const Machine&);
    Machine(Machine&&) noexcept;
    Machine& operator=(const Machine&);
    Machine& operator=(Machine&&) noexcept;

    std::shared_ptr<const machine_profile> profile; // shared and never changed
    physical_memory physical;
    slab_memory slabs;
    mmu_memory mmu;
    kernel_memory kernel;
    process_memory processes;
    heap_memory heaps;
    Results results{MAX_RESULTS}; // by the slot that "as" was given
    u32 step = 0;                 // ops applied since boot

    // Bytes that writes have allocated for this machine's arrays so far: what its copies keep alive.
    [[nodiscard]] u64 bytes_copied() const;
    // Bytes of what is no such array and may be long: a copy has them all for itself.
    [[nodiscard]] u64 bytes_of_lists() const;
};

// A booted machine, or one whose recorded state was restored. Errors: what check_profile() and restore_recorded() find.
[[nodiscard]] Result<Machine> make_machine(machine_profile profile);

// A machine before boot: the boot stages are ops then.
[[nodiscard]] Result<Machine> make_unbooted_machine(machine_profile profile);

// Applies one op. Field values are within the bounds of the op's row (check_op() says whether they are). When the sink is
// spent() afterwards the op has ended early, and the machine is to be thrown away.
OpOutcome apply(Machine& machine, const Op& op, EventSink& sink);

// All rows of all rooms, in the order of Op::kind.
[[nodiscard]] std::size_t op_count();
[[nodiscard]] const OpSpec& op_spec(u16 kind);
[[nodiscard]] std::optional<u16> find_op(std::string_view name);

// Bounds that the table cannot know: order against the machine's MAX_ORDER, node, CPU and result slot.
[[nodiscard]] std::optional<Error> check_op(const Machine& machine, const Op& op);

// Every kind of event, in order. Kinds leave gaps from room to room (base/rooms.h): what keeps something for each kind has
// event_kinds().size() places and finds one by event_index().
[[nodiscard]] std::span<const u16> event_kinds();
[[nodiscard]] std::size_t event_index(u16 kind);
[[nodiscard]] bool is_event_kind(u16 kind);
[[nodiscard]] const EventSpec& event_spec(u16 kind);
// Every row of words, of all rooms.
[[nodiscard]] std::vector<EventWords> all_event_words();
// The words of one value of an argument; nullptr where the value is written as its unit is.
[[nodiscard]] const EventWords* find_event_words(u16 kind, std::string_view arg, i64 value);

// The kernel function of a call path's entry.
[[nodiscard]] std::string_view function_name(u16 function);

// Every invariant of every room; nullopt when all hold.
[[nodiscard]] std::optional<std::string> verify(const Machine& machine);

// How many records verify() and canonical_hash() go through, about.
[[nodiscard]] u64 record_count(const Machine& machine);

// The canonical hash: equal for equal states, native and wasm.
[[nodiscard]] u64 canonical_hash(const Machine& machine);

} // namespace mm
