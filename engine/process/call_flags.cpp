#include "process/call_flags.h"

#include "process/calls.h"

namespace mm {

namespace {

FlagSet loose_set(std::vector<FlagName> names, std::string_view nothing) {
    return {.names = std::move(names), .nothing = nothing, .loose = true};
}

} // namespace

FlagSet map_prot_set(const kernel_rules&) {
    return loose_set({{PROT_READ, "PROT_READ"},
                      {PROT_WRITE, "PROT_WRITE"},
                      {PROT_EXEC, "PROT_EXEC"},
                      {PROT_SEM, "PROT_SEM"},
                      {PROT_GROWSDOWN, "PROT_GROWSDOWN"},
                      {PROT_GROWSUP, "PROT_GROWSUP"}},
                     "PROT_NONE");
}

FlagSet map_flag_set(const kernel_rules& rules) {
    FlagSet set = loose_set({{MAP_SHARED_VALIDATE, "MAP_SHARED_VALIDATE"},
                             {MAP_SHARED, "MAP_SHARED"},
                             {MAP_PRIVATE, "MAP_PRIVATE"},
                             {MAP_FIXED, "MAP_FIXED"},
                             {MAP_FIXED_NOREPLACE, "MAP_FIXED_NOREPLACE"},
                             {MAP_ANONYMOUS, "MAP_ANONYMOUS"},
                             {MAP_GROWSDOWN, "MAP_GROWSDOWN"},
                             {MAP_LOCKED, "MAP_LOCKED"},
                             {MAP_NORESERVE, "MAP_NORESERVE"},
                             {MAP_POPULATE, "MAP_POPULATE"},
                             {MAP_NONBLOCK, "MAP_NONBLOCK"},
                             {MAP_STACK, "MAP_STACK"},
                             {MAP_HUGETLB, "MAP_HUGETLB"},
                             {MAP_SYNC, "MAP_SYNC"},
                             {MAP_DENYWRITE, "MAP_DENYWRITE"},
                             {MAP_EXECUTABLE, "MAP_EXECUTABLE"},
                             {MAP_32BIT, "MAP_32BIT"}},
                            "0");
    if (mm::since(rules.version, 6, 11)) set.names.push_back({MAP_DROPPABLE, "MAP_DROPPABLE"});
    return set;
}

FlagSet mremap_flag_set(const kernel_rules&) {
    return loose_set(
        {{MREMAP_MAYMOVE, "MREMAP_MAYMOVE"}, {MREMAP_FIXED, "MREMAP_FIXED"}, {MREMAP_DONTUNMAP, "MREMAP_DONTUNMAP"}},
        "0");
}

FlagSet mlockall_flag_set(const kernel_rules&) {
    return loose_set({{MCL_CURRENT, "MCL_CURRENT"}, {MCL_FUTURE, "MCL_FUTURE"}, {MCL_ONFAULT, "MCL_ONFAULT"}}, "0");
}

FlagSet msync_flag_set(const kernel_rules&) {
    return loose_set({{MS_ASYNC, "MS_ASYNC"}, {MS_INVALIDATE, "MS_INVALIDATE"}, {MS_SYNC, "MS_SYNC"}}, "0");
}

FlagSet vm_flag_set(const kernel_rules& rules) {
    return loose_set({{VM_READ, "VM_READ"},
                      {VM_WRITE, "VM_WRITE"},
                      {VM_EXEC, "VM_EXEC"},
                      {VM_SHARED, "VM_SHARED"},
                      {VM_MAYREAD, "VM_MAYREAD"},
                      {VM_MAYWRITE, "VM_MAYWRITE"},
                      {VM_MAYEXEC, "VM_MAYEXEC"},
                      {VM_MAYSHARE, "VM_MAYSHARE"},
                      {VM_GROWSDOWN, "VM_GROWSDOWN"},
                      {VM_PFNMAP, "VM_PFNMAP"},
                      {VM_DENYWRITE, "VM_DENYWRITE"},
                      {VM_LOCKED, "VM_LOCKED"},
                      {VM_IO, "VM_IO"},
                      {VM_SEQ_READ, "VM_SEQ_READ"},
                      {VM_RAND_READ, "VM_RAND_READ"},
                      {VM_DONTCOPY, "VM_DONTCOPY"},
                      {VM_DONTEXPAND, "VM_DONTEXPAND"},
                      {VM_LOCKONFAULT, "VM_LOCKONFAULT"},
                      {VM_ACCOUNT, "VM_ACCOUNT"},
                      {VM_NORESERVE, "VM_NORESERVE"},
                      {VM_HUGETLB, "VM_HUGETLB"},
                      {VM_WIPEONFORK, "VM_WIPEONFORK"},
                      {VM_DONTDUMP, "VM_DONTDUMP"},
                      {VM_SOFTDIRTY_BIT, "VM_SOFTDIRTY"},
                      {VM_MIXEDMAP, "VM_MIXEDMAP"},
                      {VM_HUGEPAGE, "VM_HUGEPAGE"},
                      {VM_NOHUGEPAGE, "VM_NOHUGEPAGE"},
                      {VM_MERGEABLE, "VM_MERGEABLE"},
                      {VM_DROPPABLE, "VM_DROPPABLE"},
                      {VM_SEALED, "VM_SEALED"},
                      {vma_rules{rules.version, architecture::arm64}.mte_allowed(), "VM_MTE_ALLOWED"}},
                     "0");
}

} // namespace mm
