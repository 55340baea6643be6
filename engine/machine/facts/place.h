#pragma once
// A place: one thing of a machine that a person can point at. It is written the same way in links, replies and requests:
//   pfn:48050   zone:0/Normal   list:0/Normal/3/Movable   pcp:0/Normal/1/2  (zone, CPU, list index)
//   cache:kmalloc-64  (cache:NAME@5 where an older cache of the name is meant)   object:48050a40  (physical address)
//   address:ffff800008000000   address:400000/1  (virtual, of the kernel or in space 1)
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "machine/machine.h"

namespace mm {

struct Place {
    enum class Kind : u8 { none, pfn, zone, free_list, pcp_list, cache, object, address };
    Kind kind = Kind::none;
    i64 value = 0;  // pfn, zone index, cache_id, physical address of an object, or the bits of a virtual address
    i64 second = 0; // order or list index; of an address its space
    i64 third = 0;  // migratetype or CPU
    friend bool operator==(const Place&, const Place&) = default;
};

// The word before the colon; empty for none.
inline constexpr std::array<std::string_view, 8> place_kind_names = {"",    "pfn",   "zone",   "list",
                                                                     "pcp", "cache", "object", "address"};

[[nodiscard]] std::string place_prefix(Place::Kind kind); // "pfn:"

// Is there such a frame, zone or list in this machine? Before boot there is none; caches and objects say for themselves.
[[nodiscard]] bool place_exists(const Machine& machine, const Place& place);
[[nodiscard]] std::string place_text(const Machine& machine, const Place& place);
[[nodiscard]] std::optional<Place> parse_place(const Machine& machine, std::string_view text);
// The number of a frame or an object that is written as a place, "48050" of "pfn:48050"; any other text as it is.
[[nodiscard]] std::string_view without_place_kind(std::string_view text);

// The frame that a place stands in, when it is a frame, an object or an address that is mapped.
[[nodiscard]] std::optional<pfn_t> frame_of(const Machine& machine, const Place& place);
// The slab of an object, or of a slab's page.
[[nodiscard]] slab_id slab_of(const Machine& machine, const Place& place);
// The cache that a place is about: itself, the cache of an object or of a slab's page.
[[nodiscard]] cache_id cache_of(const Machine& machine, const Place& place);

// What a named result stands for now; Kind::none when it is nothing that can be shown.
[[nodiscard]] Place result_place(const Machine& machine, const OpResult& result);

} // namespace mm
