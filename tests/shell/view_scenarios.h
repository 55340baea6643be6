#pragma once
// Small scenarios in which every view has something to show.
#include <string_view>

namespace shell::test {

inline constexpr std::string_view PAGES = R"({
  "format": "mmscope/1", "title": {"en": "Pages", "zh": "页"},
  "machine": {"profile": {"name": "small", "arch": "x86_64", "kernel": "6.1", "memory": "64MiB", "cpus": 2, "nodes": 2}},
  "steps": [
    {"op": "alloc_pages", "order": 4, "gfp": "GFP_KERNEL", "as": "a"},
    {"op": "alloc_pages", "order": 0, "gfp": "GFP_HIGHUSER_MOVABLE", "as": "b"},
    {"op": "kmalloc", "size": 50, "as": "k"},
    {"op": "__free_pages", "page": "a"},
    {"op": "__free_pages", "page": "b"},
    {"op": "drain_all_pages"}
  ]
})";
inline constexpr std::string_view ARM64 = R"({
  "format": "mmscope/1", "title": {"en": "Walks", "zh": "查表"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64", "cpus": 2, "allocator": "slab"}},
  "steps": [
    {"op": "vmalloc", "size": 8192, "as": "a"},
    {"op": "kmalloc", "size": 300, "as": "k"},
    {"op": "pgd_alloc", "as": "p"},
    {"op": "alloc_page", "as": "u"},
    {"op": "vm_insert_pages", "mm": "p", "address": "0x400000", "page": "u"},
    {"op": "access", "mm": "p", "address": "0x400000"},
    {"op": "unmap_page_range", "mm": "p", "address": "0x400000", "size": 4096},
    {"op": "vfree", "area": "a"},
    {"op": "kfree", "object": "k"}
  ]
})";
inline constexpr std::string_view I386 = R"({
  "format": "mmscope/1", "title": {"en": "High memory", "zh": "高端内存"},
  "machine": {"profile": {"memory": "1GiB", "kernel": "6.1", "arch": "i386", "allocator": "slob"}},
  "steps": [
    {"op": "alloc_pages", "order": 0, "gfp": "GFP_HIGHUSER", "as": "h"},
    {"op": "kmap", "page": "h"},
    {"op": "kmalloc", "size": 100, "as": "k"},
    {"op": "pgd_alloc", "as": "p"}, {"op": "switch_mm", "mm": "p"},
    {"op": "logical_access", "selector": "0x7b", "offset": "0x8048123"}
  ]
})";
inline constexpr std::string_view PROCESSES = R"({
  "format": "mmscope/1", "title": {"en": "Processes", "zh": "进程"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}},
  "steps": [
    {"op": "execve", "program": "/bin/first", "as": "p"},
    {"op": "mmap", "process": "p", "size": 32768, "as": "a"},
    {"op": "munmap", "process": "p", "address": "a+0x2000", "size": 8192},
    {"op": "mprotect", "process": "p", "address": "a", "size": 4096, "prot": "PROT_READ"},
    {"op": "execve", "program": "/bin/second", "as": "q"},
    {"op": "exit", "process": "p"}
  ]
})";

} // namespace shell::test
