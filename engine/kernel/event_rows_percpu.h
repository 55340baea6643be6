#pragma once
// The rows of the events of percpu memory: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "kernel/events.h"

namespace mm {

namespace percpu_rows {

using ev = percpu_event;

inline constexpr ArgSpec REASON{"reason", Unit::reason};
constexpr ArgSpec virt(std::string_view name) { return {name, Unit::virt_address}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }
constexpr ArgSpec number(std::string_view name) { return {name, Unit::number}; }

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::percpu_create_chunk, "percpu_create_chunk", {virt("base"), number("chunks"), bytes("unit"), number("cpus"), number("groups")},
          "No chunk had room, so there is a new one, number {chunks} in vmalloc's space: a unit of {unit} for each of {cpus} {cpus|CPU|CPUs}, in "
          "{groups} {groups|group|groups}, based at {base}. Not a page is behind it yet.",
          "已有的块都没有余地，于是新建一块，是 vmalloc 空间里的第 {chunks} 块：{cpus} 个 CPU 各一个 {unit} 的单元，分 {groups} 组，基址 {base}。"
          "背后还一页都没有。"),
    event(ev::pcpu_area_placed, "pcpu_area_placed", {number("group"), virt("start"), virt("end"), number("cpus")},
          "Group {group}, the units of {cpus} {cpus|CPU|CPUs}: {start} up to {end}, as high as the space allows. Without a guard page.",
          "第 {group} 组，{cpus} 个 CPU 的单元：{start} 到 {end}，在空间允许的最高处。没有保护页。"),
    event(ev::pcpu_no_base, "pcpu_no_base", {number("groups"), bytes("size"), pages("waiting")},
          "There is no base at which all {groups} {groups|group|groups} (the first has {size}) are free at once. Lazily freed addresses of {waiting} "
          "{waiting|page|pages} wait: a purge, and once more.",
          "没有一个基址能让全部 {groups} 组（第一组 {size}）同时空闲。惰性释放的 {waiting} 页地址在等待：先清理，再试一次。"),
    event(ev::pcpu_populated, "pcpu_populated", {number("first"), pages("pages"), number("cpus"), pages("total")},
          "{pages} {pages|page of each unit gets|pages of each unit get} memory, from page {first} on: for {cpus} {cpus|CPU|CPUs} that makes {total}, each "
          "from the CPU's own node.",
          "每个单元自第 {first} 页起的 {pages} 页得到内存：{cpus} 个 CPU 共 {total} 页，各取自该 CPU 所在的节点。"),
    event(ev::percpu_alloc_percpu, "percpu_alloc_percpu",
          {bytes("size"), bytes("align"), {"offset", Unit::hex}, virt("address"), {"distance", Unit::hex}, number("cpus")},
          "__alloc_percpu({size}, {align}) gives offset {offset} in the unit of each of {cpus} {cpus|CPU|CPUs}. CPU 0's copy is at {address}; the next unit "
          "is {distance} further.",
          "__alloc_percpu({size}, {align}) 给出 {cpus} 个 CPU 各自单元中的偏移 {offset}。CPU 0 的副本在 {address}，下一个单元再隔 {distance}。"),
    event(ev::percpu_alloc_percpu_fail, "percpu_alloc_percpu_fail", {bytes("size"), bytes("align"), REASON},
          "__alloc_percpu({size}, {align}) returns NULL: {reason}.",
          "__alloc_percpu({size}, {align}) 返回 NULL：{reason}。"),
    event(ev::percpu_free_percpu, "percpu_free_percpu", {virt("address"), bytes("size"), bytes("free"), bytes("unit")},
          "free_percpu({address}): {size} in every unit of the chunk. {free} of a unit's {unit} are free now; its pages stay.",
          "free_percpu({address})：块中每个单元里的 {size}。一个单元的 {unit} 中现有 {free} 空闲，页不归还。"),
    event(ev::percpu_free_bad, "percpu_free_bad", {virt("address")},
          "No allocation begins at {address}. The kernel does not look: it would free up to the next end that it knows of. Here nothing happens.",
          "{address} 处没有分配的起点。内核不检查：它会一直释放到它所知的下一个终点。这里什么也不发生。"),
    event(ev::percpu_destroy_chunk, "percpu_destroy_chunk", {virt("base"), pages("pages"), number("groups")},
          "Another chunk is free as well, and one is kept: the chunk based at {base} goes, {pages} {pages|page|pages} and the addresses of {groups} "
          "{groups|group|groups}.",
          "另有一块也全空了，而只留一块：基址 {base} 的块归还，{pages} 页，以及 {groups} 组的地址。"),
    event(ev::vfree_of_percpu, "vfree_of_percpu", {virt("address")},
          "{address} is an area of percpu memory, and vfree() believes its caller: a real kernel takes it away from all CPUs. Here it is left alone.",
          "{address} 是每 CPU 内存的区域，而 vfree() 相信调用者：真实的内核会把它从所有 CPU 那里收走。这里不作处理。"),
};
// clang-format on

} // namespace percpu_rows

[[nodiscard]] constexpr std::span<const EventRow<percpu_event>> event_rows(percpu_event) { return percpu_rows::rows; }

} // namespace mm
