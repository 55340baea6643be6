#pragma once
// One slab byte by byte: where its objects lie, what each is made of, and what is lost.
//
//   +0x000 |#0 object      |→ #5| padding |#1 ...          a row is 16 to 1024 bytes; addresses at the left
//   +0x040 | ...                           | left over |
//
// Where the slab has content, bytes are written in hex. It shows the slab of what the person selected, or
// else that of the op.
#include "slab/size.h"
#include "views/slab/cache.h"

namespace shell {

// A run of bytes of one kind inside a slab. Offsets from the slab's first byte.
struct SlabBytes {
    enum class Kind : mm::u8 { colour, red_zone, object, free_pointer, track, padding, left_over, index_array };
    Kind kind = Kind::left_over;
    mm::u32 index = 0; // of the object; for what belongs to none, OBJ_NONE
    mm::u32 start = 0, end = 0;
};

// What of the slab stands where; made once a frame, asked for what is in sight.
class SlabPlan {
  public:
    SlabPlan(const mm::Machine& machine, mm::slab_id id);

    [[nodiscard]] mm::u32 bytes() const { return bytes_; }
    [[nodiscard]] mm::u32 objects_start() const { return start_; }
    // The run that holds this byte, cut to [at, ...).
    [[nodiscard]] SlabBytes at(mm::u32 offset, const mm::SlabObjects& objects) const;
    // How many bytes of the whole slab are of this kind while every object is allocated.
    [[nodiscard]] mm::u32 total(SlabBytes::Kind kind) const;

  private:
    mm::u32 bytes_ = 0, start_ = 0, end_ = 0, size_ = 1; // of the slab; of all objects; of one
    mm::u32 index_array_ = 0;                            // begins here, up to the end of the slab
    mm::u32 free_pointer_ = 0, free_pointer_end_ = 0;    // in an object that is free, where it overlays it
    std::vector<SlabBytes> parts_;                       // of one object
};

class SlabBytesView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    // Bytes in a row that the person chose, "64".
    [[nodiscard]] std::string look() const override { return row_ == 0 ? "" : std::to_string(row_); }
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Page; // what one frame works on
    [[nodiscard]] mm::slab_id shown_slab(const ViewInput& input, const SlabTouches& touches) const;
    float draw_header(Page& page, float y);
    float draw_legend_of(Page& page, float y) const;
    float draw_zoom(Page& page, float y);
    float draw_rows(Page& page, float y);
    void draw_row(Page& page, mm::u32 start, const Rect& row);
    void draw_number(Page& page, mm::u32 start, const Rect& row);
    void draw_run(Page& page, const SlabBytes& run, const Rect& box);
    [[nodiscard]] std::string run_text(const Page& page, const SlabBytes& run) const;
    void draw_run_text(Page& page, const SlabBytes& run, const Rect& box, const std::string& text);
    void draw_content(Page& page, mm::u32 start, const Rect& row, float width);

    mm::u32 row_ = 0; // bytes in a row; 0: as fits
    mm::pfn_t pfn_ = mm::PFN_NONE;
    mm::cache_id cache_ = mm::CACHE_NONE;
    SlabMoment moment_;
    KeyCursor keys_;
};

} // namespace shell
