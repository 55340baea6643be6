#include "scenario/process_facts.h"

#include <algorithm>

#include "base/hex.h"
#include "base/program_place.h"
#include "heap/chunks.h"
#include "heap/heaps.h"
#include "machine/facts/process_facts.h"
#include "process/maps_text.h"
#include "process/processes.h"
#include "process/report.h"
#include "process/tasks.h"
#include "process/user_pages.h"

namespace mm {

namespace {

constexpr std::string_view RIGHT_LETTERS = "rwx";
constexpr i64 SHARED_BIT = 8;

mm_id process_in(const Machine& machine, u32 slot) {
    const OpResult& result = machine.results[slot];
    if (result.kind != ResultKind::space || result.freed) return MM_NONE;
    return process_of_space(machine.processes, static_cast<space_id>(result.value));
}

std::optional<u64> address_in(const Machine& machine, u32 slot) {
    const OpResult& result = machine.results[slot];
    if (result.kind != ResultKind::region) return std::nullopt;
    return result.value;
}

bool has_place(const Machine& machine, i64 place) {
    return !is_in_result(place) || address_in(machine, slot_of_place(place));
}

template <auto MEMBER>
std::optional<i64> of_mm(const Machine& machine, u64 subject, i64) {
    return static_cast<i64>(machine.processes.mms[static_cast<mm_id>(subject)].*MEMBER);
}

std::optional<i64> distance(const Machine& machine, u64 subject, i64 other) {
    const std::optional<u64> from = address_in(machine, static_cast<u32>(other));
    if (!from) return std::nullopt;
    return static_cast<i64>(subject - *from);
}

template <u64 mm_rss::* MEMBER>
std::optional<i64> of_rss(const Machine& machine, u64 subject, i64) {
    return static_cast<i64>(machine.processes.mms[static_cast<mm_id>(subject)].rss.*MEMBER);
}

// In the order of mapped_page::page_kind.
constexpr std::string_view kind_words[] = {"none", "zero", "anon", "file", "shmem"};
constexpr std::string_view flag_words[] = {"false", "true"};

mapped_page page_of(const Machine& machine, u64 subject, i64 place) {
    return page_at_address(machine.processes, machine.mmu, machine.physical, static_cast<mm_id>(subject),
                           address_of_place(machine.results, place));
}

template <auto MEMBER>
std::optional<i64> of_page(const Machine& machine, u64 subject, i64 place) {
    const mapped_page page = page_of(machine, subject, place);
    return page.kind == mapped_page::page_kind::none ? std::nullopt : std::optional(static_cast<i64>(page.*MEMBER));
}

std::optional<i64> kind_of_page(const Machine& machine, u64 subject, i64 place) {
    return static_cast<i64>(page_of(machine, subject, place).kind);
}

template <auto MEMBER>
std::optional<i64> of_task(const Machine& machine, u64 subject, i64) {
    return static_cast<i64>(machine.processes.tasks[static_cast<task_id>(subject)].*MEMBER);
}

std::optional<i64> threads_of_task(const Machine& machine, u64 subject, i64) {
    const process_memory& proc = machine.processes;
    return proc.tasks[proc.tasks[static_cast<task_id>(subject)].group_leader].nr_threads;
}

std::optional<i64> waits(const Machine& machine, u64 subject, i64) {
    return machine.processes.tasks[static_cast<task_id>(subject)].waits() ? 1 : 0;
}

std::optional<i64> lazy(const Machine& machine, u64 subject, i64) {
    const task_struct& task = machine.processes.tasks[static_cast<task_id>(subject)];
    return task.kernel_thread() && task.active_mm != MM_NONE ? 1 : 0;
}

template <auto MEMBER>
std::optional<i64> of_active_mm(const Machine& machine, u64 subject, i64) {
    const mm_id mm = machine.processes.tasks[static_cast<task_id>(subject)].active_mm;
    if (mm == MM_NONE) return std::nullopt;
    return static_cast<i64>(machine.processes.mms[mm].*MEMBER);
}

// ---- malloc

using libc::chunk_state;

// In the order of chunk_state.
constexpr std::string_view state_words[] = {"in_use",   "kept",     "tcache", "fastbin", "unsorted",
                                            "smallbin", "largebin", "top",    "fence"};

const libc_heap* heap_of(const Machine& machine, u64 subject) {
    return heap_of_process(machine.heaps, machine.processes, static_cast<mm_id>(subject));
}

template <auto MEMBER>
std::optional<i64> of_malloc_par(const Machine& machine, u64 subject, i64) {
    const libc_heap* heap = heap_of(machine, subject);
    return heap == nullptr ? std::nullopt : std::optional(static_cast<i64>(heap->par.*MEMBER));
}

template <u64 AT>
std::optional<i64> of_main_arena(const Machine& machine, u64 subject, i64) {
    const libc_heap* heap = heap_of(machine, subject);
    return heap == nullptr ? std::nullopt : std::optional(static_cast<i64>(heap->words.load(heap->main_arena + AT)));
}

std::optional<i64> bytes_of_top(const Machine& machine, u64 subject, i64) {
    const libc_heap* heap = heap_of(machine, subject);
    if (heap == nullptr || heap->regions.empty()) return std::nullopt;
    const u64 top = heap->words.load(heap->main_arena + libc::AT_TOP);
    return static_cast<i64>(heap->words.load(top + libc::AT_SIZE) & ~libc::SIZE_BITS);
}

std::optional<i64> nr_arenas(const Machine& machine, u64 subject, i64) {
    const libc_heap* heap = heap_of(machine, subject);
    return heap == nullptr ? std::nullopt : std::optional(i64{heap->narenas});
}

// Chunks in lists of some kinds.
template <chunk_state FIRST, chunk_state LAST>
std::optional<i64> listed_chunks(const Machine& machine, u64 subject, i64) {
    const libc_heap* heap = heap_of(machine, subject);
    if (heap == nullptr) return std::nullopt;
    i64 chunks = 0;
    for (const libc::heap_list& list : libc::lists_of(*heap))
        if (list.kind >= FIRST && list.kind <= LAST) chunks += std::ssize(list.chunks);
    return chunks;
}

// Chunks that the program has, those that are mappings of their own among them; or their bytes.
template <bool BYTES>
std::optional<i64> chunks_in_use(const Machine& machine, u64 subject, i64) {
    const libc_heap* heap = heap_of(machine, subject);
    if (heap == nullptr) return std::nullopt;
    std::vector<libc::heap_chunk> chunks = libc::mapped_chunks(*heap);
    const std::vector<libc::heap_list> lists = libc::lists_of(*heap);
    for (const libc::heap_region& region : libc::regions_of(*heap))
        for (const libc::heap_chunk& chunk : libc::chunks_of(*heap, region, lists))
            if (chunk.state == chunk_state::in_use) chunks.push_back(chunk);
    i64 bytes = 0;
    for (const libc::heap_chunk& chunk : chunks) bytes += static_cast<i64>(chunk.size());
    return BYTES ? bytes : std::ssize(chunks);
}

std::optional<libc::heap_place> chunk_of(const Machine& machine, u64 subject, i64 place) {
    const libc_heap* heap = heap_of(machine, subject);
    return heap == nullptr ? std::nullopt : libc::heap_place_at(*heap, address_of_place(machine.results, place));
}

std::optional<i64> size_of_chunk(const Machine& machine, u64 subject, i64 place) {
    const auto found = chunk_of(machine, subject, place);
    return found ? std::optional(static_cast<i64>(found->chunk.size())) : std::nullopt;
}

std::optional<i64> state_of_chunk(const Machine& machine, u64 subject, i64 place) {
    const auto found = chunk_of(machine, subject, place);
    return found ? std::optional(static_cast<i64>(found->chunk.state)) : std::nullopt;
}

template <u64 BIT>
std::optional<i64> bit_of_chunk(const Machine& machine, u64 subject, i64 place) {
    const auto found = chunk_of(machine, subject, place);
    return found ? std::optional<i64>((found->chunk.word & BIT) != 0 ? 1 : 0) : std::nullopt;
}

constexpr auto MM = ProcessFact::Of::mm;
constexpr auto HEAP = ProcessFact::Of::heap;
constexpr auto CHUNK = ProcessFact::Of::chunk;
constexpr auto TASK = ProcessFact::Of::task;
constexpr auto PAGE = ProcessFact::Of::page;
constexpr auto REGION = ProcessFact::Of::region;
constexpr auto MACHINE = ProcessFact::Of::machine;

// clang-format off
const ProcessFact facts[] = {
    {MM, "map_count", false, false, of_mm<&mm_struct::map_count>, "how many VMAs it has"},
    {MM, "total_vm", false, false, of_mm<&mm_struct::total_vm>, "pages of all its mappings"},
    {MM, "locked_vm", false, false, of_mm<&mm_struct::locked_vm>, "pages that are locked"},
    {MM, "data_vm", false, false, of_mm<&mm_struct::data_vm>, "pages of private writable mappings but for the stack"},
    {MM, "exec_vm", false, false, of_mm<&mm_struct::exec_vm>, "pages of mappings with code"},
    {MM, "stack_vm", false, false, of_mm<&mm_struct::stack_vm>, "pages of what may grow down"},
    {MM, "start_code", true, false, of_mm<&mm_struct::start_code>, "where its code begins"},
    {MM, "end_code", true, false, of_mm<&mm_struct::end_code>, "where its code ends"},
    {MM, "start_data", true, false, of_mm<&mm_struct::start_data>, "where its initialised data begin"},
    {MM, "end_data", true, false, of_mm<&mm_struct::end_data>, "where its initialised data end"},
    {MM, "start_brk", true, false, of_mm<&mm_struct::start_brk>, "where the heap begins"},
    {MM, "brk", true, false, of_mm<&mm_struct::brk>, "the break, where the heap ends"},
    {MM, "start_stack", true, false, of_mm<&mm_struct::start_stack>, "where the stack pointer began"},
    {MM, "mmap_base", true, false, of_mm<&mm_struct::mmap_base>, "where mappings begin"},
    {MM, "task_size", true, false, of_mm<&mm_struct::task_size>, "where user space ends"},
    {MM, "rss_anon", false, false, of_rss<&mm_rss::anon>, "anonymous pages that it has"},
    {MM, "rss_file", false, false, of_rss<&mm_rss::file>, "pages of files that it maps"},
    {MM, "rss_shmem", false, false, of_rss<&mm_rss::shmem>, "pages of shared memory that it maps"},
    {MM, "min_flt", false, false, of_mm<&mm_struct::min_flt>, "minor faults so far"},
    {MM, "maj_flt", false, false, of_mm<&mm_struct::maj_flt>, "major faults so far"},
    {MM, "mm_users", false, false, of_mm<&mm_struct::mm_users>, "tasks whose mm it is"},
    {MM, "mm_count", false, false, of_mm<&mm_struct::mm_count>, "1 for all its users, and 1 for each CPU that borrows it"},
    {PAGE, "kind", false, false, kind_of_page, "whose page is mapped there", kind_words},
    {PAGE, "pfn", false, false, of_page<&mapped_page::pfn>, "its frame"},
    {PAGE, "level", false, false, of_page<&mapped_page::level>, "the level of its entry; 1: a huge page"},
    {PAGE, "mapcount", false, false, of_page<&mapped_page::mapcount>, "entries that map the page; 0: the zero page's are not counted"},
    {PAGE, "value", false, false, of_page<&mapped_page::value>, "the byte of the page that was written last"},
    {PAGE, "exclusive", false, false, of_page<&mapped_page::exclusive>, "PageAnonExclusive", flag_words},
    {PAGE, "writable", false, false, of_page<&mapped_page::writable>, "its entry allows writes", flag_words},
    {PAGE, "young", false, false, of_page<&mapped_page::young>, "its entry says that it was accessed", flag_words},
    {PAGE, "dirty", false, false, of_page<&mapped_page::dirty>, "its entry says that it was written", flag_words},
    {REGION, "address", true, false, [](const Machine&, u64 subject, i64) -> std::optional<i64> { return static_cast<i64>(subject); },
     "the address that the call returned"},
    {REGION, "from", false, true, distance, "by region: its address less that of the other"},
    {TASK, "pid", false, false, of_task<&task_struct::pid>, "its pid"},
    {TASK, "tgid", false, false, of_task<&task_struct::tgid>, "the pid of its process"},
    {TASK, "threads", false, false, threads_of_task, "threads of its process"},
    {TASK, "waits", false, false, waits, "it waits for the child of its vfork()", flag_words},
    {TASK, "lazy", false, false, lazy, "it is a kernel thread that runs with borrowed tables", flag_words},
    {TASK, "active_mm_users", false, false, of_active_mm<&mm_struct::mm_users>, "mm_users of the mm whose tables it runs with"},
    {TASK, "active_mm_count", false, false, of_active_mm<&mm_struct::mm_count>, "mm_count of that mm"},
    {HEAP, "mmap_threshold", false, false, of_malloc_par<&malloc_par::mmap_threshold>, "bytes from which on a chunk is a mapping of its own"},
    {HEAP, "trim_threshold", false, false, of_malloc_par<&malloc_par::trim_threshold>, "bytes of the top from which on it is trimmed"},
    {HEAP, "mapped", false, false, of_malloc_par<&malloc_par::n_mmaps>, "chunks that are mappings of their own"},
    {HEAP, "mapped_bytes", false, false, of_malloc_par<&malloc_par::mmapped_mem>, "their bytes"},
    {HEAP, "arenas", false, false, nr_arenas, "how many arenas it has"},
    {HEAP, "top", false, false, bytes_of_top, "bytes of the main arena's top"},
    {HEAP, "system_mem", false, false, of_main_arena<libc::AT_SYSTEM_MEM>, "bytes that the main arena has from the kernel"},
    {HEAP, "tcache", false, false, listed_chunks<chunk_state::tcache, chunk_state::tcache>, "chunks in the tcaches of its threads"},
    {HEAP, "fastbins", false, false, listed_chunks<chunk_state::fastbin, chunk_state::fastbin>, "chunks in fastbins"},
    {HEAP, "unsorted", false, false, listed_chunks<chunk_state::unsorted, chunk_state::unsorted>, "chunks in unsorted lists"},
    {HEAP, "bins", false, false, listed_chunks<chunk_state::smallbin, chunk_state::largebin>, "chunks in small and large bins"},
    {HEAP, "in_use", false, false, chunks_in_use<false>, "chunks that the program has"},
    {HEAP, "in_use_bytes", false, false, chunks_in_use<true>, "their bytes, with headers"},
    {CHUNK, "size", false, false, size_of_chunk, "bytes of the chunk that has the address, with its header"},
    {CHUNK, "state", false, false, state_of_chunk, "where it is", state_words},
    {CHUNK, "prev_inuse", false, false, bit_of_chunk<libc::PREV_INUSE>, "its P: the chunk before counts as in use", flag_words},
    {CHUNK, "mmapped", false, false, bit_of_chunk<libc::IS_MMAPPED>, "its M: it is a mapping of its own", flag_words},
    {CHUNK, "non_main_arena", false, false, bit_of_chunk<libc::NON_MAIN_ARENA>, "its A: its arena is not the main one", flag_words},
    {MACHINE, "committed_as", false, false,
     [](const Machine& m, u64, i64) -> std::optional<i64> { return static_cast<i64>(m.processes.vm_committed); },
     "pages that are promised, Committed_AS"},
    {MACHINE, "commit_limit", false, false,
     [](const Machine& m, u64, i64) -> std::optional<i64> { return static_cast<i64>(vm_commit_limit(m.processes)); },
     "pages of CommitLimit"},
};
// clang-format on

i64 rights_of(vm_flags_t flags) {
    return static_cast<i64>(flags & VM_ACCESS_FLAGS) | ((flags & VM_MAYSHARE) != 0 ? SHARED_BIT : 0);
}

void add(std::vector<i64>& list, const ExpectedVma& row) {
    list.insert(list.end(), {row.start, row.end, row.rights, row.name});
}

} // namespace

std::span<const ProcessFact> process_facts() { return facts; }

std::optional<i64> process_fact_value(const Expectation& expected, const Machine& machine) {
    const ProcessFact& fact = facts[expected.fact];
    if (!machine.processes.up) return std::nullopt;
    u64 subject = 0;
    if (fact.of == MM || fact.of == HEAP || fact.at_place()) {
        const mm_id id = process_in(machine, expected.slot);
        if (id == MM_NONE || (fact.at_place() && !has_place(machine, expected.key))) return std::nullopt;
        subject = id;
    } else if (fact.of == TASK) {
        const task_id task = task_of_result(machine.processes, machine.results[expected.slot]);
        if (task == TASK_NONE) return std::nullopt;
        subject = task;
    } else if (fact.of == REGION) {
        const std::optional<u64> address = address_in(machine, expected.slot);
        if (!address) return std::nullopt;
        subject = *address;
    }
    return fact.read(machine, subject, expected.key);
}

std::string process_fact_text(const Expectation& expected, i64 value) {
    const ProcessFact& fact = facts[expected.fact];
    if (!fact.words.empty()) return std::string(fact.words[static_cast<std::size_t>(value)]);
    return fact.address ? address_hex(static_cast<u64>(value)) : std::to_string(value);
}

std::vector<ExpectedVma> expected_vmas(const std::vector<i64>& list) {
    std::vector<ExpectedVma> rows;
    for (std::size_t i = 0; i + ExpectedVma::LENGTH <= list.size(); i += ExpectedVma::LENGTH)
        rows.push_back({list[i], list[i + 1], list[i + 2], list[i + 3]});
    return rows;
}

std::optional<std::vector<i64>> vmas_value(const Expectation& expected, const Machine& machine) {
    if (!machine.processes.up) return std::nullopt;
    const mm_id id = process_in(machine, expected.slot);
    if (id == MM_NONE || !has_place(machine, expected.key)) return std::nullopt;
    const std::vector<ExpectedVma> rows = expected_vmas(expected.list);
    const u64 base = address_of_place(machine.results, expected.key);
    const u64 first = base + static_cast<u64>(rows.front().start), end = base + static_cast<u64>(rows.back().end);
    const auto space = static_cast<space_id>(machine.results[expected.slot].value);
    std::vector<i64> found;
    for (u64 at = first; at < end && found.size() <= expected.list.size();) {
        const std::optional<MappingFacts> facts_there = mapping_of(machine, at, space);
        if (!facts_there) return std::nullopt;
        const bool hole = facts_there->vma == VMA_NONE;
        const u64 from = hole ? std::max(facts_there->start, first) : facts_there->start;
        const u64 to = hole ? std::min(facts_there->end, end) : facts_there->end;
        ExpectedVma row{static_cast<i64>(from - base), static_cast<i64>(to - base), ExpectedVma::HOLE, NO_NAME};
        if (!hole) row.rights = rights_of(machine.processes.vmas[facts_there->vma].vm_flags);
        const std::size_t nth = found.size() / ExpectedVma::LENGTH;
        if (!hole && nth < rows.size() && rows[nth].name != NO_NAME)
            row.name = intern(vma_name(machine.processes, id, facts_there->vma));
        add(found, row);
        at = facts_there->end;
    }
    return found;
}

std::string rights_text(i64 rights) {
    if (rights == ExpectedVma::HOLE) return "";
    std::string out;
    for (std::size_t i = 0; i < RIGHT_LETTERS.size(); ++i) out += (rights >> i & 1) != 0 ? RIGHT_LETTERS[i] : '-';
    return out + ((rights & SHARED_BIT) != 0 ? 's' : 'p');
}

std::string vmas_text(const Expectation& expected, const std::vector<i64>& list, Language language) {
    const bool zh = language == Language::zh;
    const auto address = [&](i64 offset) {
        if (!is_in_result(expected.key)) return address_hex(static_cast<u64>(expected.key + offset));
        return offset < 0 ? "-" + address_hex(static_cast<u64>(-offset)) : "+" + address_hex(static_cast<u64>(offset));
    };
    std::string out;
    for (const ExpectedVma& row : expected_vmas(list)) {
        if (!out.empty()) out += zh ? "，" : ", ";
        out += address(row.start) + (zh ? " 到 " : " to ") + address(row.end) + " ";
        out += row.rights == ExpectedVma::HOLE ? std::string(zh ? "空洞" : HOLE_WORD) : rights_text(row.rights);
        if (row.name != NO_NAME) out += " " + std::string(name_text(static_cast<name_id>(row.name)));
    }
    return out;
}

} // namespace mm
