#pragma once
// A large array whose copy costs what was touched, not what exists.
//
//   root ──► group (128 chunks) ──► chunk (512 items)
//
// Copying shares every group. A write first makes the path from the root to its chunk private. Items that were never
// written share one zero chunk, so an untouched gigabyte costs nothing.
//
// Invariant: an item is written only through a root slot and a group slot that are both marked owned, and an owned
// group or chunk has exactly one referrer.
//
// A reference from mut() is valid until the array, or a copy of it, is next copied: copying makes its chunk shared.
// Not thread-safe: the counts are plain integers.
#include <array>
#include <bitset>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/types.h"

namespace mm {

template <class T>
class CowArray {
    static_assert(std::is_trivially_copyable_v<T>, "items are copied as bytes");

  public:
    static constexpr u32 CHUNK_SHIFT = 9;
    static constexpr u32 CHUNK_ITEMS = 1u << CHUNK_SHIFT;
    static constexpr u32 GROUP_SHIFT = 7;
    static constexpr u32 GROUP_CHUNKS = 1u << GROUP_SHIFT;

    CowArray() = default;
    explicit CowArray(u32 size) : size_(size) {
        const u32 groups = (size + (1u << (CHUNK_SHIFT + GROUP_SHIFT)) - 1) >> (CHUNK_SHIFT + GROUP_SHIFT);
        root_.assign(groups, Slot{zero_group(), false});
    }
    CowArray(const CowArray& other) : size_(other.size_), root_(other.root_) { share(); other.disown(); }
    CowArray(CowArray&& other) noexcept
        : size_(std::exchange(other.size_, 0)), root_(std::move(other.root_)), bytes_copied_(other.bytes_copied_) {
        other.root_.clear();
    }
    CowArray& operator=(CowArray other) noexcept {
        std::swap(size_, other.size_);
        root_.swap(other.root_);
        std::swap(bytes_copied_, other.bytes_copied_);
        return *this;
    }
    ~CowArray() {
        for (Slot& slot : root_) release(slot.group);
    }

    [[nodiscard]] u32 size() const { return size_; }

    const T& operator[](u32 index) const {
        return root_[index >> (CHUNK_SHIFT + GROUP_SHIFT)]
            .group->chunk[(index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1)]
            ->item[index & (CHUNK_ITEMS - 1)];
    }

    T& mut(u32 index) {
        Slot& slot = root_[index >> (CHUNK_SHIFT + GROUP_SHIFT)];
        if (!slot.owned) own_group(slot);
        const u32 c = (index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1);
        Group& group = *slot.group;
        if (!group.owned[c]) own_chunk(group, c);
        return group.chunk[c]->item[index & (CHUNK_ITEMS - 1)];
    }

    // True when the chunk that holds `index` was never written: all its items are zero.
    [[nodiscard]] bool untouched(u32 index) const {
        return root_[index >> (CHUNK_SHIFT + GROUP_SHIFT)].group->chunk[(index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1)] ==
               zero_chunk();
    }

    // True when both arrays share the chunk that holds `index`: its items are then equal without looking.
    [[nodiscard]] bool same_chunk(const CowArray& other, u32 index) const {
        const u32 r = index >> (CHUNK_SHIFT + GROUP_SHIFT);
        const u32 c = (index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1);
        return root_[r].group->chunk[c] == other.root_[r].group->chunk[c];
    }

    // Bytes allocated by writes to this array since it was made: what its copies keep alive.
    [[nodiscard]] u64 bytes_copied() const { return bytes_copied_; }

  private:
    struct Chunk {
        std::array<T, CHUNK_ITEMS> item;
        u32 refs;
    };
    struct Group {
        std::array<Chunk*, GROUP_CHUNKS> chunk;
        std::array<bool, GROUP_CHUNKS> owned;
        u32 refs;
    };
    struct Slot {
        Group* group;
        bool owned;
    };

    // The shared all-zero chunk and group. Their count starts at one for this static owner, so it never reaches zero.
    static Chunk* zero_chunk() {
        static Chunk chunk = [] {
            Chunk zero{};
            zero.refs = 1;
            return zero;
        }();
        return &chunk;
    }
    static Group* zero_group() {
        static Group group = [] {
            Group zero{};
            zero.chunk.fill(zero_chunk());
            zero.refs = 1;
            return zero;
        }();
        return &group;
    }

    void share() {
        for (Slot& slot : root_) {
            if (slot.group != zero_group()) ++slot.group->refs;
            slot.owned = false;
        }
    }
    void disown() const {
        for (Slot& slot : root_) slot.owned = false;
    }

    void own_group(Slot& slot) {
        Group* old = slot.group;
        if (old == zero_group() || old->refs > 1) {
            Group* copy = new Group(*old);
            bytes_copied_ += sizeof(Group);
            copy->refs = 1;
            copy->owned.fill(false);
            if (old != zero_group()) {
                old->owned.fill(false);
                --old->refs;
            }
            for (Chunk* chunk : copy->chunk)
                if (chunk != zero_chunk()) ++chunk->refs;
            slot.group = copy;
        }
        slot.owned = true;
    }

    void own_chunk(Group& group, u32 c) {
        Chunk* old = group.chunk[c];
        if (old == zero_chunk() || old->refs > 1) {
            Chunk* copy = new Chunk(*old);
            bytes_copied_ += sizeof(Chunk);
            copy->refs = 1;
            if (old != zero_chunk()) --old->refs;
            group.chunk[c] = copy;
        }
        group.owned[c] = true;
    }

    static void release(Group* group) {
        if (group == zero_group() || --group->refs > 0) return;
        for (Chunk* chunk : group->chunk)
            if (chunk != zero_chunk() && --chunk->refs == 0) delete chunk;
        delete group;
    }

    u32 size_ = 0;
    mutable std::vector<Slot> root_;  // only the owned marks change when a const array is copied
    u64 bytes_copied_ = 0;
};

}  // namespace mm
