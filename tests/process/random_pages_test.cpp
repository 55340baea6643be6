// Random accesses and calls of several processes against a flat model: an address has a byte, or a signal. After each turn
// tables, VMAs, counts and the reverse map must agree.
#include <array>
#include <map>
#include <memory>

#include "base/rng.h"
#include "process/paged_processes.h"

namespace mm {
namespace {

constexpr u64 PRIVATE_PAGES = 24, SHARED_PAGES = 8, SHARED_AT = 40, FILE_AT = 60, FILE_PAGES = 20, END = 80;
constexpr u64 HUGE_AT = 512, HUGE_PAGES = 1024; // two huge pages, where there are any

struct FlatPage {
    u32 prot = RW;
    u8 value = 0; // of a private page that has been written, or is anonymous
    bool shared = false;
    bool of_file = false; // not written yet: the file's byte
    u64 index = 0;        // in the shared memory or the file
};

class RandomPages {
  public:
    RandomPages(kernel_version kernel, bool thp, u64 seed) : p_(kernel, thp, 256), rng_(seed), thp_(thp) {
        file_ = p_.file(FILE_PAGES * PAGE);
        map(p_.first, 0, PRIVATE_PAGES);
        p_.map(p_.first, SHARED_AT, SHARED_PAGES, RW, SHARED);
        p_.map(p_.first, FILE_AT, FILE_PAGES, RW, MAP_PRIVATE | MAP_FIXED, file_);
        auto& flat = flat_[p_.first];
        for (u64 i = 0; i < SHARED_PAGES; ++i) flat[SHARED_AT + i] = {RW, 0, true, false, i};
        for (u64 i = 0; i < FILE_PAGES; ++i) flat[FILE_AT + i] = {RW, 0, false, true, i};
        if (thp_) map(p_.first, HUGE_AT, HUGE_PAGES);
    }

    void turn() {
        const mm_id id = some_process();
        const u64 page = some_page(), count = 1 + rng_.below(6);
        switch (rng_.below(20)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
        case 5: write(id, page); break;
        case 6:
        case 7:
        case 8:
        case 9:
        case 10: read(id, page); break;
        case 11:
        case 12:
            if (flat_.size() < 6) flat_[p_.fork(id)] = flat_.at(id);
            break;
        case 13:
            if (flat_.size() > 1) {
                p_.exit(id);
                flat_.erase(id);
            }
            break;
        case 14: advise(id, page, count, madvice::DONTNEED); break;
        case 15: advise(id, page, count, rng_.below(2) == 0 ? madvice::FREE : madvice::COLD); break;
        case 16:
        case 17: protect(id, page, count); break;
        case 18:
            if (page < SHARED_AT || page >= HUGE_AT) {
                EXPECT_EQ(p_.unmap(id, page, count), 0);
                for (u64 i = 0; i < count; ++i) flat_.at(id).erase(page + i);
            }
            break;
        default: move_or_map(id, page, count);
        }
    }

    [[nodiscard]] std::string verdict() const { return p_.verdict(); }

  private:
    mm_id some_process() {
        auto at = flat_.begin();
        std::advance(at, rng_.below(static_cast<u32>(flat_.size())));
        return at->first;
    }
    u64 some_page() {
        if (thp_ && rng_.below(2) == 0) return HUGE_AT + rng_.below(HUGE_PAGES - 6);
        return rng_.below(END);
    }
    void map(mm_id id, u64 page, u64 count) {
        EXPECT_EQ(p_.map(id, page, count), static_cast<i64>(ARENA + page * PAGE));
        for (u64 i = 0; i < count; ++i) flat_[id][page + i] = FlatPage{};
    }
    u8& shared_byte(const FlatPage& page) { return shared_[page.index]; }

    void expect_signal(const user_access_result& result, const FlatPage* page) {
        EXPECT_EQ(result.signal, SIGSEGV_NUMBER);
        EXPECT_EQ(result.si_code, page == nullptr ? SEGV_MAPERR : SEGV_ACCERR);
    }
    FlatPage* page_at(mm_id id, u64 page) {
        const auto found = flat_.at(id).find(page);
        return found == flat_.at(id).end() ? nullptr : &found->second;
    }
    void write(mm_id id, u64 page) {
        const auto value = static_cast<u8>(1 + rng_.below(250));
        const user_access_result result = p_.write(id, page, value);
        FlatPage* at = page_at(id, page);
        if (at == nullptr || (at->prot & PROT_WRITE) == 0) return expect_signal(result, at);
        EXPECT_EQ(result.signal, 0);
        if (at->shared) {
            shared_byte(*at) = value;
            return;
        }
        at->value = value;
        at->of_file = false;
    }
    void read(mm_id id, u64 page) {
        const user_access_result result = p_.read(id, page);
        const FlatPage* at = page_at(id, page);
        if (at == nullptr || at->prot == PROT_NONE) return expect_signal(result, at);
        EXPECT_EQ(result.signal, 0);
        EXPECT_EQ(result.value, at->shared ? shared_byte(*at) : at->of_file ? 0 : at->value);
    }
    void advise(mm_id id, u64 page, u64 count, madvice advice) {
        bool whole = true, ends = false;
        for (u64 i = 0; i < count && !ends; ++i) {
            FlatPage* at = page_at(id, page + i);
            whole = whole && at != nullptr;
            if (at == nullptr) continue;
            if (advice == madvice::FREE && (at->shared || page + i >= FILE_AT) && page + i < HUGE_AT) ends = true;
            if (ends || advice != madvice::DONTNEED) continue;
            at->value = 0;
            at->of_file = page + i >= FILE_AT && page + i < HUGE_AT;
        }
        EXPECT_EQ(p_.advise(id, page, count, advice), ends    ? error_of(mm_errno::einval)
                                                      : whole ? 0
                                                              : error_of(mm_errno::enomem));
    }
    void protect(mm_id id, u64 page, u64 count) {
        static constexpr std::array<u32, 4> prots = {RW, RW, PROT_READ, PROT_NONE};
        const u32 prot = prots[rng_.below(4)];
        u64 done = 0;
        for (FlatPage* at = page_at(id, page); at != nullptr && done < count; at = page_at(id, page + ++done))
            at->prot = prot;
        EXPECT_EQ(p_.protect(id, page, count, prot), done >= count ? 0 : error_of(mm_errno::enomem));
    }
    // Private pages of one VMA move within the private part, or new ones come.
    void move_or_map(mm_id id, u64 page, u64 count) {
        if (page >= PRIVATE_PAGES) return;
        count = std::min(count, PRIVATE_PAGES - page);
        const u64 to = rng_.below(static_cast<u32>(PRIVATE_PAGES - count + 1));
        if (rng_.below(2) == 0 || (to < page + count && page < to + count)) {
            map(id, page, count);
            return;
        }
        mm_context cx = p_.of(id);
        const i64 result = sys_mremap(
            cx, {ARENA + page * PAGE, count * PAGE, count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ARENA + to * PAGE});
        auto& flat = flat_.at(id);
        if (is_error(result)) { // not one VMA; the target may be gone already
            const bool looks_first = p_.proc.rules.mremap_looks_first();
            if (flat.contains(page) || !looks_first)
                for (u64 i = 0; i < count; ++i) flat.erase(to + i);
            return;
        }
        for (u64 i = 0; i < count; ++i) {
            flat[to + i] = flat.at(page + i);
            flat.erase(page + i);
        }
    }

    PagedProcesses p_;
    Rng rng_;
    bool thp_;
    file_id file_ = 0;
    std::map<mm_id, std::map<u64, FlatPage>> flat_;
    std::array<u8, SHARED_PAGES> shared_{};
};

void run(kernel_version kernel, bool thp, u64 seed, int turns) {
    RandomPages pages(kernel, thp, seed);
    for (int turn = 0; turn < turns; ++turn) {
        pages.turn();
        ASSERT_EQ(pages.verdict(), "all is well") << "seed " << seed << ", turn " << turn;
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << ", turn " << turn;
    }
}

TEST(RandomPages, AreWhatAFlatModelSays) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12})
        for (u64 seed = 1; seed <= 3; ++seed) run(kernel, false, seed, 600);
}

TEST(RandomPages, AreWhatAFlatModelSaysWithHugePages) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12})
        run(kernel, true, 7, 250);
}

} // namespace
} // namespace mm
