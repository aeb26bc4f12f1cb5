// SPDX-License-Identifier: MIT
// Is a shared library like any other, but no plugin: it exports no manifest.
extern "C" __attribute__((visibility("default"))) int answer()
{
    return 42;
}
