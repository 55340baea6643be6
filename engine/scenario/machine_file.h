#pragma once
// Machine files: a profile, and with it the recorded state of a real machine, as JSON.
//
//   { "format": "mmscope-machine/1",
//     "profile": { "name": "arm64-6.1-1g", "arch": "arm64", "kernel": "6.1", "memory": "1GiB", "cpus": 1, ...
//                  "recorded": [ {"zone": "0:DMA", ..., "free_lists": {"Unmovable": {"0": "45349 4384f"}}, ...} ] } }
//
// What each field means stands in docs/scenario-format.md.
#include "physical/profile.h"
#include "json/reader.h"

namespace mm {

inline constexpr std::string_view MACHINE_FORMAT = "mmscope-machine/1";
inline constexpr std::size_t MAX_TITLE_LENGTH = 200;
inline constexpr std::size_t MAX_REGIONS = 512; // of memory, reserved and cma each

// Reads the object below "profile".
bool read_profile(JsonReader& reader, const Field& at, machine_profile& profile);

// Reads the list below "recorded".
bool read_recorded(JsonReader& reader, const Field& at, std::vector<recorded_zone>& zones);

// A name of a machine, a result or a view: letters, digits, and - _ . inside; at most 48 bytes.
inline constexpr std::size_t MAX_PLAIN_NAME = 48;
[[nodiscard]] bool is_name(std::string_view text);
bool read_name(JsonReader& reader, const Field& at, std::string& name);

// {"en": "...", "zh": "..."}, or text, which is then English.
bool read_two_languages(JsonReader& reader, const Field& at, std::size_t max_length, std::string& en, std::string& zh);

// "0:DMA32": node and kind of zone.
struct zone_name {
    u8 node = 0;
    zone_type type = zone_type::normal;
};
[[nodiscard]] std::optional<zone_name> zone_from_text(std::string_view text);
[[nodiscard]] std::string zone_to_text(u8 node, zone_type type);

// "6.1" as a version.
inline constexpr auto kernel_names = [] {
    std::array<std::string_view, debian_kernels.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = debian_kernels[i].name;
    return names;
}();
inline constexpr std::array<std::string_view, 3> hafdbs_names = {hardware_update_name(hardware_update::none),
                                                                 hardware_update_name(hardware_update::af),
                                                                 hardware_update_name(hardware_update::dbm)};
inline constexpr std::array<std::string_view, 3> allocator_names = {slab_allocator_name(slab_allocator::slub),
                                                                    slab_allocator_name(slab_allocator::slab),
                                                                    slab_allocator_name(slab_allocator::slob)};
inline constexpr std::array<std::string_view, 4> vma_index_names = {
    vma_index_name(vma_index_kind::automatic), vma_index_name(vma_index_kind::avl),
    vma_index_name(vma_index_kind::rbtree), vma_index_name(vma_index_kind::maple)};
// Does memblock have the profile's lists when boot begins?
inline constexpr std::array<std::string_view, 2> memblock_names = {"filled", "empty"};
inline constexpr std::array<std::string_view, 3> architecture_names = {architecture_name(architecture::arm64),
                                                                       architecture_name(architecture::x86_64),
                                                                       architecture_name(architecture::i386)};

} // namespace mm
