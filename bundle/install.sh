#!/bin/sh
# 安装督办，不需要网络。Installs Duban without any network.
#   sh install.sh [--switch] [--link FILE] [FOLDER]
# FOLDER: 默认 /opt/duban; by default /opt/duban. --switch: 已有旧版本时改用本版本; take this version into use beside
# an older one. --link FILE: duban 命令的链接; where to put the link to the command.
set -eu

VERSION='@VERSION@' PIP='@PIP@'
WANTED_PYTHON='@PYTHON@' WANTED_SYSTEM='@SYSTEM@' WANTED_MACHINE='@MACHINE@' WANTED_GLIBC='@GLIBC@'

say() { printf '%s / %s\n' "$1" "$2"; }
refuse() { say "$1" "$2" >&2; exit 1; }

folder='' link='' switch=''
while [ $# -gt 0 ]; do
    case $1 in
        --switch) switch=yes ;;
        --link) shift; [ $# -gt 0 ] || refuse '--link 后面应有文件名' '--link needs the name of a file'; link=$1 ;;
        -*) refuse "没有这个选项：$1" "no such option: $1" ;;
        *) [ -z "$folder" ] || refuse '只能给一个文件夹' 'only one folder can be given'; folder=$1 ;;
    esac
    shift
done
if [ -z "$folder" ]; then
    folder=/opt/duban
    [ -n "$link" ] || link=/usr/local/bin/duban
fi
case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cd -- "$here"
# What the caller has set for other Pythons shall not reach this one.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV

# 1. 文件是否完好 / is every file what was packed?
if command -v sha256sum >/dev/null 2>&1; then check='sha256sum'; else check='shasum -a 256'; fi
wrong=$($check -c SHA256SUMS 2>/dev/null | grep -v ': OK$' || true)
[ -z "$wrong" ] && $check -c SHA256SUMS >/dev/null 2>&1 ||
    refuse "安装包已损坏或被改动，未安装：$(echo $wrong)" "the bundle is damaged or was altered, nothing was installed: $(echo $wrong)"

# 2. Python 与平台 / the right Python on the right platform?
probe='
import platform, sys
wanted = sys.argv[1:]
found = [sys.implementation.name, "%d.%d" % sys.version_info[:2], sys.platform, platform.machine()]
libc, number = platform.libc_ver()
def parts(version): return [int(part) for part in version.split(".")[:2]]
is_new = not wanted[4] or (libc == "glibc" and parts(number) >= parts(wanted[4]))
print(" ".join(found + [libc, number]).strip())
sys.exit(0 if found == wanted[:4] and is_new else 1)
'
python='' found=''
for candidate in ${PYTHON:-"python$WANTED_PYTHON" python3 "/usr/local/bin/python$WANTED_PYTHON"}; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if seen=$("$candidate" -I -c "$probe" cpython "$WANTED_PYTHON" "$WANTED_SYSTEM" "$WANTED_MACHINE" "$WANTED_GLIBC" 2>/dev/null); then
        python=$(command -v "$candidate")
        break
    fi
    found="$found $candidate: ${seen:-?};"
done
wanted="Python $WANTED_PYTHON, $WANTED_SYSTEM $WANTED_MACHINE${WANTED_GLIBC:+, glibc >= $WANTED_GLIBC}"
[ -n "$python" ] ||
    refuse "本安装包需要 $wanted；本机：${found:- 没有 Python}（可用 PYTHON=/路径/python 指定）" "this bundle needs $wanted; here is:${found:- no Python} (name one with PYTHON=/path/to/python)"

# 3. 安装 / install, beside what is there
target=$folder/$VERSION
[ ! -e "$target" ] || refuse "$target 已存在；如需重装，请先删除" "$target is there already; remove it first to install it again"
mkdir -p -- "$folder" 2>/dev/null && [ -w "$folder" ] || refuse "文件夹 $folder 无法写入" "the folder $folder cannot be written"
trap 'rm -rf -- "$target"' EXIT
trap 'exit 130' HUP INT TERM
say "正在安装到 $target，约半分钟" "installing into $target, about half a minute"
"$python" -I -m venv --without-pip -- "$target" || refuse "无法建立 Python 虚拟环境" 'no virtual environment could be made'
"$target/bin/python" -I "tools/pip-$PIP-py3-none-any.whl/pip" --isolated install --quiet --no-index \
    --find-links wheels --require-hashes --no-deps --no-cache-dir --disable-pip-version-check \
    --no-compile --no-warn-script-location --requirement requirements.txt ||
    refuse '安装失败，未留下任何文件' 'the installation failed; nothing of it was left behind'
"$target/bin/python" -I "tools/pip-$PIP-py3-none-any.whl/pip" --isolated check --quiet --disable-pip-version-check ||
    refuse '安装不完整，已撤销' 'the installation is not complete and was undone'
"$target/bin/duban" --version >/dev/null || refuse 'duban 无法运行，已撤销' 'duban does not run; the installation was undone'
# On all processors; here and now, since who runs it later may not write here.  A file that is no Python is no harm.
"$target/bin/python" -I -m compileall -q -j 0 "$target/lib" >/dev/null 2>&1 || true
mkdir -p -- "$target/share/duban"
cp -R share/. README.md LICENCES.md LICENSE "$target/share/duban/"
trap - EXIT

# 4. 启用 / take it into use, unless an older one is in use
if [ ! -e "$folder/current" ] || [ -n "$switch" ]; then
    ln -sfn -- "$VERSION" "$folder/current"
    say "现用版本：$VERSION" "in use now: $VERSION"
else
    say "仍在使用 $(readlink "$folder/current")；升级步骤见 share/duban/docs/how-to/upgrade.md，最后执行 ln -sfn $VERSION $folder/current" "still in use: $(readlink "$folder/current"); share/duban/docs/how-to/upgrade.md tells how to upgrade, with ln -sfn $VERSION $folder/current"
fi
ln -sfn -- current/bin/duban "$folder/duban"
if [ -n "$link" ]; then
    if [ -e "$link" ] && [ ! -L "$link" ]; then
        say "$link 已是别的文件，未建链接" "$link is another file: no link was made"
    else
        ln -sfn -- "$folder/duban" "$link" 2>/dev/null || say "无法建立链接 $link" "the link $link could not be made"
    fi
fi
say "安装完成：$folder/duban" "done: $folder/duban"
