// SPDX-License-Identifier: MIT
#include "pages.h"

#include "util/text.h"

namespace apbfarm::server::pages {

namespace {

std::string escaped(std::string_view raw)
{
    std::string out;
    for (const char c : util::toUtf8(raw))
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    return out;
}

std::string page(const std::string& title, const std::string& body)
{
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escaped(title)
           + "</title></head>\n<body><h1>" + escaped(title) + "</h1>\n" + body + "</body></html>\n";
}

std::string link(const BuildId& id, const std::string& action, const std::string& name)
{
    // Names of sources are the submitter's; in a path '%', '?' and '#' would mean something else.
    std::string target;
    for (const unsigned char c : name) {
        constexpr auto digits = "0123456789ABCDEF";
        if (c == '%' || c == '?' || c == '#' || c <= 0x20 || c >= 0x7f)
            target += std::string("%") + digits[c >> 4] + digits[c & 15];
        else
            target += static_cast<char>(c);
    }
    return "<li><a href=\"/build/" + id + "/" + action + "/" + escaped(target) + "\">" + escaped(name) + "</a></li>\n";
}

} // namespace

std::string build(const BuildRecord& record, const std::vector<json::SourceFile>& sources,
                  const std::vector<std::string>& lastLines)
{
    std::string body = "<p>" + record.id + ": <strong>" + std::string(toText(record.status)) + "</strong></p>\n";
    if (!record.isFinal())
        body += "<p><a href=\"/build/" + record.id + "/confirm-cancel\">Cancel this build</a></p>\n";
    body += "<h2>Packages</h2>\n<ul>\n";
    for (const auto& package : record.packages)
        body += link(record.id, "download", package.filename);
    body += "</ul>\n<h2>Files</h2>\n<ul>\n" + link(record.id, "view", "build.log");
    for (const auto& source : sources)
        body += link(record.id, "view", source.filename);
    body += "</ul>\n<h2>Log</h2>\n<pre>\n";
    for (const auto& line : lastLines)
        body += escaped(line) + "\n";
    return page(record.pkgname, body + "</pre>\n");
}

std::string text(const BuildRecord& record, const std::string& filename, const std::string& content)
{
    return page(filename, "<p><a href=\"/build/" + record.id + "\">" + escaped(record.pkgname) + "</a></p>\n<pre>\n"
                              + escaped(content) + "</pre>\n");
}

std::string confirmCancel(const BuildRecord& record)
{
    return page("Cancel " + record.pkgname + "?", "<form method=\"post\" action=\"/build/" + record.id
                                                      + "/cancel\"><button>Cancel the build</button></form>\n");
}

std::string cleanup()
{
    return page("Clean up", "<form method=\"post\" action=\"/admin/cleanup\">"
                            "<button>Remove builds that ended more than a week ago</button></form>\n");
}

} // namespace apbfarm::server::pages
