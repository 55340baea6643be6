#pragma once
// The rows of the events of segmentation: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "mmu/x86/segment_events.h"

namespace mm {

namespace segment_rows {

using ev = segment_event;
inline constexpr ArgSpec CPU{"cpu", Unit::cpu};
inline constexpr ArgSpec SELECTOR{"selector", Unit::hex};
inline constexpr ArgSpec OFFSET{"offset", Unit::hex};
inline constexpr ArgSpec THROUGH{"through", Unit::reason};
inline constexpr ArgSpec INDEX{"index", Unit::number};
inline constexpr ArgSpec DESCRIPTOR{"descriptor", Unit::hex};
inline constexpr ArgSpec NOW{"now", Unit::hex};
inline constexpr ArgSpec BASE{"base", Unit::hex};
inline constexpr ArgSpec LIMIT{"limit", Unit::hex};
inline constexpr ArgSpec LAST{"last", Unit::hex};
inline constexpr ArgSpec TYPE{"type", Unit::reason};
inline constexpr ArgSpec PRESENT{"present", Unit::flag};
inline constexpr ArgSpec DPL{"dpl", Unit::number};
inline constexpr ArgSpec RPL{"rpl", Unit::number};
inline constexpr ArgSpec CPL{"cpl", Unit::number};

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::logical_access, "logical_access", {CPU, CPL, {"kind", Unit::reason}, {"size", Unit::bytes}, SELECTOR, OFFSET, THROUGH},
          "CPU {cpu}, CPL {cpl}, {kind} {size} at {selector}:{offset}, through {through}.",
          "CPU {cpu}（CPL {cpl}）通过 {through} 在 {selector}:{offset} 处{kind} {size}。"),
    event(ev::selector_decoded, "selector_decoded", {SELECTOR, INDEX, {"local", Unit::flag}, RPL},
          "Selector {selector}: bits 15:3 are the index, {index}; bit 2 is TI, {local}; bits 1:0 are the RPL, {rpl}.",
          "选择子 {selector}：第 15:3 位是索引 {index}，第 2 位是 TI，为 {local}，第 1:0 位是 RPL {rpl}。"),
    event(ev::descriptor_fetched, "descriptor_fetched",
          {INDEX, {"at", Unit::bytes}, DESCRIPTOR, TYPE, BASE, LIMIT, DPL, PRESENT},
          "Entry {index} of the GDT, {at} behind where GDTR points, is {descriptor}: {type}, base {base}, limit {limit}, DPL {dpl}, "
          "{present}.",
          "GDT 第 {index} 项（GDTR 所指处之后 {at}）是 {descriptor}：{type}，基址 {base}，界限 {limit}，DPL {dpl}，{present}。"),
    event(ev::segment_loaded, "segment_loaded", {THROUGH, {"rule", Unit::reason}, DPL, RPL, CPL},
          "{through} takes the segment: {rule}.",
          "{through} 接受这个段：{rule}。"),
    event(ev::descriptor_accessed, "descriptor_accessed", {INDEX, DESCRIPTOR, NOW},
          "Entry {index} of the GDT was not used before: the CPU sets its accessed bit, bit 40, and {descriptor} becomes {now}.",
          "GDT 第 {index} 项此前未用过：CPU 置上它的已访问位（第 40 位），{descriptor} 变为 {now}。"),
    event(ev::linear_address, "linear_address", {{"down", Unit::flag}, LAST, LIMIT, BASE, OFFSET, {"address", Unit::virt_address}},
          "{down}. The linear address is base {base} + offset {offset} = {address}.",
          "{down}。线性地址 = 基址 {base} + 偏移 {offset} = {address}。"),
    event(ev::segment_fault, "segment_fault",
          {{"fault", Unit::reason}, {"code", Unit::hex}, {"reason", Unit::reason}, DPL, RPL, CPL, LAST, LIMIT},
          "{fault}, error code {code}: {reason}. There is no linear address, no page table is read, and CR2 stays as it was.",
          "{fault}，错误码 {code}：{reason}。得不到线性地址，不查页表，CR2 也不变。"),
    event(ev::segment_fault_ends, "segment_fault_ends", {{"end", Unit::reason}},
          "No page that the kernel could bring would cure it: {end}.",
          "内核调入任何页都无济于事：{end}。"),
    event(ev::gdt_entry_written, "gdt_entry_written", {INDEX, DESCRIPTOR, NOW, TYPE, BASE, LIMIT, DPL, PRESENT},
          "Entry {index} of the GDT goes from {descriptor} to {now}: {type}, base {base}, limit {limit}, DPL {dpl}, {present}.",
          "GDT 第 {index} 项由 {descriptor} 改为 {now}：{type}，基址 {base}，界限 {limit}，DPL {dpl}，{present}。"),
    event(ev::no_segments, "no_segments",
          "arm64 has no segments: the address that a program uses is the one that page tables translate.",
          "arm64 没有段：程序使用的地址就是页表转换的地址。"),
};
// clang-format on

} // namespace segment_rows

[[nodiscard]] constexpr std::span<const EventRow<segment_event>> event_rows(segment_event) {
    return segment_rows::rows;
}

} // namespace mm
