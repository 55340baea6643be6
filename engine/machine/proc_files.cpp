#include "machine/proc_files.h"

#include "base/assert.h"
#include "machine/rooms.h"

namespace mm {

std::vector<ProcFile> proc_files() {
    std::vector<ProcFile> files;
    for (const bool has_subject : {false, true})
        for (const Room& room : rooms())
            for (const ProcFile& file : room.proc_files)
                if ((file.subject != ProcSubject::none) == has_subject) files.push_back(file);
    return files;
}

std::optional<ProcFile> find_proc_file(std::string_view name) {
    for (const Room& room : rooms())
        for (const ProcFile& file : room.proc_files)
            if (file.name == name) return file;
    return std::nullopt;
}

std::string proc_path(const ProcFile& file, const Machine& machine, u32 subject) {
    if (file.path) return file.path(machine, subject);
    const bool of_process = file.subject == ProcSubject::process;
    return "/proc/" + (of_process ? std::to_string(machine.processes.mms[subject].pid) + "/" : "") +
           std::string(file.name);
}

std::vector<std::string_view> proc_file_names() {
    std::vector<std::string_view> names;
    for (const ProcFile& file : proc_files())
        if (file.subject != ProcSubject::cache) names.push_back(file.name);
    return names;
}

std::string proc_text(const Machine& machine, std::string_view name) {
    const std::optional<ProcFile> file = find_proc_file(name);
    MM_ASSERT(file && file->subject != ProcSubject::cache);
    if (file->subject == ProcSubject::none) return file->text(machine, 0);
    std::string text;
    const process_memory& proc = machine.processes;
    for (mm_id id = 0; id < proc.mms_used; ++id) {
        if (!proc.mms[id].in_use || proc.mms[id].mm_users == 0) continue;
        if (proc.processes > 1) text += proc_path(*file, machine, id) + ":\n";
        text += file->text(machine, id);
    }
    return text;
}

} // namespace mm
