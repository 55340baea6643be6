// Every code that an event of SLAB or SLOB may carry is spelt out in both languages.
#include <gtest/gtest.h>

#include "slab/classic_machines.h"

namespace mm {
namespace {

template <class Kind>
bool has_words(Kind kind, std::string_view arg, int value) {
    return find_event_words(static_cast<u16>(kind), arg, value) != nullptr;
}

template <class Kind, class Code>
void expect_words(Kind kind, std::string_view arg, Code first, Code last) {
    for (int value = static_cast<int>(first); value <= static_cast<int>(last); ++value)
        EXPECT_TRUE(has_words(kind, arg, value))
            << event_spec(static_cast<u16>(kind)).name << " " << arg << " " << value;
}

TEST(ClassicEvents, EveryCodeIsSpeltOut) {
    using ev = classic_event;
    for (ev kind : {ev::order_tried, ev::freelist_refused, ev::classic_sized, ev::index_built})
        expect_words(kind, "place", freelist_place::in_object, freelist_place::on_slab);
    expect_words(ev::order_tried, "verdict", order_verdict::none_fits, order_verdict::little_waste);
    expect_words(ev::freelist_refused, "reason", place_refusal::keeps_contents, place_refusal::fits_on_slab);
    expect_words(ev::array_hit, "warm", 0, 2);
    expect_words(ev::slab_refill, "from", refill_source::partial, refill_source::grown);
    expect_words(ev::slab_listed, "place", slab_place::node_partial, slab_place::node_free);
    for (slab_place place : {slab_place::node_partial, slab_place::node_free})
        EXPECT_TRUE(has_words(ev::object_put, "place", static_cast<int>(place)));
    for (ev kind : {ev::array_spared, ev::array_drained})
        expect_words(kind, "array", array_kind::cpu, array_kind::shared);
    expect_words(ev::tune_ignored, "reason", tune_result::bad_numbers, tune_result::no_memory);
}

TEST(SlobEvents, EveryCodeIsSpeltOut) {
    using ev = slob_event;
    for (ev kind : {ev::slob_search, ev::slob_page_full, ev::slob_rotated, ev::slob_page_new, ev::slob_page_partial})
        expect_words(kind, "list", SLOB_SMALL, SLOB_LARGE);
    expect_words(ev::slob_page_passed, "reason", slob_pass::other_node, slob_pass::no_block_fits);
    expect_words(ev::slob_merged, "side", slob_side::next, slob_side::prev);
    expect_words(ev::slob_misuse, "reason", slob_misuse::no_slob_page, slob_misuse::has_header);
}

} // namespace
} // namespace mm
