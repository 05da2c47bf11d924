#!/usr/bin/env bash
# Makes of a folder with a program one that starts faster: precompile.sh FROM TO. Its assemblies are compiled ahead of
# time (ReadyToRun), all else is linked to. An image is kept in TO.images under the hash of what it was made of, so that a
# library is compiled once and a rebuild of our own code compiles our own code alone. FROM stays as it is.
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/build/dotnet.sh"
from=$(cd "$1" && pwd)
mkdir -p "$(dirname "$2")"
to=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
# Code of other assemblies may be taken over, and is checked when it is loaded: of two methods that would be compiled at
# run time one is not (docs/adr/0038-precompiled-code.md).
flags=(-O '--opt-cross-module:*' '--non-local-generics-module:*')
# Databases, pictures and figures of graphs: code that few commands run.
rare='Npgsql|StackExchange\.Redis|Pipelines\.Sockets\.Unofficial|Orleans\..*\.(AdoNet|Redis)|Microsoft\.Data\.Sqlite|SQLitePCLRaw\..*'
rare+='|Microsoft\.CodeAnalysis.*|System\.Composition\..*|Microsoft\.Extensions\.DependencyModel|Humanizer|Polly'
rare+='|MathNet\..*|OxyPlot|SkiaSharp|ICSharpCode\..*|Google\.Protobuf'

# The compiler and the frameworks of this SDK, looked up once a version.
images=$to.images/$("$dotnet" --version)
places=$images/places
mkdir -p "$images"
locate() {
    [[ ! -x $(sed -n 1p "$places" 2>/dev/null) ]] || return 0
    "$dotnet" msbuild "$root/build/precompile/Precompile.csproj" -restore -t:Locate -p:File="$places" -nologo -v:quiet >&2
    chmod +x "$(sed -n 1p "$places")"
}

# Compiles $1, the assembly, to $2, the image.
compile() {
    "$crossgen" "$1" "-o:$2.new" "-r:$netcore/*.dll" "-r:$aspnetcore/*.dll" "-r:$from/*.dll" "${flags[@]}" \
        >"$2.log" 2>&1 || { cat "$2.log" >&2 && return 1; }
    mv "$2.new" "$2"
    rm -f "$2.log"
}

locate
{ read -r crossgen && read -r netcore && read -r aspnetcore; } <"$places"
rm -rf "$to.new"
mkdir -p "$to.new"
declare -A used
for file in "$from"/*; do
    name=$(basename "$file")
    ln -s "$file" "$to.new/$name"
    [[ $name == *.dll && ! ${name%.dll} =~ ^($rare)$ ]] || continue
    hash=$(sha256sum <"$file")
    image=$images/${name%.dll}-${hash:0:32}.dll
    used[$image]=1
    [[ -f $image ]] || compile "$file" "$image"
    ln -f "$image" "$to.new/$name"
done
for image in "$images"/*.dll; do
    [[ ! -f $image || -n ${used[$image]:-} ]] || rm "$image" # of code that is no longer there
done
rm -rf "$to"
mv "$to.new" "$to"
