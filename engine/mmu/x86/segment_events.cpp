// Events of segmentation: the words of their reasons and flags. Their rows are in segment_event_rows.h.
#include "mmu/x86/segment_events.h"

#include "mmu/x86/segment.h"
#include "mmu/x86/segment_event_rows.h"

namespace mm {

namespace {

using ev = segment_event;

constexpr auto table = event_table(segment_rows::rows, ev::logical_access);

constexpr ev with_through[] = {ev::logical_access, ev::segment_loaded};
constexpr ev with_type[] = {ev::descriptor_fetched, ev::gdt_entry_written};

struct Words {
    int value;
    LateText en, zh;
};
constexpr Words registers[] = {
    {static_cast<int>(segment_register::code), "CS", "CS"},
    {static_cast<int>(segment_register::stack), "SS", "SS"},
    {static_cast<int>(segment_register::data), "DS", "DS"},
};
constexpr Words types[] = {
    {static_cast<int>(segment_type::data_read_only), "read-only data", "只读数据"},
    {static_cast<int>(segment_type::data), "data", "数据"},
    {static_cast<int>(segment_type::down_read_only), "read-only data that grows down", "向下扩展的只读数据"},
    {static_cast<int>(segment_type::down), "data that grows down", "向下扩展的数据"},
    {static_cast<int>(segment_type::code_execute_only), "code that may not be read", "不可读的代码"},
    {static_cast<int>(segment_type::code), "code", "代码"},
    {static_cast<int>(segment_type::conforming_execute_only), "conforming code that may not be read",
     "不可读的一致代码"},
    {static_cast<int>(segment_type::conforming), "conforming code", "一致代码"},
    {static_cast<int>(segment_type::system), "a system segment", "系统段"},
    {static_cast<int>(segment_type::empty), "empty", "空项"},
};

constexpr EventWords own_words[] = {
    words_for(ev::logical_access, "kind", access_kind::read, "reads", "读取"),
    words_for(ev::logical_access, "kind", access_kind::write, "writes", "写入"),
    words_for(ev::logical_access, "kind", access_kind::exec, "fetches an instruction of", "取指令"),
    words_for(ev::selector_decoded, "local", 0, "0: the GDT", "0（GDT）"),
    words_for(ev::selector_decoded, "local", 1, "1: an LDT", "1（LDT）"),
    words_for(ev::descriptor_fetched, "present", 0, "not present (P is 0)", "不存在（P 为 0）"),
    words_for(ev::descriptor_fetched, "present", 1, "present (P is 1)", "存在（P 为 1）"),
    words_for(ev::gdt_entry_written, "present", 0, "not present (P is 0)", "不存在（P 为 0）"),
    words_for(ev::gdt_entry_written, "present", 1, "present (P is 1)", "存在（P 为 1）"),
    words_for(ev::segment_loaded, "rule", privilege_rule::code,
              "its DPL {dpl} is the CPL {cpl}, and RPL {rpl} is not above it",
              "它的 DPL {dpl} 等于 CPL {cpl}，RPL {rpl} 不大于 CPL"),
    words_for(ev::segment_loaded, "rule", privilege_rule::conforming_code,
              "conforming code runs with the privilege of its caller, so DPL {dpl} need only not be above CPL {cpl}; "
              "RPL {rpl} does not matter",
              "一致代码以调用者的特权级运行，只要求 DPL {dpl} 不大于 CPL {cpl}；RPL {rpl} 不起作用"),
    words_for(ev::segment_loaded, "rule", privilege_rule::stack,
              "a stack has the privilege of the code: RPL {rpl} and DPL {dpl} equal CPL {cpl}",
              "栈与代码特权级相同：RPL {rpl} 和 DPL {dpl} 都等于 CPL {cpl}"),
    words_for(ev::segment_loaded, "rule", privilege_rule::data,
              "its DPL {dpl} is neither below CPL {cpl} nor below RPL {rpl}",
              "它的 DPL {dpl} 既不小于 CPL {cpl}，也不小于 RPL {rpl}"),
    words_for(ev::segment_loaded, "rule", privilege_rule::conforming_data,
              "everybody may read conforming code; DPL {dpl}, CPL {cpl} and RPL {rpl} do not matter",
              "一致代码谁都可以读，与 DPL {dpl}、CPL {cpl}、RPL {rpl} 无关"),
    words_for(ev::linear_address, "down", 0, "The last byte, {last}, does not lie beyond the limit {limit}",
              "最后一个字节 {last} 没有超过界限 {limit}"),
    words_for(ev::linear_address, "down", 1,
              "The segment grows down: all bytes, the last one at {last}, lie above the limit {limit}",
              "该段向下扩展：所有字节（最后一个在 {last}）都在界限 {limit} 之上"),
    words_for(ev::segment_fault, "fault", segment_fault::general_protection, "#GP, a general protection fault",
              "#GP，一般保护异常"),
    words_for(ev::segment_fault, "fault", segment_fault::not_present, "#NP, segment not present", "#NP，段不存在异常"),
    words_for(ev::segment_fault, "fault", segment_fault::stack, "#SS, a stack segment fault", "#SS，栈段异常"),
    words_for(ev::segment_fault, "reason", segment_reason::no_ldt, "TI is 1, but LDTR names no table",
              "TI 为 1，但 LDTR 没有指向任何表"),
    words_for(ev::segment_fault, "reason", segment_reason::null_selector, "a null selector stands for no segment",
              "空选择子不代表任何段"),
    words_for(ev::segment_fault, "reason", segment_reason::beyond_table, "the index lies behind the end of the GDT",
              "索引超出 GDT 的末尾"),
    words_for(ev::segment_fault, "reason", segment_reason::empty_entry, "the entry of the GDT is empty",
              "GDT 的这一项是空的"),
    words_for(ev::segment_fault, "reason", segment_reason::system_segment,
              "a system segment (S is 0) holds no code and no data", "系统段（S 为 0）里没有代码和数据"),
    words_for(ev::segment_fault, "reason", segment_reason::not_code, "it is no code segment", "它不是代码段"),
    words_for(ev::segment_fault, "reason", segment_reason::code_privilege,
              "CS wants code of the privilege that runs: DPL {dpl}, RPL {rpl}, but CPL {cpl}",
              "CS 要求代码段与当前特权级相符：DPL {dpl}、RPL {rpl}，而 CPL 是 {cpl}"),
    words_for(ev::segment_fault, "reason", segment_reason::stack_type, "a stack must be writable data",
              "栈必须是可写的数据段"),
    words_for(ev::segment_fault, "reason", segment_reason::stack_privilege,
              "a stack has the privilege of the code: DPL {dpl}, RPL {rpl}, but CPL {cpl}",
              "栈要与代码特权级相同：DPL {dpl}、RPL {rpl}，而 CPL 是 {cpl}"),
    words_for(ev::segment_fault, "reason", segment_reason::unreadable_load,
              "a data register takes code only where it may be read", "数据段寄存器只接受可读的代码段"),
    words_for(ev::segment_fault, "reason", segment_reason::data_privilege,
              "DPL {dpl} is below CPL {cpl} or RPL {rpl}: it is a segment of more privileged code",
              "DPL {dpl} 小于 CPL {cpl} 或 RPL {rpl}：这是特权更高的代码的段"),
    words_for(ev::segment_fault, "reason", segment_reason::not_present, "the segment is not present (P is 0)",
              "段不存在（P 为 0）"),
    words_for(ev::segment_fault, "reason", segment_reason::not_writable,
              "the segment is code or read-only data and may not be written", "该段是代码或只读数据，不能写"),
    words_for(ev::segment_fault, "reason", segment_reason::not_readable, "the code may be executed, but not read",
              "这段代码只能执行，不能读"),
    words_for(ev::segment_fault, "reason", segment_reason::beyond_limit,
              "the last byte, {last}, lies beyond the limit {limit}", "最后一个字节 {last} 超过界限 {limit}"),
    words_for(ev::segment_fault, "reason", segment_reason::not_above_limit,
              "the segment grows down, and the bytes up to {last} do not all lie above the limit {limit}",
              "该段向下扩展，而到 {last} 为止的字节并不都在界限 {limit} 之上"),
    words_for(ev::segment_fault_ends, "end", segment_end::sigsegv,
              "the process gets SIGSEGV, with si_code SI_KERNEL and without an address",
              "进程收到 SIGSEGV，si_code 为 SI_KERNEL，不带地址"),
    words_for(ev::segment_fault_ends, "end", segment_end::sigbus, "the process gets SIGBUS", "进程收到 SIGBUS"),
    words_for(ev::segment_fault_ends, "end", segment_end::oops,
              "it was the kernel's own access, and unless the exception table names it, that is an Oops",
              "这是内核自己的访问，除非异常表中有它，否则就是 Oops"),
};

constexpr auto words = [] {
    std::array<EventWords, std::size(own_words) + std::size(with_through) * std::size(registers) +
                               std::size(with_type) * std::size(types)>
        all;
    std::size_t n = 0;
    for (const EventWords& row : own_words) all[n++] = row;
    for (const ev kind : with_through)
        for (const Words& row : registers) all[n++] = words_for(kind, "through", row.value, row.en, row.zh);
    for (const ev kind : with_type)
        for (const Words& row : types) all[n++] = words_for(kind, "type", row.value, row.en, row.zh);
    return all;
}();

} // namespace

EventPart segment_events() { return table.with(words); }

} // namespace mm
