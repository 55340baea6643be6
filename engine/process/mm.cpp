#include "process/mm.h"

#include <algorithm>

#include "process/page_cache.h"

namespace mm {

mm_id create_mm(process_memory& proc) {
    mm_id id = 0;
    while (id < proc.mms_used && proc.mms[id].in_use) ++id;
    if (id == proc.mms_used) ++proc.mms_used;
    if (id >= proc.mms.size()) proc.mms.grow(std::max(8u, 2 * proc.mms.size()));
    mm_struct& mm = proc.mms.mut(id);
    mm = mm_struct{};
    mm.in_use = true;
    ++proc.processes;
    ++proc.mm_changes;
    return id;
}

void drop_mm(process_memory& proc, mm_id id) {
    proc.mms.mut(id) = mm_struct{};
    --proc.processes;
    ++proc.mm_changes;
}

file_id open_file(process_memory& proc, const mapped_file& file) {
    file_id id = proc.file_unused;
    if (id != 0) {
        proc.file_unused = proc.files[id].next;
    } else {
        id = proc.files_used++;
        if (id >= proc.files.size()) proc.files.grow(std::max(32u, 2 * proc.files.size()));
    }
    proc.files.mut(id) = file;
    proc.files.mut(id).in_use = true;
    proc.files.mut(id).vmas = 0;
    proc.files.mut(id).next = 0;
    ++proc.nr_files;
    return id;
}

namespace {

void drop_file(process_memory& proc, file_id file) {
    mapped_file& mapped = proc.files.mut(file);
    if (mapped.vmas > 0 || mapped.opened) return;
    put_mapping(proc, mapped.mapping);
    if (mapped.accounted) proc.vm_committed -= proc.page_align(mapped.size) >> proc.page_shift;
    mapped = mapped_file{};
    mapped.next = proc.file_unused;
    proc.file_unused = file;
    --proc.nr_files;
}

} // namespace

void get_file(process_memory& proc, file_id file) {
    if (file != 0) ++proc.files.mut(file).vmas;
}

void put_file(process_memory& proc, file_id file) {
    if (file == 0) return;
    --proc.files.mut(file).vmas;
    drop_file(proc, file);
}

void close_file(process_memory& proc, file_id file) {
    proc.files.mut(file).opened = false;
    drop_file(proc, file);
}

} // namespace mm
