// SPDX-License-Identifier: MIT
#pragma once

#include "support/http_client.h"

#include "package/tarball_writer.h"
#include "util/json_reader.h"

#include <string>
#include <vector>

namespace apbfarm::test {

/// A PKGBUILD of a package without sources that builds in a moment.
inline std::string pkgbuild(const std::string& name, const std::string& architectures = "'x86_64'",
                            const std::string& body = "package() { mkdir -p \"$pkgdir/usr/share\"; "
                                                      "echo hello > \"$pkgdir/usr/share/$pkgname\"; }\n")
{
    return "pkgname=" + name + "\npkgver=1.0\npkgrel=1\npkgdesc='a test'\nlicense=('custom')\narch=(" + architectures +
           ")\n" + body;
}

inline std::string tarballOf(const std::string& pkgbuildText)
{
    return package::writeTarball({{"PKGBUILD", pkgbuildText}});
}

inline HttpAnswer submitTarball(const HttpClient& client, const std::string& tarball, const std::string& architectures = "",
                                const HttpHeaders& headers = {})
{
    std::vector<HttpPart> parts;
    if (!architectures.empty())
        parts.push_back({"architectures", architectures});
    parts.push_back({"build_tarball", tarball, "build.tar.gz", "application/gzip"});
    return client.multipart("/build", parts, headers);
}

inline HttpAnswer submit(const HttpClient& client, const std::string& name, const std::string& architectures = "'x86_64'",
                         const HttpHeaders& headers = {})
{
    return submitTarball(client, tarballOf(pkgbuild(name, architectures)), "", headers);
}

inline Poco::JSON::Object::Ptr json(const HttpAnswer& answer)
{
    return util::parseJsonObject(answer.body, {64 << 20, 32});
}

inline std::string member(const HttpAnswer& answer, const std::string& name)
{
    return json(answer)->optValue<std::string>(name, "");
}

inline std::string statusOf(const HttpClient& client, const std::string& build)
{
    return member(client.get("/build/" + build + "/status-api"), "status");
}

inline bool isFinal(const std::string& status)
{
    return status == "completed" || status == "failed" || status == "cancelled";
}

} // namespace apbfarm::test
