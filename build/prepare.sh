# Sourced by quickstart.sh, test.sh, .ci/run and .ci/nightly: checks that this machine can build and run the project, or
# says what is missing. Sets: root (of the clone), dotnet (the SDK's program).

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Exits with one sentence that holds the remedy.
refuse() {
    echo "$*" >&2
    exit 1
}

find_dotnet() {
    source build/dotnet.sh
    [[ -n $dotnet ]] || refuse "Orleans.FL needs the .NET SDK 10: get it from https://dotnet.microsoft.com/download/dotnet/10.0 and put 'dotnet' on the PATH."
}

# libtorch's package is built for x86-64 only. It brings its own OpenMP; libstdc++ and libgcc .NET needs as well.
check_machine() {
    [[ $(uname -s) != Linux || $(uname -m) == x86_64 ]] || refuse "libtorch's Linux package is for x86-64, and this machine is $(uname -m):" \
        "build with -p:Torch=none and provide a libtorch of your own (build/Torch.props)."
}

check_sdk() {
    # The SDK asks for ICU at every start unless this is set; so does everything that it builds here.
    if [[ $(uname -s) == Linux ]] && ! PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q libicuuc; then
        export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
    fi
    local wanted answer
    wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' global.json)
    answer=$("$dotnet" --version 2>&1) || refuse "Orleans.FL needs a .NET SDK 10.0, $wanted or later, and '$dotnet' has" \
        "$("$dotnet" --list-sdks 2>/dev/null | sed 's/ .*//' | paste -sd, | sed 's/,/, /g; s/^$/none/'):" \
        "get it from https://dotnet.microsoft.com/download/dotnet/10.0."
    [[ $answer == 10.* ]] || refuse "'$dotnet --version' says: $(head -n 1 <<<"$answer"); mend that installation, or put another 'dotnet' first on the PATH."
}

# The Debian packages of the servers that tests start for themselves, on loopback: prints those that are missing.
missing_servers() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || echo postgresql
    command -v redis-server >/dev/null || echo redis-server
}

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
find_dotnet
check_machine
check_sdk
