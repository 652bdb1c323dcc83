#!/usr/bin/env bash
# Compares with public tools, as ratios on this machine:
#
#   A  the generator of `bitscheck bench` with wrk: the same heads and bodies to the same nginx, which answers each
#      fragment with an Ack and throws the body away; fragments for each second of the client's processor time. wrk knows
#      no BITS_POST and says POST, to a path that is longer by as much; whole sessions are sent by bitscheck only
#   B  the reference server with nginx's `dav_methods PUT`: the same number of bytes in pieces of the same size, written
#      to the same disk; bytes each second
#   C  the reference server with 1, 10, 100 and 1,000 parallel sessions: bytes each second, and memory
#
# Needs bash, nginx with its DAV module, wrk and jq: `apt-get install nginx wrk jq`. Figures of one run say little: other
# work on the machine shows at once. ROUNDS of each are made in turn, and the best of each side is compared.
#
#   cargo build --release && benches/compare.sh
#
# Environment: SECONDS_EACH (5), ROUNDS (3), PARTS (ABC), WORK (a folder for files, on the disk that is to be measured).
set -euo pipefail
cd "$(dirname "$0")/.."

bitscheck=${BITSCHECK:-target/release/bitscheck}
seconds=${SECONDS_EACH:-5}
rounds=${ROUNDS:-3}
parts=${PARTS:-ABC}
work=$(mktemp -d "${WORK:-${TMPDIR:-/tmp}}/bitscheck-compare.XXXXXX")
server=
nginx=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
    [ -z "$nginx" ] || { kill "$nginx" 2>/dev/null && wait "$nginx" 2>/dev/null; } || true
    server= nginx=
}
trap 'stop; rm -rf "$work"' EXIT
for tool in nginx wrk jq "$bitscheck"; do
    command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 2; }
done
session='{00000000-0000-4000-8000-000000000000}'

# A port where nobody listens, from this one on.
free_port() {
    local port=$1
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    echo "$port"
}

wait_for() {
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.1
    done
    echo "nothing listens at port $1" >&2
    exit 1
}

# nginx as a server that acknowledges the fragments of a file of 1 MiB in pieces of 4 KiB, and as one that takes PUTs.
start_nginx() {
    port=$(free_port 18080)
    mkdir -p "$work/put" "$work/temp"
    {
        # Its workers have to write where this user can.
        [ "$(id -u)" -ne 0 ] || echo "user root;"
        echo "daemon off; worker_processes ${1:-1}; pid $work/nginx.pid; error_log $work/nginx.log error;"
        echo "worker_rlimit_nofile 8192; events { worker_connections 4096; }"
        echo "http { access_log off; client_max_body_size 0; keepalive_requests 1000000000; sendfile on;"
        for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $work/temp/$kind;"; done
        echo 'map_hash_bucket_size 128; map $http_content_range $next { default "";'
        for last in $(seq 4095 4096 1048575); do
            echo "\"bytes $((last - 4095))-$last/1048576\" $((last + 1));"
        done
        echo "} server { listen 127.0.0.1:$port backlog=4096 reuseport;"
        echo "location /ack/ { add_header BITS-Packet-Type Ack; add_header BITS-Session-Id '$session';"
        echo 'add_header BITS-Received-Content-Range $next; return 200; }'
        echo "location /put/ { alias $work/put/; dav_methods PUT; } } }"
    } >"$work/nginx.conf"
    nginx -c "$work/nginx.conf" 2>"$work/nginx.err" &
    nginx=$!
    wait_for "$port"
}

start_server() {
    local options=()
    # An acknowledged byte need not survive the machine, as nginx does not see to that either.
    if "$bitscheck" serve --help | grep -q -- --durability; then options=(--durability os); fi
    mkdir -p "$work/root"
    : >"$work/serve.out"
    "$bitscheck" serve --listen 127.0.0.1:0 --root "$work/root" --allow-overwrites --log off "${options[@]}" \
        >>"$work/serve.out" 2>"$work/serve.err" &
    server=$!
    url=
    for _ in $(seq 100); do
        url=$(sed -n 's#^serving uploads at \(http://[^,]*/\),.*#\1#p' "$work/serve.out")
        [ -z "$url" ] || break
        sleep 0.1
    done
    [ -n "$url" ]
}

# bench URL OPTIONS...: one measurement as JSON. What the server refused is shown and ends everything.
bench() {
    "$bitscheck" bench "$@" --duration "${long:-$seconds}" --resumes 0 --format json >"$work/bench.json" || {
        jq '.cells[].errors' "$work/bench.json" >&2
        exit 1
    }
    cat "$work/bench.json"
}

# The larger one of two numbers, and one as a part of another.
more() { awk -v a="$1" -v b="$2" 'BEGIN { print ((a + 0 > b + 0) ? a : b) }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }
mib() { awk -v a="$1" 'BEGIN { printf "%.0f MiB", a / 1048576 }'; }

# wrk_script METHOD SIZE HEADERS...: sends one request again and again, without Lua for each.
wrk_script() {
    local method=$1 size=$2
    shift 2
    echo "wrk.method = '$method'"
    echo "wrk.body = string.rep('bits', $size / 4)"
    for header in "$@"; do echo "wrk.headers['${header%%: *}'] = '${header#*: }'"; done
}

if [[ $parts == *A* ]]; then
    echo "A  fragments of 4 KiB for each second of the client's processor time"
    start_nginx 1
    wrk_script POST 4096 'Accept: */*' "User-Agent: bitscheck/0.1.0" "BITS-Session-Id: $session" \
        'BITS-Packet-Type: Fragment' 'Content-Range: bytes 0-4095/1048576' 'Connection: Keep-Alive' >"$work/ack.lua"
    for connections in 1 16; do
        ours=0 theirs=0
        for _ in $(seq "$rounds"); do
            one=$(bench "http://127.0.0.1:$port/ack/" --fragment 4KiB --file-size 1MiB --connections $connections \
                --threads 1 --ceiling 0 --overwrite | jq '.cells[0].generator.fragments_per_cpu_second')
            ours=$(more "$ours" "$one")
            TIMEFORMAT='%U %S'
            { time wrk -t 1 -c $connections -d "${seconds}s" -s "$work/ack.lua" \
                "http://127.0.0.1:$port/ack/bitscheck-00000000.bench.0.0" >"$work/wrk.out"; } 2>"$work/wrk.time"
            if grep 'Non-2xx\|Socket errors' "$work/wrk.out"; then exit 1; fi
            requests=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$work/wrk.out")
            one=$(tail -1 "$work/wrk.time" | awk -v n="$requests" '{ print n / ($1 + $2) }')
            theirs=$(more "$theirs" "$one")
        done
        printf '   %2d connections  bitscheck %.0f  wrk %.0f  ratio %s\n' \
            "$connections" "$ours" "$theirs" "$(ratio "$ours" "$theirs")"
    done
    stop
fi

if [[ $parts == *B* ]]; then
    echo "B  bytes taken each second, with 4 connections"
    for size in 64KiB 1MiB 13MiB; do
        bytes=$(numfmt --from=iec-i "${size%B}")
        # Sixteen names in turn, so that both write about as many files at a time; the requests are made beforehand.
        {
            wrk_script PUT "$bytes"
            echo 'local requests, at = {}, 0'
            echo 'function init() for n = 1, 16 do requests[n] = wrk.format(nil, "/put/" .. n) end end'
            echo 'function request() at = at % 16 + 1 return requests[at] end'
        } >"$work/put.lua"
        ours=0 theirs=0
        for _ in $(seq "$rounds"); do
            start_server
            figures=$(bench "$url" --fragment $size --connections 4 --ceiling 0 --overwrite)
            ours=$(more "$ours" "$(jq '.cells[0].rates.bytes' <<<"$figures")")
            overhead=$(jq '.cells[0].latencies | .create_session.p50 + .close_session.p50' <<<"$figures")
            stop
            rm -rf "$work/root"
            start_nginx auto
            wrk -t 1 -c 4 -d "${seconds}s" -s "$work/put.lua" "http://127.0.0.1:$port/put/x" >"$work/wrk.out"
            if grep 'Non-2xx\|Socket errors' "$work/wrk.out"; then exit 1; fi
            rate=$(sed -n 's/^Requests\/sec: *//p' "$work/wrk.out")
            theirs=$(more "$theirs" "$(awk -v r="$rate" -v b="$bytes" 'BEGIN { print r * b }')")
            stop
            rm -rf "$work/put"
        done
        printf '   %-5s  reference server %s/s  nginx PUT %s/s  ratio %s  (create and close together %.0f µs)\n' \
            "$size" "$(mib "$ours")" "$(mib "$theirs")" "$(ratio "$ours" "$theirs")" "$overhead"
    done
fi

# crowd SESSIONS SIZE FILE SECONDS: so many sessions at a time with a server of their own. Sets `rate`, bytes each second, and
# `resident`, the most memory that the server had.
crowd() {
    start_server
    long=$4 bench "$url" --fragment "$2" --file-size "$3" --connections "$1" --ceiling 0 --overwrite --budget 16GiB \
        --timeout 300 --warm-up 0 --profile-server "$server" >"$work/crowd.json"
    stop
    rm -rf "$work/root"
    rate=$(jq '.cells[0].rates.bytes' "$work/crowd.json")
    resident=$(jq '.cells[0].server.resident_bytes_max' "$work/crowd.json")
}

if [[ $parts == *C* ]]; then
    echo "C  the reference server with parallel sessions"
    declare -A rates residents
    best=0
    for _ in $(seq "$rounds"); do
        for sessions in 1 10 100 1000; do
            crowd $sessions 64KiB 1MiB "$seconds"
            rates[$sessions]=$(more "${rates[$sessions]:-0}" "$rate")
            residents[$sessions]=$(more "${residents[$sessions]:-0}" "$resident")
            best=$(more "$best" "$rate")
        done
    done
    for sessions in 1 10 100 1000; do
        printf '   %4d sessions  64KiB  %s/s  %s resident  ratio to the best %s\n' "$sessions" \
            "$(mib "${rates[$sessions]}")" "$(mib "${residents[$sessions]}")" "$(ratio "${rates[$sessions]}" "$best")"
    done
    # Once, for the memory. Files of one fragment keep 1,000 sessions of 13 MiB below 14 GB of disk.
    for sessions in 1 10 100 1000; do
        crowd $sessions 13MiB 13MiB $((seconds + sessions / 40))
        printf '   %4d sessions  13MiB  %s/s  %s resident\n' "$sessions" "$(mib "$rate")" "$(mib "$resident")"
    done
fi
