#pragma once
// The pte helpers by name: what ops, forms and the calculator offer. Each is one function of pte.h.
#include <array>
#include <optional>
#include <string_view>

#include "mmu/pte.h"

namespace mm {

// Helpers that make another entry of one. The order of the names is that of `helper` in the op set_pte_at.
inline constexpr std::array<std::string_view, 9> pte_change_names = {"pte_mkwrite",   "pte_wrprotect", "pte_mkdirty",
                                                                     "pte_mkclean",   "pte_mkyoung",   "pte_mkold",
                                                                     "pte_mkspecial", "pte_mkcont",    "pte_mknoncont"};
// Helpers that ask. The order is that of `helper` in the op ptep_get.
inline constexpr std::array<std::string_view, 11> pte_question_names = {
    "pte_present", "pte_valid", "pte_protnone", "pte_write", "pte_user",  "pte_user_exec",
    "pte_young",   "pte_dirty", "pte_special",  "pte_cont",  "pte_devmap"};

// nullopt: this architecture has no such helper (x86 has no contiguous bit).
[[nodiscard]] std::optional<pteval_t> change_pte(const pte_format& format, pteval_t pte, std::size_t helper);
[[nodiscard]] bool ask_pte(const pte_format& format, pteval_t pte, std::size_t helper);

} // namespace mm
