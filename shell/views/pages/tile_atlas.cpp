#include "views/pages/tile_atlas.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;
using mm::u64;

constexpr u32 SHEET_SIDE = 1032;          // four tiles of 256 texels with their borders
constexpr u32 MAX_SHEETS = 16;            // 68 MB
constexpr u32 TEXELS_A_FRAME = 1u << 20;  // painted before the next frame goes on
constexpr u32 FRAMES_A_TILE_COSTS = 1024; // to look at, however few its texels are
constexpr int MAX_PARTIAL_UPDATES = 48;   // more are sent as one

u64 key_of(pfn_t first, u32 zone_slot) { return static_cast<u64>(zone_slot) << 32 | first; }

u64 block_types_of(const mm::physical_memory& mem, pfn_t first) {
    u64 types = 0;
    const u32 count = 1u << tile_order(mem.nr_orders - 1u);
    const u32 step = std::max(mem.pageblock_nr_pages(), count / 16);
    for (pfn_t pfn = first; pfn < first + count && mem.pfn_valid(pfn); pfn += step)
        types = types << 4 | static_cast<u64>(mem.block_type(pfn) + 1);
    return types;
}

void queue_update(ImTextureData& texture, u32 x, u32 y, u32 w, u32 h) {
    if (texture.Status == ImTextureStatus_WantCreate) return; // all of it will be sent
    const auto u16 = [](u32 value) { return static_cast<unsigned short>(value); };
    ImTextureRect rect{u16(x), u16(y), u16(w), u16(h)};
    if (texture.Updates.Size >= MAX_PARTIAL_UPDATES) {
        rect = {0, 0, u16(SHEET_SIDE), u16(SHEET_SIDE)};
        texture.Updates.clear();
    }
    texture.Updates.push_back(rect);
    texture.UpdateRect = {0, 0, u16(SHEET_SIDE), u16(SHEET_SIDE)};
    texture.SetStatus(ImTextureStatus_WantUpdates);
}

} // namespace

// A texture and its life with the backend.
struct TileAtlas::Sheet {
    ImTextureData texture;

    Sheet() {
        texture.Create(ImTextureFormat_RGBA32, SHEET_SIDE, SHEET_SIDE);
        texture.UseColors = true;
        texture.UsedRect = {0, 0, SHEET_SIDE, SHEET_SIDE};
        texture.SetStatus(ImTextureStatus_WantCreate);
        ImGui::RegisterUserTexture(&texture);
    }
    ~Sheet() {
        if (ImGui::GetCurrentContext()) ImGui::UnregisterUserTexture(&texture);
    }

    // The backend has sent what was queued, or has lost everything with its context.
    void begin_frame() {
        if (texture.Status == ImTextureStatus_OK) texture.Updates.clear();
        if (texture.Status == ImTextureStatus_Destroyed) {
            texture.Updates.clear();
            texture.SetStatus(ImTextureStatus_WantCreate);
        }
    }
    [[nodiscard]] Rgba* at(u32 x, u32 y) {
        return static_cast<Rgba*>(texture.GetPixelsAt(static_cast<int>(x), static_cast<int>(y)));
    }
};

TileAtlas::TileAtlas() = default;
TileAtlas::~TileAtlas() = default;

void TileAtlas::forget() {
    slots_.clear();
    slot_of_.clear();
    clock_hand_ = 0;
}

// What is painted is of memory laid out, numbered and coloured as the lens has it.
bool TileAtlas::shows(const MapLens& lens, const Palette& palette) const {
    return palette_ == &palette && layout_ == lens.layout && by_ == lens.by && cell_order_ == lens.mem.nr_orders - 1u &&
           base_pfn_ == lens.mem.base_pfn && painted_.size() == lens.mem.mem_map.size();
}

void TileAtlas::restore_textures() {
    for (const auto& sheet : sheets_) sheet->begin_frame();
}

void TileAtlas::begin_frame(const MapLens& lens, const Palette& palette, int shift) {
    const u32 cell_order = lens.mem.nr_orders - 1u;
    if (!shows(lens, palette) || shift_ != shift) {
        forget();
        palette_ = &palette;
        layout_ = lens.layout;
        by_ = lens.by;
        shift_ = shift;
        cell_order_ = cell_order;
        base_pfn_ = lens.mem.base_pfn;
        size_ = tile_size(cell_order, lens.layout, shift);
        slots_in_row_ = SHEET_SIDE / (size_.width + 2);
        slots_in_sheet_ = slots_in_row_ * (SHEET_SIDE / (size_.height + 2));
    } else {
        mark_changed(lens);
    }
    painted_ = lens.mem.mem_map;
    restore_textures();
    ++frame_;
    texels_left_ = TEXELS_A_FRAME;
    pending_ = false;
}

void TileAtlas::mark_changed(const MapLens& lens) {
    const u32 count = 1u << tile_order(cell_order_);
    for (Slot& slot : slots_) {
        if (slot.stale) continue;
        const pfn_t first = static_cast<pfn_t>(slot.key);
        if (slot.repaint_at <= lens.now) slot.stale = true;
        for (pfn_t pfn = first; pfn < first + count && !slot.stale && lens.mem.pfn_valid(pfn);
             pfn += mm::CowArray<mm::page>::CHUNK_ITEMS)
            slot.stale = !painted_.same_chunk(lens.mem.mem_map, pfn - base_pfn_);
        if (!slot.stale) slot.stale = slot.block_types != block_types_of(lens.mem, first);
    }
}

// A slot that no frame needs just now, or a new one.
u32 TileAtlas::take_slot() {
    const u32 capacity = MAX_SHEETS * slots_in_sheet_;
    if (slots_.size() < capacity) {
        slots_.emplace_back();
        if (slots_.size() > sheets_.size() * slots_in_sheet_) sheets_.push_back(std::make_unique<Sheet>());
        return static_cast<u32>(slots_.size()) - 1;
    }
    for (u32 i = 0; i < capacity; ++i) {
        clock_hand_ = (clock_hand_ + 1) % capacity;
        if (slots_[clock_hand_].frame_used < frame_) break;
    }
    slot_of_.erase(slots_[clock_hand_].key);
    return clock_hand_;
}

TileAtlas::Tile TileAtlas::tile(const MapLens& lens, pfn_t first, u32 zone_slot) {
    const u64 key = key_of(first, zone_slot);
    const auto known = slot_of_.find(key);
    const bool stale = known == slot_of_.end() || slots_[known->second].stale;
    if (stale && texels_left_ == 0) {
        pending_ = true;
        if (known == slot_of_.end()) return {};
    } else if (stale) {
        const u32 slot = known == slot_of_.end() ? take_slot() : known->second;
        if (known == slot_of_.end()) slot_of_.emplace(key, slot);
        slots_[slot].key = key;
        paint(lens, slot, first, zone_slot);
        const u32 cost = std::max(size_.width * size_.height, FRAMES_A_TILE_COSTS);
        texels_left_ -= std::min(texels_left_, cost);
        slots_[slot].frame_used = frame_;
        return place_of(slot);
    }
    slots_[known->second].frame_used = frame_;
    return place_of(known->second);
}

TileAtlas::Tile TileAtlas::last_painted(const MapLens& lens, const Palette& palette, pfn_t first, u32 zone_slot) const {
    const auto known = slot_of_.find(key_of(first, zone_slot));
    return known == slot_of_.end() || !shows(lens, palette) ? Tile{} : place_of(known->second);
}

void TileAtlas::paint(const MapLens& lens, u32 slot, pfn_t first, u32 zone_slot) {
    Sheet& sheet = *sheets_[slot / slots_in_sheet_];
    const u32 in_sheet = slot % slots_in_sheet_;
    const u32 x = in_sheet % slots_in_row_ * (size_.width + 2);
    const u32 y = in_sheet / slots_in_row_ * (size_.height + 2);
    const u32 w = size_.width, h = size_.height;

    slots_[slot].repaint_at =
        paint_tile(lens, *palette_, first, zone_slot, shift_, sheet.at(x + 1, y + 1), SHEET_SIDE, scratch_);
    slots_[slot].block_types = block_types_of(lens.mem, first);
    slots_[slot].stale = false;
    for (u32 row = 1; row <= h; ++row) {
        *sheet.at(x, y + row) = *sheet.at(x + 1, y + row);
        *sheet.at(x + w + 1, y + row) = *sheet.at(x + w, y + row);
    }
    std::copy_n(sheet.at(x, y + 1), w + 2, sheet.at(x, y));
    std::copy_n(sheet.at(x, y + h), w + 2, sheet.at(x, y + h + 1));
    queue_update(sheet.texture, x, y, w + 2, h + 2);
}

TileAtlas::Tile TileAtlas::place_of(u32 slot) const {
    const u32 in_sheet = slot % slots_in_sheet_;
    const float x = static_cast<float>(in_sheet % slots_in_row_ * (size_.width + 2) + 1);
    const float y = static_cast<float>(in_sheet / slots_in_row_ * (size_.height + 2) + 1);
    constexpr float side = SHEET_SIDE;
    return {&sheets_[slot / slots_in_sheet_]->texture, x / side, y / side, (x + static_cast<float>(size_.width)) / side,
            (y + static_cast<float>(size_.height)) / side};
}

} // namespace shell
