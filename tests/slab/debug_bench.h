#pragma once
// Machines whose caches are debugged, and a look at the bytes of their objects.
#include <cstdio>
#include <string>

#include "machines.h"
#include "slab/events.h"
#include "slab/slub_debug.h"
#include "slab/slub_report.h"

namespace mm::test {

inline constexpr slab_flags_t DEBUG_FZPU = SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER;

inline machine_profile debug_profile(kernel_version kernel = kernel_version::v6_1, bool hardened = false) {
    machine_profile profile = slab_profile(slab_allocator::slub, kernel);
    profile.slab.freelist_hardened = hardened;
    return profile;
}

// The same with nothing cleared when it is handed out: objects hold what was left in them.
inline machine_profile uncleared_profile(kernel_version kernel, bool hardened = false) {
    machine_profile profile = debug_profile(kernel, hardened);
    profile.init_on_alloc = false;
    return profile;
}

struct DebugBench : SlabBench {
    explicit DebugBench(machine_profile profile) : SlabBench(std::move(profile)) {}
    explicit DebugBench(kernel_version kernel, bool hardened = false) : SlabBench(debug_profile(kernel, hardened)) {}

    void write(phys_addr_t object, i64 offset, u8 value, u32 length = 1) {
        slab_context context = cx();
        slub_write(context, object, offset, length, value);
    }
    // Reports and repairs of one validation, as the kernel's own test counts them.
    u32 validate(cache_id cache) {
        slab_context context = cx();
        const u32 before = slabs().nr_slab_errors;
        static_cast<void>(validate_slab_cache(context, cache));
        return slabs().nr_slab_errors - before;
    }
    void destroy(cache_id cache) {
        slab_context context = cx();
        kmem_cache_destroy(context, cache);
    }
    u8 byte(phys_addr_t object, i64 offset) {
        const slab& s = slabs().slabs[slab_of(object)];
        const phys_addr_t base = phys_addr_t{s.pfn} << machine.physical.page_shift;
        return content_at(slabs(), s, static_cast<u32>(object - base) + static_cast<u32>(offset));
    }
    // "cc*8 6b*63 a5": runs of equal bytes in [from, to), counted from the object.
    std::string runs(phys_addr_t object, i64 from, i64 to) {
        std::string out;
        for (i64 at = from; at < to;) {
            const u8 value = byte(object, at);
            i64 n = 1;
            while (at + n < to && byte(object, at + n) == value) ++n;
            char text[16];
            std::snprintf(text, sizeof text, n > 1 ? "%02x*%d" : "%02x", value, static_cast<int>(n));
            out += (out.empty() ? "" : " ") + std::string(text);
            at += n;
        }
        return out;
    }
    u64 number(phys_addr_t object, i64 offset, u32 bytes) {
        u64 value = 0;
        for (u32 i = 0; i < bytes; ++i) value |= u64{byte(object, offset + i)} << (8 * i);
        return value;
    }
    u64 virt(phys_addr_t address) { return linear_address(slabs(), address); }

    template <class Kind>
    const Event* last(Kind kind) const {
        for (auto at = events.rbegin(); at != events.rend(); ++at)
            if (at->kind == static_cast<u16>(kind)) return &*at;
        return nullptr;
    }
};

} // namespace mm::test
