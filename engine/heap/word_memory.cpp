#include "heap/word_memory.h"

#include <bit>
#include <vector>

namespace mm {

namespace {

constexpr u32 FIRST_SIZE = 128;

} // namespace

u32 word_memory::start_of(u64 line) const {
    const auto hash = static_cast<u32>((line * 0x9e37'79b9'7f4a'7c15ull) >> 32);
    return hash & (index_.size() - 1);
}

u32 word_memory::find(u64 line) const {
    if (index_.size() == 0) return NOWHERE;
    for (u32 at = start_of(line);; at = (at + 1) & (index_.size() - 1)) {
        const entry& e = index_[at];
        if (e.state == NEVER) return NOWHERE;
        if (e.state == IN_USE && e.line == line) return at;
    }
}

u32 word_memory::look_up(u64 line) const {
    const u32 at = find(line);
    if (at == NOWHERE) return NOWHERE;
    known_[line % KNOWN] = {line, index_[at].slot, &words_[index_[at].slot]};
    return index_[at].slot;
}

void word_memory::store(u64 address, u64 value) {
    const u64 line = address / LINE_BYTES;
    if (value == 0 && find_slot(line) == NOWHERE) return;
    change(slot_of(line)).word[address / 8 % 8] = value;
}

void word_memory::insert(u64 line, u32 slot) {
    u32 at = start_of(line);
    while (index_[at].state == IN_USE) at = (at + 1) & (index_.size() - 1);
    if (index_[at].state == NEVER) ++filled_;
    index_.mut(at) = {line, slot, IN_USE};
}

u32 word_memory::slot_of(u64 line) {
    if (const u32 known = find_slot(line); known != NOWHERE) return known;
    if ((filled_ + 1) * 4 > index_.size() * 3) grow();
    u32 slot = free_ - 1;
    if (free_ != 0) {
        free_ = static_cast<u32>(words_[slot].word[0]);
    } else {
        slot = slots_++;
        words_.grow(slots_);
        marks_.grow(slots_);
    }
    change(slot) = {};
    insert(line, slot);
    ++used_;
    return slot;
}

// Twice as large as what is in use needs; what is gone goes.
void word_memory::grow() {
    CowArray<entry, 7, 5> old = std::move(index_);
    index_ = CowArray<entry, 7, 5>(std::max(FIRST_SIZE, std::bit_ceil(used_ * 2 + 2)));
    filled_ = 0;
    for (u32 at = 0; at < old.size(); ++at)
        if (old[at].state == IN_USE) insert(old[at].line, old[at].slot);
}

void word_memory::forget(u32 at) {
    entry& e = index_.mut(at);
    e.state = GONE;
    if (known_line& known = known_[e.line % KNOWN]; known.line == e.line) known = {};
    marks_.mut(e.slot) = 0;
    change(e.slot).word[0] = free_;
    free_ = e.slot + 1;
    --used_;
}

void word_memory::mark(u64 address, bool set) {
    const u32 slot = find_slot(address / LINE_BYTES);
    if (slot == NOWHERE) return;
    const auto bit = static_cast<u8>(1u << address / 16 % 4);
    u8& marks = marks_.mut(slot);
    marks = static_cast<u8>(set ? marks | bit : marks & ~bit);
}

bool word_memory::marked(u64 address) const {
    const u32 slot = find_slot(address / LINE_BYTES);
    return slot != NOWHERE && (marks_[slot] >> address / 16 % 4 & 1) != 0;
}

template <class Visit>
void word_memory::each_in(u64 first, u64 last, Visit&& visit) const {
    if (last - first < index_.size()) {
        for (u64 line = first; line < last; ++line)
            if (const u32 at = find(line); at != NOWHERE) visit(at);
        return;
    }
    for (u32 at = 0; at < index_.size(); ++at)
        if (const entry& e = index_[at]; e.state == IN_USE && e.line >= first && e.line < last) visit(at);
}

void word_memory::clear(u64 start, u64 end) {
    each_in(start / LINE_BYTES, end / LINE_BYTES, [&](u32 at) { forget(at); });
}

void word_memory::zero(u64 start, u64 end) {
    each_in(start / LINE_BYTES, (end + LINE_BYTES - 1) / LINE_BYTES, [&](u32 at) {
        const u64 line = index_[at].line * LINE_BYTES;
        for (u64 i = 0; i < LINE_BYTES; i += 8)
            if (line + i >= start && line + i < end) change(index_[at].slot).word[i / 8] = 0;
    });
}

void word_memory::copy(u64 start, u64 end, u64 to) {
    std::vector<std::pair<u64, u64>> words;
    each_in(start / LINE_BYTES, (end + LINE_BYTES - 1) / LINE_BYTES, [&](u32 at) {
        const u64 line = index_[at].line * LINE_BYTES;
        for (u64 i = 0; i < LINE_BYTES; i += 8)
            if (line + i >= start && line + i < end)
                words.emplace_back(line + i - start + to, words_[index_[at].slot].word[i / 8]);
    });
    zero(to, to + (end - start));
    for (const auto& [address, word] : words) store(address, word);
}

void word_memory::move(u64 start, u64 end, u64 to) {
    std::vector<std::pair<u64, line_words>> lines;
    each_in(start / LINE_BYTES, end / LINE_BYTES,
            [&](u32 at) { lines.emplace_back(index_[at].line * LINE_BYTES - start + to, words_[index_[at].slot]); });
    clear(start, end);
    for (const auto& [address, words] : lines) change(slot_of(address / LINE_BYTES)) = words;
}

} // namespace mm
