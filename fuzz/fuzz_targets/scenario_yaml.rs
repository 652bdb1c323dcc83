#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bitscheck::fuzzing::scenario_yaml(data));
