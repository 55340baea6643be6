#include "views/process/space_band.h"

#include <algorithm>

namespace shell {

namespace {

constexpr float ABOVE_MARKS = 8;
constexpr int HALVINGS = 40;

// The heights that pieces have however small the scale is.
std::vector<float> least_heights(const SpacePicture& picture, const std::vector<bool>& shown, const BandRules& rules) {
    std::vector<float> least;
    for (const SpacePiece& piece : picture.pieces) least.push_back(piece.is_hole() ? rules.hole : rules.line);
    std::vector<mm::u32> marks(least.size(), 0);
    for (const SpaceMark& mark : picture.marks) ++marks[picture.piece_at(mark.address)];
    for (std::size_t i = 0; i < least.size(); ++i) {
        if (marks[i] > 1) least[i] = std::max(least[i], static_cast<float>(marks[i]) * rules.mark + ABOVE_MARKS);
        if (i == rules.opened) least[i] = std::max(least[i], rules.opened_height);
        if (!shown[i]) least[i] = 0;
    }
    return least;
}

} // namespace

SpaceBand::SpaceBand(const SpacePicture& picture, const std::vector<bool>& shown, const BandRules& rules) {
    const std::vector<float> least = least_heights(picture, shown, rules);
    const auto height_of = [&](std::size_t i, double scale) {
        const SpacePiece& piece = picture.pieces[i];
        if (piece.is_hole() || !shown[i] || i == rules.opened) return least[i];
        return std::max(least[i], static_cast<float>(static_cast<double>(piece.end - piece.start) * scale));
    };
    const auto total = [&](double scale) {
        double sum = 0;
        for (std::size_t i = 0; i < least.size(); ++i) sum += static_cast<double>(height_of(i, scale));
        return sum;
    };
    // The scale by which all are as high as the room, or a quarter higher than their lines where these need more.
    const double wanted = std::max(static_cast<double>(rules.room), total(0) * 1.25);
    double low = 0, high = 1;
    for (int i = 0; i < HALVINGS; ++i) {
        const double middle = (low + high) / 2;
        (total(middle) > wanted ? high : low) = middle;
    }
    // Where only folds are shown, nothing is to scale.
    const bool scaled = total(1) > total(0);
    scale_ = scaled ? low : 0;
    tops_.push_back(0);
    for (std::size_t i = 0; i < least.size(); ++i) tops_.push_back(tops_.back() + height_of(i, scale_));
}

float SpaceBand::y_of(const SpacePicture& picture, mm::u64 address) const {
    const std::size_t i = picture.piece_at(address);
    const SpacePiece& piece = picture.pieces[i];
    const double part =
        static_cast<double>(std::min(address, piece.end) - piece.start) / static_cast<double>(piece.end - piece.start);
    return top(i) + (bottom(i) - top(i)) * static_cast<float>(part);
}

std::size_t SpaceBand::first_below(float y) const {
    const auto found = std::upper_bound(tops_.begin(), tops_.end(), y);
    const std::size_t at = static_cast<std::size_t>(found - tops_.begin());
    return at == 0 ? 0 : at - 1;
}

} // namespace shell
