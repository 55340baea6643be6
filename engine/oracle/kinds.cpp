#include "oracle/kinds.h"

#include "oracle/report.h"

namespace mm {
namespace {

constexpr FileKind MACHINE = {"read to make the machine from, compared with nothing", "用来构造机器，不与任何结果比较"};
constexpr FileKind RECORDING = {
    "about the recording itself: commands, consoles, what the kernel was built and run with",
    "关于录制本身：命令、控制台、内核的编译和运行方式"};
constexpr FileKind TABLES = {
    "page tables and walks where they are not modelled yet (x86_64), or their layout is not recorded",
    "尚未模拟（x86_64）或未录下布局的页表及其查找过程"};
constexpr FileKind VMALLOC = {
    "walks to areas of vmalloc where page tables are not modelled yet (x86_64); the areas are compared with "
    "mod-vmallocinfo-after",
    "尚未模拟页表（x86_64）时到 vmalloc 区域的查找过程；区域本身与 mod-vmallocinfo-after 一起比较"};
constexpr FileKind SCRIPTS = {"module scripts of what is not modelled yet", "模块脚本，其内容尚未模拟"};
constexpr FileKind PROCESSES = {"processes: VMAs, faults, fork, swap, NUMA policy, OOM. Not modelled yet",
                                "进程：VMA、缺页、fork、交换、NUMA 策略、OOM，尚未模拟"};
constexpr FileKind PRESSURE = {"reclaim under pressure, and /proc before and after it. Not modelled yet",
                               "内存压力下的回收，以及前后的 /proc，尚未模拟"};
constexpr FileKind TRACES = {"traces of a running system, whose start is not recorded",
                             "运行中系统的跟踪，其初始状态没有录下"};
constexpr FileKind MOVING = {"compaction, CMA requests, hotplug, allocation failures after reclaim. Not modelled yet",
                             "规整、CMA 申请、热插拔、回收之后的分配失败，尚未模拟"};
constexpr FileKind PROC_TEXT = {"text of /proc and /sys whose numbers depend on everything that ran before",
                                "/proc 和 /sys 的文本，其数值取决于此前运行过的一切"};
constexpr FileKind HEAP = {"malloc of a C library, which is no part of the kernel", "C 库的 malloc，不属于内核"};
constexpr FileKind OTHER = {"of no kind that the oracle knows", "不属于比对程序所知的任何一种"};

struct Row {
    std::string_view glob;
    const FileKind& kind;
};

// The first row that fits.
constexpr Row ROWS[] = {
    {"static-version.txt", MACHINE},
    {"static-memblock.txt", MACHINE},
    {"static-dmesg.txt", MACHINE},
    {"static-iomem.txt", MACHINE},
    {"static-nodes.txt", MACHINE},
    {"static-config-mm.txt", MACHINE},
    {"static-sysctl-vm.txt", MACHINE},
    {"static-sys-kernel-mm.txt", MACHINE},
    {"static-vmallocinfo.txt", MACHINE},
    {"COMMAND-*", RECORDING},
    {"console-*", RECORDING},
    {"dmesg-*", RECORDING},
    {"memblock-dmesg*", RECORDING},
    {"mod-load*", RECORDING},
    {"static-cmdline*", RECORDING},
    {"static-cpuinfo*", RECORDING},
    {"static-debugfs-ls*", RECORDING},
    {"static-devices*", RECORDING},
    {"static-filesystems*", RECORDING},
    {"static-mounts*", RECORDING},
    {"static-interrupts*", RECORDING},
    {"mod-01-*", TABLES},
    {"mod-60-*", VMALLOC},
    {"mod-61-*", VMALLOC},
    {"mod-6*", TABLES},
    {"user-fault*", TABLES},
    {"mod-*", SCRIPTS},
    {"user-compact*", MOVING},
    {"user-*", PROCESSES},
    {"static-*-init.txt", PROCESSES},
    {"static-auxv*", PROCESSES},
    {"*-snap.txt", PRESSURE},
    {"press*", PRESSURE},
    {"oom*", PRESSURE},
    {"trace-*", TRACES},
    {"compact-trace*", MOVING},
    {"hotplug*", MOVING},
    {"cma*", MOVING},
    {"alloc-fail*", MOVING},
    {"static-*", PROC_TEXT},
    {"wm-*", PROC_TEXT},
    {"heap-*", HEAP},
};

} // namespace

const FileKind& kind_of_file(std::string_view file) {
    for (const Row& row : ROWS)
        if (glob_match(row.glob, file)) return row.kind;
    return OTHER;
}

} // namespace mm
