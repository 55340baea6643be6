#include "mmu/pte_helpers.h"

#include <iterator>

#include "base/assert.h"

namespace mm {

std::optional<pteval_t> change_pte(const pte_format& format, pteval_t pte, std::size_t helper) {
    using Change = pteval_t (*)(const pte_format&, pteval_t);
    static constexpr Change changes[] = {pte_mkwrite, pte_wrprotect, pte_mkdirty, pte_mkclean,  pte_mkyoung,
                                         pte_mkold,   pte_mkspecial, pte_mkcont,  pte_mknoncont};
    static_assert(std::size(changes) == pte_change_names.size());
    MM_ASSERT(helper < pte_change_names.size());
    const Change change = changes[helper];
    if (!format.arch().has_contiguous_hint && (change == pte_mkcont || change == pte_mknoncont)) return std::nullopt;
    return change(format, pte);
}

bool ask_pte(const pte_format& format, pteval_t pte, std::size_t helper) {
    using Question = bool (*)(const pte_format&, pteval_t);
    static constexpr Question valid = [](const pte_format&, pteval_t entry) { return pte_valid(entry); };
    static constexpr Question questions[] = {pte_present, valid,     pte_protnone, pte_write, pte_user,  pte_user_exec,
                                             pte_young,   pte_dirty, pte_special,  pte_cont,  pte_devmap};
    static_assert(std::size(questions) == pte_question_names.size());
    MM_ASSERT(helper < pte_question_names.size());
    return questions[helper](format, pte);
}

} // namespace mm
