// SPDX-License-Identifier: MIT
#include "form_fields.h"

#include "server_errors.h"

#include "util/durable_file.h"
#include "util/json_reader.h"
#include "util/json_writer.h"
#include "util/unique_fd.h"

#include <Poco/JSON/Array.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace apbfarm::server {

const FormPart* findPart(const HttpRequest& request, std::string_view name, bool file)
{
    for (const auto& part : request.parts())
        if (part->name() == name && part->isFile() == file)
            return part.get();
    return nullptr;
}

std::string textOf(const HttpRequest& request, std::string_view name)
{
    const auto* part = findPart(request, name, false);
    return part && part->inMemory() ? std::string(part->text()) : std::string();
}

void storePart(const FormPart& part, const std::filesystem::path& file)
{
    const util::UniqueFd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!out)
        throw Unavailable("cannot store a file: " + std::string(std::strerror(errno)), "storage_failed");
    if (part.inMemory())
        return util::writeAll(out.get(), part.text());
    char buffer[65536];
    for (off_t offset = 0;;) {
        const auto got = ::pread(part.descriptor(), buffer, sizeof buffer, offset);
        if (got < 0)
            throw Unavailable("cannot read an uploaded file", "storage_failed");
        if (got == 0)
            return;
        util::writeAll(out.get(), {buffer, static_cast<std::size_t>(got)});
        offset += got;
    }
}

namespace {

std::string member(const Poco::JSON::Object& repository, const std::string& name)
{
    if (!repository.has(name) || repository.isNull(name))
        return {};
    if (!repository.get(name).isString())
        throw InvalidInput(name + " must be a text");
    return repository.getValue<std::string>(name);
}

void checkRepository(const std::string& name, const std::string& url)
{
    const bool plain = std::ranges::all_of(name, [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || std::strchr("@_+.-", c);
    });
    if (name.empty() || name.size() > 128 || !plain)
        throw InvalidInput("a repository needs a plain name");
    if (!(url.starts_with("http://") || url.starts_with("https://")) || url.size() > 2048
        || std::ranges::any_of(url, [](unsigned char c) { return c <= 0x20 || c == 0x7f; }))
        throw InvalidInput("a repository needs an http or https URL");
}

} // namespace

std::string checkedRepositories(const std::string& text)
{
    if (text.empty())
        return "[]";
    try {
        const auto wrapped = util::parseJsonObject("{\"list\":" + text + "}");
        const auto list = wrapped->getArray("list");
        if (!list || wrapped->size() != 1)
            throw InvalidInput("a list is expected");
        util::JsonWriter json;
        json.beginArray();
        for (unsigned i = 0; i < list->size(); ++i) {
            const auto repository = list->getObject(i);
            if (!repository)
                throw InvalidInput("a list of objects is expected");
            const auto name = member(*repository, "name");
            const auto url = member(*repository, "url");
            checkRepository(name, url);
            json.beginObject().member("name", name).member("url", url);
            json.member("gpg_key_id", member(*repository, "gpg_key_id")).endObject();
        }
        return json.endArray().take();
    } catch (const std::exception& error) {
        throw Refusal(400, "Invalid extra_repos", error.what());
    }
}

} // namespace apbfarm::server
