#include "mmu/x86/segment_access.h"

#include "base/assert.h"
#include "mmu/access.h"
#include "mmu/functions.h"
#include "mmu/x86/segment_events.h"

namespace mm {

namespace {

using ev = segment_event;
using scope = CallScope<EventSink>;

constexpr u8 USER_CPL = 3;

mmu_fn handler_of(segment_fault fault) {
    switch (fault) {
    case segment_fault::not_present: return mmu_fn::exc_segment_not_present;
    case segment_fault::stack: return mmu_fn::exc_stack_segment;
    case segment_fault::general_protection:
    case segment_fault::none: break;
    }
    return mmu_fn::exc_general_protection;
}

segment_end end_of(segment_fault fault, u8 cpl) {
    if (cpl != USER_CPL) return segment_end::oops;
    return fault == segment_fault::general_protection ? segment_end::sigsegv : segment_end::sigbus;
}

void tell_fetch(mmu_context& cx, const linear_result& result, u32 index) {
    const segment_descriptor segment = decode_segment(result.descriptor);
    cx.page.sink.emit(ev::descriptor_fetched, index, index * sizeof(u64), result.descriptor,
                      type_of_segment(result.descriptor), segment.base, segment.limit, segment.dpl, segment.present);
}

// Loading a register marks the descriptor.
void tell_load(mmu_context& cx, const linear_result& result, const logical_address& address) {
    const segment_descriptor segment = decode_segment(result.descriptor);
    const segment_selector selector = decode_selector(address.selector);
    cx.page.sink.emit(ev::segment_loaded, address.through, rule_of(address.through, segment), segment.dpl, selector.rpl,
                      address.cpl);
    if (segment.accessed) return;
    cx.mmu.gdt[selector.index] |= SEGMENT_ACCESSED;
    cx.page.sink.emit(ev::descriptor_accessed, selector.index, result.descriptor, cx.mmu.gdt[selector.index]);
}

void tell_fault(mmu_context& cx, const linear_result& result, const logical_address& address) {
    EventSink& sink = cx.page.sink;
    const segment_descriptor segment = decode_segment(result.descriptor);
    sink.emit(ev::segment_fault, result.fault, result.error_code, result.reason, segment.dpl,
              decode_selector(address.selector).rpl, address.cpl, address.last(), segment.limit);
    scope call(sink, handler_of(result.fault));
    sink.emit(ev::segment_fault_ends, end_of(result.fault, address.cpl));
}

} // namespace

void write_gdt_entry(mmu_context& cx, u32 entry, u64 descriptor) {
    MM_ASSERT(entry > 0 && entry < GDT_ENTRIES);
    scope call(cx.page.sink, mmu_fn::write_gdt_entry);
    const u64 before = cx.mmu.gdt[entry];
    cx.mmu.gdt[entry] = descriptor;
    const segment_descriptor segment = decode_segment(descriptor);
    cx.page.sink.emit(ev::gdt_entry_written, entry, before, descriptor, type_of_segment(descriptor), segment.base,
                      segment.limit, segment.dpl, segment.present);
}

bool logical_access(mmu_context& cx, u32 cpu, const logical_address& address) {
    MM_ASSERT(cx.mmu.arch().has_segments);
    EventSink& sink = cx.page.sink;
    const segment_selector selector = decode_selector(address.selector);
    const linear_result result = to_linear(cx.mmu.gdt, address);
    sink.emit(ev::logical_access, cpu, address.cpl, address.kind, address.size, address.selector, address.offset,
              address.through);
    sink.emit(ev::selector_decoded, address.selector, selector.index, selector.local, selector.rpl);
    if (result.fetched) tell_fetch(cx, result, selector.index);
    if (result.loaded) tell_load(cx, result, address);
    if (result.fault != segment_fault::none) {
        tell_fault(cx, result, address);
        return false;
    }
    const segment_descriptor segment = decode_segment(result.descriptor);
    sink.emit(ev::linear_address, segment.expand_down, address.last(), segment.limit, segment.base, address.offset,
              result.linear);
    return access(cx, cpu, {result.linear, address.kind, address.cpl == USER_CPL, true}).ok();
}

} // namespace mm
