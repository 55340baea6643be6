#pragma once
// Labels beside a scale: each wants to stand at its value, none may cover another.
#include <algorithm>
#include <numeric>
#include <vector>

namespace shell {

// Moves the wanted places apart until neighbours are at least `distance` from each other, within [low, high] as far as
// there is room, keeping their order. Equal places keep the order in which they are given.
[[nodiscard]] inline std::vector<float> spread_labels(const std::vector<float>& wanted, float distance, float low,
                                                      float high) {
    std::vector<std::size_t> by_place(wanted.size());
    std::iota(by_place.begin(), by_place.end(), std::size_t{0});
    std::stable_sort(by_place.begin(), by_place.end(),
                     [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
    std::vector<float> placed(wanted.size());
    // Labels that touch form a group, which stands about the mean of what its members want.
    struct Group {
        float sum; // of the wanted place of the first label that each member asks for
        float nr;
        std::size_t first;
    };
    std::vector<Group> groups;
    const auto start = [&](const Group& group) {
        const float most = high - distance * (group.nr - 1);
        return std::max(std::min(group.sum / group.nr, most), low);
    };
    for (std::size_t i = 0; i < by_place.size(); ++i) {
        groups.push_back({wanted[by_place[i]], 1, i});
        while (groups.size() > 1) {
            Group& above = groups[groups.size() - 2];
            const Group& below = groups.back();
            if (start(below) >= start(above) + distance * above.nr) break;
            above.sum += below.sum - distance * above.nr * below.nr;
            above.nr += below.nr;
            groups.pop_back();
        }
    }
    for (const Group& group : groups) {
        const float first = start(group);
        for (std::size_t i = 0; static_cast<float>(i) < group.nr; ++i)
            placed[by_place[group.first + i]] = first + distance * static_cast<float>(i);
    }
    return placed;
}

} // namespace shell
