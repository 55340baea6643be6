// Events as the lines of the kernel's own trace.
//
// Models: the kmem events of the page allocator and of the slab allocators, as each kernel prints them; the address of
//   a struct page on arm64 and x86_64 with 4 KiB pages, for a kernel that was started with nokaslr.
// Simplified: no code calls these ops, so "call_site" is what %pS makes of NULL. 5.10 has an event of its own for
//   requests that may name a node; here only those that do name one are printed so.
// Not modelled: the header of a line (task, CPU, time). Other machines print no "page=": there the address depends on
//   where boot put mem_map.
// Mirrors: include/trace/events/kmem.h, include/trace/events/page_isolation.h, arch/arm64/include/asm/memory.h (Linux 5.10,
//   6.1, 6.12).
#include <cstdarg>
#include <cstdio>
#include <optional>
#include <utility>

#include "machine/trace_text.h"

#include "machine/narrate.h"
#include "machine/rooms.h"
#include "physical/event_rows.h"
#include "physical/gfp.h"
#include "physical/linear_map.h"
#include "physical/page_event_rows.h"
#include "slab/event_rows_common.h"
#include "slab/slab_flags.h"

namespace mm {

namespace {

__attribute__((format(printf, 1, 2))) std::string format(const char* text, ...) {
    char line[256];
    va_list args;
    va_start(args, text);
    std::vsnprintf(line, sizeof line, text, args);
    va_end(args);
    return line;
}

// "page=fffffc00000faa40 pfn=0x43ea9"; 5.10 prints frame numbers in decimal. A failed allocation has the NULL page.
std::string page_and_pfn(const Machine& machine, i64 pfn) {
    std::string out;
    const auto number = static_cast<unsigned long long>(pfn < 0 ? 0 : pfn);
    if (const std::optional<u64> map = linear_map_of(*machine.profile).vmemmap) {
        const u64 address = pfn < 0 ? 0 : *map + number * STRUCT_PAGE_BYTES;
        out = format("page=%016llx ", static_cast<unsigned long long>(address));
    }
    return out + format(machine.physical.rules.traces_pfn_in_hex() ? "pfn=0x%llx" : "pfn=%llu", number);
}

std::string alloc_text(const Machine& machine, i64 pfn, i64 order, i64 type, i64 gfp) {
    return "mm_page_alloc: " + page_and_pfn(machine, pfn) +
           format(" order=%d migratetype=%d gfp_flags=", static_cast<int>(order), static_cast<int>(type)) +
           gfp_to_text(static_cast<gfp_t>(gfp), {machine.profile->kernel});
}

std::string extfrag_text(const Args<physical_event::mm_page_alloc_extfrag>& in) {
    return format(" alloc_order=%d fallback_order=%d pageblock_order=%d alloc_migratetype=%d fallback_migratetype=%d"
                  " fragmenting=%d change_ownership=%d",
                  in.as<int>("alloc_order"), in.as<int>("fallback_order"), in.as<int>("pageblock_order"),
                  in.as<int>("alloc_migratetype"), in.as<int>("fallback_migratetype"), in.as<int>("fragmenting"),
                  in.as<int>("change_ownership"));
}

constexpr const char* NO_CALLER = "call_site=0x0";

// %p of an object: all digits of a pointer.
std::string pointer_text(const Machine& machine, i64 object) {
    const int digits = 2 * machine.slabs.pointer_size;
    return format("ptr=%0*llx", digits, static_cast<unsigned long long>(object_pointer(machine, object)));
}

bool is_accounted(const Machine& machine, gfp_t gfp, i64 cache) {
    if (gfp & GFP_BIT_ACCOUNT) return true;
    return cache >= 0 && cache < machine.slabs.nr_caches &&
           (machine.slabs.caches[static_cast<u32>(cache)].flags & SLAB_ACCOUNT) != 0;
}

struct slab_alloc_trace {
    std::string name;
    i64 object = 0, bytes_req = 0, bytes_alloc = 0, gfp = 0, node = -1;
    i64 cache = -1; // kmalloc's is not told
};

// What the two tracepoints of an allocation have in common.
template <auto kind>
slab_alloc_trace slab_alloc_of(std::string name, const Args<kind>& in) {
    return {std::move(name), in["object"], in["bytes_req"], in["bytes_alloc"], in["gfp"], in["node"]};
}

// 5.10: "kmalloc: ... gfp_flags=GFP_KERNEL", and with a node "kmalloc_node: ... node=1". Since 6.1 node and accounting
// always.
std::string slab_alloc_text(const Machine& machine, slab_alloc_trace trace) {
    const bool old = !machine.physical.rules.traces_slab_node();
    const auto gfp = static_cast<gfp_t>(trace.gfp);
    if (old && trace.node >= 0) trace.name += "_node";
    std::string out = trace.name + ": " + NO_CALLER + " " + pointer_text(machine, trace.object) +
                      format(" bytes_req=%lld bytes_alloc=%lld gfp_flags=", static_cast<long long>(trace.bytes_req),
                             static_cast<long long>(trace.bytes_alloc)) +
                      gfp_to_text(gfp, {machine.profile->kernel});
    if (!old || trace.node >= 0) out += format(" node=%d", static_cast<int>(trace.node));
    if (!old) out += is_accounted(machine, gfp, trace.cache) ? " accounted=true" : " accounted=false";
    return out;
}

std::string cache_free_text(const Machine& machine, i64 object, i64 cache) {
    std::string out = std::string("kmem_cache_free: ") + NO_CALLER + " " + pointer_text(machine, object);
    if (!machine.physical.rules.traces_freed_cache()) return out;
    return out + " name=" + unit_text(machine, Unit::cache, cache);
}

} // namespace

std::string slab_trace_text(const Machine& machine, const Event& event) {
    using ev = slab_event;
    switch (static_cast<ev>(event.kind)) {
    case ev::kmem_cache_alloc: {
        const Args<ev::kmem_cache_alloc> in(event);
        slab_alloc_trace trace = slab_alloc_of("kmem_cache_alloc", in);
        trace.cache = in["cache"];
        return slab_alloc_text(machine, std::move(trace));
    }
    case ev::kmalloc: return slab_alloc_text(machine, slab_alloc_of("kmalloc", Args<ev::kmalloc>(event)));
    case ev::kmem_cache_free: {
        const Args<ev::kmem_cache_free> in(event);
        return cache_free_text(machine, in["object"], in["cache"]);
    }
    case ev::kfree:
        return std::string("kfree: ") + NO_CALLER + " " + pointer_text(machine, Args<ev::kfree>(event)["object"]);
    default: return {};
    }
}

std::string isolation_text(const Args<page_event::test_pages_isolated>& in) {
    const auto pfn = [](i64 value) { return static_cast<unsigned long long>(value); };
    return format("test_pages_isolated: start_pfn=0x%llx end_pfn=0x%llx fin_pfn=0x%llx ret=%s", pfn(in["start"]),
                  pfn(in["end"]), pfn(in["fin"]), in["end"] <= in["fin"] ? "success" : "fail");
}

std::string physical_trace_text(const Machine& machine, const Event& event) {
    if (event.kind == static_cast<u16>(page_event::test_pages_isolated))
        return isolation_text(Args<page_event::test_pages_isolated>(event));
    using ev = physical_event;
    switch (static_cast<ev>(event.kind)) {
    case ev::mm_page_alloc: {
        const Args<ev::mm_page_alloc> in(event);
        return alloc_text(machine, in["pfn"], in["order"], in["migratetype"], in["gfp"]);
    }
    case ev::mm_page_alloc_fail: {
        const Args<ev::mm_page_alloc_fail> in(event);
        // What no list can hold is refused before the tracepoint.
        if (in["order"] >= machine.physical.nr_orders) return {};
        return alloc_text(machine, -1, in["order"], in["migratetype"], in["gfp"]);
    }
    case ev::mm_page_free: {
        const Args<ev::mm_page_free> in(event);
        return "mm_page_free: " + page_and_pfn(machine, in["pfn"]) + format(" order=%d", in.as<int>("order"));
    }
    case ev::mm_page_alloc_zone_locked: {
        const Args<ev::mm_page_alloc_zone_locked> in(event);
        return "mm_page_alloc_zone_locked: " + page_and_pfn(machine, in["pfn"]) +
               format(" order=%d migratetype=%d percpu_refill=%d", in.as<int>("order"), in.as<int>("migratetype"),
                      in["percpu_refill"] != 0);
    }
    case ev::mm_page_pcpu_drain: {
        const Args<ev::mm_page_pcpu_drain> in(event);
        return "mm_page_pcpu_drain: " + page_and_pfn(machine, in["pfn"]) +
               format(" order=%d migratetype=%d", in.as<int>("order"), in.as<int>("migratetype"));
    }
    case ev::mm_page_alloc_extfrag: {
        const Args<ev::mm_page_alloc_extfrag> in(event);
        return "mm_page_alloc_extfrag: " + page_and_pfn(machine, in["pfn"]) + extfrag_text(in);
    }
    default: return {};
    }
}

std::string trace_text(const Machine& machine, const Event& event) {
    const Room& room = room_row(event.kind);
    return room.trace_text ? room.trace_text(machine, event) : "";
}

} // namespace mm
