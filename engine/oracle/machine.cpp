// Booting a recorded machine, and going through the files of its folder.
#include <algorithm>

#include "oracle/kinds.h"
#include "oracle/vma_replay.h"
#include "physical/boot.h"
#include "physical/watermark.h"
#include "recording/kernel_tests.h"

namespace mm {
namespace {

// Pages of `regions` that lie in a zone.
u32 pages_in_zone(const std::vector<memory_region>& regions, const zone& z, u8 page_shift) {
    u64 pages = 0;
    for (const memory_region& region : regions) {
        const u64 start = std::max<u64>(region.start >> page_shift, z.start_pfn);
        const u64 end = std::min<u64>((region.start + region.size) >> page_shift, z.end_pfn());
        if (end > start) pages += end - start;
    }
    return static_cast<u32>(pages);
}

// What writing "never" to transparent_hugepage/enabled does: khugepaged stops, and since 5.17 the kernel computes
// min_free_kbytes anew then, even if khugepaged never ran.
void switch_huge_pages_off(physical_memory& mem) {
    EventSink quiet;
    physical_context cx{mem, quiet, 0, 0};
    mem.sysctl.transparent_hugepage = false;
    if (mem.rules.before(5, 17)) return;
    mem.sysctl.min_free_kbytes = calculate_min_free_kbytes(mem);
    setup_per_zone_wmarks(cx);
}

// A program that records says at last that it has ended.
void compare_end(std::string_view text, FactLog& log) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    const std::size_t before = text.rfind('\n');
    const std::string_view last = before == std::string_view::npos ? text : text.substr(before + 1);
    log.check("file.end", last == "end" || last.starts_with("rc="), [&] {
        return "the recording is cut off: its last line is \"" + std::string(last.substr(0, 60)) +
               "\", and not \"end\" or \"rc=\"";
    });
}

class FolderComparison {
  public:
    FolderComparison(const RecordingFolder& folder, const std::vector<KnownDifference>& known, OracleReport& report)
        : folder_(watched(folder, reads_)), known_(known), report_(report) {}

    void run() {
        if (compare_tests()) return;
        if (list_whole_folder()) return;
        if (folder_.recorded)
            compare_all();
        else
            for (const std::string& file : folder_.files) list(file);
        report_unreadable();
    }

  private:
    void compare_all();
    [[nodiscard]] bool compare_tests();
    void report_unreadable();
    void list(const std::string& file);
    void note_what_is_missing();
    [[nodiscard]] bool list_whole_folder();
    void compare_file(const OracleMachine& machine, const std::string& file);
    FileReport new_file(const OracleMachine& machine, const std::string& file) const;

    ReadLog reads_;
    const RecordingFolder folder_;
    const std::vector<KnownDifference>& known_;
    OracleReport& report_;
};

FileReport FolderComparison::new_file(const OracleMachine& machine, const std::string& file) const {
    FileReport result;
    result.machine = folder_.name;
    result.kernel = kernel_version_name(machine.machine.profile.kernel);
    result.arch = architecture_name(machine.machine.profile.arch);
    result.file = file;
    return result;
}

void FolderComparison::compare_file(const OracleMachine& machine, const std::string& file) {
    const FileKind& kind = kind_of_file(file);
    FileReport result = new_file(machine, file);
    if (kind.compare) {
        FactLog log(result, known_);
        log.set_area(kind.area);
        if (kind.says_its_end) compare_end(folder_.text(file), log);
        if (const auto error = kind.compare(machine, file, log)) result.unreadable = error->text();
    }
    if (reads_.failed.contains(file)) return; // report_unreadable() says why; what was compared was no text at all
    if (!result.unreadable.empty() || result.total().compared > 0)
        report_.files.push_back(std::move(result));
    else
        list(file);
}

// Nothing in the file was compared. One that cannot be read is damage, whatever it was for: report_unreadable() tells it.
void FolderComparison::list(const std::string& file) {
    if (!reads_.read.contains(file)) static_cast<void>(folder_.text(file));
    if (reads_.failed.contains(file)) return;
    auto& rows = report_.files_not_compared;
    const WhyNotCompared* why = kind_of_file(file).else_why;
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const FilesNotCompared& r) { return r.machine == folder_.name && r.why == why; });
    if (row == rows.end()) row = rows.insert(rows.end(), {folder_.name, why, {}});
    row->files.push_back(file);
}

// Cases of the kernel's own tests, on each kernel and architecture. True: the folder has such.
bool FolderComparison::compare_tests() {
    if (folder_.recorded) return false;
    std::vector<std::string> others;
    for (const std::string& file : folder_.files) {
        const std::string text = is_json(file) ? folder_.text(file) : "";
        const std::optional<std::string_view> tests = kernel_tests_of(text);
        if (!tests) {
            others.push_back(file);
            continue;
        }
        for (const kernel_row& kernel : debian_kernels)
            for (const architecture arch : {architecture::arm64, architecture::x86_64}) {
                FileReport result;
                result.machine = folder_.name + "-" + std::string(architecture_name(arch));
                result.kernel = kernel.name;
                result.arch = architecture_name(arch);
                result.file = file;
                result.known_as = *tests;
                FactLog log(result, known_);
                log.set_area(*tests == "fault" ? Area::faults : Area::mappings);
                if (const auto error = compare_kernel_tests(text, {kernel.version, arch}, log))
                    result.unreadable = error->text();
                report_.files.push_back(std::move(result));
            }
    }
    if (others.size() == folder_.files.size()) return false;
    for (const std::string& file : others) list(file);
    return true;
}

// A folder that no rules fit is told as a whole.
bool FolderComparison::list_whole_folder() {
    const RecordingName said = identify_recording(folder_);
    if (said.kernel && said.release == kernel_version_name(*said.kernel)) return false;
    FolderNotCompared folder{folder_.name, folder_.files.size(), "", ""};
    if (!said.release.empty()) {
        folder.why_en = "Linux " + said.release + " is not modelled";
        folder.why_zh = "尚未模拟 Linux " + said.release;
    } else if (!folder_.recorded) {
        folder.why_en = "no recording of a kernel";
        folder.why_zh = "不是内核的录制";
    } else {
        return false; // a recording that does not say of what: read_recorded_machine() tells that as a problem
    }
    report_.folders_not_compared.push_back(std::move(folder));
    return true;
}

// Where a machine could not be made nothing was compared or listed; files that cannot be read are told all the same.
void FolderComparison::report_unreadable() {
    for (const std::string& file : folder_.files)
        if (!reads_.read.contains(file)) static_cast<void>(folder_.text(file));
    for (const auto& [file, why] : reads_.failed) {
        FileReport& result = report_.files.emplace_back();
        result.machine = folder_.name;
        result.file = file;
        result.unreadable = why;
    }
}

// Without what the module printed first, walks and addresses of the kernel have nothing to be compared with.
void FolderComparison::note_what_is_missing() {
    const bool asked = std::any_of(folder_.files.begin(), folder_.files.end(),
                                   [](const std::string& file) { return file.starts_with("mod-6"); });
    if (asked && !folder_.has("mod-00-state.txt"))
        report_.notes.push_back(folder_.name +
                                ": mod-00-state.txt is missing, so walks and what depends on the kernel's "
                                "layout are not compared");
}

void FolderComparison::compare_all() {
    auto machine = read_recorded_machine(folder_);
    if (!machine) {
        report_.problems.push_back(machine.error().text());
        return;
    }
    std::vector<ZoneinfoZone> zones;
    for (const std::string& file : folder_.files) {
        if (!zones.empty() || (file != "static-zoneinfo.txt" && !file.starts_with("wm-"))) continue;
        if (auto found = parse_zoneinfo(folder_.text(file))) zones = std::move(*found);
    }
    auto booted = boot_recorded_machine(*machine, zones);
    if (!booted) {
        report_.problems.push_back(folder_.name + ": " + booted.error().text());
        return;
    }
    note_what_is_missing();
    for (const std::string& note : machine->notes) report_.notes.push_back(folder_.name + ": " + note);
    const bool known = machine->freed_known && (machine->reserved_known || !zones.empty());
    if (!known)
        report_.notes.push_back(folder_.name +
                                ": what was reserved at boot is not recorded, so watermarks computed at boot "
                                "are not compared");
    const OracleMachine context{folder_, std::move(*machine), std::move(*booted), known};
    for (const std::string& file : folder_.files) compare_file(context, file);
}

} // namespace

Result<BootedMachine> boot_recorded_machine(const RecordedMachine& machine, const std::vector<ZoneinfoZone>& zoneinfo) {
    machine_profile early = machine.profile;
    early.reserved.insert(early.reserved.end(), machine.freed_later.begin(), machine.freed_later.end());
    std::sort(early.reserved.begin(), early.reserved.end(),
              [](const memory_region& a, const memory_region& b) { return a.start < b.start; });
    if (auto error = check_profile(early)) return *error;

    BootedMachine out;
    EventSink quiet;
    physical_context cx{out.at_boot, quiet, 0, 0};
    physical_memory& mem = out.at_boot;
    free_area_init(cx, early);
    memblock_free_all(cx, early);
    if (!machine.reserved_known) {
        for (const ZoneinfoZone& recorded : zoneinfo) {
            const auto it = std::find_if(mem.zones.begin(), mem.zones.end(), [&](const zone& z) {
                return z.node == recorded.zone.node && z.type == recorded.zone.type && z.populated();
            });
            // Nothing is reserved in high memory before the kernel can reach it: all of it is managed.
            if (it == mem.zones.end() || it->type == zone_type::highmem) continue;
            const i64 freed = pages_in_zone(machine.freed_later, *it, mem.page_shift);
            it->managed_pages = static_cast<u32>(std::clamp<i64>(recorded.managed - freed, 0, it->present_pages));
            if (recorded.cma) it->cma_pages = static_cast<u32>(std::clamp<i64>(*recorded.cma, 0, it->managed_pages));
        }
    }
    setup_per_cpu_pageset(cx);
    init_per_zone_wmark_min(cx);

    out.settled = mem;
    for (zone& z : out.settled.zones) z.managed_pages += pages_in_zone(machine.freed_later, z, out.settled.page_shift);
    out.in_module = out.settled;
    switch_huge_pages_off(out.in_module);
    return out;
}

const zone* find_zone(const physical_memory& mem, RecordedZoneRef ref) {
    for (const zone& z : mem.zones)
        if (z.node == ref.node && z.type == ref.type) return &z;
    return nullptr;
}

std::string zone_text(RecordedZoneRef ref) {
    return std::to_string(ref.node) + ":" + std::string(zone_type_names[static_cast<std::size_t>(ref.type)]);
}

OracleReport compare_recordings(const std::vector<RecordingFolder>& folders,
                                const std::vector<KnownDifference>& known) {
    OracleReport report;
    for (const RecordingFolder& folder : folders) FolderComparison(folder, known, report).run();
    return report;
}

} // namespace mm
