# Steps of a script and their times, for `.ci/run` and `.ci/full`.

# Tools that `.ci/tools` installed go before those of the system.
export PATH="$PWD/target/tools/bin:$PATH"

work=$(mktemp -d)
step_name=
step_times=()

# Tenths of a second, of the clock and of all processors, since the script began.
clock() { echo $(($(date +%s%N) / 100000000)); }
processors() {
    # Not in a subshell, which has no children yet.
    times >"$work/times"
    awk 'NR == 2 { split($1, u, /[ms]/); split($2, s, /[ms]/); print int(((u[1] + s[1]) * 60 + u[2] + s[2]) * 10) }' "$work/times" >"$work/tenths"
    read -r tenths <"$work/tenths"
}

# Ends the step before and begins the one of this name.
step() {
    end_step
    step_name=$*
    step_clock=$(clock)
    processors
    step_tenths=$tenths
    printf '\n== %s\n' "$step_name"
}

# Adds the time of the current step to the list, with what became of it if it did not pass.
end_step() {
    [ -n "$step_name" ] || return 0
    local wall=$(($(clock) - step_clock))
    processors
    local busy=$((tenths - step_tenths))
    step_times+=("$(printf '%6d.%d %6d.%d  %s' $((wall / 10)) $((wall % 10)) $((busy / 10)) $((busy % 10)) "$step_name${1:+: $1}")")
    step_name=
}

# For the end of the script; takes what became of the current step.
print_times() {
    end_step "${1:-}"
    printf '\n== seconds by the clock and of all processors\n'
    [ ${#step_times[@]} -eq 0 ] || printf '%s\n' "${step_times[@]}"
    processors
    printf '%6d.0 %6d.%d  all\n' "$SECONDS" $((tenths / 10)) $((tenths % 10))
}
