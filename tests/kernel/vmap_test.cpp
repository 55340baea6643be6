#include "kernel/vmap.h"

#include <gtest/gtest.h>

#include <map>

#include "base/rng.h"
#include "kernel/vmap_tree.h"

namespace mm {
namespace {

constexpr u64 PAGE = 4096;
constexpr u64 START = 0xffff800008000000;
constexpr u64 END = START + 4096 * PAGE;

vmap_space small_space(kernel_version version = kernel_version::v6_1) {
    return make_vmap_space(START, END, 12, 1, version);
}

u64 take(vmap_space& space, u64 pages, u64 align = 1) {
    const vmap_id area = alloc_vmap_area(space, pages * PAGE, align, START, END);
    return area == VMAP_NONE ? 0 : (space.areas[area].va_start - START) / PAGE;
}

void give_back(vmap_space& space, u64 page) {
    free_vmap_area_noflush(space, find_vmap_area(space, START + page * PAGE));
}

void expect_sound(const vmap_space& space) {
    EXPECT_EQ(verify_vmap_space(space, START, END).value_or("all is well"), "all is well");
}

//   0  1  2  3  4  5  6  7
//   a  a  b  .  .  c  c  .      a freed area is a hole only after the purge
TEST(Vmap, TheLowestHoleThatFitsIsTaken) {
    vmap_space space = small_space();
    EXPECT_EQ(take(space, 2), 0u);
    EXPECT_EQ(take(space, 1), 2u);
    EXPECT_EQ(take(space, 2), 3u);
    EXPECT_EQ(take(space, 2), 5u);
    give_back(space, 3);
    EXPECT_EQ(take(space, 1), 7u) << "3 and 4 wait for the purge";
    EXPECT_EQ(purge_vmap_area_lazy(space), 2u);
    EXPECT_EQ(take(space, 3), 8u) << "two pages are too few";
    EXPECT_EQ(take(space, 1), 3u);
    EXPECT_EQ(take(space, 1), 4u);
    EXPECT_EQ(take(space, 1), 11u);
    expect_sound(space);
}

// Each node that a search descends to promises the length; the last one is where it ends.
TEST(Vmap, ASearchIsAWayFromTheRootToTheHole) {
    vmap_space space = small_space();
    for (int i = 0; i < 64; ++i) take(space, 1);
    for (u64 page = 1; page < 64; page += 2) give_back(space, page);
    purge_vmap_area_lazy(space);
    for (const u64 pages : {1u, 2u, 100u}) {
        const std::vector<vmap_id> way = hole_search(space, pages * PAGE, PAGE, START, END);
        ASSERT_FALSE(way.empty());
        EXPECT_EQ(way.front(), space.free_root);
        for (std::size_t i = 1; i < way.size(); ++i) EXPECT_EQ(space.areas[way[i]].parent, way[i - 1]);
        for (const vmap_id id : way) EXPECT_GE(space.areas[id].subtree_max_size, pages * PAGE);
        EXPECT_EQ(way.back(), find_hole(space, pages * PAGE, PAGE, START, END)->area);
    }
    EXPECT_EQ(hole_search(space, END - START, PAGE, START, END).size(), 1u) << "no subtree promises it";
}

TEST(Vmap, AlignmentLeavesAHoleBefore) {
    vmap_space space = small_space();
    EXPECT_EQ(take(space, 1), 0u);
    EXPECT_EQ(take(space, 4, 8 * PAGE), 8u);
    EXPECT_EQ(take(space, 7), 1u) << "1 to 7 are still free";
    EXPECT_EQ(take(space, 1), 12u);
    expect_sound(space);
}

TEST(Vmap, WithoutAHoleThereIsNoArea) {
    vmap_space space = small_space();
    EXPECT_EQ(alloc_vmap_area(space, END - START + PAGE, 1, START, END), VMAP_NONE);
    EXPECT_NE(alloc_vmap_area(space, END - START, 1, START, END), VMAP_NONE);
    EXPECT_EQ(alloc_vmap_area(space, PAGE, 1, START, END), VMAP_NONE);
    EXPECT_TRUE(vmap_areas(space, vmap_state::free).empty());
    expect_sound(space);
}

TEST(Vmap, ASearchMayBeginInTheMiddle) {
    vmap_space space = small_space();
    const u64 middle = START + 100 * PAGE;
    const vmap_id area = alloc_vmap_area(space, 10 * PAGE, 1, middle, middle + 20 * PAGE);
    EXPECT_EQ(space.areas[area].va_start, middle);
    EXPECT_EQ(alloc_vmap_area(space, 11 * PAGE, 1, middle, middle + 20 * PAGE), VMAP_NONE) << "10 pages are left there";
    EXPECT_EQ(take(space, 1), 0u);
    expect_sound(space);
}

// lazy_max_pages: 32 MiB times the bits that the number of CPUs needs.
TEST(Vmap, SoManyPagesMayWait) {
    EXPECT_EQ(lazy_max_pages(make_vmap_space(START, END, 12, 1, kernel_version::v6_1)), 8192u);
    EXPECT_EQ(lazy_max_pages(make_vmap_space(START, END, 12, 4, kernel_version::v6_1)), 3 * 8192u);
    EXPECT_EQ(lazy_max_pages(make_vmap_space(START, END, 16, 8, kernel_version::v6_1)), 4 * 512u);

    const u64 end = START + (u64{64} << 20);
    vmap_space space = make_vmap_space(START, end, 12, 1, kernel_version::v6_1);
    const vmap_id first = alloc_vmap_area(space, 8192 * PAGE, 1, START, end);
    const vmap_id second = alloc_vmap_area(space, PAGE, 1, START, end);
    EXPECT_FALSE(free_vmap_area_noflush(space, first)) << "8192 pages may wait";
    EXPECT_TRUE(free_vmap_area_noflush(space, second)) << "8193 are one too many";
}

TEST(Vmap, LazyAreasAsEachKernelListsThem) {
    const auto lazy_list = [](kernel_version version) {
        vmap_space space = small_space(version);
        for (int i = 0; i < 4; ++i) take(space, 1);
        for (const u64 page : {2, 0, 1}) give_back(space, page);
        std::string list;
        for (const vmap_id id : vmap_areas(space, vmap_state::lazy))
            list += std::to_string((space.areas[id].va_start - START) / PAGE) + "+" +
                    std::to_string(space.areas[id].size() / PAGE) + " ";
        return list;
    };
    EXPECT_EQ(lazy_list(kernel_version::v5_10), "1+1 0+1 2+1 ");
    EXPECT_EQ(lazy_list(kernel_version::v6_1), "0+3 ");
    EXPECT_EQ(lazy_list(kernel_version::v6_12), "0+1 1+1 2+1 ");
}

// Against a map of holes by address, in which the first that fits is looked for one by one.
class Model {
  public:
    u64 take(u64 size, u64 align) {
        for (auto hole = holes_.begin(); hole != holes_.end(); ++hole) {
            const auto [start, end] = *hole;
            const u64 first = (start + align - 1) / align * align;
            if (first + size > end) continue;
            holes_.erase(hole);
            if (first > start) holes_[start] = first;
            if (first + size < end) holes_[first + size] = end;
            return first;
        }
        return 0;
    }
    void give_back(u64 start, u64 end) {
        auto after = holes_.lower_bound(start);
        if (after != holes_.end() && after->first == end) {
            end = after->second;
            after = holes_.erase(after);
        }
        if (after != holes_.begin() && std::prev(after)->second == start)
            std::prev(after)->second = end;
        else
            holes_[start] = end;
    }

  private:
    std::map<u64, u64> holes_{{START, END}};
};

TEST(Vmap, FindsWhatASearchFromTheLowestAddressFinds) {
    for (const kernel_version version : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        vmap_space space = small_space(version);
        Model model;
        Rng rng(7);
        std::vector<std::pair<u64, u64>> held, waiting;
        for (int step = 0; step < 20000; ++step) {
            if (rng.below(100) < 52) {
                const u64 size = (1 + rng.below(24)) * PAGE;
                const vmap_id area = alloc_vmap_area(space, size, 1, START, END);
                const u64 expected = model.take(size, PAGE);
                ASSERT_EQ(area == VMAP_NONE ? 0 : space.areas[area].va_start, expected) << step;
                if (expected) held.emplace_back(expected, expected + size);
            } else if (!held.empty()) {
                const std::size_t which = rng.below(static_cast<u32>(held.size()));
                free_vmap_area_noflush(space, find_vmap_area(space, held[which].first));
                waiting.push_back(held[which]);
                held[which] = held.back();
                held.pop_back();
            }
            if (rng.below(200) == 0) {
                purge_vmap_area_lazy(space);
                for (const auto& [start, end] : waiting) model.give_back(start, end);
                waiting.clear();
                expect_sound(space);
            }
        }
    }
}

// A red-black tree of n areas is at most 2 log2(n + 1) deep.
TEST(Vmap, TheTreeStaysFlat) {
    constexpr u32 AREAS = 100000;
    const u64 end = START + u64{AREAS} * 4 * PAGE;
    vmap_space space = make_vmap_space(START, end, 12, 1, kernel_version::v6_1);
    for (u32 i = 0; i < AREAS; ++i) ASSERT_NE(alloc_vmap_area(space, 2 * PAGE, 1, START, end), VMAP_NONE);
    u32 deepest = 0;
    for (u64 at = START; at < START + u64{AREAS} * 2 * PAGE; at += 1000 * PAGE) {
        u32 depth = 0;
        for (vmap_id id = find_vmap_area(space, at); id != VMAP_NONE; id = space.areas[id].parent) ++depth;
        deepest = std::max(deepest, depth);
    }
    EXPECT_GT(deepest, 1u);
    EXPECT_LE(deepest, 34u);
    EXPECT_FALSE(verify_vmap_space(space, START, end));
}

} // namespace
} // namespace mm
