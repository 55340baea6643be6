#include "base/cow_array.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/rng.h"

namespace mm {
namespace {

TEST(CowArray, ItemsBeginAsZeroWithoutBeingAllocated) {
    CowArray<u32> array(200'000);
    EXPECT_EQ(array[0], 0u);
    EXPECT_EQ(array[199'999], 0u);
    EXPECT_TRUE(array.untouched(150'000));
    EXPECT_EQ(array.bytes_copied(), 0u);
}

TEST(CowArray, WritingACopyLeavesTheOriginalAlone) {
    CowArray<u32> array(2000);
    array.mut(7) = 1;
    CowArray<u32> copy = array;
    copy.mut(7) = 2;
    EXPECT_EQ(array[7], 1u);
    EXPECT_EQ(copy[7], 2u);
}

TEST(CowArray, WritingTheOriginalLeavesItsCopyAlone) {
    CowArray<u32> array(2000);
    array.mut(7) = 1;
    const CowArray<u32> copy = array;
    array.mut(7) = 2;
    array.mut(8) = 3;
    EXPECT_EQ(copy[7], 1u);
    EXPECT_EQ(copy[8], 0u);
}

TEST(CowArray, ACopySharesWhatNobodyWrote) {
    CowArray<u32> array(5000);
    array.mut(0) = 1;
    array.mut(4000) = 1;
    CowArray<u32> copy = array;
    copy.mut(0) = 2;
    EXPECT_FALSE(array.same_chunk(copy, 0));
    EXPECT_TRUE(array.same_chunk(copy, 4000));
}

TEST(CowArray, AWriteAfterACopyAllocatesOneChunkNotTheArray) {
    CowArray<u32> array(1u << 20);
    for (u32 i = 0; i < array.size(); i += CowArray<u32>::CHUNK_ITEMS) array.mut(i) = i;
    const u64 whole = array.bytes_copied();
    const CowArray<u32> copy = array;
    array.mut(12345) = 1;
    EXPECT_LT((array.bytes_copied() - whole) * 100, whole);
}

TEST(CowArray, ManyCopiesBehaveLikePlainVectors) {
    constexpr u32 size = 150'000; // more than one group
    Rng rng(11);
    std::vector<CowArray<u32>> arrays{CowArray<u32>(size)};
    std::vector<std::vector<u32>> models{std::vector<u32>(size, 0)};
    for (int round = 0; round < 20'000; ++round) {
        const u32 which = rng.below(static_cast<u32>(arrays.size()));
        const u32 action = rng.below(400);
        if (action == 0 && arrays.size() < 6) {
            arrays.push_back(arrays[which]);
            models.push_back(models[which]);
        } else if (action == 1 && arrays.size() > 1) {
            arrays.erase(arrays.begin() + which);
            models.erase(models.begin() + which);
        } else if (action == 2) {
            const u32 other = rng.below(static_cast<u32>(arrays.size()));
            arrays[which] = arrays[other];
            models[which] = models[other];
        } else {
            const u32 index = rng.below(size);
            const u32 value = static_cast<u32>(rng.next());
            arrays[which].mut(index) = value;
            models[which][index] = value;
        }
    }
    for (std::size_t i = 0; i < arrays.size(); ++i)
        for (u32 index = 0; index < size; ++index) ASSERT_EQ(arrays[i][index], models[i][index]) << i << " " << index;
}

} // namespace
} // namespace mm
