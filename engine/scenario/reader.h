#pragma once
// The parts of parse_scenario(), one file each. Only engine/scenario includes this.
#include <map>

#include "scenario/machine_file.h"
#include "scenario/scenario.h"
#include "scenario/slab_facts.h"

namespace mm {

// The name of a view (view_names.h).
bool read_view_name(JsonReader& reader, const Field& at, std::string& name);

// Names of results and the slots behind them. "a" is one slot, "a[]" a row of them. What a name stands for is known
// from the op that makes it, before anything runs.
class ResultNames {
  public:
    struct Row {
        u32 first = 0;
        u32 count = 0; // 0: a single result, not a row
        ResultKind kind = ResultKind::pages;
        Told maker{}; // "kmem_cache_create at steps[2]"
    };

    [[nodiscard]] const Row* find(std::string_view name) const;
    // nullptr when MAX_RESULTS slots are taken. The name is not known yet.
    const Row* add(const std::string& name, u32 count, ResultKind kind, Told maker);
    [[nodiscard]] std::vector<std::string_view> names() const;
    [[nodiscard]] std::vector<std::string_view> names(ResultKind kind) const;
    // A cache's own name is no result's: who writes it for one is told which op makes the cache.
    void note_cache(const std::string& name, Told maker) { cache_makers_.insert_or_assign(name, std::move(maker)); }
    // What is wrong with a name that no result has, and which is meant.
    [[nodiscard]] Told no_such_result(std::string_view name, ResultKind needed) const;
    [[nodiscard]] u32 slots() const { return slots_; }
    // By slot: "a", "b[0]", "b[1]", ...
    [[nodiscard]] std::vector<std::string> slot_names() const;

    // The slot of "a" or "b[7]", a single result of this kind. Fails when there is none.
    bool read(JsonReader& reader, const Field& at, std::string_view text, ResultKind kind, u32& slot) const;

  private:
    std::map<std::string, Row, std::less<>> rows_;
    std::map<std::string, Told, std::less<>> cache_makers_; // by the cache's name: "kmem_cache_create at steps[2]"
    u32 slots_ = 0;
};

// "kmem_cache_create at steps[2]".
[[nodiscard]] inline Told made_at(std::string_view maker, std::string_view path) {
    return told("{0} at {1}", "{1} 的 {0}", {maker, path});
}

// A result's name: a letter, then letters, digits and _.
[[nodiscard]] bool is_result_name(std::string_view name);

// Fails unless the result is of the kind that is needed: "c is a cache, made by ...; expected pages".
bool check_kind(JsonReader& reader, const Field& at, std::string_view name, const ResultNames::Row& row,
                ResultKind needed);

// Reads "steps". The machine is the one that the scenario starts with.
class StepReader {
  public:
    StepReader(JsonReader& reader, const Machine& machine, Scenario& scenario)
        : reader_(reader), machine_(machine), scenario_(scenario) {}

    bool steps(const Field& at);
    [[nodiscard]] const ResultNames& results() const { return results_; }

  private:
    // The loop that an op stands in: the index of "a[]" is first + stride * iteration.
    struct Loop {
        u32 count = 1;
        i64 first = 0;
        i64 stride = 1;
        [[nodiscard]] i64 last() const { return first + stride * (i64{count} - 1); }
    };
    // An op of a loop: what is added to its slots with each iteration.
    struct OpTemplate {
        Op op;
        i64 row = 0; // results that the op makes or takes side by side; 0: an op of single results
        i64 result_stride = 0;
        std::array<i64, MAX_OP_FIELDS> arg_stride{};
    };

    // A random run as the scenario asks for it: of pages, of the objects of caches, or of kmalloc.
    struct RandomRun {
        u32 count = 0;
        i64 seed = 1;
        u32 max_order = 3;
        u32 free_percent = 50;
        u32 slots = 1000;
        bool all_cpus = false;
        u16 cpu = 0;
        std::string name = "r";
        std::vector<i64> gfps;
        std::vector<i64> caches; // slots of results; not empty: kmem_cache_alloc and kmem_cache_free
        std::vector<i64> sizes;  // bytes; not empty: kmalloc and kfree
        [[nodiscard]] ResultKind kind() const {
            return caches.empty() && sizes.empty() ? ResultKind::pages : ResultKind::object;
        }
    };

    bool step(const Field& at);
    bool op_fields(const Field& at, const Loop* loop, OpTemplate& out);
    bool op_kind(const Field& at, u16& kind);
    bool known_fields(const Field& at, const OpSpec& spec, bool in_loop);
    bool one_way_each(const Field& at, const OpSpec& spec);
    // A field of an op under way: where its value goes, and what it may depend on.
    struct ValueOf {
        const FieldSpec& spec;
        const Loop* loop;
        i64 row; // as OpTemplate::row
        i64& out;
        i64& stride; // for each iteration of the loop
    };
    bool value(const Field& at, const ValueOf& of);
    bool integer(const Field& at, const ValueOf& of);
    bool order(const Field& at, const ValueOf& of);
    bool address(const Field& at, const ValueOf& of);
    bool flag(const Field& at, const ValueOf& of);
    bool size(const Field& at, const ValueOf& of);
    bool cache_name(const Field& at, const ValueOf& of);
    bool zone(const Field& at, const ValueOf& of);
    bool migratetype(const Field& at, const ValueOf& of);
    bool wmark(const Field& at, const ValueOf& of);
    bool flags_of(const Field& at, const ValueOf& of);
    bool result_of(const Field& at, const ValueOf& of);
    bool results_of(const Field& at, const ValueOf& of);
    bool place(const Field& at, const ValueOf& of);
    bool path(const Field& at, const ValueOf& of);
    bool flags(const Field& at, Unit unit, i64& out);
    bool named(const Field& at, std::span<const std::string_view> names, i64& out);
    bool result_use(const Field& at, ResultKind kind, const Loop* loop, i64 row, i64& slot, i64& stride);
    bool result_named(const Field& at, std::string_view text, ResultKind kind, const Loop* loop, i64 row, i64& slot,
                      i64& stride);
    bool result_make(const Field& at, const Loop* loop, OpTemplate& out);
    bool repeat(const Field& at);
    bool loop_numbers(const Field& at, Loop& loop);
    bool random(const Field& at);
    bool random_numbers(const Field& at, RandomRun& run);
    bool random_lists(const Field& at, RandomRun& run);
    bool expand(const Field& at, const RandomRun& run, const ResultNames::Row& slots);
    bool add_op(const Field& at, const Op& op);

    JsonReader& reader_;
    const Machine& machine_;
    Scenario& scenario_;
    ResultNames results_;
    std::set<std::string, std::less<>> cache_names_; // given by ops so far
};

// "0:DMA", "0:Normal", ... of every node, whether they have memory or not.
[[nodiscard]] std::vector<std::string> zone_names_of(const machine_profile& profile);

// "a+0x1000": the name of a result and the bytes from there.
bool read_place_text(JsonReader& reader, const Field& at, std::string_view text, std::string_view& name, i64& offset);

// "0:Normal", checked against the nodes and kinds of zones that the machine has.
bool read_zone(JsonReader& reader, const Field& at, const machine_profile& profile, std::string& zone);

// The kind of an event by its name.
[[nodiscard]] std::optional<u16> find_event(std::string_view name);
[[nodiscard]] Told no_such_event(std::string_view name); // with a suggestion

// Reads "expect" of a step or "when" of a choice.
bool read_expectations(JsonReader& reader, const Field& at, const ExpectContext& context,
                       std::vector<Expectation>& expectations);

// Reads "answer" of a question that asks for a number: an expectation with "?" in the place of its one value.
bool read_asked_number(JsonReader& reader, const Field& at, const ExpectContext& context, Expectation& asked);

// Reads "question" of a step.
bool read_question(JsonReader& reader, const Field& at, const ExpectContext& context, Question& question);

} // namespace mm
