# SPDX-License-Identifier: MIT
"""Tarballs that the farm accepts."""
import gzip
import io
import os
import tarfile

PKGBUILD = b"""pkgname=bench
pkgver=1.0
pkgrel=1
pkgdesc='a measurement'
arch=('x86_64')
source=('data')
sha256sums=('SKIP')
package() { :; }
"""

MIB = 1 << 20


def member(name, size):
    info = tarfile.TarInfo(name)
    info.size = size
    return info


def small_tarball():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(member("PKGBUILD", len(PKGBUILD)), io.BytesIO(PKGBUILD))
    return packed.getvalue()


class RandomBytes(io.RawIOBase):
    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[:] = os.urandom(len(buffer))
        return len(buffer)


def write_large_tarball(path, mebibytes):
    """Of about that size: bytes that do not compress, stored as they are."""
    with gzip.open(path, "wb", compresslevel=0) as packed, \
            tarfile.open(fileobj=packed, mode="w|", bufsize=MIB) as archive:
        archive.addfile(member("PKGBUILD", len(PKGBUILD)), io.BytesIO(PKGBUILD))
        archive.addfile(member("data", mebibytes * MIB), io.BufferedReader(RandomBytes(), MIB))


def write_random_file(path, mebibytes):
    with open(path, "wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(MIB))
