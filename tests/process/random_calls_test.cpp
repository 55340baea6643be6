// Random calls of one process against a flat list of its pages: each page is mapped as the last call that succeeded
// left it,
// however its VMAs are cut and joined.
#include <map>

#include "base/rng.h"
#include "process/one_process.h"
#include "process/verify.h"

namespace mm {
namespace {

constexpr u64 PAGES = 64;

struct FlatPage {
    vm_flags_t rights = 0; // VM_READ and so on, VM_LOCKED
    file_id file = 0;
    u64 offset = 0; // pages, of a file
    friend bool operator==(const FlatPage&, const FlatPage&) = default;
};

class RandomCalls {
  public:
    RandomCalls(kernel_version kernel, u64 seed) : p_(kernel), rng_(seed), file_(p_.file()) {}

    void turn() {
        const u64 page = rng_.below(PAGES), count = 1 + rng_.below(8);
        const u32 prot = rng_.below(8);
        switch (rng_.below(9)) {
        case 0:
        case 1: map(page, count, prot, 0, 0); break;
        case 2: map(page, count, prot, file_, page % 32); break;
        case 3:
            if (p_.unmap(page, count) == 0) erase(page, count);
            break;
        case 4:
        case 5: protect(page, count, prot); break;
        case 6: lock(page, count, rng_.below(2) == 0); break;
        case 7: move(page, count, rng_.below(PAGES)); break;
        default: p_.write(page);
        }
    }

    void compare() const {
        ASSERT_EQ(verify_processes(p_.proc).value_or("all is well"), "all is well");
        std::map<u64, FlatPage> pages;
        for (vma_id id = first_vma(p_.cx); id != VMA_NONE; id = next_vma(p_.cx, id)) {
            const vm_area_struct& vma = p_.cx.vma(id);
            for (u64 at = vma.vm_start; at < vma.vm_end; at += PAGE)
                pages[(at - ARENA) / PAGE] = {vma.vm_flags & (VM_ACCESS_FLAGS | VM_LOCKED), vma.vm_file,
                                              vma.vm_file == 0 ? 0 : vma.vm_pgoff + (at - vma.vm_start) / PAGE};
        }
        ASSERT_EQ(pages, flat_);
    }

  private:
    void map(u64 page, u64 count, u32 prot, file_id file, u64 offset) {
        const u32 flags = file == 0 ? FIXED : u32{MAP_FIXED} | (rng_.below(2) == 0 ? MAP_SHARED : MAP_PRIVATE);
        ASSERT_EQ(p_.map(page, count, prot, flags, file, offset), static_cast<i64>(ARENA + page * PAGE));
        for (u64 i = 0; i < count; ++i) flat_[page + i] = {prot, file, file == 0 ? 0 : offset + i};
    }
    void erase(u64 page, u64 count) {
        for (u64 i = 0; i < count; ++i) flat_.erase(page + i);
    }
    // Up to the first hole.
    template <class Change>
    bool each(u64 page, u64 count, Change change) {
        for (u64 i = 0; i < count; ++i) {
            const auto found = flat_.find(page + i);
            if (found == flat_.end()) return false;
            change(found->second);
        }
        return true;
    }
    void protect(u64 page, u64 count, u32 prot) {
        const bool whole = each(page, count, [&](FlatPage& at) { at.rights = prot | (at.rights & VM_LOCKED); });
        EXPECT_EQ(p_.protect(page, count, prot), whole ? 0 : error(mm_errno::enomem));
    }
    void lock(u64 page, u64 count, bool locks) {
        const u64 address = ARENA + page * PAGE;
        const bool whole =
            each(page, count, [&](FlatPage& at) { at.rights = (at.rights & ~VM_LOCKED) | (locks ? VM_LOCKED : 0); });
        const i64 result = locks ? sys_mlock(p_.cx, address, count * PAGE) : sys_munlock(p_.cx, address, count * PAGE);
        if (!whole) { EXPECT_EQ(result, error(mm_errno::enomem)); }
    }
    // To another place of the same size, where it does not lie upon itself. It must be one VMA.
    void move(u64 page, u64 count, u64 to) {
        const i64 result = sys_mremap(
            p_.cx, {ARENA + page * PAGE, count * PAGE, count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ARENA + to * PAGE});
        const bool apart = page + count <= to || to + count <= page;
        if (!apart) {
            EXPECT_TRUE(is_error(result));
            return;
        }
        // What was mapped at the target is gone, even if the move then fails; 5.10 looks at the source only afterwards.
        if (is_error(result)) {
            if (flat_.contains(page) || !p_.proc.rules.mremap_looks_first()) erase(to, count);
            return;
        }
        std::map<u64, FlatPage> moved;
        for (u64 i = 0; i < count; ++i) moved[to + i] = flat_.at(page + i);
        erase(to, count);
        erase(page, count);
        flat_.insert(moved.begin(), moved.end());
    }

    OneProcess p_;
    Rng rng_;
    file_id file_;
    std::map<u64, FlatPage> flat_;
};

TEST(RandomCalls, LeaveEachPageAsTheLastCallWantedIt) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        RandomCalls calls(kernel, 3);
        for (int turn = 0; turn < 2000; ++turn) {
            calls.turn();
            calls.compare();
            if (testing::Test::HasFatalFailure() || testing::Test::HasNonfatalFailure()) {
                ADD_FAILURE() << "turn " << turn;
                return;
            }
        }
    }
}

} // namespace
} // namespace mm
