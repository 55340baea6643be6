#pragma once
// What expectations and questions may say about processes: a table of facts about an mm, a page, a region, malloc's heap or all
// promised memory, from which the reader, the schema and the comparison are derived; and the VMAs between two addresses.
//
//   "mm":     {"p": {"map_count": 9, "brk": "0x422000"}}
//   "page":   {"p": {"a+0x1000": {"kind": "anon", "mapcount": 2, "exclusive": false}}}   what stands at an address
//   "region": {"b": {"from": {"a": -8192}}}                           what mmap, mremap, brk and sbrk returned
//   "task":   {"k": {"active_mm_count": 1, "active_mm_users": 0}}     a process's first thread, a thread, a kernel thread
//   "heap":   {"p": {"arenas": 2, "mmap_threshold": 131072}}          malloc's in a process
//   "chunk":  {"p": {"a": {"state": "tcache", "size": 32}}}           what of it has an address
//   "committed_as": 12
//   "vmas":   {"p": {"a": [[0, "4KiB", "r--p"], ["8KiB", "16KiB", "rw-p"]]}}   from a place; what is left out is a hole
#include "machine/narrate.h"
#include "scenario/slab_facts.h"

namespace mm {

struct ProcessFact {
    enum class Of : u8 { mm, region, page, task, heap, chunk, machine };
    using Words = std::span<const std::string_view>;

    Of of;
    std::string_view name;
    bool address;   // written in hex
    bool by_region; // by another region
    std::optional<i64> (*read)(const Machine& machine, u64 subject, i64 key);
    std::string_view help;
    Words words{}; // of a value that is no number: its words

    // Of an address in a process.
    [[nodiscard]] bool at_place() const { return of == Of::page || of == Of::chunk; }
    [[nodiscard]] bool flag() const { return !words.empty() && words.front() == "false"; }
};
// Of machine: the facts themselves.
inline constexpr std::array<std::string_view, 6> process_fact_subjects = {"mm",   "region", "page",
                                                                          "task", "heap",   "chunk"};

[[nodiscard]] std::span<const ProcessFact> process_facts();
[[nodiscard]] std::optional<i64> process_fact_value(const Expectation& expected, const Machine& machine);
[[nodiscard]] std::string process_fact_text(const Expectation& expected, i64 value);

// One VMA, or a hole, as Expectation::list holds it: addresses less that of the place, rights, and the name that maps has.
struct ExpectedVma {
    static constexpr std::size_t LENGTH = 4;
    static constexpr i64 HOLE = -1;
    i64 start = 0, end = 0;
    i64 rights = HOLE; // bits of rwxs
    i64 name = 0;      // name_id; NO_NAME: whatever it is
};
inline constexpr std::string_view HOLE_WORD = "hole";
inline constexpr std::size_t MAX_EXPECTED_VMAS = 64;

[[nodiscard]] std::vector<ExpectedVma> expected_vmas(const std::vector<i64>& list);
// What lies in the range of the expectation, holes too. nullopt: the process or the place is not there.
[[nodiscard]] std::optional<std::vector<i64>> vmas_value(const Expectation& expected, const Machine& machine);
// "rw-p"; of a hole empty.
[[nodiscard]] std::string rights_text(i64 rights);
// "+0x0 to +0x1000 r--p, +0x1000 to +0x2000 hole"; with an address as its place, addresses.
[[nodiscard]] std::string vmas_text(const Expectation& expected, const std::vector<i64>& list, Language language);

// Reads "mm", "page", "region", "task", "heap" or "chunk"; "vmas".
bool read_process_facts(JsonReader& reader, const Field& at, ProcessFact::Of of, const ExpectContext& context,
                        const FactReading& reading);
bool read_process_vmas(JsonReader& reader, const Field& at, const ExpectContext& context, const FactReading& reading);

} // namespace mm
