#include "machine/logical_text.h"

#include <charconv>

#include "base/assert.h"
#include "mmu/ops.h"
#include "mmu/x86/segment_events.h"

namespace mm {

namespace {

template <class Number>
bool read_hex(std::string_view text, Number& out) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
    return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

std::optional<WrittenLogical> read_logical(std::string_view text) {
    const std::size_t colon = text.find(':');
    WrittenLogical written;
    if (colon == std::string_view::npos || !read_hex(text.substr(0, colon), written.selector) ||
        !read_hex(text.substr(colon + 1), written.offset))
        return std::nullopt;
    return written;
}

LogicalTold tell_logical(const Machine& machine, const WrittenLogical& written, Language language) {
    MM_ASSERT(machine.mmu.up && machine.mmu.arch().has_segments);
    const segment_selector selector = decode_selector(written.selector);
    const bool in_gdt = !selector.local && selector.index < GDT_ENTRIES;
    const segment_descriptor segment = in_gdt ? decode_segment(machine.mmu.gdt[selector.index]) : segment_descriptor{};
    const bool fetch = segment.code && !segment.system;
    Op op;
    op.kind = find_op("logical_access").value();
    op.arg = {written.selector,
              written.offset,
              static_cast<i64>(segment_register::data),
              static_cast<i64>(fetch ? access_kind::exec : access_kind::read),
              1,
              selector.rpl};
    Machine copy = machine;
    std::vector<Event> events;
    EventSink sink;
    sink.store_in(&events);
    apply(copy, op, sink);
    LogicalTold told;
    for (const Event& event : events)
        if (segment_events().holds(event.kind)) told.sentences.push_back(narrate_plain(copy, event, language));
    const linear_result result = to_linear(machine.mmu.gdt, logical_address_of(op));
    if (result.fault == segment_fault::none) told.linear = result.linear;
    return told;
}

} // namespace mm
