#pragma once
// What a process keeps in its memory for its allocator: 64-bit words by address, nearly all of which were never written.
//
//   address ─► line of 64 bytes ─hash─► slot ─► 8 words
//
// A word that nobody has written is 0. Invariant: a slot is in use exactly when its line stands in the index.
#include <array>

#include "base/cow_array.h"
#include "base/types.h"

namespace mm {

class word_memory {
  public:
    // Of an address that 8 divides.
    [[nodiscard]] u64 load(u64 address) const {
        const u64 line = address / LINE_BYTES;
        const known_line& known = known_[line % KNOWN];
        if (known.line == line) return known.words->word[address / 8 % 8];
        const u32 slot = look_up(line);
        return slot == NOWHERE ? 0 : words_[slot].word[address / 8 % 8];
    }
    void store(u64 address, u64 value);
    // [start, end) is zeros again, as fresh pages are; 64 divides both.
    void clear(u64 start, u64 end);
    // The words of [start, end) stand at `to` from now on, and nothing where they were.
    void move(u64 start, u64 end, u64 to);
    // [start, end) is zeros, as after memset(); 8 divides both.
    void zero(u64 start, u64 end);
    // What stands in [start, end) stands at `to`, too, as after memcpy(); 8 divides all.
    void copy(u64 start, u64 end, u64 to);
    // A mark on the 16 bytes of an address, in which a word is not 0; it goes with its line.
    void mark(u64 address, bool set);
    [[nodiscard]] bool marked(u64 address) const;

    [[nodiscard]] u64 lines() const { return used_; }
    [[nodiscard]] u64 bytes_copied() const {
        return index_.bytes_copied() + words_.bytes_copied() + marks_.bytes_copied();
    }
    // Each line that is not zeros: visit(address of the line, its words), in no order that means anything.
    template <class Visit>
    void each(Visit&& visit) const {
        for (u32 at = 0; at < index_.size(); ++at)
            if (const entry e = index_[at]; e.state == IN_USE) visit(e.line * LINE_BYTES, words_[e.slot]);
    }

    static constexpr u64 LINE_BYTES = 64;
    struct line_words {
        u64 word[LINE_BYTES / 8];
    };

  private:
    static constexpr u32 NEVER = 0, IN_USE = 1, GONE = 2;
    struct entry {
        u64 line = 0;
        u32 slot = 0;
        u32 state = NEVER;
    };
    static constexpr u32 NOWHERE = ~0u;

    [[nodiscard]] u32 start_of(u64 line) const;
    [[nodiscard]] u32 find(u64 line) const; // its place in the index, or NOWHERE
    // Its slot, or NOWHERE. Those that were asked for last are not looked for again.
    [[nodiscard]] u32 find_slot(u64 line) const {
        const known_line& known = known_[line % KNOWN];
        return known.line == line ? known.slot : look_up(line);
    }
    [[nodiscard]] u32 look_up(u64 line) const;
    u32 slot_of(u64 line); // makes it
    void insert(u64 line, u32 slot);
    void forget(u32 at);
    // The lines of a range that are there: visit(place in the index).
    template <class Visit>
    void each_in(u64 first, u64 last, Visit&& visit) const;
    void grow();

    static constexpr u64 KNOWN = 64, NO_LINE = ~0ull;
    struct known_line {
        u64 line = NO_LINE;
        u32 slot = 0;
        const line_words* words = nullptr; // where they stand until an array makes some of its own: change()
    };
    line_words& change(u32 slot) {
        const u64 before = words_.bytes_copied();
        line_words& words = words_.mut(slot);
        if (words_.bytes_copied() != before) [[unlikely]]
            known_.fill({});
        return words;
    }

    CowArray<entry, 7, 5> index_;
    CowArray<line_words, 6, 5> words_;
    CowArray<u8, 7, 5> marks_; // by slot: a bit for each 16 bytes
    mutable std::array<known_line, KNOWN> known_{};
    u32 used_ = 0;   // lines
    u32 filled_ = 0; // of the index: in use, or gone
    u32 slots_ = 0;  // that were ever in use
    u32 free_ = 0;   // slots that are not, linked by their first word; counted from 1
};

} // namespace mm
