// SPDX-License-Identifier: MIT
#include "builders.h"

#include "util/text.h"

namespace apbfarm::server {

PlainBuilder::PlainBuilder(const Settings& settings, const Account& account) : Builder(settings, account) {}

std::string PlainBuilder::whyUnusable() const
{
    // The folder is checked with it: an account that cannot get there fails in the middle of makepkg, in odd words.
    const auto result = runToEnd({{"sh", "-c", "command -v makepkg >/dev/null && fakeroot true && cd \"$0\"",
                                   std::filesystem::absolute(settings_.buildsDir)},
                                  environment("/tmp"), "/", account_});
    if (result.code == 0)
        return {};
    const auto said = util::oneLine(util::trim(result.output), 300);
    return said.empty() ? "makepkg or fakeroot is missing" : said;
}

Command PlainBuilder::prepare(const Workspace& workspace, const BuildRecord&) const
{
    const auto root = std::filesystem::absolute(workspace.root());
    workspace.writeEtc("makepkg.conf", configuration(root));
    return {makepkg(std::filesystem::absolute(workspace.etc() / "makepkg.conf")), environment(root), root / "start",
            account_};
}

} // namespace apbfarm::server
