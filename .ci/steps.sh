# Steps of a script and their times, for `.ci/run` and `.ci/full`.

# Tools that `.ci/tools` installed go before those of the system.
export PATH="$PWD/target/tools/bin:$PATH"

step_name=
step_began=
step_times=()

now() { date +%s%N; }

# Ends the step before and begins the one of this name.
step() {
    end_step
    step_name=$*
    step_began=$(now)
    printf '\n== %s\n' "$step_name"
}

# Ends the current step; what became of it, if not that it passed.
end_step() {
    [ -n "$step_name" ] || return 0
    local milliseconds=$((($(now) - step_began) / 1000000))
    step_times+=("$(printf '%5d.%d s  %s%s' $((milliseconds / 1000)) $((milliseconds % 1000 / 100)) "$step_name" "${1:+: $1}")")
    step_name=
}

# Prints the time of each step; for the end of the script.
print_times() {
    end_step "${1:-}"
    printf '\n== time per step\n'
    printf '%s\n' "${step_times[@]}" "$(printf '%5d.0 s  all' "$SECONDS")"
}
