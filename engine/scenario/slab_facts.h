#pragma once
// What expectations and questions may say about the slab allocators: a table of facts about a cache, a slab or an
// object, from which the reader, the schema and the comparison are derived.
//
//   "cache":  {"c": {"nr_slabs": 2, "nr_partial": {"0": 1}}, "kmalloc-64": {"objs": 64}}
//   "slab":   {"0x45f10": {"inuse": 3}, "o": {"freelist": [4, 2, 7]}}           a frame, or the object that it holds
//   "object": {"o": {"index": 3, "from": {"p": 192}}}
#include <set>

#include "scenario/scenario.h"

namespace mm {

// One row. Lists are in the order in which the allocator would take the objects.
struct SlabFact {
    enum class Of : u8 { cache, slab, object };
    enum class Key : u8 { none, node, cpu, object }; // object: the slot of another one
    enum class Value : u8 { number, pfn, list, cache_name, flag };

    // What a fact is about, as found in the machine.
    struct Subject {
        cache_id cache = CACHE_NONE;
        slab_id slab = SLAB_NONE;
        object_ref object;
        phys_addr_t address = ADDR_NULL;
    };
    using Values = std::optional<std::vector<i64>>;

    Of of;
    std::string_view name;
    Key key;
    Value value;
    Values (*read)(const Machine& machine, const Subject& subject, i64 key);
    std::string_view help;
};

inline constexpr std::array<std::string_view, 3> slab_fact_subjects = {"cache", "slab", "object"};
inline constexpr i64 NO_SLAB = -1; // of a fact that is a frame: null in the file

[[nodiscard]] std::span<const SlabFact> slab_facts();

// nullopt: there is no such cache, slab or object in the machine, or nothing of the kind can be said about it.
[[nodiscard]] SlabFact::Values slab_fact_value(const Expectation& expected, const Machine& machine);

// One value as the file writes it.
[[nodiscard]] std::string slab_fact_text(const Expectation& expected, i64 value);

class ResultNames;
class JsonReader;
struct Field;

// What is known where expectations are read.
struct ExpectContext {
    const machine_profile& profile;
    const Machine& start;
    const ResultNames& results;
    const std::set<std::string, std::less<>>& cache_names; // that ops have given so far
};

// How the caller reads values and takes expectations over.
struct FactReading {
    std::function<bool(const Field& at, i64& out)> number; // the value of a fact that is a number
    std::function<bool(const Field& at, i64& out)> address; // the same, of an address
    std::function<bool(const Field& at)> other;            // may a fact that is no number stand here?
    std::function<bool(const Field& at, Expectation expectation)> add;
};

// Reads "cache", "slab" or "object".
bool read_slab_facts(JsonReader& reader, const Field& at, SlabFact::Of of, const ExpectContext& context,
                     const FactReading& reading);

} // namespace mm
