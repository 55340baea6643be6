#pragma once
// A program of several processes whose every step somebody chooses: a test's random numbers or a fuzzer's bytes. It runs on
// page tables and on a flat model: of each process, the pages that are mapped, with their rights, and where their byte is
// kept, as the system calls' manual pages say. An access must get the model's byte, or its signal and si_code.
//
//   choices ─► step ─┬─► PagedMachine ─► result, byte, signal ─┐
//                    └─► flat model ─────────────────────────► same? then VMAs, tables, counts, reverse map
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "process/paged_machine.h"

namespace mm {

// A number in [0, bound).
using Choices = std::function<u32(u32 bound)>;

class RandomProgram {
  public:
    struct Settings {
        kernel_version kernel = kernel_version::v6_1;
        bool thp = false;
        hardware_update hafdbs = hardware_update::none; // whether hardware sets the access flag, and the dirty bit
        u64 mib = 64;
    };
    RandomProgram(const Settings& settings, Choices choose);

    // The next step. What differs from the model or does not hold, or nothing.
    [[nodiscard]] std::string turn();
    // All pages are read, all processes end and the files are closed: what was free before must be free.
    [[nodiscard]] std::string end();
    [[nodiscard]] const std::string& last_step() const { return step_; }

  private:
    // What shared mappings and files have: bytes by page, 0 where nobody wrote.
    struct Object {
        bool memory = true; // tmpfs or shared anonymous memory; else a file on a disk
        u64 pages = 0;
        std::map<u64, u8> bytes;
    };
    struct Page {
        u32 prot = RW;
        u32 object = 0; // 0: private anonymous memory
        u64 index = 0;  // in the object
        bool shared = false, locked = false, grows = false, wiped = false, not_copied = false;
        std::optional<u8> own; // of a private page, when it was written
    };
    struct Space {
        std::map<u64, Page> pages; // by address / page size
        u64 brk = 0;               // the same
    };
    struct Range {
        u64 first = 0, pages = 0;
        [[nodiscard]] u64 end() const { return first + pages; }
    };
    enum class outcome : u8 { fine, maperr, accerr, sigbus };

    // steps
    void access_some();
    void read_all();
    void map_memory();
    void map_file();
    void map_anywhere();
    void map_unless_taken();
    void map_stack();
    void unmap();
    void protect();
    void advise();
    void remap_fixed();
    void remap_resized();
    void remap_copied();
    void move_brk();
    void lock();
    void sync();
    void fork();
    void exit();
    void resize_file();
    void write_file();

    // the model
    [[nodiscard]] Space& space() { return spaces_.at(id_); }
    [[nodiscard]] Page* page_at(u64 page);
    [[nodiscard]] bool any_mapped(Range range);
    [[nodiscard]] outcome expected(u64 page, user_access_kind kind);
    [[nodiscard]] u8 byte_of(const Page& page) const;
    void grow_stack(u64 page);
    void put(Range range, const Page& first);
    void erase(Range range);
    [[nodiscard]] bool beyond_end(const Page& page) const;
    bool fill(Page& page);
    void fill_all(Range range);
    void carry(Range from, u64 to, bool keeps_source);
    [[nodiscard]] mm_errno refusal(const Page& page, madvice advice) const;
    void follow_advice(Page& page, madvice advice);
    [[nodiscard]] u32 new_object(bool memory, u64 pages);

    // choices
    [[nodiscard]] u32 below(u32 bound) { return choose_(bound); }
    [[nodiscard]] bool chance(u32 percent) { return below(100) < percent; }
    template <class T, std::size_t N>
    [[nodiscard]] T one_of(const T (&values)[N]) {
        return values[below(static_cast<u32>(N))];
    }
    [[nodiscard]] u64 some_page();
    [[nodiscard]] Range some_range();
    [[nodiscard]] Range some_arena_range();
    void some_process();
    [[nodiscard]] Page of_some_file(u32& file);

    // the machine
    [[nodiscard]] mm_context cx() { return machine_.of(id_); }
    [[nodiscard]] i64 mmap(Range range, u32 prot, u32 flags, file_id file = 0, u64 index = 0);
    [[nodiscard]] i64 mremap(Range from, u64 pages, u32 flags, u64 to = 0);

    // comparison
    void told(const char* call, Range range, u64 more = 0);
    void access(u64 page, user_access_kind kind, u8 value);
    void expect(bool holds, const std::string& claim);
    void expect_result(i64 result, i64 wanted);
    void expect_free_place(i64 place, u64 pages);
    void compare_vmas();
    [[nodiscard]] const char* difference(const vm_area_struct& vma, u64 at, const Page* page) const;

    PagedMachine machine_;
    Choices choose_;
    bool thp_;
    std::map<mm_id, Space> spaces_;
    std::map<u32, Object> objects_;
    file_id files_[2] = {}; // objects 1 and 2
    mm_id id_ = MM_NONE;
    u64 held_at_first_ = 0;
    std::string step_, fault_;
};

} // namespace mm
