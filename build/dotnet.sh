# Sourced by flctl and build/prepare.sh: finds the .NET SDK. Sets: dotnet (its program; empty if there is none); PATH, so
# that 'dotnet' means the same; HOME, without which the SDK does not start, as in services and containers.

if [[ -z ${HOME:-} ]]; then
    HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6) || HOME=
    [[ -n $HOME && -w $HOME ]] || HOME=${TMPDIR:-/tmp}/orleans-fl-home-$(id -u)
    export HOME
    mkdir -p -m 700 "$HOME"
    [[ -O $HOME && ! -L $HOME ]] || { echo "HOME is not set, and $HOME is another user's: set HOME." >&2 && exit 1; }
fi

if ! dotnet=$(command -v dotnet); then
    dotnet=
    for candidate in "${DOTNET_ROOT:-}/dotnet" "$HOME/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
        if [[ -x $candidate ]]; then
            dotnet=$candidate
            PATH=$(dirname "$candidate"):$PATH
            break
        fi
    done
fi
