#ifndef SWIFTLET_FUZZER_H
#define SWIFTLET_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own `main`: reads the options in `argv` and calls `test` with one input after another.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));

#endif
