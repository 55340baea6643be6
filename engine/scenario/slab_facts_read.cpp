// read_slab_facts() of slab_facts.h.
#include <algorithm>
#include <charconv>

#include "scenario/pfn_runs.h"
#include "scenario/reader.h"
#include "scenario/slab_facts.h"
#include "slab/slab.h"

namespace mm {

namespace {

constexpr std::size_t MAX_FACT_LIST = MAX_OBJS_PER_SLAB;

// "kmalloc-rcl-2k" is of the kind "kmalloc-rcl-" and for 2048 bytes.
struct KmallocName {
    std::string_view kind;
    u64 size = 0;
};

std::optional<KmallocName> kmalloc_name(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || name.find("kmalloc-") == std::string_view::npos) return std::nullopt;
    std::string_view rest = name.substr(dash + 1);
    const std::optional<u64> number = take_digits(rest, 10);
    if (!number || rest.size() > 1) return std::nullopt;
    const int shift = rest.empty() ? 0 : rest == "k" || rest == "K" ? 10 : rest == "M" ? 20 : -1;
    if (shift < 0) return std::nullopt;
    return KmallocName{name.substr(0, dash + 1), *number > ~u64{0} >> shift ? ~u64{0} : *number << shift};
}

// Names of kmalloc caches are near by their sizes, not by their letters: "kmalloc-64" is not "kmalloc-8k".
Told cache_suggestion(std::string_view wrong, const std::vector<std::string_view>& known) {
    struct Cache {
        u64 size;
        std::string_view name;
        bool operator<(const Cache& other) const { return size < other.size; }
    };
    const std::optional<KmallocName> asked = kmalloc_name(wrong);
    std::vector<Cache> caches;
    for (const std::string_view name : known)
        if (const auto row = kmalloc_name(name); asked && row && row->kind == asked->kind)
            caches.push_back({row->size, name});
    if (caches.empty()) return suggestion(wrong, known);
    std::sort(caches.begin(), caches.end());
    if (asked->size < caches.front().size)
        return told(" (the smallest of this machine is \"{0}\")", "（这台机器上最小的是 \"{0}\"）", {caches.front().name});
    if (asked->size > caches.back().size)
        return told(" (the largest of this machine is \"{0}\")", "（这台机器上最大的是 \"{0}\"）", {caches.back().name});
    const auto above = std::lower_bound(caches.begin(), caches.end(), Cache{asked->size, {}});
    const auto below = above == caches.begin() ? above : above - 1;
    const bool up = above->size - asked->size <= asked->size - below->size;
    return meant_name(up ? above->name : below->name);
}

class FactReader {
  public:
    FactReader(JsonReader& reader, SlabFact::Of of, const ExpectContext& context, const FactReading& reading)
        : reader_(reader), of_(of), context_(context), reading_(reading) {}

    bool subjects(const Field& at) {
        return reader_.any_object(at) && reader_.each(at, [&](const Field& item, std::size_t) {
            Expectation about{.what = Expectation::What::slab};
            return subject(item, about) && facts(item, about);
        });
    }

  private:
    bool subject(const Field& at, Expectation& about) {
        if (of_ == SlabFact::Of::cache) return cache(at, about);
        if (of_ == SlabFact::Of::slab && at.key.starts_with("0x")) {
            const std::optional<u64> pfn = capped_hex(at.key);
            if (!pfn) return reader_.fail(at, told("\"{0}\" is no frame", "\"{0}\" 不是页框", {quotable(at.key)}));
            if (*pfn >= PFN_NONE) return reader_.fail(at, frame_too_large(at.key));
            about.pfn = static_cast<pfn_t>(*pfn);
            return true;
        }
        return context_.results.read(reader_, at, at.key, ResultKind::object, about.slot);
    }

    // The name of a result, or the name that the kernel knows the cache by.
    bool cache(const Field& at, Expectation& about) {
        const std::string_view row_name = at.key.substr(0, at.key.find('['));
        if (context_.results.find(row_name))
            return context_.results.read(reader_, at, at.key, ResultKind::cache, about.slot);
        about.name = at.key;
        // kmalloc() of SLOB has no caches: a lesson for SLUB loads with it all the same, and its check fails.
        const bool has_kmalloc_caches = context_.start.slabs.config.allocator != slab_allocator::slob;
        if (!context_.start.slabs.up || !has_kmalloc_caches || context_.cache_names.contains(at.key) ||
            find_cache(context_.start.slabs, at.key) != CACHE_NONE)
            return true;
        std::vector<std::string_view> known = context_.results.names(ResultKind::cache);
        known.insert(known.end(), context_.cache_names.begin(), context_.cache_names.end());
        const slab_memory& slabs = context_.start.slabs;
        for (cache_id id = slabs.slab_caches; id < slabs.nr_caches; id = slabs.caches[id].list_next)
            known.push_back(name_text(slabs.caches[id].name));
        return reader_.fail(at, told("there is no cache \"{0}\"{1}", "没有缓存 \"{0}\"{1}",
                                     {quotable(at.key), cache_suggestion(at.key, known)}));
    }

    bool facts(const Field& at, const Expectation& about) {
        std::vector<std::string_view> known;
        for (const SlabFact& fact : slab_facts())
            if (fact.of == of_) known.push_back(fact.name);
        return reader_.object(at, known) && reader_.each(at, [&](const Field& item, std::size_t) {
            const auto table = slab_facts();
            const auto row = std::find_if(table.begin(), table.end(), [&](const SlabFact& fact) {
                return fact.of == of_ && fact.name == item.key;
            });
            Expectation next = about;
            next.fact = static_cast<u8>(row - table.begin());
            if (row->key == SlabFact::Key::none) return value(item, *row, next);
            return reader_.any_object(item) && reader_.each(item, [&](const Field& keyed, std::size_t i) {
                Expectation one = next;
                return key(keyed, item, i, row->key, one.key) && value(keyed, *row, one);
            });
        });
    }

    bool key(const Field& at, const Field& parent, std::size_t index, SlabFact::Key kind, i64& out) {
        if (kind == SlabFact::Key::object) {
            u32 slot = 0;
            if (!context_.results.read(reader_, at, at.key, ResultKind::object, slot)) return false;
            out = slot;
            return true;
        }
        const machine_profile& profile = context_.profile;
        const u32 limit = kind == SlabFact::Key::cpu ? profile.cpus : profile.nodes;
        u32 number = 0;
        const char* end = at.key.data() + at.key.size();
        const auto [rest, error] = std::from_chars(at.key.data(), end, number);
        out = number;
        return (error == std::errc() && rest == end && number < limit) ||
               reader_.fail_key(parent, index,
                                told("expected a number from 0 to {0}", "应当是 0 到 {0} 的数", {limit - 1}));
    }

    bool value(const Field& at, const SlabFact& fact, Expectation next) {
        if (fact.value != SlabFact::Value::number && !reading_.other(at)) return false;
        switch (fact.value) {
        case SlabFact::Value::number:
            if (!reading_.number(at, next.value)) return false;
            break;
        case SlabFact::Value::pfn:
            if (at.value->kind == JsonValue::Kind::null)
                next.value = NO_SLAB;
            else if (!reader_.integer(at, 0, PFN_NONE - 1, next.value))
                return false;
            break;
        case SlabFact::Value::flag: {
            bool flag = false;
            if (!reader_.flag(at, flag)) return false;
            next.value = flag ? 1 : 0;
            break;
        }
        case SlabFact::Value::cache_name: {
            std::string name;
            if (!reader_.text(at, MAX_NAME_LENGTH, name)) return false;
            next.value = intern(name);
            break;
        }
        case SlabFact::Value::list:
            if (!reader_.list(at, MAX_FACT_LIST) || !reader_.each(at, [&](const Field& item, std::size_t) {
                    return reader_.integer(item, 0, OBJ_NONE, next.list.emplace_back());
                }))
                return false;
            break;
        }
        return reading_.add(at, std::move(next));
    }

    JsonReader& reader_;
    SlabFact::Of of_;
    const ExpectContext& context_;
    const FactReading& reading_;
};

} // namespace

bool read_slab_facts(JsonReader& reader, const Field& at, SlabFact::Of of, const ExpectContext& context,
                     const FactReading& reading) {
    return FactReader(reader, of, context, reading).subjects(at);
}

} // namespace mm
