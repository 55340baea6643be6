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
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/types.h"

namespace mm {

// ITEMS_SHIFT and CHUNKS_SHIFT: log2 of the items of a chunk and of the chunks of a group. Large items want few a chunk.
template <class T, u32 ITEMS_SHIFT = 9, u32 CHUNKS_SHIFT = 7>
class CowArray {
    static_assert(std::is_trivially_copyable_v<T>, "items are copied as bytes");

  public:
    using value_type = T;
    static constexpr u32 CHUNK_SHIFT = ITEMS_SHIFT;
    static constexpr u32 CHUNK_ITEMS = 1u << CHUNK_SHIFT;
    static constexpr u32 GROUP_SHIFT = CHUNKS_SHIFT;
    static constexpr u32 GROUP_CHUNKS = 1u << GROUP_SHIFT;

    CowArray() = default;
    explicit CowArray(u32 size) : size_(size) {
        const u32 groups = (size + (1u << (CHUNK_SHIFT + GROUP_SHIFT)) - 1) >> (CHUNK_SHIFT + GROUP_SHIFT);
        root_.assign(groups, GroupSlot{Tagged<Group>::shared(zero_group())});
    }
    CowArray(const CowArray& other) : size_(other.size_), root_(other.root_) {
        share();
        other.disown();
    }
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
        for (GroupSlot slot : root_) release(slot.group());
    }

    [[nodiscard]] u32 size() const { return size_; }

    // More items, all zero. Never fewer.
    void grow(u32 size) {
        if (size <= size_) return;
        const u32 groups = (size + (1u << (CHUNK_SHIFT + GROUP_SHIFT)) - 1) >> (CHUNK_SHIFT + GROUP_SHIFT);
        root_.resize(groups, GroupSlot{Tagged<Group>::shared(zero_group())});
        size_ = size;
    }

    [[gnu::always_inline]] const T& operator[](u32 index) const {
        return root_[index >> (CHUNK_SHIFT + GROUP_SHIFT)]
            .group()
            ->slot[(index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1)]
            .chunk()
            ->item[index & (CHUNK_ITEMS - 1)];
    }

    [[gnu::always_inline]] T& mut(u32 index) {
        const GroupSlot group = root_[index >> (CHUNK_SHIFT + GROUP_SHIFT)];
        if (group.owned()) [[likely]] {
            const ChunkSlot chunk = group.owned_target()->slot[(index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1)];
            if (chunk.owned()) [[likely]]
                return chunk.owned_target()->item[index & (CHUNK_ITEMS - 1)];
        }
        return own(index);
    }

    // The same where nothing has to be made private first, which is nearly always; else false. It calls nothing, so that
    // who uses it and calls nothing either needs no registers saved.
    [[nodiscard]] [[gnu::always_inline]] bool find_owned(u32 index, T*& item) {
        const GroupSlot group = root_[index >> (CHUNK_SHIFT + GROUP_SHIFT)];
        if (!group.owned()) [[unlikely]]
            return false;
        const ChunkSlot chunk = group.owned_target()->slot[(index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1)];
        if (!chunk.owned()) [[unlikely]]
            return false;
        item = &chunk.owned_target()->item[index & (CHUNK_ITEMS - 1)];
        return true;
    }

    // True when the chunk that holds `index` was never written: all its items are zero.
    [[nodiscard]] bool untouched(u32 index) const { return chunk_of(index) == zero_chunk(); }

    // True when both arrays share the chunk that holds `index`: its items are then equal without looking.
    [[nodiscard]] bool same_chunk(const CowArray& other, u32 index) const {
        return chunk_of(index) == other.chunk_of(index);
    }

    // Bytes allocated by writes to this array since it was made: what its copies keep alive.
    [[nodiscard]] u64 bytes_copied() const { return bytes_copied_; }

  private:
    struct Chunk {
        std::array<T, CHUNK_ITEMS> item;
        u32 refs;
    };
    // A pointer whose lowest bit says that nobody else refers to the target.
    template <class Target>
    struct Tagged {
        std::uintptr_t bits = 0;

        static Tagged shared(Target* target) { return {reinterpret_cast<std::uintptr_t>(target)}; }
        static Tagged exclusive(Target* target) { return {reinterpret_cast<std::uintptr_t>(target) | 1}; }
        [[nodiscard]] bool owned() const { return bits & 1; }
        [[nodiscard]] Target* get() const { return reinterpret_cast<Target*>(bits & ~std::uintptr_t{1}); }
        [[nodiscard]] Target* owned_target() const { return reinterpret_cast<Target*>(bits - 1); } // only when owned()
        void disown() { bits &= ~std::uintptr_t{1}; }
    };
    struct ChunkSlot : Tagged<Chunk> {
        [[nodiscard]] Chunk* chunk() const { return this->get(); }
    };
    struct Group {
        std::array<ChunkSlot, GROUP_CHUNKS> slot;
        u32 refs;
    };
    struct GroupSlot : Tagged<Group> {
        [[nodiscard]] Group* group() const { return this->get(); }
    };

    [[nodiscard]] const Chunk* chunk_of(u32 index) const {
        return root_[index >> (CHUNK_SHIFT + GROUP_SHIFT)]
            .group()
            ->slot[(index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1)]
            .chunk();
    }

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
            zero.slot.fill({Tagged<Chunk>::shared(zero_chunk())});
            zero.refs = 1;
            return zero;
        }();
        return &group;
    }

    void share() {
        for (GroupSlot& slot : root_) {
            if (slot.group() != zero_group()) ++slot.group()->refs;
            slot.disown();
        }
    }
    void disown() const {
        for (GroupSlot& slot : root_) slot.disown();
    }

    // One call for both, so that the code around mut() has one call less to save registers for.
    [[gnu::noinline]] T& own(u32 index) {
        GroupSlot& group = root_[index >> (CHUNK_SHIFT + GROUP_SHIFT)];
        if (!group.owned()) own_group(group);
        ChunkSlot& chunk = group.owned_target()->slot[(index >> CHUNK_SHIFT) & (GROUP_CHUNKS - 1)];
        if (!chunk.owned()) own_chunk(chunk);
        return chunk.owned_target()->item[index & (CHUNK_ITEMS - 1)];
    }

    void own_group(GroupSlot& slot) {
        Group* group = slot.group();
        if (group == zero_group() || group->refs > 1) {
            Group* copy = new Group(*group);
            bytes_copied_ += sizeof(Group);
            copy->refs = 1;
            for (ChunkSlot& chunk : copy->slot) {
                chunk.disown();
                if (chunk.chunk() != zero_chunk()) ++chunk.chunk()->refs;
            }
            if (group != zero_group()) {
                for (ChunkSlot& chunk : group->slot) chunk.disown();
                --group->refs;
            }
            group = copy;
        }
        slot = {Tagged<Group>::exclusive(group)};
    }

    void own_chunk(ChunkSlot& slot) {
        Chunk* chunk = slot.chunk();
        if (chunk == zero_chunk() || chunk->refs > 1) {
            Chunk* copy = new Chunk(*chunk);
            bytes_copied_ += sizeof(Chunk);
            copy->refs = 1;
            if (chunk != zero_chunk()) --chunk->refs;
            chunk = copy;
        }
        slot = {Tagged<Chunk>::exclusive(chunk)};
    }

    static void release(Group* group) {
        if (group == zero_group() || --group->refs > 0) return;
        for (ChunkSlot slot : group->slot)
            if (slot.chunk() != zero_chunk() && --slot.chunk()->refs == 0) delete slot.chunk();
        delete group;
    }

    u32 size_ = 0;
    mutable std::vector<GroupSlot> root_; // only the owned marks change when a const array is copied
    u64 bytes_copied_ = 0;
};

} // namespace mm
