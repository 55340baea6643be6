#include "machine/op_kind.h"

namespace mm {

OpKind kind_of(const OpSpec& spec) {
    if (spec.keeps_pages) return OpKind::other;
    if (spec.makes != ResultKind::none && spec.makes != ResultKind::cache) return OpKind::alloc;
    for (const FieldSpec& field : spec.field_list()) {
        const ResultKind taken = result_kind(field.unit);
        if (taken != ResultKind::none && taken != ResultKind::cache && taken != ResultKind::space) return OpKind::free;
    }
    return OpKind::other;
}

} // namespace mm
