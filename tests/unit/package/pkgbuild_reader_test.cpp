// SPDX-License-Identifier: MIT
#include "package/pkgbuild_reader.h"

#include "package/shell_reader.h"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace apbfarm;
using namespace apbfarm::package;

namespace {

const std::string kHead = "pkgname=hello\npkgver=1.0\npkgrel=1\narch=(x86_64)\n";

std::string names(std::string_view text)
{
    std::string all;
    for (const auto& name : readPkgbuild(text).pkgnames)
        all += (all.empty() ? "" : " ") + name;
    return all;
}

std::string nameOf(const std::string& assignments)
{
    return names("pkgver=1\npkgrel=1\narch=(any)\n" + assignments);
}

std::string versionOf(const std::string& assignments)
{
    return readPkgbuild("pkgname=hello\npkgrel=1\narch=(any)\n" + assignments).pkgver;
}

std::string architecturesOf(const std::string& assignments)
{
    std::string all;
    for (const auto& architecture : readPkgbuild("pkgname=hello\npkgver=1\npkgrel=1\n" + assignments).architectures)
        all += (all.empty() ? "" : " ") + architecture;
    return all;
}

/// The fields that are complained about, each once, in order.
std::string complaints(std::string_view text)
{
    try {
        readPkgbuild(text);
    } catch (const InvalidInput& error) {
        BOOST_TEST(error.code() == "invalid_pkgbuild");
        std::string fields;
        for (const auto& field : error.fields())
            if (fields.find(field.field) == fields.npos)
                fields += (fields.empty() ? "" : " ") + field.field;
        return fields;
    }
    return "accepted";
}

struct Case {
    const char* text;
    const char* wanted;
};

std::string fileContent(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t looksAt(const std::string& text)
{
    ShellReader reader(text);
    reader.run();
    return reader.looks();
}

std::string repeated(std::string_view piece, std::size_t bytes)
{
    std::string text;
    while (text.size() < bytes)
        text += piece;
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(PkgbuildReader)

BOOST_AUTO_TEST_CASE(reads_an_ordinary_file)
{
    const auto info =
        readPkgbuild("# Maintainer: A <a@example.org>\npkgname=hello-multi\nepoch=2\npkgver=1.2.3\npkgrel=4\n"
                     "pkgdesc=\"Says 'hello'; twice\"\narch=('x86_64' 'aarch64' \"riscv64\")\n"
                     "build() {\n  pkgver=9\n}\n");
    BOOST_TEST(info.pkgname == "hello-multi");
    BOOST_TEST(info.epoch == "2");
    BOOST_TEST(info.pkgver == "1.2.3");
    BOOST_TEST(info.pkgrel == "4");
    BOOST_TEST(info.architectures == (std::vector<std::string>{"x86_64", "aarch64", "riscv64"}),
               boost::test_tools::per_element());
    BOOST_TEST(info.warnings.empty());
}

BOOST_AUTO_TEST_CASE(finds_names_in_every_ordinary_spelling)
{
    for (const auto& [text, wanted] : std::initializer_list<Case>{
             {"pkgname=hello", "hello"},
             {"  pkgname=hello   # the name", "hello"},
             {"pkgname='hello'", "hello"},
             {"pkgname=\"hello\"", "hello"},
             {"pkgname=he\"l\"'l'o", "hello"},
             {"pkgname=he\\\nllo", "hello"},
             {"pkgname=$'hello'", "hello"},
             {"pkgname=hello;pkgdesc=x", "hello"},
             {"export pkgname=hello", "hello"},
             {"declare -r pkgname=hello", "hello"},
             {"pkgname=(a b)", "a b"},
             {"pkgname=(\n  'a' # first\n\n  \"b\"\n)", "a b"},
             {"pkgname=(a); pkgname+=(b)", "a b"},
             {"pkgname=hel; pkgname+=lo", "hello"},
             {"pkgname=old\npkgname=new", "new"},
             {"_n=hello; pkgname=$_n", "hello"},
             {"_n=hello; pkgname=${_n}-git", "hello-git"},
             {"_n=hello; pkgname=\"$_n-git\"", "hello-git"},
             {"_n=hello; pkgname='a'\"${_n}\"b", "ahellob"},
             {"_n=Hello; pkgname=${_n,,}", "hello"},
             {"_n=a.b; pkgname=${_n/./-}", "a-b"},
             {"_n=lib-x; pkgname=${_n#lib-}", "x"},
             {"_n=x.git; pkgname=${_n%.git}", "x"},
             {"_n=(a b); pkgname=\"${_n[1]}\"", "b"},
             {"_n=(a b); pkgname=(\"${_n[@]}\" c)", "a b c"},
             {"_n=(a b); pkgname=$_n", "a"},
             {"_n='a  b'; pkgname=($_n)", "a b"},
             {"_n=x; pkgname=(p{,-$_n,-doc})", "p p-x p-doc"},
             {"pkgname=({python,python2}-foo)", "python-foo python2-foo"},
             {"pkgname=(a a b)", "a b"},
             {"pkgname=(a b) # c)", "a b"},
         })
        BOOST_TEST(nameOf(text) == wanted, text << " gave " << nameOf(text));
}

BOOST_AUTO_TEST_CASE(passes_over_what_is_not_top_level)
{
    for (const char* text : {
             "f() { pkgname=bad; }",
             "f()\n{\n  pkgname=bad\n}",
             "f () ( pkgname=bad )",
             "function f { pkgname=bad; }",
             "function f() { if true; then pkgname=bad; fi; }",
             "package() { case $x in a) pkgname=bad;; (b|c) y=1;; esac; }",
             "f() { echo \"}\" '}' \\} # }\n pkgname=bad\n}",
             "f() { x=${y:-'}'}; pkgname=bad; }",
             "f() { (( a << 2 )); [[ $a =~ ^(x|y)$ ]] && pkgname=bad\n}",
             "f() { cat <<EOF\n}\nEOF\npkgname=bad\n}",
             "cat <<EOF\npkgname=bad\nEOF",
             "cat <<-'END' > x\n\tpkgname=bad\n\tEND",
             "cat <<A <<\"B C\"\npkgname=bad\nA\npkgname=bad\nB C",
             "x=$(cat <<EOF\npkgname=bad )\nEOF\n)",
             "(pkgname=bad)",
             "x=$(pkgname=bad; echo \")\" # )\n)",
             "x=`pkgname=bad`",
             "# pkgname=bad",
             "echo pkgname=bad",
             "msg 'a\npkgname=bad\n'",
             "x=\"\npkgname=bad\n\"",
             "x=(\npkgname=bad\n)",
             "x=<(pkgname=bad)",
             "rm -f !(pkgname=bad)",
             "make \\\npkgname=bad",
         }) {
        const auto whole = "pkgname=hello\n" + std::string(text) + "\npkgver=2\n";
        BOOST_TEST(nameOf(whole) == "hello", text);
        BOOST_TEST(versionOf(whole) == "2", text);
    }
}

BOOST_AUTO_TEST_CASE(never_guesses_what_only_running_would_tell_K1_K4)
{
    for (const char* text : {
             "pkgname=$(echo hello)",
             "pkgname=`echo hello`",
             "pkgname=x$((1+1))",
             "pkgname=$NOT_SET_HERE",
             "pkgname=$pkgname",
             "pkgname=x-$CARCH",
             "pkgname=${1}",
             "pkgname=x$1",
             "pkgname=${!x}",
             "_n=a; pkgname=${_n//[a-z]/x}",
             "_n=$(date); pkgname=a$_n",
             "pkgname=(a $(b))",
             "pkgname=(a <(b))",
             "pkgname=([0]=a)",
             "pkgname=({1..3})",
             "pkgname=a; pkgname[1]=$x",
             "pkgname=$'\\x61'",
             "pkgname=a; if true; then pkgname=b; fi",
             "pkgname=a; [[ -n $x ]] && pkgname=b",
             "pkgname=a; [[ -n $x ]] &&\n  pkgname=b",
             "pkgname=a; test x || { pkgname=b; }",
             "pkgname=a; for pkgname in a b; do :; done",
             "pkgname=a; for i in 1 2; do pkgname+=$i; done",
             "pkgname=a; case $x in 1) pkgname=b;; esac",
             "pkgname=a; pkgname=b make",
             "pkgname=a; unset pkgname",
             "pkgname=a; echo x | pkgname=b",
             "pkgname=\"a",
             "pkgname='a",
             "pkgname=(a b",
             "pkgname=a$(b",
             "pkgname=${a",
         })
        BOOST_TEST(complaints(std::string("pkgver=1\npkgrel=1\narch=(any)\n") + text) == "pkgname", text);
}

BOOST_AUTO_TEST_CASE(an_unknown_version_is_empty_with_a_warning)
{
    const auto info = readPkgbuild("pkgname=a\npkgver=$(date +%s)\npkgrel=1\narch=(any)\n");
    BOOST_TEST(info.pkgver.empty());
    BOOST_REQUIRE_EQUAL(info.warnings.size(), 1u);
    BOOST_TEST(info.warnings[0].find("pkgver") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(pkgbase_names_a_split_package)
{
    const auto info = readPkgbuild("pkgbase=base\npkgname=(one two)\npkgver=1\npkgrel=1\narch=(any)\n");
    BOOST_TEST(info.pkgname == "base");
    BOOST_TEST(info.pkgnames.size() == 2u);
    BOOST_TEST(complaints("pkgbase=$(x)\npkgname=a\narch=(any)") == "pkgbase");
    BOOST_TEST(complaints("pkgbase=a/b\npkgname=a\narch=(any)") == "pkgbase");
}

BOOST_AUTO_TEST_CASE(reads_architectures)
{
    BOOST_TEST(architecturesOf("") == "x86_64");
    BOOST_TEST(architecturesOf("arch=any") == "any");
    BOOST_TEST(architecturesOf("arch=('any' x86_64)") == "any x86_64");
    BOOST_TEST(architecturesOf("arch=(a a b)") == "a b");
    BOOST_TEST(architecturesOf("_a='a b'; arch=($_a)") == "a b");
    BOOST_TEST(complaints("pkgname=a\narch=()") == "arch");
    BOOST_TEST(complaints("pkgname=a\narch=(X86)") == "arch");
    BOOST_TEST(complaints("pkgname=a\narch=($(uname -m))") == "arch");
    BOOST_TEST(complaints("pkgname=a\narch=('a b')") == "arch");
    std::string many;
    for (int i = 0; i < 1000; ++i)
        many += " a" + std::to_string(i);
    BOOST_TEST(complaints("pkgname=a\narch=(" + many + ")") == "arch");
}

BOOST_AUTO_TEST_CASE(refuses_values_outside_the_rules_K4)
{
    for (const auto& [text, wanted] : std::initializer_list<Case>{
             {"", "pkgname"},
             {"pkgname=", "pkgname"},
             {"pkgname=()", "pkgname"},
             {"pkgname='<script>'", "pkgname"},
             {"pkgname=a/b", "pkgname"},
             {"pkgname=../a", "pkgname"},
             {"pkgname=-a", "pkgname"},
             {"pkgname=.a", "pkgname"},
             {"pkgname=Hello", "pkgname"},
             {"pkgname='a\nb'", "pkgname"},
             {"pkgname='a\033[1m'", "pkgname"},
             {"pkgname=h\xc3\xa9llo", "pkgname"},
             {"pkgname=(a 'b c')", "pkgname"},
             {"pkgname=a\npkgver=1:2", "pkgver"},
             {"pkgname=a\npkgver=1-2", "pkgver"},
             {"pkgname=a\npkgver=1/2", "pkgver"},
             {"pkgname=a\npkgver='1 2'", "pkgver"},
             {"pkgname=a\npkgrel=x", "pkgrel"},
             {"pkgname=a\npkgrel=1.", "pkgrel"},
             {"pkgname=a\npkgrel=1.2.3", "pkgrel"},
             {"pkgname=a\nepoch=-1", "epoch"},
             {"pkgname=a\nepoch=1.0", "epoch"},
             {"pkgname=a/b\npkgver=1:2\npkgrel=x\nepoch=y\narch=(A)", "pkgname arch pkgver pkgrel epoch"},
         })
        BOOST_TEST(complaints(text) == wanted, text);
    BOOST_TEST(complaints("pkgname=" + std::string(129, 'a')) == "pkgname");
    BOOST_TEST(complaints("pkgname=" + std::string(10 << 10, 'a')) == "pkgname");
    BOOST_TEST(names("pkgname=" + std::string(128, 'a')) == std::string(128, 'a'));
    BOOST_TEST(names("pkgname=@a+b_c.d-1") == "@a+b_c.d-1");
    BOOST_TEST(readPkgbuild("pkgname=a\npkgrel=1.2").pkgrel == "1.2");
}

BOOST_AUTO_TEST_CASE(tolerates_windows_line_ends_and_a_byte_order_mark)
{
    const auto info = readPkgbuild("\xef\xbb\xbfpkgname=hello\r\npkgver=1\r\npkgrel=1\r\narch=(\r\n'any'\r\n)\r\n");
    BOOST_TEST(info.pkgname == "hello");
    BOOST_TEST(info.architectures.front() == "any");
}

BOOST_AUTO_TEST_CASE(tolerates_comments_in_another_encoding)
{
    BOOST_TEST(names(kHead + "# Ren\xe9\n") == "hello");
}

BOOST_AUTO_TEST_CASE(refuses_binary_and_oversized_files)
{
    BOOST_TEST(complaints(kHead + std::string("\0", 1)) == "");
    BOOST_CHECK_THROW(readPkgbuild(kHead + repeated("# comment\n", 1 << 20)), TooLarge);
    BOOST_TEST(names(kHead + std::string((1 << 20) - kHead.size(), '#')) == "hello");
}

BOOST_AUTO_TEST_CASE(warns_about_files_that_end_inside_something_or_take_in_others)
{
    BOOST_TEST(readPkgbuild(kHead + "x='abc\n").warnings.size() == 1u);
    BOOST_TEST(readPkgbuild(kHead + "cat <<EOF\nabc\n").warnings.size() == 1u);
    BOOST_TEST(readPkgbuild(kHead + "source common.sh\n").warnings.size() == 1u);
    BOOST_TEST(readPkgbuild(kHead + "f() { source common.sh; }\n").warnings.empty());
}

BOOST_AUTO_TEST_CASE(work_grows_with_the_length_and_not_faster_K3)
{
    for (const std::string_view piece : {"a=$a$a\n",
                                         "a+=$a;",
                                         "x=(\"${x[@]}\" y)\n",
                                         "{ ",
                                         "( ",
                                         "$(",
                                         "${",
                                         "\"$(",
                                         "`",
                                         "'",
                                         "\\",
                                         "a=",
                                         "a[",
                                         "a[;",
                                         "[}<;\a;r1",
                                         "a  (",
                                         "<<E ",
                                         "<<E\n",
                                         "if ",
                                         "case x in ",
                                         "((",
                                         "[[ ",
                                         "#",
                                         "=(",
                                         "a=b\n",
                                         "a=1 b ",
                                         "f() {",
                                         "&&\n",
                                         "a=(b{c,d}{e,f}{g,h})\n",
                                         "x=${x//a/aa}\n",
                                         ";;",
                                         "|"}) {
        const auto small = looksAt("a=xy\nx=(a b)\n" + repeated(piece, 32 << 10));
        const auto large = looksAt("a=xy\nx=(a b)\n" + repeated(piece, 256 << 10));
        BOOST_TEST(large <= 10 * small, "'" << piece << "' took " << small << ", then " << large);
        BOOST_TEST(large <= 24u * (256 << 10), "'" << piece << "' took " << large);
    }
}

BOOST_AUTO_TEST_CASE(expansions_are_bounded_in_depth_and_size_K3)
{
    std::string doubling = "v0=aaaaaaaaaaaaaaaa\n";
    std::string chain = "v0=a\n";
    for (int i = 1; i <= 15; ++i) {
        const auto previous = std::to_string(i - 1);
        doubling += "v" + std::to_string(i) + "=$v" + previous + "$v" + previous + "\n";
        chain += "v" + std::to_string(i) + "=$v" + previous + "\n";
    }
    BOOST_TEST(nameOf(chain + "pkgname=$v15") == "a");
    BOOST_TEST(complaints("arch=(any)\n" + chain + "v16=$v15\npkgname=$v16") == "pkgname");
    // 16 * 2^12 is 64 KiB, one more doubling is not kept.
    ShellReader reader(doubling);
    reader.run();
    BOOST_TEST(reader.variables().find("v12")->items[0].text.size() == kMaxShellValue);
    BOOST_TEST(!reader.variables().find("v13")->items[0].known);
}

BOOST_AUTO_TEST_CASE(what_all_expansions_may_add_is_bounded_K3)
{
    auto text = "v=" + std::string(60'000, 'a') + "\n";
    for (int i = 0; i < 1000; ++i)
        text += "v" + std::to_string(i) + "=$v\n";
    ShellReader reader(text);
    reader.run();
    std::size_t sum = 0;
    for (int i = 0; i < 1000; ++i)
        sum += reader.variables().find("v" + std::to_string(i))->items[0].text.size();
    BOOST_TEST(sum > 0u);
    BOOST_TEST(sum <= kMaxExpandedText);
}

BOOST_AUTO_TEST_CASE(reads_a_hundred_thousand_assignments)
{
    BOOST_TEST(names(repeated("a=bcdefg\n", 900'000) + kHead) == "hello");
}

BOOST_AUTO_TEST_CASE(every_corpus_file_gives_what_its_first_line_says)
{
    const char* root = std::getenv("APB_FARM_SOURCE_DIR");
    BOOST_REQUIRE_MESSAGE(root, "run this through ctest, which names the source folder");
    std::size_t files = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(root) / "tests/unit/package/corpus/pkgbuild")) {
        const auto text = fileContent(entry.path());
        const auto first = text.substr(0, text.find('\n'));
        std::string result;
        try {
            const auto info = readPkgbuild(text);
            result =
                info.pkgname + " " + (info.epoch.empty() ? "" : info.epoch + ":") + info.pkgver + "-" + info.pkgrel;
            for (const auto& architecture : info.architectures)
                result += " " + architecture;
        } catch (const InvalidInput& error) {
            result = "refused";
            for (const auto& field : error.fields())
                result += " " + field.field;
        }
        BOOST_TEST(first == "# expect: " + result, entry.path().filename());
        ++files;
    }
    BOOST_TEST(files >= 8u);
}

BOOST_AUTO_TEST_SUITE_END()
