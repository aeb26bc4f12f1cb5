#!/bin/sh
# SPDX-License-Identifier: MIT
# Usage: test-hello.sh PROGRAM VERSION
set -eu

expect() {
    if [ "$1" != "$2" ]; then
        echo "expected '$1', got '$2'" >&2
        exit 1
    fi
}

expect "Hello, world! This was built by a package build farm." "$("$1")"
expect "Hello, farm! This was built by a package build farm." "$("$1" farm)"
expect "hello $2" "$("$1" --version)"
if "$1" --nonsense 2>/dev/null; then
    echo "an unknown option was accepted" >&2
    exit 1
fi
echo "all tests passed"
