#!/bin/sh
# shellcheck disable=SC2016
# Stands in for the .NET SDK where ./clusterbench itself is tested: a build counts itself and makes a program that shows its call.
case $1 in
    --version) [ ! -e "$FAKE_DOTNET/no-sdk" ] ;;
    --list-sdks) echo '8.0.100 [/usr/share/dotnet/sdk]' ;;
    build)
        echo "$2" >>"$FAKE_DOTNET/builds"
        if [ -e "$FAKE_DOTNET/broken" ]; then
            echo '  Determining projects to restore...'
            echo 'src/Cli/Program.cs(1,1): error CS1002: ; expected [src/Cli/Cli.csproj]'
            exit 1
        fi
        [ ! -e "$FAKE_DOTNET/slow" ] || sleep 0.5
        program=artifacts/bin/Cli/release_linux-x64/clusterbench
        mkdir -p "$(dirname "$program")"
        printf '#!/bin/sh\necho "$CLUSTERBENCH_ROOT"\npwd\nprintf "[%%s]\\n" "$@"\nexit 7\n' >"$program"
        chmod +x "$program"
        ;;
esac
