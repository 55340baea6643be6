#include "process/random_program.h"

#include <algorithm>

#include "process/vma_index.h"

namespace mm {

namespace {

constexpr u64 BASE = ARENA / PAGE;
constexpr u64 ARENA_PAGES = 96;                   // where most of the mappings are
constexpr u64 STACK_END = 900, STACK_REACH = 360; // of a mapping that grows down, and how far below it may be asked for
constexpr u64 HUGE_AT = 1024, HUGE_PAGES = 1024;  // two huge pages, where there are any
constexpr u64 FILE_PAGES = 20;
constexpr u64 STACK_LIMIT_PAGES = STACK_RLIMIT / PAGE;
constexpr std::size_t MOST_PROCESSES = 6;
constexpr u64 MOST_PAGES = 4'096; // of a process: one that has more gets none

tlb_config tlb_of(hardware_update hafdbs) {
    tlb_config tlb;
    tlb.hafdbs = hafdbs;
    return tlb;
}

} // namespace

RandomProgram::RandomProgram(const Settings& settings, Choices choose)
    : machine_(settings.kernel, settings.thp, settings.mib, tlb_of(settings.hafdbs)), choose_(std::move(choose)),
      thp_(settings.thp) {
    machine_.sink.store_in(nullptr);
    id_ = machine_.first;
    held_at_first_ = machine_.held_frames();
    spaces_[id_].brk = machine_.mm(id_).brk / PAGE;
    files_[0] = machine_.file(FILE_PAGES * PAGE, file_kind::shmem, 7);
    files_[1] = machine_.file(FILE_PAGES * PAGE, file_kind::regular, 8);
    for (u32 i = 0; i < 2; ++i) objects_[i + 1] = Object{i == 0, FILE_PAGES, {}};
    const Range first{BASE, 24}, huge{BASE + HUGE_AT, HUGE_PAGES};
    expect_result(mmap(first, RW, PRIVATE), static_cast<i64>(first.first * PAGE));
    put(first, Page{});
    if (!thp_) return;
    expect_result(mmap(huge, RW, PRIVATE), static_cast<i64>(huge.first * PAGE));
    put(huge, Page{});
}

std::string RandomProgram::turn() {
    using step = void (RandomProgram::*)();
    static constexpr step steps[] = {
        &RandomProgram::access_some, &RandomProgram::access_some,   &RandomProgram::access_some,
        &RandomProgram::access_some, &RandomProgram::access_some,   &RandomProgram::access_some,
        &RandomProgram::access_some, &RandomProgram::access_some,   &RandomProgram::map_memory,
        &RandomProgram::map_file,    &RandomProgram::map_file,      &RandomProgram::map_anywhere,
        &RandomProgram::map_stack,   &RandomProgram::unmap,         &RandomProgram::protect,
        &RandomProgram::protect,     &RandomProgram::advise,        &RandomProgram::advise,
        &RandomProgram::remap_fixed, &RandomProgram::remap_resized, &RandomProgram::remap_copied,
        &RandomProgram::move_brk,    &RandomProgram::lock,          &RandomProgram::sync,
        &RandomProgram::fork,        &RandomProgram::fork,          &RandomProgram::exit,
        &RandomProgram::resize_file, &RandomProgram::write_file,    &RandomProgram::map_unless_taken,
        &RandomProgram::read_all,
    };
    fault_.clear();
    some_process();
    machine_.pages.page.cpu = below(2);
    (this->*one_of(steps))();
    if (fault_.empty() && spaces_.contains(id_)) compare_vmas();
    if (fault_.empty()) {
        const std::string verdict = machine_.verdict();
        expect(verdict == "all is well", verdict);
    }
    return fault_;
}

std::string RandomProgram::end() {
    step_ = "the end";
    for (const auto& [id, flat] : std::map<mm_id, Space>(spaces_)) {
        id_ = id;
        for (const auto& [page, at] : flat.pages)
            if (fault_.empty()) access(page, user_access_kind::read, 0);
    }
    for (const auto& [id, flat] : spaces_) machine_.exit(id);
    spaces_.clear();
    for (const file_id file : files_) close_file(machine_.proc, file);
    id_ = new_process(machine_.proc, machine_.pages);
    mm_context call = cx();
    free_unlinked_pages(call);
    const u64 zeroes = machine_.proc.user.huge_zero_pfn == PFN_NONE ? 0 : 512;
    const u64 held = machine_.held_frames();
    expect(held == held_at_first_ + zeroes,
           std::to_string(held) + " frames are held, " + std::to_string(held_at_first_ + zeroes) + " would be right");
    return fault_;
}

// ---- Choices -------------------------------------------------------------------------------------------------------

void RandomProgram::some_process() {
    auto at = spaces_.begin();
    std::advance(at, below(static_cast<u32>(spaces_.size())));
    id_ = at->first;
}

// Where something is mapped, or near it, or anywhere in the arena.
u64 RandomProgram::some_page() {
    const auto& pages = space().pages;
    const u32 way = below(8);
    if (way == 0) return BASE + STACK_END - 1 - below(STACK_REACH);
    if (way == 1 && thp_) return BASE + HUGE_AT + below(HUGE_PAGES);
    if (way < 5 || pages.empty()) return BASE + below(ARENA_PAGES);
    auto at = pages.begin();
    std::advance(at, below(static_cast<u32>(std::min<std::size_t>(pages.size(), 256))));
    return at->first + (way == 7 ? below(3) : 0);
}

RandomProgram::Range RandomProgram::some_range() { return {some_page(), 1 + u64{below(8)}}; }

RandomProgram::Range RandomProgram::some_arena_range() {
    if (thp_ && chance(10)) return {BASE + HUGE_AT + u64{512} * below(2), 512};
    return {BASE + below(ARENA_PAGES), 1 + u64{below(8)}};
}

RandomProgram::Page RandomProgram::of_some_file(u32& file) {
    file = below(2);
    Page page;
    page.object = file + 1;
    page.index = below(FILE_PAGES + 4);
    page.shared = chance(50);
    return page;
}

constexpr u32 PROTS[] = {RW,       RW, RW, PROT_READ, PROT_NONE, PROT_WRITE, PROT_READ | PROT_EXEC, RW | PROT_EXEC,
                         PROT_EXEC};

// ---- The model -----------------------------------------------------------------------------------------------------

RandomProgram::Page* RandomProgram::page_at(u64 page) {
    const auto found = space().pages.find(page);
    return found == space().pages.end() ? nullptr : &found->second;
}

bool RandomProgram::any_mapped(Range range) {
    const auto found = space().pages.lower_bound(range.first);
    return found != space().pages.end() && found->first < range.end();
}

void RandomProgram::put(Range range, const Page& first) {
    for (u64 i = 0; i < range.pages; ++i) {
        Page& page = space().pages[range.first + i] = first;
        page.index += i;
    }
}

void RandomProgram::erase(Range range) {
    auto& pages = space().pages;
    pages.erase(pages.lower_bound(range.first), pages.lower_bound(range.end()));
}

u32 RandomProgram::new_object(bool memory, u64 pages) {
    const u32 id = objects_.rbegin()->first + 1;
    objects_[id] = Object{memory, pages, {}};
    return id;
}

u8 RandomProgram::byte_of(const Page& page) const {
    if (page.own) return *page.own;
    if (page.object == 0) return 0;
    const auto& bytes = objects_.at(page.object).bytes;
    const auto found = bytes.find(page.index);
    return found == bytes.end() ? 0 : found->second;
}

// Of a page that the file does not have.
bool RandomProgram::beyond_end(const Page& page) const {
    return page.object != 0 && !page.own && page.index >= objects_.at(page.object).pages;
}

// An access below a mapping that grows down extends it, unless it would come near another or grow beyond the limit.
void RandomProgram::grow_stack(u64 page) {
    auto& pages = space().pages;
    const auto above = pages.lower_bound(page);
    if (above == pages.end() || above->first == page || !above->second.grows) return;
    if (above != pages.begin()) {
        const auto before = std::prev(above);
        const bool near = page - (before->first + 1) < STACK_GUARD_PAGES;
        if (near && !before->second.grows && before->second.prot != PROT_NONE) return;
    }
    const mm_context call = cx();
    const u64 end = call.vma(vma_lookup(call, above->first * PAGE)).vm_end / PAGE;
    if (end - page > STACK_LIMIT_PAGES) return;
    Page grown = above->second;
    grown.own.reset();
    put({page, above->first - page}, grown);
}

RandomProgram::outcome RandomProgram::expected(u64 page, user_access_kind kind) {
    grow_stack(page);
    const Page* at = page_at(page);
    if (at == nullptr) return outcome::maperr;
    const u32 wanted = kind == user_access_kind::write  ? PROT_WRITE
                       : kind == user_access_kind::exec ? PROT_EXEC
                                                        : PROT_READ | PROT_WRITE | PROT_EXEC;
    if ((at->prot & wanted) == 0) return outcome::accerr;
    return beyond_end(*at) ? outcome::sigbus : outcome::fine;
}

// A private page that may be written is written when it is filled: it has the file's byte of that moment from then on.
// False: it cannot be filled.
bool RandomProgram::fill(Page& page) {
    if (page.prot == PROT_NONE || beyond_end(page)) return false;
    if (page.object != 0 && !page.shared && (page.prot & PROT_WRITE) != 0) page.own = byte_of(page);
    return true;
}

void RandomProgram::fill_all(Range range) {
    for (u64 i = 0; i < range.pages; ++i)
        if (Page* page = page_at(range.first + i)) fill(*page);
}

// What mremap() does to pages that move.
void RandomProgram::carry(Range from, u64 to, bool keeps_source) {
    for (u64 i = 0; i < from.pages; ++i) {
        Page* page = page_at(from.first + i);
        if (page == nullptr) return expect(false, "moved what is not mapped");
        space().pages[to + i] = *page;
        page->own.reset();
        page->locked = false;
    }
    if (!keeps_source) erase(from);
}

mm_errno RandomProgram::refusal(const Page& page, madvice advice) const {
    switch (advice) {
    case madvice::FREE: return page.locked || page.object != 0 ? mm_errno::einval : mm_errno::none;
    case madvice::DONTNEED:
    case madvice::COLD:
    case madvice::PAGEOUT: return page.locked ? mm_errno::einval : mm_errno::none;
    case madvice::REMOVE:
        if (page.locked || page.object == 0) return mm_errno::einval;
        if (!page.shared) return mm_errno::eacces;
        return objects_.at(page.object).memory ? mm_errno::none : mm_errno::eopnotsupp;
    case madvice::WIPEONFORK: return page.object != 0 ? mm_errno::einval : mm_errno::none;
    case madvice::POPULATE_READ:
    case madvice::POPULATE_WRITE: {
        const u32 wanted = advice == madvice::POPULATE_READ ? PROT_READ : PROT_WRITE;
        if ((page.prot & wanted) == 0) return mm_errno::einval;
        return beyond_end(page) ? mm_errno::efault : mm_errno::none;
    }
    default: return mm_errno::none;
    }
}

void RandomProgram::follow_advice(Page& page, madvice advice) {
    switch (advice) {
    case madvice::DONTNEED: page.own.reset(); return;
    case madvice::POPULATE_WRITE: fill(page); return;
    case madvice::REMOVE: objects_.at(page.object).bytes.erase(page.index); return;
    case madvice::DONTFORK: page.not_copied = true; return;
    case madvice::DOFORK: page.not_copied = false; return;
    case madvice::WIPEONFORK: page.wiped = true; return;
    case madvice::KEEPONFORK: page.wiped = false; return;
    default: return;
    }
}

// ---- Accesses ------------------------------------------------------------------------------------------------------

void RandomProgram::access(u64 page, user_access_kind kind, u8 value) {
    told(kind == user_access_kind::write  ? "write"
         : kind == user_access_kind::exec ? "exec"
                                          : "read",
         {page, 1}, value);
    const outcome wanted = expected(page, kind);
    mm_context call = cx();
    const user_access_request request{page * PAGE, kind, value};
    const user_access_result result = user_access(call, request);
    const auto is = [&](u8 signal, u8 code) {
        expect(result.signal == signal && result.si_code == code,
               "signal " + std::to_string(result.signal) + ", si_code " + std::to_string(result.si_code) + "; " +
                   std::to_string(signal) + ", " + std::to_string(code) + " would be right");
        if (signal == SIGSEGV_NUMBER) expect(result.si_address == page * PAGE, "si_addr is another address");
    };
    switch (wanted) {
    case outcome::maperr: return is(SIGSEGV_NUMBER, SEGV_MAPERR);
    case outcome::accerr: return is(SIGSEGV_NUMBER, SEGV_ACCERR);
    case outcome::sigbus: return is(SIGBUS_NUMBER, BUS_ADRERR);
    case outcome::fine: break;
    }
    is(0, 0);
    if (!fault_.empty()) return;
    Page& at = *page_at(page);
    if (kind == user_access_kind::write) {
        if (at.shared)
            objects_.at(at.object).bytes[at.index] = value;
        else
            at.own = value;
    } else {
        expect(result.value == byte_of(at), "got " + std::to_string(result.value) + ", " + std::to_string(byte_of(at)) +
                                                " would be right; page " + std::to_string(at.index) + " of object " +
                                                std::to_string(at.object) +
                                                (at.shared ? ", shared"
                                                 : at.own  ? ", written"
                                                           : ""));
    }
    const user_access_result again = user_access(call, request);
    expect(again.signal == 0 && again.minflt + again.majflt == 0, "the same access once more is a fault");
    const mapped_page mapped = page_at_address(machine_.proc, machine_.mmu, machine_.mem, id_, page * PAGE);
    const bool cached = mapped.kind == mapped_page::page_kind::file || mapped.kind == mapped_page::page_kind::shmem;
    if (cached) expect(mapped.count == mapped.mapcount + 1, "a page of the page cache has another count");
}

void RandomProgram::access_some() {
    static constexpr user_access_kind kinds[] = {user_access_kind::write, user_access_kind::write,
                                                 user_access_kind::write, user_access_kind::read,
                                                 user_access_kind::read,  user_access_kind::exec};
    const user_access_kind kind = one_of(kinds);
    const u64 page = some_page(), pages = chance(75) ? 1 : 1 + below(8);
    const auto value = static_cast<u8>(1 + below(255));
    for (u64 i = 0; i < pages && fault_.empty(); ++i) access(page + i, kind, value);
}

// Every page, as far as there are not too many.
void RandomProgram::read_all() {
    std::vector<u64> pages;
    for (const auto& [page, at] : space().pages)
        if (pages.size() < 128) pages.push_back(page);
    for (const u64 page : pages)
        if (fault_.empty()) access(page, user_access_kind::read, 0);
}

// ---- Calls ---------------------------------------------------------------------------------------------------------

i64 RandomProgram::mmap(Range range, u32 prot, u32 flags, file_id file, u64 index) {
    told("mmap", range, flags);
    mm_context call = cx();
    return sys_mmap(call, {range.first * PAGE, range.pages * PAGE, prot, flags, file, index * PAGE});
}

i64 RandomProgram::mremap(Range from, u64 pages, u32 flags, u64 to) {
    told("mremap", from, flags);
    mm_context call = cx();
    return sys_mremap(call, {from.first * PAGE, from.pages * PAGE, pages * PAGE, flags, to * PAGE});
}

void RandomProgram::map_memory() {
    if (space().pages.size() > MOST_PAGES) return;
    const Range range = some_arena_range();
    Page page;
    page.prot = one_of(PROTS);
    page.shared = chance(30);
    page.locked = chance(5);
    const u32 more = (page.locked ? MAP_LOCKED : 0) | (chance(15) ? MAP_POPULATE : 0);
    expect_result(mmap(range, page.prot, (page.shared ? SHARED : PRIVATE) | more),
                  static_cast<i64>(range.first * PAGE));
    if (page.shared) page.object = new_object(true, range.pages);
    put(range, page);
}

void RandomProgram::map_file() {
    if (space().pages.size() > MOST_PAGES) return;
    const Range range{BASE + below(ARENA_PAGES), 1 + u64{below(12)}};
    u32 file = 0;
    Page page = of_some_file(file);
    page.prot = one_of(PROTS);
    const bool filled = chance(15);
    const u32 flags = MAP_FIXED | (page.shared ? MAP_SHARED : MAP_PRIVATE) | (filled ? MAP_POPULATE : 0);
    expect_result(mmap(range, page.prot, flags, files_[file], page.index), static_cast<i64>(range.first * PAGE));
    put(range, page);
    if (filled) fill_all(range);
}

void RandomProgram::map_anywhere() {
    if (space().pages.size() > MOST_PAGES) return;
    const u64 pages = thp_ && chance(20) ? 512 : 1 + below(8);
    const u64 hint = chance(50) ? 0 : some_page();
    const i64 place = mmap({hint, pages}, RW, MAP_PRIVATE | MAP_ANONYMOUS);
    expect_free_place(place, pages);
    if (fault_.empty()) put({static_cast<u64>(place) / PAGE, pages}, Page{});
}

void RandomProgram::map_unless_taken() {
    const Range range = some_range();
    const bool taken = any_mapped(range);
    const i64 result = mmap(range, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE);
    expect_result(result, taken ? error_of(mm_errno::eexist) : static_cast<i64>(range.first * PAGE));
    if (!taken) put(range, Page{});
}

void RandomProgram::map_stack() {
    const Range range{BASE + STACK_END - 4, 4};
    expect_result(mmap(range, RW, PRIVATE | MAP_GROWSDOWN), static_cast<i64>(range.first * PAGE));
    Page page;
    page.grows = true;
    put(range, page);
}

void RandomProgram::unmap() {
    const Range range = chance(20) ? Range{some_page(), 1 + u64{below(600)}} : some_range();
    told("munmap", range);
    mm_context call = cx();
    expect_result(sys_munmap(call, range.first * PAGE, range.pages * PAGE), 0);
    erase(range);
}

// Up to the first hole.
void RandomProgram::protect() {
    const Range range = thp_ && chance(10) ? Range{some_page(), 600} : some_range();
    const u32 prot = one_of(PROTS);
    told("mprotect", range, prot);
    u64 done = 0;
    for (Page* page = page_at(range.first); page != nullptr && done < range.pages;
         page = page_at(range.first + ++done)) {
        const bool fills = page->locked && (page->prot & PROT_WRITE) == 0 && (prot & PROT_WRITE) != 0;
        page->prot = prot;
        if (fills) fill(*page);
    }
    mm_context call = cx();
    expect_result(sys_mprotect(call, range.first * PAGE, range.pages * PAGE, prot),
                  done >= range.pages ? 0 : error_of(mm_errno::enomem));
}

void RandomProgram::advise() {
    static constexpr madvice advices[] = {
        madvice::DONTNEED,   madvice::DONTNEED,      madvice::DONTNEED, madvice::FREE,       madvice::FREE,
        madvice::REMOVE,     madvice::COLD,          madvice::PAGEOUT,  madvice::WIPEONFORK, madvice::KEEPONFORK,
        madvice::DONTFORK,   madvice::DOFORK,        madvice::HUGEPAGE, madvice::NOHUGEPAGE, madvice::POPULATE_READ,
        madvice::SEQUENTIAL, madvice::POPULATE_WRITE};
    const madvice advice = one_of(advices);
    const Range range = thp_ && chance(20) ? Range{some_page(), 600} : some_range();
    told("madvise", range, static_cast<u64>(advice));
    mm_context call = cx();
    const bool populates = advice == madvice::POPULATE_READ || advice == madvice::POPULATE_WRITE;
    const i64 result = sys_madvise(call, range.first * PAGE, range.pages * PAGE, static_cast<u32>(advice));
    if (populates && before(machine_.proc.rules.version, 5, 14)) // did not know it yet
        return expect_result(result, error_of(mm_errno::einval));
    bool hole = false;
    for (u64 i = 0; i < range.pages; ++i) {
        Page* page = page_at(range.first + i);
        hole = hole || page == nullptr;
        const bool ends = populates && since(machine_.proc.rules.version, 6, 9);
        if (page == nullptr && ends) break;
        if (page == nullptr) continue;
        const mm_errno refused = refusal(*page, advice);
        if (refused != mm_errno::none) return expect_result(result, error_of(refused));
        follow_advice(*page, advice);
    }
    expect_result(result, hole ? error_of(mm_errno::enomem) : 0);
}

// The source must be one VMA, and where VMAs end the model does not know: an error may come, when the target is gone.
void RandomProgram::remap_fixed() {
    if (space().pages.size() > MOST_PAGES) return;
    const Range from = thp_ && chance(10) ? Range{BASE + HUGE_AT + u64{512} * below(2), 512} : some_range();
    const Range to{some_arena_range().first, from.pages};
    const bool keeps = chance(30);
    const i64 result =
        mremap(from, from.pages, MREMAP_MAYMOVE | MREMAP_FIXED | (keeps ? MREMAP_DONTUNMAP : 0), to.first);
    const bool overlap = from.first < to.end() && to.first < from.end();
    const bool looks_first = since(machine_.proc.rules.version, 5, 16);
    if (overlap || (page_at(from.first) == nullptr && looks_first))
        return expect(is_error(result), "mremap() could not move that");
    erase(to);
    if (is_error(result)) return;
    expect_result(result, static_cast<i64>(to.first * PAGE));
    carry(from, to.first, keeps);
}

void RandomProgram::remap_resized() {
    if (space().pages.size() > MOST_PAGES) return;
    const Range from = some_range();
    const u64 pages = 1 + below(16);
    const i64 result = mremap(from, pages, chance(70) ? MREMAP_MAYMOVE : 0);
    if (pages <= from.pages) {
        const bool looks_first = since(machine_.proc.rules.version, 5, 16);
        if (page_at(from.first) == nullptr && looks_first) return expect_result(result, error_of(mm_errno::efault));
        expect_result(result, static_cast<i64>(from.first * PAGE));
        return erase({from.first + pages, from.pages - pages});
    }
    if (is_error(result)) return; // not one VMA, or no room: nothing has changed
    const u64 at = static_cast<u64>(result) / PAGE;
    if (at != from.first) {
        expect_free_place(result, pages);
        if (fault_.empty()) carry(from, at, false);
    }
    const Page* last = page_at(at + from.pages - 1);
    if (last == nullptr || any_mapped({at + from.pages, pages - from.pages}))
        return expect(false, "mremap() could not grow there");
    Page grown = *last;
    grown.own.reset();
    ++grown.index;
    put({at + from.pages, pages - from.pages}, grown);
    if (grown.locked) fill_all({at + from.pages, pages - from.pages});
}

// An old length of 0 maps shared memory once more.
void RandomProgram::remap_copied() {
    if (space().pages.size() > MOST_PAGES) return;
    const u64 first = some_page(), pages = 1 + below(6);
    const i64 result = mremap({first, 0}, pages, MREMAP_MAYMOVE);
    const Page* page = page_at(first);
    if (page == nullptr) return expect_result(result, error_of(mm_errno::efault));
    if (!page->shared) return expect_result(result, error_of(mm_errno::einval));
    const Page copy = *page;
    expect_free_place(result, pages);
    if (fault_.empty()) put({static_cast<u64>(result) / PAGE, pages}, copy);
}

void RandomProgram::move_brk() {
    const u64 old = space().brk, lowest = machine_.mm(id_).start_brk / PAGE;
    const u64 brk = chance(60) ? old + below(9) : std::max(lowest, old - std::min<u64>(old, below(9)));
    told("brk", {brk, 0});
    mm_context call = cx();
    const u64 result = static_cast<u64>(sys_brk(call, brk * PAGE)) / PAGE;
    if (brk >= old) {
        expect(result == brk || any_mapped({old, brk - old + 1 + STACK_GUARD_PAGES}), "brk() did not grow");
        if (result == brk) put({old, brk - old}, Page{});
    } else {
        expect(result == brk || !any_mapped({brk, old - brk}), "brk() did not shrink");
        if (result == brk) erase({brk, old - brk});
    }
    expect(result == brk || result == old, "brk() is neither the old nor the new one");
    space().brk = result;
}

// Flags change up to the first hole; then pages are filled up to the first that cannot be.
void RandomProgram::lock() {
    const Range range = some_range();
    const bool locks = chance(40);
    told(locks ? "mlock" : "munlock", range);
    mm_context call = cx();
    const i64 result = locks ? sys_mlock(call, range.first * PAGE, range.pages * PAGE)
                             : sys_munlock(call, range.first * PAGE, range.pages * PAGE);
    for (u64 i = 0; i < range.pages; ++i) {
        Page* page = page_at(range.first + i);
        if (page == nullptr) return expect_result(result, error_of(mm_errno::enomem));
        page->locked = locks;
    }
    if (!locks) return expect_result(result, 0);
    for (u64 i = 0; i < range.pages; ++i)
        if (!fill(*page_at(range.first + i))) return expect_result(result, error_of(mm_errno::enomem));
    expect_result(result, 0);
}

void RandomProgram::sync() {
    const Range range = some_range();
    told("msync", range);
    mm_context call = cx();
    static_cast<void>(sys_msync(call, range.first * PAGE, range.pages * PAGE, chance(70) ? MS_SYNC : MS_ASYNC));
}

void RandomProgram::fork() {
    if (spaces_.size() >= MOST_PROCESSES) return;
    told("fork", {});
    const mm_id child = machine_.fork(id_);
    if (child == MM_NONE) return expect(false, "fork() failed");
    Space copy = space();
    std::erase_if(copy.pages, [](const auto& entry) { return entry.second.not_copied; });
    for (auto& [at, page] : copy.pages) {
        page.locked = false;
        if (page.wiped) page.own.reset();
    }
    spaces_[child] = std::move(copy);
}

void RandomProgram::exit() {
    if (spaces_.size() < 2) return;
    told("exit", {});
    machine_.exit(id_);
    spaces_.erase(id_);
}

// Pages behind the new end are unmapped wherever they are mapped, private copies of them, too.
void RandomProgram::resize_file() {
    const u32 file = below(2);
    const u64 pages = below(FILE_PAGES + 4);
    told("ftruncate", {BASE, pages}, file);
    mm_context call = cx();
    truncate_file(call, files_[file], pages * PAGE);
    Object& object = objects_.at(file + 1);
    object.pages = pages;
    object.bytes.erase(object.bytes.lower_bound(pages), object.bytes.end());
    for (auto& [id, flat] : spaces_)
        for (auto& [at, page] : flat.pages)
            if (page.object == file + 1 && page.index >= pages) page.own.reset();
}

void RandomProgram::write_file() {
    const u32 file = below(2);
    Object& object = objects_.at(file + 1);
    if (object.pages == 0) return;
    const u64 index = below(static_cast<u32>(object.pages));
    const auto value = static_cast<u8>(1 + below(255));
    told("pwrite", {BASE + index, 1}, u64{file} << 8 | value);
    mm_context call = cx();
    expect(write_file_page(call, files_[file], index, value), "no memory for the file's page");
    object.bytes[index] = value;
}

// ---- Comparison ----------------------------------------------------------------------------------------------------

void RandomProgram::told(const char* call, Range range, u64 more) {
    step_ = "process " + std::to_string(id_) + ": " + call + " of " + std::to_string(range.pages) + " pages at " +
            std::to_string(static_cast<i64>(range.first - BASE)) + ", " + std::to_string(more);
}

void RandomProgram::expect(bool holds, const std::string& claim) {
    if (!holds && fault_.empty()) fault_ = claim;
}

void RandomProgram::expect_result(i64 result, i64 wanted) {
    expect(result == wanted,
           "the result is " + std::to_string(result) + ", " + std::to_string(wanted) + " would be right");
}

void RandomProgram::expect_free_place(i64 place, u64 pages) {
    expect(!is_error(place), "the result is " + std::to_string(place));
    if (is_error(place)) return;
    expect(static_cast<u64>(place) % PAGE == 0 && !any_mapped({static_cast<u64>(place) / PAGE, pages}),
           "the place is taken");
}

// What of the VMA is not as the model's page has it; nullptr: nothing.
const char* RandomProgram::difference(const vm_area_struct& vma, u64 at, const Page* page) const {
    if (page == nullptr) return "should not be there";
    const auto other = [&](vm_flags_t flag, bool wanted) { return ((vma.vm_flags & flag) != 0) != wanted; };
    if ((vma.vm_flags & VM_ACCESS_FLAGS) != page->prot) return "has other rights";
    if (other(VM_SHARED, page->shared)) return "has another VM_SHARED";
    if (other(VM_LOCKED, page->locked)) return "has another VM_LOCKED";
    if (other(VM_GROWSDOWN, page->grows)) return "has another VM_GROWSDOWN";
    if (other(VM_WIPEONFORK, page->wiped)) return "has another VM_WIPEONFORK";
    if (other(VM_DONTCOPY, page->not_copied)) return "has another VM_DONTCOPY";
    if ((vma.vm_file != 0) != (page->object != 0)) return "has another file";
    const u64 index = vma.vm_pgoff + (at - vma.vm_start / PAGE);
    return page->object != 0 && index != page->index ? "has another offset" : nullptr;
}

void RandomProgram::compare_vmas() {
    const mm_context call = cx();
    auto page = space().pages.begin();
    u64 before = 0;
    u32 count = 0;
    for (vma_id id = first_vma(call); id != VMA_NONE; id = next_vma(call, id), ++count) {
        const vm_area_struct& vma = call.vma(id);
        expect(vma.vm_start >= before, "VMAs overlap");
        before = vma.vm_end;
        for (u64 at = vma.vm_start / PAGE; at < vma.vm_end / PAGE; ++at) {
            const bool there = page != space().pages.end() && page->first == at;
            if (const char* what = difference(vma, at, there ? &page->second : nullptr))
                return expect(false, "the VMA of page " + std::to_string(static_cast<i64>(at - BASE)) + " " + what);
            ++page;
        }
    }
    expect(count == call.mm().map_count, "map_count is not the number of VMAs");
    expect(page == space().pages.end(), "pages of the model have no VMA");
}

} // namespace mm
