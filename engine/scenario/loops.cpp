// Steps that stand for many ops: {"repeat": ...} and {"random": ...}. Both become plain ops while the scenario loads.
#include "base/rng.h"
#include "scenario/reader.h"

namespace mm {

namespace {

constexpr std::size_t MAX_LOOP_STEPS = 1'000;
constexpr std::size_t MAX_RANDOM_CHOICES = 64; // masks, caches or sizes

constexpr u64 MAX_RANDOM_BYTES = 1ull << 40;

// The two ops of a random run.
struct OpPair {
    std::string_view alloc, free;
};
constexpr OpPair PAGE_OPS{"alloc_pages", "__free_pages"};
constexpr OpPair CACHE_OPS{"kmem_cache_alloc", "kmem_cache_free"};
constexpr OpPair KMALLOC_OPS{"kmalloc", "kfree"};

// An op with the defaults of its row, whose fields are set by what they mean.
struct OpMaker {
    explicit OpMaker(std::string_view name) {
        const std::optional<u16> kind = find_op(name);
        MM_ASSERT(kind);
        op.kind = *kind;
        const auto fields = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < fields.size(); ++i) op.arg[i] = fields[i].default_value;
    }
    void set(Unit unit, i64 value) {
        const auto fields = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (fields[i].unit == unit) op.arg[i] = value;
    }
    Op op;
};

} // namespace

bool StepReader::loop_numbers(const Field& at, Loop& loop) {
    return reader_.object(at, {"count", "first", "stride", "steps"}) &&
           reader_.required(at, "count",
                            [&](const Field& f) { return reader_.number(f, 1, MAX_SCENARIO_OPS, loop.count); }) &&
           reader_.optional(at, "first",
                            [&](const Field& f) { return reader_.integer(f, 0, MAX_RESULTS, loop.first); }) &&
           reader_.optional(at, "stride", [&](const Field& f) {
               return reader_.integer(f, -i64{MAX_RESULTS}, MAX_RESULTS, loop.stride);
           });
}

bool StepReader::repeat(const Field& at) {
    if (!reader_.object(at, {"repeat", "note", "view", "question", "expect"})) return false;
    return reader_.required(at, "repeat", [&](const Field& field) {
        Loop loop;
        std::vector<OpTemplate> ops;
        const auto read_steps = [&](const Field& list) {
            if (!reader_.list(list, MAX_LOOP_STEPS)) return false;
            if (list.value->items.empty())
                return reader_.fail(list, {"a repeat has at least one step", "repeat 至少有一步"});
            return reader_.each(
                list, [&](const Field& item, std::size_t) { return op_fields(item, &loop, ops.emplace_back()); });
        };
        if (!loop_numbers(field, loop) || !reader_.required(field, "steps", read_steps)) return false;
        scenario_.steps.back().turn_ops = static_cast<u32>(ops.size());
        for (u32 turn = 0; turn < loop.count; ++turn)
            for (OpTemplate& next : ops) {
                if (!add_op(field, next.op)) return false;
                next.op.result += static_cast<u32>(next.result_stride);
                for (std::size_t i = 0; i < next.arg_stride.size(); ++i) next.op.arg[i] += next.arg_stride[i];
            }
        return true;
    });
}

// What the run chooses from: masks, and caches or sizes.
bool StepReader::random_lists(const Field& at, RandomRun& run) {
    const auto list_of = [&](std::string_view key, const Told& one, std::vector<i64>& out, auto read) {
        return reader_.optional(at, key, [&](const Field& list) {
            if (!reader_.list(list, MAX_RANDOM_CHOICES)) return false;
            if (list.value->items.empty())
                return reader_.fail(list, told("expected at least one {0}", "至少要有一个{0}", {one}));
            return reader_.each(list, [&](const Field& f, std::size_t) { return read(f, out.emplace_back()); });
        });
    };
    const auto mask = [&](const Field& f, i64& out) { return flags(f, Unit::gfp, out); };
    const auto cache = [&](const Field& f, i64& out) {
        i64 stride = 0;
        return result_use(f, ResultKind::cache, nullptr, 0, out, stride);
    };
    const auto bytes = [&](const Field& f, i64& out) {
        u64 size = 0;
        if (!reader_.size(f, MAX_RANDOM_BYTES, size)) return false;
        out = static_cast<i64>(size);
        return true;
    };
    if (!list_of("gfp", {"gfp mask", " gfp 掩码"}, run.gfps, mask) ||
        !list_of("cache", {"cache", "缓存"}, run.caches, cache) || !list_of("size", {"size", "大小"}, run.sizes, bytes))
        return false;
    if (!run.caches.empty() && !run.sizes.empty())
        return reader_.fail(at, {"\"cache\" (kmem_cache_alloc) and \"size\" (kmalloc) exclude each other",
                                 "\"cache\"（kmem_cache_alloc）和 \"size\"（kmalloc）只能有一个"});
    if (run.kind() == ResultKind::object && at.value->find("max_order"))
        return reader_.fail(at, {"\"max_order\" is for random pages; this run allocates objects",
                                 "\"max_order\" 用于随机的页；这里分配的是对象"});
    return true;
}

bool StepReader::random_numbers(const Field& at, RandomRun& run) {
    const i64 top_order = machine_.physical.nr_orders - 1;
    const auto name = [&](const Field& f) {
        if (!reader_.text(f, 48, run.name)) return false;
        return is_result_name(run.name) || reader_.fail(f, told("\"{0}\" is no name of a result",
                                                                "\"{0}\" 不能作为结果的名称", {quotable(run.name)}));
    };
    const auto number = [&](std::string_view key, i64 min, i64 max, auto& out) {
        return reader_.optional(at, key, [&](const Field& f) { return reader_.number(f, min, max, out); });
    };
    return reader_.object(at, {"count", "seed", "max_order", "gfp", "free_percent", "slots", "cpu", "all_cpus", "as",
                               "cache", "size"}) &&
           reader_.required(at, "count",
                            [&](const Field& f) { return reader_.number(f, 1, MAX_SCENARIO_OPS, run.count); }) &&
           number("seed", 0, 0x7fffffffffffffff, run.seed) && number("max_order", 0, top_order, run.max_order) &&
           number("free_percent", 0, 100, run.free_percent) && number("slots", 1, MAX_RANDOM_SLOTS, run.slots) &&
           number("cpu", 0, MAX_CPUS - 1, run.cpu) && random_lists(at, run) && reader_.optional(at, "as", name) &&
           reader_.optional(at, "all_cpus", [&](const Field& f) { return reader_.flag(f, run.all_cpus); });
}

bool StepReader::random(const Field& at) {
    if (!reader_.object(at, {"random", "note", "view", "question", "expect"})) return false;
    scenario_.steps.back().turn_ops = 0;
    return reader_.required(at, "random", [&](const Field& field) {
        RandomRun run;
        if (!random_numbers(field, run)) return false;
        if (results_.find(run.name))
            return reader_.fail(field, told("an earlier step made \"{0}\": choose another name with \"as\"",
                                            "前面的步骤已产生 \"{0}\"：请用 \"as\" 换一个名称", {run.name}));
        const ResultNames::Row* slots = results_.add(run.name, run.slots, run.kind(), made_at("random", at.path()));
        if (!slots) return reader_.fail(field, told("more than {0} results", "超过了 {0} 个结果", {MAX_RESULTS}));
        return expand(field, run, *slots);
    });
}

// Each op: with nothing held an allocation, with every slot held a free; else a free in free_percent of the cases.
// Pages have order n with probability 1/2^(n+1), the highest order taking the rest; caches and sizes are equally likely;
// a free takes any of what is held.
bool StepReader::expand(const Field& at, const RandomRun& run, const ResultNames::Row& slots) {
    const OpPair ops = !run.caches.empty() ? CACHE_OPS : !run.sizes.empty() ? KMALLOC_OPS : PAGE_OPS;
    const Unit held_unit = run.kind() == ResultKind::object ? Unit::object_result : Unit::result;
    Rng rng(static_cast<u64>(run.seed));
    const auto one_of = [&](const std::vector<i64>& list) { return list[rng.below(static_cast<u32>(list.size()))]; };
    OpMaker alloc(ops.alloc);
    OpMaker free(ops.free);
    // [0, nr_held) of `held` are in use, the rest are not.
    struct Held {
        u32 slot = 0;
        i64 cache = 0;
    };
    std::vector<Held> held(run.slots);
    for (u32 i = 0; i < run.slots; ++i) held[i].slot = slots.first + i;
    u32 nr_held = 0;
    for (u32 n = 0; n < run.count; ++n) {
        const bool frees = nr_held == run.slots || (nr_held > 0 && rng.below(100) < run.free_percent);
        OpMaker& next = frees ? free : alloc;
        next.op.cpu = run.all_cpus ? static_cast<u16>(rng.below(scenario_.profile.cpus)) : run.cpu;
        if (frees) {
            const u32 chosen = rng.below(nr_held);
            next.set(held_unit, held[chosen].slot);
            if (!run.caches.empty()) next.set(Unit::cache_result, held[chosen].cache);
            std::swap(held[chosen], held[--nr_held]);
        } else {
            if (!run.caches.empty()) {
                next.set(Unit::cache_result, held[nr_held].cache = one_of(run.caches));
            } else if (!run.sizes.empty()) {
                next.set(Unit::bytes, one_of(run.sizes));
            } else {
                u32 order = 0;
                while (order < run.max_order && rng.below(2) == 1) ++order;
                next.set(Unit::order, order);
            }
            if (!run.gfps.empty()) next.set(Unit::gfp, one_of(run.gfps));
            next.op.result = held[nr_held++].slot;
        }
        if (!add_op(at, next.op)) return false;
    }
    return true;
}

} // namespace mm
