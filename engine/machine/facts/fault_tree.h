#pragma once
// A page fault as a tree of questions: what the kernel asks on the way, and where each answer leads.
//
//   entry ─► find_vma ─► rights ─► pmd ─┬─ nothing ──► huge_may ─► huge_anon
//     │         │          │            ├─ huge page ─► huge_present ─► huge_wp
//     │         └► grows ─► expand      └─ a table ───► pte ─┬─ nothing ─► behind ─► anon, file ─► around ─► cache
//     └ signal   └ signal    └ signal                        └─ page ────► present ─► flags, wp
//
// fault_runs() reads the way of each fault from the events of an op.
#include <span>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "machine/phrase.h"
#include "process/fault_events.h"
#include "process/user_access.h"

namespace mm {

struct vma_rules;

enum class fault_node : u8 {
    // Questions, each below the one that leads to it.
    entry,
    find_vma,
    grows,
    expand,
    rights,
    pmd,
    huge_may,
    huge_anon,
    huge_present,
    huge_wp,
    pte,
    behind,
    anon,
    file,
    around,
    cache,
    present,
    flags,
    wp,
    // Ends.
    bad_tables,
    not_user,
    no_vma,
    stack_refused,
    access_error,
    no_memory,
    huge_zero,
    huge_page,
    huge_reused,
    huge_new,
    zero_page,
    anon_page,
    kernel_data,
    around_mapped,
    beyond_file,
    disk_read,
    file_mapped,
    cow_copied,
    shared_written,
    flags_set,
    spurious,
    zero_replaced,
    reused,
    copied,
    file_copied,
    shared_made_writable,
    count,
};
inline constexpr std::size_t FAULT_NODES = static_cast<std::size_t>(fault_node::count);

struct FaultNode {
    fault_node id;
    std::string_view function, file; // of the kernel
    u8 depth = 0;                    // of a question: below how many that branch off
    Phrase text;                     // the question, or what an end is called in few words
    Phrase whole;                    // of an end: in a sentence
};
// An answer of `from` leads to `to`.
struct FaultEdge {
    fault_node from, to;
    Phrase answer;
};
[[nodiscard]] const FaultNode& fault_node_of(fault_node id);
[[nodiscard]] constexpr bool is_end(fault_node id) { return id >= fault_node::bad_tables; }
// Those of one question stand together; the first that leads to a node is where it hangs in the tree.
[[nodiscard]] std::span<const FaultEdge> fault_edges();
[[nodiscard]] const FaultEdge* edge_between(fault_node from, fault_node to);
[[nodiscard]] const FaultEdge* edge_to(fault_node to); // where it hangs; null: the root

// The function of a node on this machine, and its file: "do_wp_page", "mm/memory.c".
struct FaultFunction {
    std::string_view name, file;
};
[[nodiscard]] FaultFunction fault_function(fault_node id, const vma_rules& rules);

// Where a fault has come to. `event`: the one that tells of this node, by its place among the events; -1: not asked to the end.
struct FaultStep {
    fault_node node = fault_node::entry;
    i32 event = -1;
};
struct FaultRun {
    u64 address = 0;
    user_access_kind kind = user_access_kind::read;
    u32 first = 0;          // its first event
    bool again = false;     // the same fault once more
    bool by_kernel = false; // no access of the program: the kernel brings pages, as for MAP_POPULATE
    i32 done = -1;          // the event that counts it
    u32 tables = 0;         // made on the way
    std::vector<FaultStep> steps{};

    [[nodiscard]] const FaultStep* step_at(fault_node node) const;
    [[nodiscard]] bool ended() const { return !steps.empty() && is_end(steps.back().node); }
};
[[nodiscard]] std::vector<FaultRun> fault_runs(std::span<const Event> events);

// What fault_runs() makes of an event of this kind.
enum class FaultPart : u8 { none, way, number };
[[nodiscard]] FaultPart fault_part_of(u16 kind);

} // namespace mm
