#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bitscheck::fuzzing::judged_exchanges(data));
