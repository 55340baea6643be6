// Which caches of a recorded machine share one cache, from the links in /sys/kernel/slab: the engine makes a cache for each
// folder, from the folder's attributes, and asks for one more cache for each name that leads there.
//
//   lrwxrwxrwx ... cred_jar -> :A-0000192        merged: the folder stands for all who merged
//   drwxr-xr-x ... anon_vma                      alone: something about it forbids merging
//
// What the attributes do not say: a merged cache's own size (the folder's is that of the largest), SLAB_ACCOUNT (taken from
// the A of the folder's name), and what else forbids merging (SLAB_NOLEAKTRACE, SLAB_NO_MERGE, a refcount below zero).
#include <map>
#include <set>

#include "oracle/oracle.h"
#include "recording/slab.h"
#include "recording/text.h"
#include "slab/procfs.h"
#include "slab/slab.h"

namespace mm {
namespace {

using Attributes = std::map<std::string, u64, std::less<>>;

struct Folders {
    std::map<std::string, std::vector<std::string>> names; // by folder: the links to it
    std::set<std::string> folders;
};

Folders read_folders(std::string_view text) {
    Folders out;
    LineReader lines(text);
    for (std::string_view line; lines.next(line);) {
        const std::size_t arrow = line.find(" -> ");
        const std::string_view left = line.substr(0, arrow);
        const std::size_t blank = left.rfind(' ');
        if (blank == std::string_view::npos) continue;
        const std::string name(left.substr(blank + 1));
        if (line.front() == 'd')
            out.folders.insert(name);
        else if (line.front() == 'l' && arrow != std::string_view::npos)
            out.names[std::string(line.substr(arrow + 4))].push_back(name);
    }
    return out;
}

cache_request request_of(const std::string& name, const std::string& folder, const Attributes& attributes,
                         bool has_ctor) {
    const auto value = [&](std::string_view key) {
        const auto it = attributes.find(key);
        return it == attributes.end() ? u64{0} : it->second;
    };
    cache_request request;
    request.name = intern(name);
    request.size = static_cast<u32>(value("object_size"));
    request.align = static_cast<u32>(value("align"));
    request.usersize = static_cast<u32>(value("usersize"));
    request.ctor = has_ctor;
    const std::pair<std::string_view, slab_flags_t> names[] = {{"hwcache_align", SLAB_HWCACHE_ALIGN},
                                                               {"destroy_by_rcu", SLAB_TYPESAFE_BY_RCU},
                                                               {"reclaim_account", SLAB_RECLAIM_ACCOUNT},
                                                               {"cache_dma", SLAB_CACHE_DMA}};
    for (const auto& [key, flag] : names)
        if (value(key)) request.flags |= flag;
    const std::size_t letters = folder.find('-');
    if (folder.front() == ':' && letters != std::string::npos && folder.find('A') < letters)
        request.flags |= SLAB_ACCOUNT;
    return request;
}

} // namespace

void compare_slab_aliases(const OracleMachine& machine, std::string_view aliases, FactLog& log) {
    const std::string attributes = machine.folder.text("static-slab-attrs.txt");
    const machine_profile& profile = machine.machine.profile;
    physical_memory mem = machine.booted.in_module;
    slab_memory slabs;
    slabs.config = profile.slab;
    slabs.arch = profile.arch;
    slabs.pointer_size = profile.arch == architecture::i386 ? 4 : 8;
    EventSink quiet;
    slab_context cx{slabs, {mem, quiet, 0, 1}};
    kmem_cache_init(cx);

    const Folders recorded = read_folders(aliases);
    const auto all = parse_slab_attributes(attributes);
    for (const std::string& folder : recorded.folders) {
        const auto found = all.find(folder);
        if (found == all.end() || folder.find("kmalloc-") != std::string::npos || folder == "kmem_cache" ||
            folder == "kmem_cache_node")
            continue;
        const bool has_ctor = attributes.find(folder + "/ctor:") != std::string::npos;
        const bool merged = folder.front() == ':';
        const auto links = recorded.names.find(folder);
        const std::string first = links == recorded.names.end() ? folder : links->second.front();
        const cache_request request = request_of(first, folder, found->second, has_ctor);
        if (request.size == 0) continue;
        const cache_id id = kmem_cache_create(cx, request);
        if (!log.check("slab.alias.new", id != CACHE_NONE && slabs.caches[id].refcount == 1, [&] {
                return folder + ": joins " + (id == CACHE_NONE ? "nothing" : sysfs_slab_name(slabs, id));
            }))
            continue;
        if (!merged) continue; // alone, and why is not always told
        log.check("slab.alias.folder", sysfs_slab_name(slabs, id) == folder,
                  [&] { return "recorded folder " + folder + ", engine " + sysfs_slab_name(slabs, id); });
        if (links == recorded.names.end()) continue;
        for (std::size_t i = 1; i < links->second.size(); ++i) {
            const std::string& name = links->second[i];
            const cache_id other = kmem_cache_create(cx, request_of(name, folder, found->second, has_ctor));
            log.check("slab.alias.merged", other == id, [&] {
                return name + ": recorded in " + folder + ", engine in " +
                       (other == CACHE_NONE ? "none" : sysfs_slab_name(slabs, other));
            });
        }
        const auto count = found->second.find("aliases");
        if (count != found->second.end())
            log.equal_number("slab.alias.count", folder + " aliases", static_cast<i64>(count->second),
                             slabs.caches[id].refcount - 1);
    }
}

} // namespace mm
