#include "kernel/vmalloc_log.h"

#include "kernel/event_rows.h"
#include "physical/procfs_text.h"

namespace mm {

namespace {

using ev = kernel_event;

// "0", "0-1", "0,2": %*pbl of the nodes that have memory.
std::string node_list(const physical_memory& mem) {
    std::string out;
    const auto has_memory = [&](std::size_t node) {
        return node < mem.nodes.size() && mem.nodes[node].node_present_pages > 0;
    };
    for (std::size_t first = 0; first < mem.nodes.size(); ++first) {
        if (!has_memory(first)) continue;
        std::size_t last = first;
        while (has_memory(last + 1)) ++last;
        out += (out.empty() ? "" : ",") + std::to_string(first);
        if (last > first) out += "-" + std::to_string(last);
        first = last;
    }
    return out;
}

std::string vmap_failure(const kernel_memory& kernel, u64 size) {
    std::string out;
    if (kernel.vmap.rules.names_vmap_range())
        append_line(out, "vmalloc_node_range for size %llu failed: Address range restricted to 0x%llx - 0x%llx\n",
                    static_cast<unsigned long long>(size), static_cast<unsigned long long>(kernel.vmalloc_start),
                    static_cast<unsigned long long>(kernel.vmalloc_end));
    else
        append_line(out, "vmap allocation for size %llu failed: use vmalloc=<size> to increase size\n",
                    static_cast<unsigned long long>(size));
    return out;
}

} // namespace

std::string vmalloc_warning(const kernel_rules& rules, vmalloc_failure reason, u64 size, gfp_t gfp, u64 taken) {
    if (gfp & GFP_BIT_NOWARN) return "";
    const std::string asked = std::to_string(size);
    switch (reason) {
    case vmalloc_failure::more_than_ram:
        if (rules.says_vmalloc_error()) return "vmalloc error: size " + asked + ", exceeds total pages";
        break;
    case vmalloc_failure::no_addresses:
    case vmalloc_failure::bad_align:
        if (rules.says_vmalloc_error()) return "vmalloc error: size " + asked + ", vm_struct allocation failed";
        break;
    case vmalloc_failure::nothing_asked:
        if (rules.says_vmalloc_error()) return "";
        break;
    case vmalloc_failure::no_pages:
        return "vmalloc error: size " + std::to_string(taken) + ", failed to allocate pages";
    case vmalloc_failure::no_tables: return "vmalloc error: size " + std::to_string(taken) + ", failed to map pages";
    case vmalloc_failure::no_block:
    case vmalloc_failure::too_many_pages:
    case vmalloc_failure::bad_align_bug: return "";
    }
    return "vmalloc: allocation failure: " + asked + " bytes";
}

std::string vmalloc_log(const kernel_memory& kernel, const physical_memory& mem, const Event& event) {
    if (event.kind == static_cast<u16>(ev::vmap_area_none)) {
        const Args<ev::vmap_area_none> in(event);
        if (!prints_vmap_failure(in.as<u64>("waiting"), in.as<gfp_t>("gfp"))) return "";
        return vmap_failure(kernel, in.as<u64>("size"));
    }
    if (event.kind != static_cast<u16>(ev::vmalloc_failed)) return "";
    const Args<ev::vmalloc_failed> in(event);
    const kernel_rules& rules = kernel.vmap.rules;
    const auto gfp = in.as<gfp_t>("gfp");
    const std::string words =
        vmalloc_warning(rules, in.as<vmalloc_failure>("reason"), in.as<u64>("size"), gfp, in.as<u64>("taken"));
    if (words.empty()) return "";
    std::string out = "mmscope: " + words;
    append_line(out, ", mode:0x%x(", gfp);
    return out + gfp_to_text(gfp, rules) + "), nodemask=(null),cpuset=/,mems_allowed=" + node_list(mem) + "\n";
}

} // namespace mm
