#include "base/late_text.h"

void late_text_missing(const char* text) { MM_ASSERT(*text != '\0'); }
