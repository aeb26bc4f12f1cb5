/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#ifndef VERSION
#define VERSION "unknown"
#endif

static int usage(const char *program)
{
    fprintf(stderr, "usage: %s [--version | NAME]\n", program);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return usage(argv[0]);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("hello " VERSION);
        return 0;
    }
    if (argc == 2 && argv[1][0] == '-')
        return usage(argv[0]);
    printf("Hello, %s! This was built by a package build farm.\n", argc == 2 ? argv[1] : "world");
    return 0;
}
