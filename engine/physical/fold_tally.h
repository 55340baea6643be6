#pragma once
// What moves many blocks at once changes NR_FREE_PAGES with each of them, and a CPU's delta passes its threshold again and
// again. While a FoldTally stands, the folds of its zone are counted; its end tells them in one event.
#include <array>

#include "physical/events.h"
#include "physical/memory.h"

namespace mm {

template <any_context Context>
class FoldTally {
  public:
    FoldTally(Context& cx, const zone& z) : cx_(cx), zone_(z), outermost_(cx.folds == nullptr) {
        if (outermost_) cx.folds = &counts_;
    }
    ~FoldTally() {
        if (!outermost_) return;
        cx_.folds = nullptr;
        for (std::size_t counter = 0; counter < counts_.size(); ++counter) {
            const fold_count& folds = counts_[counter];
            if (folds.times == 1)
                cx_.sink.emit(physical_event::vmstat_fold, zone_.number, cx_.cpu, folds.sum, zone_.stat_threshold,
                              counter);
            else if (folds.times > 1)
                cx_.sink.emit(physical_event::vmstat_folds, zone_.number, cx_.cpu, folds.times, folds.sum,
                              zone_.stat_threshold, counter);
        }
    }
    FoldTally(const FoldTally&) = delete;
    FoldTally& operator=(const FoldTally&) = delete;

  private:
    Context& cx_;
    const zone& zone_;
    bool outermost_;
    fold_counts counts_{};
};

} // namespace mm
