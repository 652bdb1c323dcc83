#!/bin/bash -eu
# Builds every target, and puts beside each its seeds, the dictionary and its options.
cd "$SRC/bitscheck"

cargo fuzz build --release --debug-assertions

built=fuzz/target/x86_64-unknown-linux-gnu/release
for program in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$program" .rs)
    cp "$built/$target" "$OUT/"
    zip --quiet --junk-paths "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$target"/*
    cp fuzz/dictionary.txt "$OUT/$target.dict"
    cp fuzz/options.txt "$OUT/$target.options"
done
