#include "oracle/kinds.h"

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "oracle/vma_replay.h"

namespace mm {
namespace {

constexpr WhyNotCompared MACHINE = {"read to make the machine from, compared with nothing",
                                    "用来构造机器，不与任何结果比较"};
constexpr WhyNotCompared RECORDING = {
    "about the recording itself: commands, consoles, what the kernel was built and run with",
    "关于录制本身：命令、控制台、内核的编译和运行方式"};
constexpr WhyNotCompared TABLES = {
    "page tables and walks where they are not modelled yet (x86_64), or their layout is not recorded",
    "尚未模拟（x86_64）或未录下布局的页表及其查找过程"};
constexpr WhyNotCompared VMALLOC = {
    "walks to areas of vmalloc where page tables are not modelled yet (x86_64); the areas are compared with "
    "mod-vmallocinfo-after",
    "尚未模拟页表（x86_64）时到 vmalloc 区域的查找过程；区域本身与 mod-vmallocinfo-after 一起比较"};
constexpr WhyNotCompared SCRIPTS = {"module scripts of what is not modelled yet", "模块脚本，其内容尚未模拟"};
constexpr WhyNotCompared PROCESSES = {
    "processes: limits, swap, NUMA policy, OOM, huge pages of other sizes. Not compared yet",
    "进程：资源限制、交换、NUMA 策略、OOM、其他大小的大页，尚未比较"};
constexpr WhyNotCompared SWAP = {"processes whose pages are written to swap. Not modelled yet",
                                 "页被写到交换区的进程，尚未模拟"};
constexpr WhyNotCompared PRESSURE = {"reclaim under pressure, and /proc before and after it. Not modelled yet",
                                     "内存压力下的回收，以及前后的 /proc，尚未模拟"};
constexpr WhyNotCompared TRACES = {"traces of a running system, whose start is not recorded",
                                   "运行中系统的跟踪，其初始状态没有录下"};
constexpr WhyNotCompared MOVING = {
    "compaction, CMA requests, hotplug, allocation failures after reclaim. Not modelled yet",
    "规整、CMA 申请、热插拔、回收之后的分配失败，尚未模拟"};
constexpr WhyNotCompared PROC_TEXT = {"text of /proc and /sys whose numbers depend on everything that ran before",
                                      "/proc 和 /sys 的文本，其数值取决于此前运行过的一切"};
constexpr WhyNotCompared HEAP = {"calls of a C library's malloc, not compared with the room of malloc yet",
                                 "C 库 malloc 的调用，尚未与 malloc 部分比较"};
constexpr WhyNotCompared OTHER = {"of no kind that the oracle knows", "不属于比对程序所知的任何一种"};

std::string whole_text(std::string text) { return text; }

// The commands of a script stand where those of the page allocator's do.
Result<RecordedSlabScript> slab_script(const std::string& text) {
    const auto script = parse_recorded_script(text);
    if (!script) return script.error();
    return parse_recorded_slab_script(text, script->commands);
}

template <class T>
Result<T> as_result(Result<T> read) {
    return read;
}
template <class T>
Result<T> as_result(T read) {
    return read;
}

// A kind's comparison: what `reader` makes of the file's text goes to `comparison`.
template <auto reader, auto comparison>
std::optional<Error> compared(const OracleMachine& machine, const std::string& file, FactLog& log) {
    const auto read = as_result(reader(machine.folder.text(file)));
    if (!read) return read.error();
    if constexpr (std::is_invocable_v<decltype(comparison), const OracleMachine&, decltype(*read), FactLog&>)
        comparison(machine, *read, log);
    else
        comparison(machine, file, *read, log); // what ran before the file counts, too
    return std::nullopt;
}

constexpr FileKind::Compare PAGE_SCRIPT = compared<parse_recorded_script, compare_script>;
constexpr FileKind::Compare SLAB_SCRIPT = compared<slab_script, compare_slab_script>;

constexpr FileKind::Compare WALKS = compared<parse_walks, compare_walks>;

// First the module says where things are; then its script runs.
std::optional<Error> layout_and_script(const OracleMachine& machine, const std::string& file, FactLog& log) {
    const Area area = log.area();
    log.set_area(Area::layout);
    auto error = compared<whole_text, compare_layout>(machine, file, log);
    log.set_area(area);
    return error ? error : PAGE_SCRIPT(machine, file, log);
}

// The entries by themselves, as any walk's; then what the program did.
std::optional<Error> walks_and_faults(const OracleMachine& machine, const std::string& file, FactLog& log) {
    const Area area = log.area();
    log.set_area(Area::walks);
    auto error = WALKS(machine, file, log);
    log.set_area(area);
    return error ? error : compared<parse_vma_log, compare_vmas>(machine, file, log);
}

constexpr FileKind not_compared(std::string_view name, const WhyNotCompared& why) {
    return {.name = name, .else_why = &why};
}
constexpr FileKind page_script(std::string_view name, Area area) {
    return {.name = name, .area = area, .compare = PAGE_SCRIPT, .else_why = &SCRIPTS};
}

// The first row that fits.
constexpr FileKind KINDS[] = {
    not_compared("static-version.txt", MACHINE),
    not_compared("static-memblock.txt", MACHINE),
    not_compared("static-dmesg.txt", MACHINE),
    not_compared("static-iomem.txt", MACHINE),
    not_compared("static-nodes.txt", MACHINE),
    not_compared("static-config-mm.txt", MACHINE),
    not_compared("static-sysctl-vm.txt", MACHINE),
    not_compared("static-sys-kernel-mm.txt", MACHINE),
    not_compared("static-vmallocinfo.txt", MACHINE),
    not_compared("COMMAND-*", RECORDING),
    not_compared("console-*", RECORDING),
    not_compared("dmesg-*", RECORDING),
    {.name = "memblock-dmesg.txt",
     .area = Area::memblock,
     .compare = compared<parse_memblock_log, compare_memblock>,
     .else_why = &RECORDING},
    not_compared("mod-load*", RECORDING),
    not_compared("static-cmdline*", RECORDING),
    not_compared("static-cpuinfo*", RECORDING),
    not_compared("static-debugfs-ls*", RECORDING),
    not_compared("static-devices*", RECORDING),
    not_compared("static-filesystems*", RECORDING),
    not_compared("static-mounts*", RECORDING),
    not_compared("static-interrupts*", RECORDING),
    // What the module did.
    {.name = "mod-00-*", .area = Area::proc_text, .compare = layout_and_script, .else_why = &SCRIPTS},
    {.name = "mod-01-*",
     .area = Area::page_tables,
     .compare = compared<parse_tables, compare_page_tables>,
     .else_why = &TABLES},
    {.name = "mod-vmallocinfo-after.txt",
     .area = Area::vmalloc,
     .compare = compared<parse_vmallocinfo, compare_vmalloc>,
     .else_why = &SCRIPTS},
    {.name = "mod-60-*", .area = Area::walks, .compare = WALKS, .else_why = &VMALLOC},
    {.name = "mod-61-*", .area = Area::walks, .compare = WALKS, .else_why = &VMALLOC},
    {.name = "mod-6*", .area = Area::walks, .compare = WALKS, .else_why = &TABLES},
    {.name = "mod-*slub*", .area = Area::slab, .compare = SLAB_SCRIPT, .else_why = &SCRIPTS},
    {.name = "mod-5*", .area = Area::slab, .compare = SLAB_SCRIPT, .else_why = &SCRIPTS},
    page_script("mod-*numa*", Area::numa),
    page_script("mod-*gfp*", Area::gfp_zones),
    page_script("mod-*exhaust*", Area::exhaustion),
    page_script("mod-*random*", Area::random),
    page_script("mod-*fallback*", Area::fallback),
    page_script("mod-*pcp*", Area::pcp),
    page_script("mod-*buddy*", Area::buddy),
    page_script("mod-*", Area::page_scripts),
    // What ran beside it.
    not_compared("user-compact*", MOVING),
    {.name = "user-vma*.txt",
     .area = Area::mappings,
     .compare = compared<parse_vma_log, compare_vmas>,
     .else_why = &PROCESSES,
     .says_its_end = true},
    {.name = "user-limits.txt",
     .area = Area::mappings,
     .compare = compared<parse_limits, compare_limits>,
     .else_why = &PROCESSES,
     .says_its_end = true},
    {.name = "user-fault*.txt",
     .area = Area::faults,
     .compare = walks_and_faults,
     .else_why = &PROCESSES,
     .says_its_end = true},
    not_compared("user-forkrandswap*", SWAP),
    {.name = "user-forkrand*.txt",
     .area = Area::faults,
     .compare = compared<parse_forkrand, compare_forkrand>,
     .else_why = &PROCESSES,
     .says_its_end = true},
    {.name = "user-proc*.txt",
     .area = Area::faults,
     .compare = compared<parse_proc_log, compare_vmas>,
     .else_why = &PROCESSES,
     .says_its_end = true},
    {.name = "user-numa.txt",
     .area = Area::numa,
     .compare = compared<parse_numa, compare_numa>,
     .else_why = &PROCESSES,
     .says_its_end = true},
    not_compared("user-*", PROCESSES),
    not_compared("static-*-init.txt", PROCESSES),
    not_compared("static-auxv*", PROCESSES),
    not_compared("*-snap.txt", PRESSURE),
    not_compared("press*", PRESSURE),
    not_compared("oom*", PRESSURE),
    not_compared("trace-*", TRACES),
    not_compared("compact-trace*", MOVING),
    not_compared("hotplug*", MOVING),
    not_compared("cma*", MOVING),
    not_compared("alloc-fail*", MOVING),
    // Text of /proc and /sys.
    {.name = "static-zoneinfo.txt",
     .area = Area::boot_zones,
     .compare = compared<parse_zoneinfo, compare_boot>,
     .else_why = &PROC_TEXT},
    {.name = "static-slab-attrs.txt",
     .area = Area::slab,
     .compare = compared<whole_text, compare_slab_attributes>,
     .else_why = &PROC_TEXT},
    {.name = "static-slab-aliases.txt",
     .area = Area::slab,
     .compare = compared<whole_text, compare_slab_aliases>,
     .else_why = &PROC_TEXT},
    {.name = "static-slabinfo.txt",
     .area = Area::slab,
     .compare = compared<parse_slabinfo, compare_slabinfo>,
     .else_why = &PROC_TEXT},
    {.name = "static-meminfo.txt",
     .area = Area::layout,
     .compare = compared<whole_text, compare_vmalloc_total>,
     .else_why = &PROC_TEXT},
    not_compared("static-*", PROC_TEXT),
    {.name = "wm-*",
     .area = Area::watermarks,
     .compare = compared<parse_zoneinfo_records, compare_settings>,
     .else_why = &PROC_TEXT},
    not_compared("heap-*", HEAP),
    not_compared("*", OTHER),
};

} // namespace

const FileKind& kind_of_file(std::string_view file) {
    const auto fits = [&](const FileKind& kind) { return glob_match(kind.name, file); };
    return *std::find_if(std::begin(KINDS), std::end(KINDS) - 1, fits);
}

} // namespace mm
